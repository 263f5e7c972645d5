"""The error rate of intervals over seeds."""

FALSE_ALARM = 1e-3
"""Rate at which an interval over seeds misses the median; with 20 seeds two may stray to either side."""
