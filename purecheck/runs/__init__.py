"""Runs: every claim with its checks, the processes that run them, and the results."""
