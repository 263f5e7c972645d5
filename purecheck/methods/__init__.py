"""Methods of checking a statement, one in each file; each earns its own level of evidence."""
