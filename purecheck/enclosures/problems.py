"""What certified values cannot be had of."""


class NotEnclosedError(ValueError):
    """An expression that ball arithmetic cannot enclose: an unknown function, or a symbol without a value."""


class NotRealError(NotEnclosedError):
    """An expression whose value is shown not to be real."""
