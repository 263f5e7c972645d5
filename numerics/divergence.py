"""Training that runs away: told apart from a mistake of the program, since another rate would mend it."""


class DivergedError(ArithmeticError):
    """Training came to numbers that are not finite, or too large to measure."""
