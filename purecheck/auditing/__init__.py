"""Audits of a user's own network: it is read without being executed, measured, and compared with the theory."""
