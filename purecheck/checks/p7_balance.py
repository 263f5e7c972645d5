"""Check of the balance of P7: gradient steps of small networks, in exact fractions."""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from numerics.exact import fractions
from numerics.network import GatedNetwork
from purecheck.evaluators.balance import GradientStep
from purecheck.evaluators.numbers import fraction
from purecheck.evaluators.points import points
from purecheck.evaluators.registry import Scene
from purecheck.methods.agrees import agrees
from theory.claims import Clause
from theory.model import d
from theory.purification.p7_balance import BALANCE
from theory.purification.p7_balance import rate as step_size
from theory.ranges import closed, integers


def _steps(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Two nodes that fire, with drawn weights and heads, at a drawn observation and target."""
    for point in points(clause, rng, 24, d=integers(1, 3), eta=closed(Fraction(1, 100), 1)):
        size = int(point[d])
        W, a, x, (y,) = (
            fractions(rng.integers(-9, 10, shape).tolist()) / 6 for shape in ((size, 2), (2,), (size,), (1,))
        )
        net = GatedNetwork(W, a, fractions([0, 0]))
        model = GradientStep(net=net, x=x, y=Fraction(y), eps=Fraction(0), rate=fraction(point[step_size]))
        yield Scene(f"W = {W.tolist()}, a = {a.tolist()}, z = {x.tolist()}, y = {y}, {point}", point, model)


CHECKS = (agrees("P7", BALANCE, _steps, 24),)
