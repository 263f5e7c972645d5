"""The error of training that diverges, which another learning rate avoids; it is no fault of the program."""


class DivergedError(ArithmeticError):
    """Training came to numbers that are not finite, or too large to measure."""
