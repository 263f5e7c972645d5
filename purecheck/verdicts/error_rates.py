"""The error rate of intervals, over seeds and over observations alike."""

FALSE_ALARM = 1e-3
"""Rate at which an interval misses what it estimates.

Over 20 seeds, the interval for a median at this rate still leaves two seeds on either side.
"""
