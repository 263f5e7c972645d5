"""The networks, their training and their attacks: arrays in, arrays out, on NumPy or CuPy, without any claim."""
