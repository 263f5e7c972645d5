"""Certified roots of logistic equations, by Newton's method in ball arithmetic."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flint import arb, ctx
from sympy import Add, Expr, Integer, Mul, Rational, Sum, Symbol

from purecheck.enclosures.at_point import mean_at, weights_at
from purecheck.enclosures.binomial import BinomialMean, as_binomial_mean, whole
from purecheck.enclosures.compiled import Point, compiled
from purecheck.enclosures.logistic import HIGH, LOW, Grown, over_counts, over_walks
from purecheck.enclosures.problems import NotEnclosedError
from purecheck.enclosures.rational import exact_value
from theory.claims import ImplicitForm
from theory.theorems.logistic import sigmoid
from theory.theorems.overlaps import LazyWalk

LONGEST = 10**4
"""Largest number of features: a root takes about half a second there."""
_LADDER = (80, 160, 320, 640, 1280, 2560, 5120)
"""Working precisions in bits, tried in turn."""
_COARSE, _FEW_COARSE = 64, 6_000
"""Bits, and pairs that are summed directly, for the first guess and for slopes."""
_FEW = 90_000
"""Pairs that are summed directly for a value."""
_MANY = 1_000
"""Features from which on an expansion of the low order is as good as one of the high order."""
_AROUND = arb(2) ** -16
"""Relative radius of the ball around the guess in which the root is shown to be."""
_STEPS = 4_000
"""More than enough: near saturation each of Newton's steps adds about one to an exponent that stays below 3,500."""


def enclose_root(form: ImplicitForm, values: Mapping[str, Rational], share: float) -> arb:
    """A ball around the quantity that `form` defines, its radius at most `share` of the value; exactly 0 where it is 0.

    Parameters
    ----------
    form
        Its equation increases strictly in the unknown.
    values
        Argument name to an exact number of its domain.
    share
        Largest ratio of radius and value, between 0 and 1/2.

    Raises
    ------
    NotEnclosedError
        If the sums are too long, or no precision of the ladder encloses the root.
    """
    point = {form.arguments[name]: value for name, value in values.items()}
    means = [_Mean.of(part, form.unknown) for part in Add.make_args(form.equation)]
    before = ctx.prec
    try:
        for bits in _LADDER:
            ctx.prec = 2 * bits  # near the collapse the value at zero is a small difference
            start = sum((mean_at(mean.halved, point) for mean in means), start=arb(0))
            if start >= 0:
                return arb(0)
            if start < 0 and (found := _root(means, point, start, bits, share)) is not None:
                return found
    finally:
        ctx.prec = before
    halves = [exact for mean in means if (exact := exact_value(mean.halved.total, point)) is not None]
    if len(halves) == len(means) and sum(halves) == 0:  # at the edge, where no ball decides
        return arb(0)
    raise NotEnclosedError(f"no precision up to {_LADDER[-1]} bits encloses {form.name} to a share of {share:g}")


def _root(means: Sequence["_Mean"], point: Point, start: arb, bits: int, share: float) -> arb | None:
    """The root, or None if this precision does not enclose it.

    Every part of the equation is concave in the unknown, so from 0 on Newton's steps increase towards the root. The
    interval form of the method then shows that it is near, and how near.
    """
    ctx.prec = max(_COARSE, bits * 2 // 3)
    coarse = [mean.grown(point, _FEW_COARSE, LOW) for mean in means]
    guess = _from_the_left(coarse, start)
    if guess is None:
        return None
    around = guess * (1 + arb(0, _AROUND))
    slope = sum((part.slope(around) for part in coarse), start=arb(0)) / 2
    ctx.prec = bits
    fine = [mean.grown(point, _FEW, HIGH) for mean in means]
    found = around
    while True:
        middle = found.mid()
        excess = start + sum((part.value(middle) for part in fine), start=arb(0)) / 2
        closer = middle - excess / slope
        if not (closer.is_finite() and around.contains(closer)):
            return None
        if closer.rad() <= closer.mid() * share:
            return closer
        if closer.rad() > found.rad() / 2:
            return None
        found = closer


def _from_the_left(parts: Sequence[Grown], start: arb) -> arb | None:
    """The point that Newton's steps from 0 no longer move by much of the ball around it; None if they get lost."""
    x = arb(0)
    for _ in range(_STEPS):
        excess = start + sum((part.value(x) for part in parts), start=arb(0)) / 2
        step = (-2 * excess / sum((part.slope(x) for part in parts), start=arb(0))).mid()
        if not step.is_finite() or x + step <= 0:
            return None
        x = (x + step).mid()
        if abs(step) <= x * _AROUND / 8:
            return x
    return None


@dataclass(frozen=True)
class _Mean:
    """A part of the equation: `E[t sig(x t)]` for `t = force(N) + step V`, where `V` walks `N` steps or is absent."""

    force: BinomialMean
    step: Expr
    walks: Expr | None

    @classmethod
    def of(cls, total: Sum, unknown: Symbol) -> "_Mean":
        """The mean that a sum of the equation is.

        Raises
        ------
        NotEnclosedError
            If it is another sum.
        """
        factors = Mul.make_args(total.function)
        walks = [x for x in factors if isinstance(x, LazyWalk)]
        mean = as_binomial_mean(Sum(Mul(*(x for x in factors if x not in walks)), total.limits[-1]))
        if mean is None:
            raise NotEnclosedError(f"{total} is no mean over a binomial number")
        force = Mul(*(x for x in Mul.make_args(mean.function) if not x.has(unknown)))
        if force * sigmoid(unknown * force) != mean.function:
            raise NotEnclosedError(f"{total} is no mean of t sig(x t)")
        if not walks:
            return cls(replace(mean, function=force), Integer(0), None)
        n, v, p = walks[0].args
        if n != mean.index or total.limits[0] != (v, -n, n) or force.diff(v).has(v, n):
            raise NotEnclosedError(f"{total} is no mean over a walk")
        return cls(replace(mean, function=force.subs(v, 0)), force.diff(v), p)

    @property
    def halved(self) -> BinomialMean:
        """The mean at zero, `E t/2`, in which the walk averages out."""
        return replace(self.force, function=self.force.function / 2)

    def grown(self, point: Point, few: int, order: int) -> Grown:
        """Twice what the mean exceeds its value at zero by, at the working precision."""
        trials = whole(compiled(self.force.trials, [], point)())
        if trials > LONGEST:
            raise NotEnclosedError(f"the law runs over {trials} features; expected at most {LONGEST}")
        weights = weights_at(self.force, point)
        force = compiled(self.force.function, [self.force.index], point)
        if self.walks is None:
            return over_counts(weights, force, trials)
        step, p = (compiled(part, [], point)() for part in (self.step, self.walks))
        return over_walks(weights, force, step, p, trials, few=few, order=order if trials <= _MANY else LOW)
