"""Files: reading what others wrote without trusting it, and writing so that an interrupt leaves no torn file."""
