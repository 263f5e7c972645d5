"""The error rate of confidence intervals over seeds and over observations."""

FALSE_ALARM = 1e-3
"""Rate at which an interval does not contain what it estimates.

Over 20 seeds, the interval for a median at this rate still leaves out two seeds on either side.
"""
