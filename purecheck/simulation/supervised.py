"""Supervised simulations: purity and risk of trained replicas, and what contrastive simulations share with them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.activations import THRESHOLDED
from numerics.backend import Array, Backend, to_numpy
from numerics.bounds import CLOSED
from numerics.divergence import DivergedError
from numerics.evaluation import EFFORTS, AttackEvaluation, Effort, evaluate_attacks, joined_evaluations
from numerics.features import FeatureLaw, observe
from numerics.memory import MemoryEstimate, chunks, share_of_free
from numerics.memory_estimates import attack_memory
from numerics.network import GatedNetwork
from numerics.pieces import has_pieces
from numerics.purity import (
    energy_mean,
    firing_rate,
    gate_ratio,
    largest_share,
    live_mean,
    live_nodes,
    participation_ratio,
)
from numerics.replica_streams import ReplicaStreams
from numerics.statistics import median_interval
from numerics.streams import Streams
from numerics.training import SupervisedPlan, SupervisedRecord
from numerics.training.plan import TrainingPlan
from purecheck.verdicts.error_rates import FALSE_ALARM

SCHEMA = "purecheck-simulate/1"

UNLEARNED = 0.5
"""Clean risk, relative to that of predicting 0, from which on a network has not learned its target.

It lies well above what trained networks leave, less than 0.1 even under the attacks of the paper, and well below 1.
"""


@dataclass(frozen=True)
class Spread:
    """A measurement over replicas: the median, and a confidence interval for it that errs at a rate of `FALSE_ALARM`.

    The interval is made of order statistics; its ends are None if there are too few replicas for that rate.
    """

    median: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Rungs:
    """Risk relative to `E Y^2` without label noise, at one attack size, each as a `Spread`.

    What claim P2 says (`predicted`, `certified_fraction`, `universal_bound`) is None unless the activation is the gate.

    Attributes
    ----------
    doubling_gain
        By which share of it the worst risk grew when the strongest attack was repeated with twice the effort; None
        unless the effort was `strong`.
    sandwich, solved
        For observations whose worst case was bounded: the median of bound over loss found, and the share where both
        agree to one part in a million. None if there are none, or the loss of most is 0.
    """

    eps: float
    norm: str
    risk: dict[str, Spread]
    worst: Spread
    predicted: Spread | None
    certified_fraction: Spread | None
    universal_bound: Spread | None
    doubling_gain: Spread | None
    sandwich: Spread | None
    solved: Spread | None


@dataclass(frozen=True)
class Summary:
    """What a simulation found: purity of the nodes and the attack ladder, over replicas.

    `learned` says whether the median clean risk, without label noise, is below `UNLEARNED`.
    """

    replicas: int
    learned: bool
    purity: dict[str, Spread]
    ladder: tuple[Rungs, ...]

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON-compatible data."""
        return asdict(self)


def spread(values: Array) -> Spread:
    """The median of `values`, one for each replica, with its interval.

    Raises
    ------
    DivergedError
        If one of them is not finite.
    """
    host = np.asarray(values, dtype=np.float64)
    if not np.all(np.isfinite(host)):
        raise DivergedError(
            "training diverged, or left no node that fires: a measurement of the trained networks is no finite number; "
            "expected a smaller learning rate, attack or amplitude, or lower thresholds"
        )
    if host.size < 2:
        return Spread(float(host[0]), None, None)
    interval = median_interval(host, false_alarm=FALSE_ALARM)
    ends = [end if np.isfinite(end) else None for end in (interval.low, interval.high)]
    return Spread(float(np.median(host)), *ends)


def summarise(
    record: SupervisedRecord,
    sizes: Sequence[float],
    observations: int,
    streams: Streams,
    backend: Backend,
    memory_bytes: int | None = None,
    *,
    effort: Effort = "quick",
    bounded: int = 5,
) -> Summary:
    """Purity and attack ladder of trained replicas, on fresh observations.

    Parameters
    ----------
    record
        From `train_supervised`.
    sizes
        Attack sizes, at least 0; the norm is that of the plan.
    observations
        Fresh observations for each replica.
    streams
        For data, random starts and proposals; replica `k` draws from `streams.child(str(k))` alone.
    backend
        Where to compute.
    memory_bytes
        Upper limit on memory; as many replicas run together as fit, but at least one. Half of what is free if None.
    effort
        Suite of attacks: `strong` adds a search over the gates, and repeats it with twice the effort.
    bounded
        Number of observations of each replica whose worst case is bounded, at least 0; at most all are. Only an
        activation that consists of lines has bounds.
    """
    plan = record.plan
    enclosed = min(bounded, observations) if has_pieces(record.net) else 0
    replicas = record.net.W.shape[0]
    budget = share_of_free(backend) if memory_bytes is None else memory_bytes
    together = measuring_memory(plan, observations).max_batch(replicas, budget)
    purity, ladders = [], []
    for chunk in chunks(replicas, together):
        own = [streams.child(str(k)) for k in chunk]
        net, Z, y = _fresh(record, chunk, observations, own, backend)
        attacks = ReplicaStreams([one.child("attacks") for one in own])
        ladders.append(
            evaluate_attacks(net, Z, y, sizes, plan.norm, attacks, attacks=EFFORTS[effort], bounded=enclosed)
        )
        purity.append(purity_of(record.U_final[chunk.start : chunk.stop], net, Z, plan))
    energy = plan.law.second_moment * float(np.sum(plan.target**2))
    rungs = tuple(_rungs(rung, energy, plan) for rung in joined_evaluations(ladders))
    learned = rungs[0].risk["none"].median - plan.tau**2 / energy < UNLEARNED
    return Summary(replicas, learned, spreads(purity), rungs)


