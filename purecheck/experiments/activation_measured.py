"""Measurements on the arms of A3: purity, fit, cross-talk of clean heads, and inherited risk."""

from dataclasses import dataclass, replace

import numpy as np

from numerics.arrays import Floats
from numerics.backend import Array, to_numpy
from numerics.evaluation import AttackName, evaluate_attacks
from numerics.heads import least_squares_head
from numerics.memory_estimates import head_memory
from numerics.network import GatedNetwork, effective_map, gated_outputs
from numerics.purity import energy_mean, live_mean, live_nodes, participation_ratio
from numerics.replica_streams import NamedSources
from purecheck.experiments.activation_arms import HIDDEN, LAW, SIGMA, D, R, stream_name, trained
from purecheck.experiments.arms import in_numbers
from purecheck.experiments.measured import Found, double
from purecheck.experiments.seed_batches import in_batches, observed, sources
from purecheck.runtime.context import Context
from theory.activations.a3_trained import FITTED, FULL, ActivationArm
from theory.statistics import Ball

HEAD_OBSERVATIONS, OBSERVATIONS = FITTED, 60
ATTACKS: tuple[AttackName, ...] = ("none", "fgm", "pgd", "gate_aware")

MEASURING = head_memory(D, HIDDEN, HEAD_OBSERVATIONS)
"""What measuring an arm holds, most of it where heads are fitted; a test holds it against what is allocated."""


@dataclass(frozen=True, eq=False)
class MeasuredActivation:
    """Measurements on an arm; arrays with one number for each seed.

    Attributes
    ----------
    participation, energy
        Participation ratio of the nodes, unweighted and weighted by the energy `a_h^2 ||u_h||^2`.
    fit
        Clean risk of the network with its training head, relative to `E Y^2`.
    cross_talk
        Mean of `||beta_{A^c}||^2/||theta'||^2` for a clean head and a new target.
    uncancelled
        `|sum_h a_h u_ih|/sum_h |a_h u_ih|`, with numerator and denominator summed over all features first: the share of
        the slopes at zero that does not cancel between nodes.
    inherited
        Risk of that head under each attack of the larger size, relative to `E Y'^2`.
    """

    participation: Floats
    energy: Floats
    fit: Floats
    cross_talk: Floats
    uncancelled: Floats
    inherited: dict[AttackName, Floats]

    @property
    def worst(self) -> Floats:
        """Risk of the clean head under the attack that is worst for each seed."""
        return np.asarray(np.maximum.reduce(list(self.inherited.values())))


def measured(arm: ActivationArm, context: Context) -> MeasuredActivation:
    """The measurements on an arm, made once in a run."""
    return context.once(f"activations/{arm}", lambda: _measured(arm, context))


def _measured(arm: ActivationArm, context: Context) -> MeasuredActivation:
    record = trained(arm, context)
    theta = context.streams.generator("activations/downstream").standard_normal((context.profile.seeds, D))

    def measure(chunk: range) -> Found:
        net, targets = double(record.net, chunk, context), theta[chunk.start : chunk.stop]
        head = _with_clean_head(net, targets, chunk, context)
        data, streams = _observed("test", OBSERVATIONS, chunk, context), context.streams.child("activations/attacks")
        attacks = sources(streams.child(stream_name(arm)), chunk)
        ratio = participation_ratio(net.W)
        found: Found = {
            "participation": to_numpy(live_mean(ratio, live_nodes(net.W, net.a))),
            "energy": to_numpy(energy_mean(ratio, net.W, net.a)),
            "fit": _risk(net, np.ones_like(targets), data, None, ("none",), attacks, context)["none"],
            "cross_talk": _cross_talk(head, data) / np.sum(targets**2, axis=-1),
            "uncancelled": _uncancelled(net),
        }
        inherited = _risk(head, targets, data, FULL, ATTACKS, attacks, context)
        return found | {str(attack): risk for attack, risk in inherited.items()}

    found = in_batches(measure, MEASURING, context)
    return MeasuredActivation(inherited={attack: found.pop(attack) for attack in ATTACKS}, **found)


def _observed(name: str, number: int, chunk: range, context: Context) -> tuple[Floats, Array]:
    """Features and observations of some seeds, shape (seeds, number, d), the same for every arm."""
    X, Z = observed(LAW, None, SIGMA, number, context.streams.child(f"activations/{name}"), chunk)
    return X, context.backend.asarray(Z)


def _labels(X: Floats, theta: Floats, context: Context) -> Array:
    return context.backend.asarray(np.einsum("sni,si->sn", X, theta))


def _with_clean_head(net: GatedNetwork, theta: Floats, chunk: range, context: Context) -> GatedNetwork:
    """The frozen layer with the least-squares head of least norm for `theta`, shape (seeds, d)."""
    X, Z = _observed("head", HEAD_OBSERVATIONS, chunk, context)
    return replace(net, a=least_squares_head(gated_outputs(net, Z), _labels(X, theta, context)))


def _risk(
    net: GatedNetwork,
    theta: Floats,
    data: tuple[Floats, Array],
    ball: Ball | None,
    attacks: tuple[AttackName, ...],
    streams: NamedSources,
    context: Context,
) -> dict[AttackName, Floats]:
    """The risk under each attack in the ball, relative to the energy of the target."""
    X, Z = data
    kind, multiple = in_numbers(ball) if ball else ("l2", 0.0)
    (evaluation,) = evaluate_attacks(net, Z, _labels(X, theta, context), [multiple * R], kind, streams, attacks=attacks)
    energy = LAW.second_moment * np.sum(theta**2, axis=-1)
    return {attack: risk / energy for attack, risk in evaluation.risk.items()}


def _cross_talk(net: GatedNetwork, data: tuple[Floats, Array]) -> Floats:
    """The mean of `||beta_{A^c}||^2` over the observations; the dictionary of these arms is the identity."""
    X, Z = data
    beta = to_numpy(effective_map(net, Z))
    return np.asarray(np.sum(beta**2 * (X == 0), axis=-1).mean(axis=-1))


def _uncancelled(net: GatedNetwork) -> Floats:
    slopes = to_numpy(net.a[..., None, :] * net.W)
    left = np.abs(slopes.sum(axis=-1)).sum(axis=-1)
    return np.asarray(left / np.abs(slopes).sum(axis=(-2, -1)))
