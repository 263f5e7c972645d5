"""Methods of checking a statement, one in each file; each has its own level of evidence."""
