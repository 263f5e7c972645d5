"""The ways of examining a statement, one a file; each earns its own level of evidence."""
