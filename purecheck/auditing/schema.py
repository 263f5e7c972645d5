"""The name of the format of audits."""

SCHEMA = "purecheck-audit/2"
"""Version 2 added `data`, and audits on data of the user; every field of version 1 is there with the same meaning."""
