"""Verdicts: what a check finds, how numbers are compared, and where a claim stands."""
