"""The direction in which a bound on a part of an expression bounds the whole."""

from sympy import Add, Dummy, Expr, Integral, Mul, Sum, oo

from theory.algebra import Box, is_nonnegative, is_positive
from theory.derivation.steps import Step, StepError


def direction_of(expr: Expr, x: Dummy, box: Box, step: Step) -> tuple[int, bool]:
    """1 if `expr` increases with `x`, -1 if it decreases; and whether it does so strictly.

    Raises
    ------
    StepError
        If `expr` is not built from multiples of `x` by sums and integrals, or the sign of a coefficient is not shown.
    """
    if expr == x:
        return 1, True
    parts = [part for part in expr.args if part.has(x)]
    if isinstance(expr, Add):
        found = [direction_of(part, x, box, step) for part in parts]
        if len({sign for sign, _ in found}) > 1:
            raise StepError(f"{step.reason}: the coefficient has no plain sign", expr)
        return found[0][0], any(strict for _, strict in found)
    if isinstance(expr, Mul) and len(parts) == 1:
        inner, strict = direction_of(parts[0], x, box, step)
        coefficient = expr / parts[0]
        for sign in (1, -1):
            if is_nonnegative(sign * coefficient, box):
                return sign * inner, strict and is_positive(sign * coefficient, box)
        raise StepError(f"{step.reason}: the coefficient has no plain sign", coefficient)
    if isinstance(expr, Sum | Integral) and parts == [expr.function]:
        bound = {index for index, *_ in expr.limits}
        if bound & set(step.box):
            raise StepError(f"{step.reason}: the link holds on a part of the range of an index", expr)
        # An integral up to infinity, or from minus infinity on, runs forwards.
        lengths = [high - low for _, low, high in expr.limits if not (high == oo or low == -oo)]
        if isinstance(expr, Integral):
            if not all(is_nonnegative(length, box) for length in lengths):
                raise StepError(f"{step.reason}: an integral may run backwards", expr)
            inside = {index: (low, high) for index, low, high in expr.limits}
            box = {**inside, **{symbol: ends for symbol, ends in box.items() if symbol not in inside}}
            filled = all(is_positive(length, box) for length in lengths)
        else:  # the range of a sum never runs backwards: the chain has checked that the sum is well formed
            filled = all(is_nonnegative(length, box) for length in lengths)
        inner, strict = direction_of(expr.function, x, box, step)
        return inner, strict and filled
    raise StepError(f"{step.reason}: the expression is not affine in the bounded part", expr)
