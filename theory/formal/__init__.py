"""The core of the theory in Rocq: statements and proofs (`rocq/`), and the terms that formulas of clauses become."""
