"""What the network does: arrays in, arrays out, on NumPy or CuPy; knows no claims."""
