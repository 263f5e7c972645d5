"""Checks of P3: exact fits in fractions on every gate cell, pure nodes drawn at random, and a sampled network."""

from collections.abc import Callable, Iterator
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from numerics.backend import to_numpy
from numerics.exact import ExactArray
from numerics.features import FeatureLaw, UniformAmplitude, observe, rotation
from numerics.network import GatedNetwork, effective_map
from purecheck.check import Control
from purecheck.comparison import Comparison
from purecheck.context import Context
from purecheck.methods.enumerated import Enumerated
from purecheck.methods.sampled import Sampled
from purecheck.methods.simulated import Simulated
from purecheck.models.exact_fits import (
    ExactFit,
    constant_amplitude_fit,
    converse_fit,
    cross_talk_fit,
    pure_fit,
    stacked,
)
from purecheck.strategies import cross_talk_fits, pure_layers
from theory.purification.p3_purification_bound import (
    ACTIVE_PART,
    CONVERSE,
    EQUALITY,
    JACOBIAN,
    MEAN,
    POINTWISE,
    PURE,
    STRICT,
)

Fits = tuple[ExactFit, ...]
Mask = NDArray[np.bool_]

_RATES = (Fraction(1, 10), Fraction(1, 2), Fraction(9, 10))
_TARGETS = (
    (Fraction(1), Fraction(1)),
    (Fraction(2), Fraction(-3, 7)),
    (Fraction(0), Fraction(5, 3)),
)

DENSITY_FITS: Fits = (
    pure_fit((Fraction(1), Fraction(-2), Fraction(1, 3))),
    *(converse_fit(theta) for theta in _TARGETS),
    *(cross_talk_fit(theta, k) for theta in _TARGETS for k in (Fraction(-2, 5), Fraction(1, 4))),
)
OUTPUT_FITS: Fits = (
    stacked("two outputs, no cross-talk", [converse_fit(theta) for theta in _TARGETS[:2]]),
    stacked("three outputs, cross-talk", [cross_talk_fit(theta, Fraction(2, 5)) for theta in _TARGETS]),
)
CONSTANT_FIT = constant_amplitude_fit()
CONSTANT_OUTPUT_FIT = stacked("constant amplitudes, two outputs", [CONSTANT_FIT, CONSTANT_FIT])


def _norms(entries: ExactArray) -> dict[str, Fraction]:
    """The l1 norm, the square of the l2 norm, and the l_inf norm."""
    sizes = [abs(x) for x in entries.flat]
    return {"l1": sum(sizes, Fraction(0)), "l2": sum((x * x for x in sizes), Fraction(0)), "linf": max(sizes)}


def _cells(fits: Fits) -> Iterator[Comparison]:
    """On every cell: no split gate, an exact fit, `beta_A = theta_A`, and no norm below that of `theta_A`."""
    for fit in fits:
        for cell in fit.cells:
            where = f"{fit.name}, support {cell.pattern.tolist()}"
            on = cell.pattern != 0
            yield Comparison(cell.split_gates, "==", 0, f"split gates of {where}")
            for output, target in zip(cell.outputs.flat, cell.targets.flat, strict=True):
                yield Comparison(output, "==", target, f"f(Mx) of {where}")
            for found, target in zip(cell.beta[..., on].flat, fit.theta[..., on].flat, strict=True):
                yield Comparison(found, "==", target, f"beta_A of {where}")
            if np.any(on):
                least = _norms(fit.theta[..., on])
                for name, norm in _norms(cell.beta).items():
                    yield Comparison(norm, ">=", least[name], f"{name} norm of {where}")


def _means(fits: Fits) -> Iterator[Comparison]:
    """The mean square is at least `p ||theta||^2`."""
    for fit in fits:
        for p in _RATES:
            bound = p * fit.target_energy
            yield Comparison(fit.mean_energy(p), ">=", bound, f"E||beta||^2 of {fit.name}, p = {p}")


def _equality(predicted: Callable[[ExactFit], bool]) -> Iterator[Comparison]:
    """The bound is attained exactly where predicted."""
    for fit in (*DENSITY_FITS, *OUTPUT_FITS):
        for p in _RATES:
            attained = fit.mean_energy(p) == p * fit.target_energy
            yield Comparison(int(attained), "==", int(predicted(fit)), f"equality for {fit.name}, p = {p}")


def _quoted(mean: Fraction) -> Iterator[Comparison]:
    """The fit on constant amplitudes: exact, no split gate, and its mean square at p = 1/2."""
    for cell in CONSTANT_FIT.cells:
        for output, target in zip(cell.outputs.flat, cell.targets.flat, strict=True):
            yield Comparison(output, "==", target, f"f(Mx), support {cell.pattern.tolist()}")
    half = Fraction(1, 2)
    yield Comparison(CONSTANT_FIT.mean_energy(half), "==", mean, "E||beta||^2, d = 2, p = 1/2")
    yield Comparison(CONSTANT_FIT.mean_energy(half), "<", half * CONSTANT_FIT.target_energy, "below p||theta||^2")


