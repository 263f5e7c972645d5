"""Files: others are read without being trusted, and no interrupt leaves a torn file behind."""