def measuring_memory(plan: SupervisedPlan, observations: int) -> MemoryEstimate:
    """The memory that `summarise` takes."""
    return attack_memory(plan.law.d, plan.hidden, observations)


def _fresh(
    record: SupervisedRecord, chunk: range, observations: int, own: Sequence[Streams], backend: Backend
) -> tuple[GatedNetwork, Array, Array]:
    """The networks of a chunk in float64, with observations and labels of their own."""
    plan = record.plan
    drawn = [_observations(plan, observations, one.generator("observations")) for one in own]
    Z, y = (backend.asarray(np.stack(part)) for part in zip(*drawn, strict=True))
    parts = (part[chunk.start : chunk.stop] for part in (record.net.W, record.net.a, record.net.b))
    W, a, b = (backend.asarray(part, "float64") for part in parts)
    return GatedNetwork(W, a, b, plan.activation), Z, y


def _observations(
    plan: SupervisedPlan, observations: int, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    X = plan.law.sample(rng, (observations,)).astype(np.float64)
    Z = np.asarray(observe(X, plan.M, plan.sigma, rng))
    return Z, X @ plan.target + plan.tau * rng.standard_normal(observations)


def purity_of(U: Array, net: GatedNetwork, Z: Array, plan: TrainingPlan) -> dict[str, NDArray[np.float64]]:
    """Purity, gate ratio (if there is a threshold) and firing rate of the nodes, one number for each replica.

    Each is averaged over the nodes whose output norm is not zero.

    Parameters
    ----------
    U
        Feature weights `(replicas, d, H)`.
    net
        The network; with several outputs its head is `||C_h||`.
    Z
        Observations `(replicas, n, d)`, for the firing rates.
    plan
        What was trained.
    """
    U, a = to_numpy(U).astype(np.float64), to_numpy(net.a)
    live, ratio = live_nodes(U, a), participation_ratio(U)
    measured = {
        "participation_ratio": live_mean(ratio, live),
        "participation_ratio_by_energy": energy_mean(ratio, U, a),
        "largest_share": live_mean(largest_share(U), live),
        "firing_rate": live_mean(to_numpy(firing_rate(net, Z)), live),
    }
    if net.activation in THRESHOLDED:
        measured["gate_ratio"] = live_mean(to_numpy(gate_ratio(net.W, net.b, amplitude_of(plan.law))), live)
    return measured


def spreads(parts: Sequence[Mapping[str, NDArray[np.float64]]]) -> dict[str, Spread]:
    """The spread of each measurement over the replicas of all `parts`."""
    return {name: spread(np.concatenate([part[name] for part in parts])) for name in parts[0]}


def amplitude_of(law: FeatureLaw) -> float:
    """Root mean square amplitude of an active feature."""
    return float(np.sqrt(law.amplitude.second_moment))


def _rungs(rung: AttackEvaluation, energy: float, plan: SupervisedPlan) -> Rungs:
    certifies = plan.activation == "gate"
    return Rungs(
        eps=rung.eps,
        norm=rung.norm,
        risk={attack: spread(risk / energy) for attack, risk in rung.risk.items()},
        worst=spread(rung.worst_risk / energy),
        predicted=spread(rung.predicted_risk / energy) if certifies else None,
        certified_fraction=spread(rung.certified_fraction) if certifies else None,
        universal_bound=spread(rung.universal_bound / energy) if certifies else None,
        doubling_gain=None if np.any(np.isnan(rung.doubling_gain)) else spread(rung.doubling_gain),
        sandwich=_finite_spread(np.median(rung.sandwich, axis=-1)) if rung.sandwich.size else None,
        solved=spread(np.mean(rung.sandwich <= 1 + CLOSED, axis=-1)) if rung.sandwich.size else None,
    )


def _finite_spread(values: NDArray[np.float64]) -> Spread | None:
    """The spread of `values`; None unless all are finite."""
    return spread(values) if np.all(np.isfinite(values)) else None


def training_plan_to_dict(plan: TrainingPlan) -> dict[str, Any]:
    """What every plan has, as JSON-compatible data; `dictionary` says whether it is the identity."""
    law = plan.law
    return {
        "d": law.d,
        "p": law.p,
        "amplitude": asdict(law.amplitude),  # type: ignore[call-overload]
        "sigma": plan.sigma,
        "dictionary": "identity" if plan.M is None else "rotation",
        "attack": plan.attack,
        "norm": plan.norm,
        "eps": plan.eps,
        "attack_steps": plan.attack_steps,
        "steps": plan.steps,
        "batch": plan.batch,
        "optimiser": type(plan.optimiser).__name__,
        "learning_rate": plan.learning_rate,
        "schedule": plan.schedule,
        "unit_norm": plan.unit_norm,
        "dtype": plan.dtype,
    }


def supervised_plan_to_dict(plan: SupervisedPlan) -> dict[str, Any]:
    """The numbers that determine a supervised run, as JSON-compatible data."""
    own = {
        "hidden": plan.hidden,
        "activation": plan.activation,
        "b": plan.b,
        "tau": plan.tau,
        "theta": plan.target.tolist(),
    }
    return training_plan_to_dict(plan) | own
