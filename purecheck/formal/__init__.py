"""Builds the Rocq development, compares it with the ledger and the model, and records what its kernel accepted."""
