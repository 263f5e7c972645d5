"""The core of the theory in Rocq: statements and proofs (`rocq/`), and the export of formulas as terms."""
