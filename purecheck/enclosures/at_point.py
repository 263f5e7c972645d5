"""Enclosures of closed forms at a point, with sums of any length."""

from flint import acb, arb, ctx
from sympy import Dummy, Expr, Integer, Symbol

from purecheck.enclosures.balls import ball
from purecheck.enclosures.binomial import BinomialMean, Weights, as_binomial_mean, weights_of, whole
from purecheck.enclosures.compiled import Point, compiled
from purecheck.enclosures.problems import NotRealError
from theory.quantities.firing import FiringProbability
from theory.theorems.counts import Exceeds


def enclose_at_point(expr: Expr, point: Point, bits: int) -> arb:
    """A ball around the value of `expr` at `point`, computed with `bits` bits.

    Means over binomial numbers and firing probabilities are summed around the mode, so that their length does not
    matter; the rest is enclosed term by term.

    Raises
    ------
    NotEnclosedError
        If a part has no rule, a sum is too long, or the value is not real.
    """
    before = ctx.prec
    ctx.prec = bits
    try:
        return _enclosed(expr, point)
    finally:
        ctx.prec = before


def weights_at(mean: BinomialMean, point: Point) -> Weights:
    """The weights of the law that a mean is taken over, at the working precision."""
    trials = whole(_enclosed(mean.trials, point))
    return weights_of(trials, _enclosed(mean.chance, point), _enclosed(1 - mean.chance, point))


def mean_at(mean: BinomialMean, point: Point) -> arb:
    """A ball around a mean over a binomial number, at the working precision."""
    weights = weights_at(mean, point)
    function = compiled(mean.function, [mean.index], point)
    anywhere = arb(0).union(_enclosed(mean.trials, point))
    return weights.mean(function, abs(function(anywhere)))


def _enclosed(expr: Expr, point: Point) -> arb:
    values: dict[Expr, arb] = {}

    def named(part: Expr) -> Expr:
        """The expression with a symbol in place of each mean; outer means first, as they hold inner ones."""
        mean = _as_mean(part)
        if mean is None:
            return part.func(*map(named, part.args)) if part.args else part
        name = Dummy(real=True)
        values[name] = mean_at(mean, point)
        return name

    short = named(expr)
    found = ball(short.subs(list(point.items())), {name: acb(value) for name, value in values.items()})
    if not found.imag.contains(0):
        raise NotRealError(f"{expr} is not real")
    return found.real


def _as_mean(part: Expr) -> BinomialMean | None:
    return _number_of_active(part) if isinstance(part, FiringProbability) else as_binomial_mean(part)


def _number_of_active(firing: FiringProbability) -> BinomialMean:
    """The probability that a node fires, given how many of its features are active: their signs must not cancel.

    All terms are positive, so a small probability loses no digits, as it does in the series of P5.
    """
    order, p = firing.args
    k = Symbol("k", integer=True, nonnegative=True)
    return BinomialMean(k, order, p, Exceeds(k, Integer(0)))
