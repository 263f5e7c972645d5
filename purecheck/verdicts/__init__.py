"""Verdicts: what a check finds, how numbers are compared, and the standing of claims."""
