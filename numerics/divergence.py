"""The error that is raised when training diverges; another learning rate may avoid it."""


class DivergedError(ArithmeticError):
    """Training produced numbers that are not finite, or too large to measure."""
