"""Certified optima behind the smallest bottleneck, two features and one output, by branch and bound in ball arithmetic.

`G = lambda t t^T`, `t = (cos f, sin f)`; by symmetry `0 <= f <= pi/4`. The amplitude is 1: scales are in units of
`1/r^2`, attacks in units of `r`. The loss is a finite sum, convex in `lambda`, smooth in `f` and increasing in `eps`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from flint import arb, fmpq
from scipy.optimize import minimize_scalar

LARGEST_SCALE = Fraction(16)
"""Above every optimal scale; a box that ends there is shown to be on the rising side, or it is not settled."""
_DEEPEST = 30
"""Halvings of a box, about fifteen in either direction; more only delay the refusal of a cell that is too wide."""
_CROSSING = Fraction(203173, 10**6)
"""Attack at which pure encoders and the one at 45 degrees have the same loss, to six digits."""
_WIDEST, _NEAR_COLLAPSE = Fraction(1, 50), Fraction(44, 100)
"""Width of a cell of attacks at most, and where the last one starts. Both only divide the work: see `pure_cells`."""
_HALF = Fraction(1, 2)
_DIAGONAL = arb.pi() / 4


@dataclass(frozen=True)
class _Term:
    """`weight * sp(lambda * k)`, `k = sign * v_i v_j + eps v_j`: `v_i` the moduli of `t^T x`."""

    weight: arb
    sign: int
    i: int
    j: int


@dataclass(frozen=True)
class Jet:
    """The loss on a box, with its derivatives: in `lambda`; in `f` and twice in `f`, both over `lambda`."""

    value: arb
    in_scale: arb
    in_angle: arb
    in_angle_twice: arb


@dataclass(frozen=True)
class SearchBox:
    """Directions `f = pi/4 * x` with `x` from `left` to `right`, and scales from `low` to `high`."""

    left: Fraction
    right: Fraction
    low: Fraction
    high: Fraction

    def halves(self) -> Iterator["SearchBox"]:
        """The two halves across the longer side, the scale counted in units of 4."""
        if self.right - self.left > (self.high - self.low) / 4:
            middle = (self.left + self.right) / 2
            yield SearchBox(self.left, middle, self.low, self.high)
            yield SearchBox(middle, self.right, self.low, self.high)
        else:
            middle = (self.low + self.high) / 2
            yield SearchBox(self.left, self.right, self.low, middle)
            yield SearchBox(self.left, self.right, middle, self.high)


def ball(low: Fraction, high: Fraction) -> arb:
    """The ball of all numbers from `low` to `high`."""
    return _exact(low).union(_exact(high))


def _exact(x: Fraction) -> arb:
    return arb(fmpq(x.numerator, x.denominator))


class TwoFeatures:
    """The adversarial loss of one output on two features, each active with probability `p`."""

    def __init__(self, p: Fraction) -> None:
        alone, both, silent = p * (1 - p), p**2 / 2, (1 - p) ** 2
        law = (alone, alone, both, both)  # of the moduli cos f, sin f, cos f + sin f, cos f - sin f; else 0
        terms = [(_HALF * w, -1, j, j) for j, w in enumerate(law)]
        terms += [(_HALF * silent * w, 0, j, j) for j, w in enumerate(law)]
        pairs = list(product(enumerate(law), repeat=2))
        terms += [(v * w / 4, sign, i, j) for (i, v), (j, w) in pairs for sign in (1, -1)]
        self._terms = [_Term(_exact(w), sign, i, j) for w, sign, i, j in terms]
        self._constant = _exact(silent) * arb(2).log()

    def jet(self, f: arb, scale: arb, eps: arb) -> Jet:
        """The loss and its derivatives on a box of directions, scales and attacks."""
        c, s = f.cos(), f.sin()
        v, dv = (c, s, c + s, c - s), (-s, c, c - s, -c - s)
        value, in_scale, in_angle, twice = self._constant, arb(0), arb(0), arb(0)
        for term in self._terms:
            a, b, da, db = v[term.i], v[term.j], dv[term.i], dv[term.j]
            k = b * (term.sign * a + eps)
            dk = db * (term.sign * a + eps) + term.sign * b * da
            ddk = 2 * term.sign * (da * db - a * b) - eps * b
            growth = (scale * k).exp()
            sig = 1 / (1 + 1 / growth)
            value += term.weight * growth.log1p()
            in_scale += term.weight * sig * k
            in_angle += term.weight * sig * dk
            twice += term.weight * sig * (scale * dk**2 / (1 + growth) + ddk)
        return Jet(value, in_scale, in_angle, twice)

    def best_scale(self, f: float, eps: Fraction) -> Fraction:
        """A scale close to the best for the direction `f`; not certified."""
        found = minimize_scalar(
            lambda x: float(self.jet(arb(f), arb(x), _exact(eps)).value), bounds=(0, 16), method="bounded"
        )
        return Fraction(found.x).limit_denominator(10**6)

    def pure_at_most(self, eps: Fraction) -> arb:
        """The loss of a good pure encoder: an upper bound of the least one."""
        return self.jet(arb(0), _exact(self.best_scale(0.0, eps)), _exact(eps)).value

    def pure_at_least(self, eps: Fraction) -> arb:
        """A lower bound of the loss of every pure encoder: by convexity, from the slopes beside the best scale."""
        best, step = self.best_scale(0.0, eps), Fraction(1, 1000)
        before, after = (self.jet(arb(0), _exact(best + sign * step), _exact(eps)) for sign in (-1, 1))
        if not (before.in_scale < 0 and after.in_scale > 0):
            raise ArithmeticError(f"the best scale {best} is not bracketed at eps = {eps}")
        return before.value + before.in_scale * _exact(2 * step)

    def diagonal_at_most(self, eps: Fraction) -> arb:
        """The loss of a good encoder along 45 degrees: an upper bound of the least one."""
        return self.jet(_DIAGONAL, _exact(self.best_scale(0.785398, eps)), _exact(eps)).value


def pure_wins(model: TwoFeatures, low: Fraction, high: Fraction) -> bool:
    """Whether every optimum is pure, for all attacks `low <= eps < high` (`<=` unless `high` is the radius 1/2).

    False says only that it was not shown. The loss increases with `eps`, so away from pure directions its values at
    `low` are held against that of a pure encoder at `high`.
    """
    target = arb(2).log() if high == _HALF else model.pure_at_most(high)
    cell, weakest = ball(low, high), _exact(low)

    def settled(box: SearchBox) -> bool:
        if box.left == 0 and _jet(model, box, cell).in_angle > 0:
            return True
        return _above(model, box, weakest, target)

    return _everywhere(settled)


def pure_cells(low: Fraction) -> Iterator[tuple[Fraction, Fraction]]:
    """Attacks from `low` to the radius 1/2 in cells; a cell too wide is refused by `pure_wins`, never wrongly admitted.

    The lead of pure encoders, and with it the width that it pays for, grows in proportion from `_CROSSING` on.
    """
    while low < _HALF:
        width = min((low - _CROSSING) * 4 / 5, _WIDEST)
        high = _HALF if low >= _NEAR_COLLAPSE else low + width.limit_denominator(10**7)
        yield low, high
        low = high


def diagonal_wins(model: TwoFeatures) -> bool:
    """Whether every optimum of the clean loss is at 45 degrees; False says only that it was not shown."""
    target = model.diagonal_at_most(Fraction(0))

    def settled(box: SearchBox) -> bool:
        # Exchanging the features maps f to pi/2 - f: without an attack the slope vanishes at 45 degrees.
        if box.right == 1 and _jet(model, box, arb(0)).in_angle_twice > 0:
            return True
        return _above(model, box, arb(0), target)

    return _everywhere(settled)


def _above(model: TwoFeatures, box: SearchBox, eps: arb, target: arb) -> bool:
    """Whether the loss at that attack exceeds `target`, at most log 2, wherever the scale of the box is positive.

    A box that ends at the largest scale stands for all larger ones too: the loss is convex in the scale.
    """
    jet = _jet(model, box, eps)
    if box.high == LARGEST_SCALE and not jet.in_scale > 0:
        return False
    if jet.value > target or (box.low == 0 and jet.in_scale > 0):
        return True
    scales, angles = ball(box.low, box.high), _angles(box)
    scale, angle = _exact((box.low + box.high) / 2), _angles(box).mid()
    if box.right == 1 and jet.in_angle_twice > 0:
        along = model.jet(_DIAGONAL, scales, eps)
        if along.in_angle < 0:  # convex in the direction and falling at its end: least there
            return bool(model.jet(_DIAGONAL, scale, eps).value + along.in_scale * (scales - scale) > target)
    centre = model.jet(angle, scale, eps).value
    change = jet.in_angle * scales * (angles - angle) + jet.in_scale * (scales - scale)
    return bool(centre + change > target)


def _jet(model: TwoFeatures, box: SearchBox, eps: arb) -> Jet:
    return model.jet(_angles(box), ball(box.low, box.high), eps)


def _angles(box: SearchBox) -> arb:
    return _DIAGONAL * ball(box.left, box.right)


def _everywhere(settled: Callable[[SearchBox], bool]) -> bool:
    """Whether `settled` holds on boxes that cover all directions and scales, halved up to a depth."""
    boxes = [(SearchBox(Fraction(0), Fraction(1), Fraction(0), LARGEST_SCALE), 0)]
    while boxes:
        box, depth = boxes.pop()
        if settled(box):
            continue
        if depth == _DEEPEST:
            return False
        boxes.extend((half, depth + 1) for half in box.halves())
    return True
