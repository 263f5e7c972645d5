"""Files: input files are never trusted, and output files are written whole or not at all."""
