"""The networks, their training and their attacks, as functions of arrays on NumPy or CuPy that know of no claim."""
