"""Builds the Rocq development, holds it against the ledger and the model, and keeps what its kernel accepted."""
