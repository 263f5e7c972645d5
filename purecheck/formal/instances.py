"""Definitions of the development, computed over the rationals and compared with the evaluators of the model.

`Model.v` defines networks, gates, attacks and finite laws once, for real and for rational numbers: what is computed
here are the definitions in the theorems. A theorem whose definition disagrees with an evaluator is not accepted.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from numerics.exact import ExactArray, fractions
from numerics.network import GatedNetwork
from purecheck.evaluators import firing, forces, network, norms
from purecheck.evaluators.attacked_gate import extreme_points
from purecheck.evaluators.model import Model, constant_law
from purecheck.formal.rocq import said

HEADER = """From Coq Require Import List ZArith QArith.
Require Import Model.
Import ListNotations.
Open Scope Q_scope.
Definition as_pair (q : Q) : Z * Z := (Qnum (Qred q), Zpos (Qden (Qred q))).
"""


@dataclass(frozen=True)
class Instance:
    """One value of a definition.

    Attributes
    ----------
    definition
        The definition, by its name in theorems.
    term
        The term that Rocq computes: a list of rationals.
    values
        The values that the evaluators of the suite compute.
    """

    definition: str
    term: str
    values: tuple[Fraction, ...]


@dataclass(frozen=True)
class Compared:
    """The result for one definition.

    Attributes
    ----------
    instances
        The number of instances on which it was computed.
    disagreement
        The first instance on which Rocq and the suite differ; None if there is none.
    """

    instances: int
    disagreement: str | None


def instances() -> Iterator[Instance]:
    """Small instances of the definitions that can be computed."""
    yield from _firing()
    rng = np.random.default_rng(2024)
    for _ in range(4):
        yield from _networks(rng)
    yield from _means()


def _firing() -> Iterator[Instance]:
    for order, rate in (
        (1, Fraction(1, 3)),
        (2, Fraction(1, 2)),
        (3, Fraction(2, 3)),
        (4, Fraction(7, 10)),
        (5, Fraction(1)),
    ):
        value = Fraction(firing.firing_probability(None, order, rate))
        yield Instance("firing_probability", f"[Rational.firing_probability {order} {_number(rate)}]", (value,))
        # A node of unequal signs among idle features, at another amplitude and threshold.
        signs = [0, *([1, -1, -1, 1, 1][:order])]
        node = f"[Rational.node_firing_probability {order + 1} {_vector(signs)} (3 # 1) (5 # 2) {_number(rate)}]"
        yield Instance("node_firing_probability", node, (value,))


def _networks(rng: np.random.Generator) -> Iterator[Instance]:
    """A random network of three nodes for two features, under an orthogonal dictionary."""
    W = _drawn(rng, 2, 3)
    a, b = _drawn(rng, 3), np.abs(_drawn(rng, 3))
    M = fractions([[Fraction(3, 5), Fraction(-4, 5)], [Fraction(4, 5), Fraction(3, 5)]])
    x, delta = _drawn(rng, 2), _drawn(rng, 2)
    z = M @ x
    net = GatedNetwork(W, a, b)
    model = Model(net=net, x=z, theta=_drawn(rng, 2))
    named = _network(W, a, b)
    at = _vector(z)
    yield Instance("output", f"[Rational.output 2 {named} {at}]", (Fraction(network.output(model)[0, 0]),))
    slope = network.gradient(model)[:, 0]
    yield Instance("gradient", _entries(f"Rational.gradient 2 {named} {at}", 2), tuple(map(Fraction, slope)))
    effective = tuple(map(Fraction, slope @ M))
    term = _entries(f"Rational.effective_map 2 {_matrix(M)} {named} {at}", 2)
    yield Instance("effective_map", term, effective)
    yield Instance("apply", _entries(f"Rational.apply 2 {_matrix(M)} {_vector(x)}", 2), tuple(map(Fraction, z)))
    attacked = network.AttackedInput(net=net, x=z, delta=delta, node=1)
    step = f"(Rational.plus {at} {_vector(delta)})"
    after = f"[Qabs.Qabs (Rational.preactivation 2 {named} {step} 2)]"
    yield Instance("preactivation", after, (network.after(attacked),))
    fires = f"[Rational.indicator (Rational.node_fires 2 {named} {at} 2)]"
    yield Instance("node_fires", fires, (Fraction(firing.fired(model)[1]),))
    l1 = Fraction(norms.norm(norms.Normed(net=net, x=z, theta=model.theta, norm=lambda v: sum(map(abs, v)))))
    gradient = f"(Rational.gradient 2 {named} {at})"
    yield Instance("norm_1", f"[Rational.norm_1 2 {gradient}]", (l1,))
    largest = Fraction(max(np.dot(point, slope) for point in extreme_points("l1", slope)))
    yield Instance("norm_inf", f"[Rational.norm_inf 2 {gradient}]", (largest,))
    zero, size = fractions([0, 0]), Fraction(2)
    one = GatedNetwork(W[:, :1], fractions([1]), fractions([Fraction(3, 4)]))
    node = forces.Node(net=one, M=M, amplitudes=fractions([size, size]), noise=zero)
    alone = f"[Rational.firing_alone 2 {_matrix(M)} {_vector(W[:, 0])} {_number(size)} (3 # 4)]"
    yield Instance("firing_alone", alone, (Fraction(forces.count_alone(node)),))


def _means() -> Iterator[Instance]:
    """The mean energy of a network over every input of constant amplitude."""
    rng = np.random.default_rng(7)
    W, a, b = _drawn(rng, 2, 3), _drawn(rng, 3), np.abs(_drawn(rng, 3))
    rate, amplitude = Fraction(2, 5), Fraction(3, 2)
    values, probabilities = constant_law(2, rate, amplitude)
    model = Model(net=GatedNetwork(W, a, b), inputs=values, probabilities=probabilities)
    unit = _matrix(fractions([[1, 0], [0, 1]]))
    inside = f"Rational.square 2 (Rational.effective_map 2 {unit} {_network(W, a, b)} x)"
    term = f"[Rational.mean (Rational.inputs 2 {_number(amplitude)} {_number(rate)}) (fun x => {inside})]"
    for definition in ("mean", "inputs", "square"):
        yield Instance(definition, term, (Fraction(firing.energy(model)),))


def _drawn(rng: np.random.Generator, *shape: int) -> ExactArray:
    return fractions([[Fraction(int(v), 4) for v in row] for row in np.atleast_2d(rng.integers(-8, 9, shape))]).reshape(
        shape
    )


def _number(value: Any) -> str:
    fraction = Fraction(value)
    return f"({fraction.numerator} # {fraction.denominator})"


def _vector(values: Iterable[Any]) -> str:
    cases = " ".join(f"| {i}%nat => {_number(value)}" for i, value in enumerate(values, start=1))
    return f"(fun i : nat => match i with {cases} | _ => 0 end)"


def _matrix(rows: Any) -> str:
    cases = " ".join(f"| {i}%nat => {_vector(row)}" for i, row in enumerate(rows, start=1))
    return f"(fun i : nat => match i with {cases} | _ => fun _ => 0 end)"


def _network(W: ExactArray, a: ExactArray, b: ExactArray) -> str:
    return f"(Rational.Network {W.shape[1]} {_matrix(W.T)} {_vector(a)} {_vector(b)})"


def _entries(vector: str, size: int) -> str:
    return "[" + "; ".join(f"({vector}) {i}%nat" for i in range(1, size + 1)) + "]"


def compare(cases: Iterable[Instance], folder: Path) -> dict[str, Compared]:
    """The results for each definition, by its name."""
    listed = list(cases)
    for old in folder.glob("instance_*.out"):
        old.unlink()
    commands = (
        f'Redirect "instance_{number}" Eval vm_compute in (List.map as_pair ({case.term})).'
        for number, case in enumerate(listed)
    )
    said(HEADER + "\n".join(commands) + "\n", folder)
    found: dict[str, Compared] = {}
    for number, case in enumerate(listed):
        path = folder / f"instance_{number}.out"
        computed = computed_in(path.read_text("utf-8")) if path.exists() else None
        known = found.get(case.definition, Compared(0, None))
        wrong = None if computed == case.values else f"{case.term} is {computed}; expected {case.values}"
        found[case.definition] = Compared(known.instances + 1, known.disagreement or wrong)
    return found


def computed_in(printed: str) -> tuple[Fraction, ...]:
    """The rationals in a list of pairs that Rocq prints."""
    found = [int(number) for number in re.findall(r"-?\d+", printed.partition("=")[2].rpartition(":")[0])]
    return tuple(Fraction(above, below) for above, below in zip(found[::2], found[1::2], strict=True))