def _cell_cases(fits: Fits) -> int:
    return sum(
        1
        + cell.outputs.size
        + int(np.sum(cell.pattern != 0)) * (fit.theta.size // fit.theta.shape[-1])
        + 3 * bool(np.any(cell.pattern))
        for fit in fits
        for cell in fit.cells
    )


def _on_the_support(
    entries: Callable[[Mask], Mask], example: tuple[ExactFit, ExactArray], _: Context
) -> Iterator[Comparison]:
    """The effective map is the target on the entries that the statement makes of the support."""
    fit, x = example
    beta = effective_map(fit.net, x[None, :])[0]
    for i in np.flatnonzero(entries(x != 0)):
        yield Comparison(beta[i], "==", fit.theta[i], f"beta_{i + 1} of {fit.name}, x = {list(map(str, x))}")


def _silent_off_support(factor: int, example: tuple[GatedNetwork, ExactArray], _: Context) -> Iterator[Comparison]:
    """No cross-talk of a pure layer whose thresholds are multiplied by `factor`."""
    net, x = example
    scaled = GatedNetwork(net.W, net.a, net.b * Fraction(factor))
    beta = effective_map(scaled, x[None, :])[0]
    for i in np.flatnonzero(x == 0):
        yield Comparison(beta[i], "==", Fraction(0), f"cross-talk in feature {i + 1} at x = {list(map(str, x))}")


_SIMULATED_RATE = 0.3


def _energies(rng: np.random.Generator, n: int, context: Context) -> NDArray[np.float64]:
    """Draws of `||beta||^2` of the network that refutes the converse, behind a random dictionary."""
    law = FeatureLaw(2, _SIMULATED_RATE, UniformAmplitude(1.0, 1.5))
    M = rotation(2, rng)
    exact = converse_fit((Fraction(1), Fraction(1))).net
    W, a, b = (np.asarray(array, dtype=np.float64) for array in (exact.W, exact.a, exact.b))
    on_device = context.backend.asarray
    # ||beta||^2 is 0, 1 or 2 up to rounding.
    net = GatedNetwork(on_device(M @ W), on_device(a), on_device(b))
    Z = observe(on_device(law.sample(rng, (n,))), on_device(M))
    beta = to_numpy(effective_map(net, Z, on_device(M)))
    return np.asarray(np.sum(beta * beta, axis=-1))


CHECKS = (
    Enumerated[Fits](
        claim="P3",
        clauses=(ACTIVE_PART.name, POINTWISE.name),
        name="exact fits on every gate cell",
        statement=DENSITY_FITS,
        control=Control("a constant amplitude instead of a density", (CONSTANT_FIT,)),
        cases=_cells,
        declared=_cell_cases(DENSITY_FITS),
    ),
    Sampled[Callable[[Mask], Mask]](
        claim="P3",
        clauses=(ACTIVE_PART.name,),
        name="fits with cross-talk",
        statement=lambda on: on,
        control=Control("the target off the support too", lambda on: on | True),
        examples=cross_talk_fits(),
        share=0.5,
        compare=_on_the_support,
    ),
    Enumerated[Fits](
        claim="P3",
        clauses=(MEAN.name,),
        name="mean square of exact fits",
        statement=DENSITY_FITS,
        control=Control("a constant amplitude instead of a density", (CONSTANT_FIT,)),
        cases=_means,
        declared=len(DENSITY_FITS) * len(_RATES),
    ),
    Enumerated[Fraction](
        claim="P3",
        clauses=(MEAN.name,),
        name="constant amplitudes undercut the bound",
        statement=Fraction("0.765625"),
        control=Control("p||theta||^2 itself", Fraction(1)),
        cases=_quoted,
        declared=sum(cell.outputs.size for cell in CONSTANT_FIT.cells) + 2,
    ),
    Enumerated[Callable[[ExactFit], bool]](
        claim="P3",
        clauses=(EQUALITY.name, STRICT.name, CONVERSE.name),
        name="equality takes no cross-talk, not purity",
        statement=lambda fit: not fit.has_cross_talk,
        control=Control("equality iff all nodes are pure", lambda fit: fit.is_pure),
        cases=_equality,
        declared=(len(DENSITY_FITS) + len(OUTPUT_FITS)) * len(_RATES),
    ),
    Enumerated[Fraction](
        claim="P3",
        clauses=(CONVERSE.name,),
        name="gates of the network that refutes the converse",
        statement=Fraction(7, 4),
        control=Control("threshold 3/2: a feature alone can open the impure nodes", Fraction(3, 2)),
        cases=lambda b: _cells(tuple(converse_fit(theta, b) for theta in _TARGETS)),
        declared=_cell_cases(tuple(converse_fit(theta) for theta in _TARGETS)),
    ),
    Simulated(
        claim="P3",
        clauses=(EQUALITY.name, CONVERSE.name),
        name="sampled network that refutes the converse",
        statement=_SIMULATED_RATE * 2.0,
        control=Control("p forgotten", 2.0),
        draw=_energies,
        span=(0.0, 2.5),
        predict=lambda mean: mean,
        smallest_error=0.05,
        where="theta = (1, 1), p = 0.3, R ~ U[1, 3/2]",
    ),
    Sampled(
        claim="P3",
        clauses=(PURE.name,),
        name="pure layers off the support",
        statement=1,
        control=Control("thresholds 0", 0),
        examples=pure_layers(),
        share=0.5,
        compare=_silent_off_support,
    ),
    Enumerated[Fits](
        claim="P3",
        clauses=(JACOBIAN.name,),
        name="Jacobians on every gate cell",
        statement=OUTPUT_FITS,
        control=Control("a constant amplitude instead of a density", (CONSTANT_OUTPUT_FIT,)),
        cases=lambda fits: (*_cells(fits), *_means(fits)),
        declared=_cell_cases(OUTPUT_FITS) + len(OUTPUT_FITS) * len(_RATES),
    ),
)
