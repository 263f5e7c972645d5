"""Layers that are partly pure, with clean heads, attacked on every input over a grid of purity and attack (claim D3).

The amplitude is 1, thresholds are 1/2, and the target consists of ones. The label noise is `tau` times one of two
values, equally likely and of random sign, with the moments `E|n| = sqrt(2/pi)` and `E n^2 = 1` of the normal law:
inside P2's region the risk depends on nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Integer, Rational

from numerics.arrays import Floats
from numerics.attacks import attacked_loss
from numerics.backend import to_numpy
from numerics.certificate import certified
from numerics.evaluation import AttackName, perturbation
from numerics.exact import signed_supports, support_probabilities
from numerics.mixtures import partly_pure_network
from numerics.network import GatedNetwork
from numerics.rounding import gamma, rounding_excess
from purecheck.enclosures.certify import enclose_to
from purecheck.runtime.context import Context
from theory.inheritance.d3_inheritance_curve import INHERITED_GAIN, UNIT_GAIN
from theory.model import eps as _eps
from theory.model import m as _m
from theory.model import p as _p
from theory.model import tau as _tau
from theory.purification.p6_adversarial_risk import risk_at_fit
from theory.quantities.heads import MIXED, PURE

D, ORDER, P, TAU = 6, 2, Fraction(3, 10), 0.5
PURE_COUNTS = (0, 2, 4, 6)
SIZES = (0.1, 0.2, 0.3, 0.4, 0.6)
ATTACKS: tuple[AttackName, ...] = ("fgm", "gate_aware")
NOISE = tuple(np.sqrt(2 / np.pi) + side * np.sqrt(1 - 2 / np.pi) for side in (-1.0, 1.0))
VALUE_ERROR = 1e-13
"""Error to which closed forms are enclosed before they are compared with floating-point sums."""


@dataclass(frozen=True)
class CurvePoint:
    """One layer under attacks of one size.

    Attributes
    ----------
    pure
        Number of pure features, out of `D`.
    eps
        Size of the attack in l2.
    certified
        Probability of the inputs at which no attack of this size moves a gate.
    risk
        Risk under each attack, over every input.
    slack
        Bound on the rounding error of a risk.
    """

    pure: int
    eps: float
    certified: float
    risk: Mapping[AttackName, float]
    slack: float

    @property
    def is_inside(self) -> bool:
        """Whether every input is certified."""
        return self.certified == 1.0

    def __str__(self) -> str:
        return f"{self.pure} of {D} features pure, others in groups of {ORDER}, eps = {self.eps}"


def curve(context: Context) -> tuple[CurvePoint, ...]:
    """The grid of points, computed once in a run."""
    return context.once("inheritance curve", lambda: _curve(context))


def predicted(energy: Expr, pure: int, eps: float) -> float:
    """The risk by P6 from the mean gain of D3 and `energy`, an expression in the arguments of `inherited_gain`."""
    mixed = Integer(D - pure)
    p = Rational(P.numerator, P.denominator)
    gain = UNIT_GAIN.subs({PURE: Integer(pure), MIXED: mixed, _m: Integer(ORDER), _p: p})
    values = {"p": p, "m": Integer(ORDER), "pure_sq": Integer(pure), "mixed_sq": mixed}
    squared = energy.subs({INHERITED_GAIN.arguments[name]: value for name, value in values.items()})
    risk = risk_at_fit(gain, squared).subs({_eps: Rational(eps), _tau: Rational(TAU)})
    return float(enclose_to(risk, VALUE_ERROR))


def _curve(context: Context) -> tuple[CurvePoint, ...]:
    return tuple(_point(pure, eps, context) for pure in PURE_COUNTS for eps in SIZES)


def _point(pure: int, eps: float, context: Context) -> CurvePoint:
    patterns = signed_supports(D)
    probabilities = support_probabilities(patterns, P)
    weights, xp = probabilities.astype(float), context.backend
    net, Z = partly_pure_network(xp.asarray(np.ones(D)), pure, ORDER, 0.5), xp.asarray(patterns.astype(float))
    safe = to_numpy(certified(net, Z, eps * (1 + rounding_excess(Z, eps)), "l2"))
    risk = dict.fromkeys(ATTACKS, 0.0)
    slack = 2 * VALUE_ERROR
    for size in NOISE:
        # f(-z) = -f(z): a loss at -x with noise -h is that at x with h, so one sign of the noise is enough
        target = patterns.sum(axis=1) + TAU * size
        for attack in ATTACKS:
            rng = context.streams.generator(f"inheritance curve/{attack}/{pure}/{eps}/{size}")
            delta = perturbation(attack, net, Z, xp.asarray(target), eps, "l2", rng)
            losses = to_numpy(attacked_loss(net, Z, xp.asarray(target), delta))
            risk[attack] += float(weights @ losses) / len(NOISE)
        slack += _slack(net, patterns, target, eps, weights) / len(NOISE)
    return CurvePoint(pure, eps, float(sum(probabilities[safe], Fraction(0))), risk, slack)


def _slack(net: GatedNetwork, patterns: NDArray[np.int64], target: Floats, eps: float, weights: Floats) -> float:
    """A bound on the rounding error of a mean loss.

    `S` bounds the modulus of the terms of a loss. Fewer than `6 d + 24` roundings come from the length of a
    perturbation, the others from products, sums and the square; the noise is rounded too.
    """
    W, a = np.abs(to_numpy(net.W)), np.abs(to_numpy(net.a))
    S = np.abs(target) + (np.abs(patterns) + eps) @ W @ a
    roundings = gamma(8 * sum(W.shape) + 6 * D + len(weights) + 150, np.float64)
    return roundings * float(weights @ S**2)
