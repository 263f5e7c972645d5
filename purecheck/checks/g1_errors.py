"""Checks of G1 beside its derivations: simulated gates fire and miss as often as the closed forms say."""

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Rational

from numerics.backend import to_numpy
from numerics.features import observe
from numerics.network import GatedNetwork, active, preactivations
from purecheck.certify import enclose_to
from purecheck.check import Control
from purecheck.context import Context
from purecheck.methods.simulated import Draw, Simulated
from theory.gate.g1_errors import FALSE_FIRE, MISS
from theory.model import Q, b, mu, s

_AT = {s: Rational(1, 4), mu: Rational(1), b: Rational(2, 5)}
_WHERE = "omega = 1, sigma = 1/4, r = 1, b = 2/5"


def _value(formula: Expr) -> float:
    return float(enclose_to(formula.subs(_AT), 1e-12))


def _gates(amplitude: float, fires: bool) -> Draw:
    """Draws of whether the gate of a pure node comes out as `fires`, from the network itself."""

    def draw(rng: np.random.Generator, n: int, context: Context) -> NDArray[np.float64]:
        backend = context.backend
        signs = rng.choice([-1.0, 1.0], size=(n, 1))
        Z = backend.asarray(observe(amplitude * signs, sigma=float(_AT[s]), rng=rng))
        net = GatedNetwork(backend.asarray([[1.0]]), backend.asarray([1.0]), float(_AT[b]))
        gates = to_numpy(active(preactivations(net, Z), net.b))[:, 0]
        return np.asarray(gates == fires, dtype=np.float64)

    return draw


CHECKS = (
    Simulated(
        claim="G1",
        clauses=(FALSE_FIRE.name,),
        name="simulated gate without its feature",
        statement=FALSE_FIRE.formula.rhs,
        control=Control("one tail instead of two", Q(b / s)),
        draw=_gates(0.0, fires=True),
        span=(0.0, 1.0),
        predict=_value,
        smallest_error=0.01,
        where=_WHERE,
    ),
    Simulated(
        claim="G1",
        clauses=(MISS.name,),
        name="simulated gate with its feature",
        statement=MISS.formula.rhs,
        control=Control("0.9 of the signal", MISS.formula.rhs.subs(mu, mu * Rational(9, 10))),
        draw=_gates(1.0, fires=False),
        span=(0.0, 1.0),
        predict=_value,
        smallest_error=0.005,
        where=_WHERE,
    ),
)
