"""Checks of P2 beside its derivations: exact worst cases of one-input networks, and FGM in exact arithmetic.

Every number is a multiple of a power of two, so that floating point does not round and the network's own code gives
exact results.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise, product

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from numerics.attacks import attacked_loss, fgm
from numerics.certificate import certified, certified_worst_case, universal_bound
from numerics.network import GatedNetwork, active, forward, input_gradient, preactivations
from numerics.norms import NormKind, steepest
from purecheck.check import Control
from purecheck.comparison import Comparison
from purecheck.context import Context
from purecheck.methods.enumerated import Enumerated
from purecheck.methods.sampled import Sampled
from theory.purification.p2_region_certificate import ACTIVE, AT_A_FIT, ATTAINED, SILENT, UNIVERSAL, WORST_CASE

Floats = NDArray[np.float64]

Prediction = Callable[[GatedNetwork, Floats, Floats, float, NormKind], Floats]


@dataclass(frozen=True)
class Certificate:
    """What is said of the worst case: where its value is known, that value, and a bound on it everywhere."""

    holds: Callable[[GatedNetwork, Floats, float, NormKind], Floats]
    value: Prediction
    bound: Prediction


STATED = Certificate(certified, certified_worst_case, universal_bound)


def one_input_worst_case(net: GatedNetwork, z: Fraction, y: Fraction, eps: Fraction) -> Fraction:
    """The supremum of `(y - f(x))^2` over `|x - z| <= eps` for `d = 1`, exactly.

    Between neighbouring thresholds `f` is affine, so that its value and slope in the middle give its limits at both
    ends. At a threshold itself a gate is open, as on one of its sides.
    """
    thresholds = [Fraction(s * b) / Fraction(w) for w, b in zip(net.W[0], net.b, strict=True) for s in (-1, 1) if w]
    cuts = sorted({z - eps, z + eps, *(x for x in thresholds if abs(x - z) < eps)})
    losses = [(y - Fraction(float(forward(net, np.array([[float(x)]]))[0]))) ** 2 for x in cuts]
    for low, high in pairwise(cuts):
        middle = np.array([[float(low + high) / 2]])
        value, slope = (Fraction(float(g(net, middle).ravel()[0])) for g in (forward, input_gradient))
        losses += [(y - value - slope * side * (high - low) / 2) ** 2 for side in (-1, 1)]
    return max(losses)


def _one_input_cases() -> Iterator[tuple[GatedNetwork, Fraction, Fraction, Fraction]]:
    """Networks of two nodes on a coarse grid, with observation, label and attack size."""
    nodes = list(product((1.0, -0.5, 2.0), (1.0, -1.5), (0.5, 1.0)))
    for (w1, a1, b1), (w2, a2, b2) in product(nodes, nodes):
        net = GatedNetwork(np.array([[w1, w2]]), np.array([a1, a2]), np.array([b1, b2]))
        for z, y, eps in product((Fraction(5, 8), Fraction(3, 2)), (Fraction(0), Fraction(1)), _SIZES):
            yield net, z, y, eps


_SIZES = (Fraction(1, 16), Fraction(1, 2))


def _worst_cases(said: Certificate) -> Iterator[Comparison]:
    """The certified value where it is certified, against the exact supremum."""
    for net, z, y, eps in _one_input_cases():
        if said.holds(net, np.array([[float(z)]]), float(eps), "l2")[0]:
            value = _at(said.value, net, z, y, eps)
            yield Comparison(one_input_worst_case(net, z, y, eps), "==", value, _where(net, z, y, eps))


def _bounds(bound: Prediction) -> Iterator[Comparison]:
    """A bound on the worst case, against the exact supremum."""
    for net, z, y, eps in _one_input_cases():
        worst = one_input_worst_case(net, z, y, eps)
        yield Comparison(worst, "<=", _at(bound, net, z, y, eps), _where(net, z, y, eps))


def _at(said: Prediction, net: GatedNetwork, z: Fraction, y: Fraction, eps: Fraction) -> Fraction:
    return Fraction(float(said(net, np.array([[float(z)]]), np.array([float(y)]), float(eps), "l2")[0]))


def _where(net: GatedNetwork, z: Fraction, y: Fraction, eps: Fraction) -> str:
    return f"w = {net.W[0]}, a = {net.a}, b = {net.b}, z = {z}, y = {y}, eps = {eps}"


def _everywhere(_net: GatedNetwork, Z: Floats, _eps: float, _kind: NormKind) -> Floats:
    return np.ones(len(Z), dtype=bool)


@dataclass(frozen=True)
class Attacked:
    """A dyadic network of several inputs with an observation, a label, and an attack of size `eps`."""

    net: GatedNetwork
    Z: Floats
    y: Floats
    eps: float
    kind: NormKind
    corners: Floats


def _dyadic(low: int, high: int, count: int) -> st.SearchStrategy[Floats]:
    """Multiples of 1/8."""
    return st.lists(st.integers(low, high), min_size=count, max_size=count).map(lambda k: np.array(k) / 8)


@st.composite
def _attacks(draw: st.DrawFn) -> Attacked:
    d, nodes = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    net = GatedNetwork(
        draw(_dyadic(-8, 8, d * nodes)).reshape(d, nodes), draw(_dyadic(-8, 8, nodes)), draw(_dyadic(0, 12, nodes))
    )
    kind: NormKind = draw(st.sampled_from(("l1", "linf")))
    eps = draw(st.sampled_from((1 / 32, 1 / 4, 1.0)))
    corners = np.array(list(product((-1.0, 1.0), repeat=d))) if kind == "linf" else np.vstack([np.eye(d), -np.eye(d)])
    return Attacked(net, draw(_dyadic(-12, 12, d))[None], draw(_dyadic(-16, 16, 1)), eps, kind, eps * corners)


def _losses(case: Attacked) -> Floats:
    """Losses at the corners of the ball and halfway to them."""
    deltas = np.concatenate([case.corners, case.corners / 2])
    return np.asarray(attacked_loss(case.net, case.Z, case.y, deltas))


def _shown(case: Attacked) -> str:
    net = case.net
    return (
        f"W = {net.W.tolist()}, a = {net.a.tolist()}, b = {net.b.tolist()}, z = {case.Z[0].tolist()}, "
        f"y = {case.y[0]}, eps = {case.eps}, {case.kind}"
    )


def _ball(said: Certificate, case: Attacked, _context: Context) -> Iterator[Comparison]:
    """Gates and losses in the ball against the certificate; FGM reaches the certified value."""
    arguments = (case.net, case.Z, case.y, case.eps, case.kind)
    largest = Fraction(float(_losses(case).max()))
    yield Comparison(largest, "<=", Fraction(float(said.bound(*arguments)[0])), _shown(case))
    if not said.holds(case.net, case.Z, case.eps, case.kind)[0]:
        return
    value = Fraction(float(said.value(*arguments)[0]))
    yield Comparison(largest, "==", value, _shown(case))
    reached = attacked_loss(case.net, case.Z, case.y, fgm(*arguments))
    yield Comparison(Fraction(float(reached[0])), "==", value, _shown(case))
    before = active(preactivations(case.net, case.Z), case.net.b)
    after = active(preactivations(case.net, case.Z + case.corners), case.net.b)
    moved = int(np.sum((before != after) & (case.net.b > 0)))
    yield Comparison(moved, "==", 0, f"gates moved at {_shown(case)}")


Step = Callable[[Attacked], Floats]


def _gradient_step(case: Attacked) -> Floats:
    """FGM as the gradient of the loss has it: nothing where that is zero."""
    error = forward(case.net, case.Z) - case.y
    return np.asarray(case.eps * steepest(2 * error[..., None] * input_gradient(case.net, case.Z), case.kind))


def _both_signs(case: Attacked) -> Floats:
    up = case.eps * steepest(input_gradient(case.net, case.Z), case.kind)
    return np.concatenate([up, -up])


def _fit(step: Step, case: Attacked, _context: Context) -> Iterator[Comparison]:
    """At a fit the gradient step gains nothing, and every step of `step` reaches the certified value."""
    fit = replace(case, y=forward(case.net, case.Z))
    if not certified(fit.net, fit.Z, fit.eps, fit.kind)[0]:
        return
    value = Fraction(float(certified_worst_case(fit.net, fit.Z, fit.y, fit.eps, fit.kind)[0]))
    idle = attacked_loss(fit.net, fit.Z, fit.y, _gradient_step(fit))
    yield Comparison(Fraction(float(idle[0])), "==", Fraction(0), _shown(fit))
    for loss in attacked_loss(fit.net, fit.Z, fit.y, step(fit)):
        yield Comparison(Fraction(float(loss)), "==", value, _shown(fit))


CHECKS = (
    Enumerated(
        claim="P2",
        clauses=(WORST_CASE.name,),
        name="exact worst cases of one-input networks",
        statement=STATED,
        control=Control("no certificate", replace(STATED, holds=_everywhere)),
        cases=_worst_cases,
        declared=656,
    ),
    Enumerated(
        claim="P2",
        clauses=(UNIVERSAL.name,),
        name="universal bound of one-input networks",
        statement=universal_bound,
        control=Control("no jumps", certified_worst_case),
        cases=_bounds,
        declared=1152,
    ),
    Sampled(
        claim="P2",
        clauses=(ACTIVE.name, SILENT.name, WORST_CASE.name, ATTAINED.name, UNIVERSAL.name),
        name="corners of the ball in exact arithmetic",
        statement=STATED,
        control=Control("no jumps", replace(STATED, bound=certified_worst_case)),
        examples=_attacks(),
        compare=_ball,
    ),
    Sampled(
        claim="P2",
        clauses=(AT_A_FIT.name,),
        name="both signs at a fit",
        statement=_both_signs,
        control=Control("FGM at y = f", _gradient_step),
        examples=_attacks().filter(lambda case: bool(certified(case.net, case.Z, case.eps, case.kind)[0])),
        compare=_fit,
    ),
)
