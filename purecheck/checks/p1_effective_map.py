"""Checks of P1 beside its derivations: the network's own code in exact arithmetic, on random networks."""

from collections.abc import Callable, Iterator
from fractions import Fraction

from hypothesis import assume

from numerics.exact import ExactArray, fractions
from numerics.network import GatedNetwork, effective_map, forward, input_gradient
from purecheck.check import Control
from purecheck.comparison import Comparison
from purecheck.context import Context
from purecheck.methods.sampled import Sampled
from purecheck.models.exact_networks import Case, exact_cases
from theory.purification.p1_effective_map import GRADIENT, MAP

Map = Callable[[Case], ExactArray]


def _effective(case: Case) -> ExactArray:
    effective: ExactArray = effective_map(case.net, case.z, case.M)[0]
    return effective


def _over_all_nodes(case: Case) -> ExactArray:
    total: ExactArray = case.M.T @ case.net.W @ case.net.a
    return total


def _applied(effective: Map, case: Case, _context: Context) -> Iterator[Comparison]:
    """The network itself against the effective map, applied to the observation in feature coordinates."""
    linear = effective(case) @ (case.M.T @ case.z[0])
    yield Comparison(forward(case.net, case.z)[0], "==", linear, _shown(case))


def _increments(gradient: Map, case: Case, _context: Context) -> Iterator[Comparison]:
    """What the network gains along each axis, over steps that move no gate."""
    assume(case.margin > 0)
    largest = max(abs(w) for w in case.net.W.ravel()) + 1
    step = case.margin / (2 * largest)
    at_z = forward(case.net, case.z)[0]
    for i in range(case.z.shape[1]):
        moved = case.z.copy()
        moved[0, i] += step
        yield Comparison(forward(case.net, moved)[0] - at_z, "==", step * gradient(case)[i], _shown(case))


def _shown(case: Case) -> str:
    net: GatedNetwork = case.net
    parts = {"W": net.W, "a": net.a, "b": net.b, "z": case.z[0]}
    return ", ".join(f"{name} = {_plain(value)}" for name, value in parts.items())


def _plain(values: ExactArray) -> str:
    return "[" + ", ".join(str(Fraction(value)) for value in fractions(values).ravel()) + "]"


CHECKS = (
    Sampled(
        claim="P1",
        clauses=(MAP.name,),
        name="exact networks are their effective maps",
        statement=_effective,
        control=Control("the sum over all nodes", _over_all_nodes),
        examples=exact_cases(),
        compare=_applied,
    ),
    Sampled(
        claim="P1",
        clauses=(GRADIENT.name,),
        name="exact increments off the boundaries",
        statement=lambda case: input_gradient(case.net, case.z)[0],
        control=Control("the effective map in feature coordinates", _effective),
        examples=exact_cases(),
        compare=_increments,
    ),
)
