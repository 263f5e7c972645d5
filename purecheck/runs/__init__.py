"""Runs: every claim with its checks, the processes that carry them out, and what they found."""
