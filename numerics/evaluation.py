"""Risk under a suite of attacks, beside what the region certificate predicts (claims P2, E6, E8)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from numerics.arrays import Floats
from numerics.attacks import attacked_loss, fgm, gate_aware_pgd, gate_search, pgd, random_search
from numerics.attacks.losses import unperturbed
from numerics.backend import Array, to_numpy
from numerics.ball import Ball
from numerics.bounds import enclose, output_rounding
from numerics.certificate import certified, certified_worst_case, universal_bound
from numerics.network import GatedNetwork, expect_targets
from numerics.norms import Norm
from numerics.replica_streams import NamedSources, NormalSource

AttackName: TypeAlias = Literal["none", "fgm", "pgd", "gate_aware", "random_search", "gate_search"]
ATTACKS: tuple[AttackName, ...] = ("none", "fgm", "pgd", "gate_aware", "random_search")
"""The attacks that run by default."""

Effort: TypeAlias = Literal["quick", "strong"]
EFFORTS: Mapping[Effort, tuple[AttackName, ...]] = {"quick": ATTACKS, "strong": (*ATTACKS, "gate_search")}
"""Suites of attacks; the search over gates takes about three times as long as all other attacks together."""

DOUBLING = 0.01
"""A gain in the worst risk from twice the effort above which a suite has not found the worst case."""

_BOXES = 100
"""Boxes for each bounded observation and sign: on trained networks at a tenth of the amplitude most need fewer."""

_Attack: TypeAlias = Callable[[GatedNetwork, Array, Array, float, Norm, NormalSource], Array]

_RUN: Mapping[AttackName, _Attack] = {
    "none": lambda net, Z, y, eps, norm, rng: unperturbed(net, Z, y).point,  # noqa: ARG005
    "fgm": lambda net, Z, y, eps, norm, rng: fgm(net, Z, y, eps, norm),  # noqa: ARG005
    "pgd": lambda net, Z, y, eps, norm, rng: pgd(net, Z, y, eps, norm, rng=rng),
    "gate_aware": lambda net, Z, y, eps, norm, rng: gate_aware_pgd(net, Z, y, eps, norm, rng=rng),
    "random_search": lambda net, Z, y, eps, norm, rng: random_search(net, Z, y, eps, norm, rng=rng),
    "gate_search": lambda net, Z, y, eps, norm, rng: gate_search(net, Z, y, eps, norm, rng=rng),
}


@dataclass(frozen=True, eq=False)
class AttackEvaluation:
    """Risks at one attack size; every array has the shape ``(...)`` of the replicas, on the host.

    Attributes
    ----------
    eps : float
        Attack size.
    norm : {"l1", "l2", "linf"}
        Norm of the attacks.
    risk : dict
        Mean squared error under each attack.
    worst_risk : array
        Mean of the largest loss that any of the attacks reached at each observation.
    doubling_gain : array
        By which share of it the worst risk grew when the search over gates was repeated with twice the effort, which
        `worst_risk` includes; NaN where that attack did not run. More than `DOUBLING` means that the attacks were too
        weak.
    predicted_risk : array
        Mean of ``(|y - f| + eps ||grad f||_*)^2`` over all observations: exact on the certified ones.
    certified_fraction : array
        Share of the observations where no attack of this size moves a gate.
    certified_risk : dict
        Risk under each attack over the certified observations; NaN where there are none.
    certified_prediction : array
        The prediction over the certified observations; NaN where there are none.
    universal_bound : array
        Mean of the upper bound of claim P2, which holds at every observation.
    sandwich : array, shape (..., m)
        Bound on the loss in the ball over the largest loss found, at the first `m` observations; at most
        ``1 + numerics.bounds.CLOSED`` where the worst case is solved, infinite where the loss is 0 and the bound is
        not.

    Notes
    -----
    Claim P2 speaks of the gate: with another activation what it predicts is NaN.
    """

    eps: float
    norm: Norm
    risk: Mapping[AttackName, Floats]
    worst_risk: Floats
    doubling_gain: Floats
    predicted_risk: Floats
    certified_fraction: Floats
    certified_risk: Mapping[AttackName, Floats]
    certified_prediction: Floats
    universal_bound: Floats
    sandwich: Floats


def evaluate_attacks(
    net: GatedNetwork,
    Z: Array,
    y: Array,
    eps: Sequence[float],
    norm: Norm,
    streams: NamedSources,
    *,
    attacks: Sequence[AttackName] = ATTACKS,
    bounded: int = 0,
) -> tuple[AttackEvaluation, ...]:
    """Return, for every attack size, the risk under every attack beside the prediction of claim P2.

    Parameters
    ----------
    net : GatedNetwork
        Replicas ``(..., d, H)``.
    Z, y : array
        Observations ``(..., n, d)`` and regression targets ``(..., n)``.
    eps : sequence of float
        Attack sizes, at least 0.
    norm : {"l1", "l2", "linf"}
        Norm of the attacks.
    streams : Streams or ReplicaStreams
        Random starts and proposals; each attack and size has its own stream.
    attacks : sequence of str
        Attacks to run, out of those of `EFFORTS`; at least one.
    bounded : int
        How many observations of each replica are enclosed by `numerics.bounds.enclose`, from the first; needs an
        activation that consists of lines.

    Raises
    ------
    ValueError
        If `eps` or `attacks` is empty or holds a value that is not expected, `bounded` is out of range, or `y` has
        another shape than expected.
    """
    expect_targets(Z, y)
    if not eps or not all(0 <= size < np.inf for size in eps):
        raise ValueError(f"eps is {list(eps)}; expected at least one number, none below 0, all finite")
    if not attacks or not set(attacks) <= set(_RUN):
        raise ValueError(f"attacks is {list(attacks)}; expected at least one of {', '.join(_RUN)}")
    if not 0 <= bounded <= Z.shape[-2]:
        raise ValueError(f"bounded is {bounded}; expected a whole number from 0 to {Z.shape[-2]}")
    return tuple(_evaluation(net, Z, y, size, norm, streams, attacks, bounded) for size in eps)


def joined_evaluations(parts: Sequence[tuple[AttackEvaluation, ...]]) -> tuple[AttackEvaluation, ...]:
    """Return the evaluations of all replicas of `parts`, in their order; each part has the same attacks and sizes."""
    return tuple(_joined(evaluations) for evaluations in zip(*parts, strict=True))


def perturbation(
    name: AttackName, net: GatedNetwork, Z: Array, y: Array, eps: float, norm: Norm, rng: NormalSource
) -> Array:
    """Return what the attack called `name` adds to every observation, shape (..., n, d).

    The arguments are those of `evaluate_attacks`, for one attack size.
    """
    return _RUN[name](net, Z, y, eps, norm, rng)


def _evaluation(
    net: GatedNetwork,
    Z: Array,
    y: Array,
    eps: float,
    norm: Norm,
    streams: NamedSources,
    attacks: Sequence[AttackName],
    bounded: int,
) -> AttackEvaluation:
    losses, worst, gain = {}, unperturbed(net, Z, y), None
    for name in attacks:
        rng = streams.generator(f"{name}/{norm}/{eps!r}")
        delta = perturbation(name, net, Z, y, eps, norm, rng)
        loss = attacked_loss(net, Z, y, delta)
        losses[name], worst = _host(loss), worst.joined_by(delta, loss)
    found = np.maximum.reduce(list(losses.values()))
    if "gate_search" in attacks:
        rng = streams.generator(f"gate_search twice/{norm}/{eps!r}")
        delta = gate_search(net, Z, y, eps, norm, rng=rng, effort=2)
        loss = attacked_loss(net, Z, y, delta)
        before, worst = found.mean(axis=-1), worst.joined_by(delta, loss)
        found = np.maximum(found, _host(loss))
        gain = np.divide(found.mean(axis=-1) - before, before, out=np.zeros_like(before), where=before > 0)
    return AttackEvaluation(
        eps=eps,
        norm=norm,
        risk={name: loss.mean(axis=-1) for name, loss in losses.items()},
        worst_risk=found.mean(axis=-1),
        doubling_gain=np.full(found.shape[:-1], np.nan) if gain is None else gain,
        sandwich=_sandwich(net, Z, y, eps, norm, worst.point, bounded),
        **(_predictions(net, Z, y, eps, norm, losses) if net.activation == "gate" else _no_predictions(losses)),
    )


def _sandwich(net: GatedNetwork, Z: Array, y: Array, eps: float, norm: Norm, worst: Array, bounded: int) -> Floats:
    """Return bound over loss at the first observations, from the worst perturbations known."""
    if bounded == 0:
        return np.empty((*worst.shape[:-2], 0))
    W, a, b = (_host(part) for part in (net.W, net.a, net.b))
    host = GatedNetwork(W, a, b, net.activation)
    first = [_host(x)[..., :bounded, :] for x in (Z, worst)]
    targets = np.broadcast_to(_host(y), worst.shape[:-1])[..., :bounded]
    case = enclose(host, first[0], targets, eps, norm, start=first[1], boxes=_BOXES)
    # A loss of 0 whose bound is nothing but rounding errors is solved.
    nothing = np.where(case.bound <= (2 * output_rounding(host, first[0], Ball(eps, norm))) ** 2, 1.0, np.inf)
    return np.asarray(np.divide(case.bound, case.value, out=nothing, where=case.value > 0))


def _joined(evaluations: Sequence[AttackEvaluation]) -> AttackEvaluation:
    """Return the evaluation of the replicas of all `evaluations`, which have the same attacks and size."""
    first = evaluations[0]
    arrays = (
        "worst_risk",
        "doubling_gain",
        "predicted_risk",
        "certified_fraction",
        "certified_prediction",
        "universal_bound",
        "sandwich",
    )
    return AttackEvaluation(
        eps=first.eps,
        norm=first.norm,
        risk=_joined_by_name([one.risk for one in evaluations]),
        certified_risk=_joined_by_name([one.certified_risk for one in evaluations]),
        **{name: np.concatenate([getattr(one, name) for one in evaluations]) for name in arrays},
    )


def _joined_by_name(parts: Sequence[Mapping[AttackName, Floats]]) -> Mapping[AttackName, Floats]:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _predictions(
    net: GatedNetwork, Z: Array, y: Array, eps: float, norm: Norm, losses: Mapping[AttackName, Floats]
) -> dict[str, Any]:
    safe = to_numpy(certified(net, Z, eps, norm))
    predicted = _host(certified_worst_case(net, Z, y, eps, norm))
    return {
        "predicted_risk": predicted.mean(axis=-1),
        "certified_fraction": safe.mean(axis=-1),
        "certified_risk": {name: _mean_over(loss, safe) for name, loss in losses.items()},
        "certified_prediction": _mean_over(predicted, safe),
        "universal_bound": _host(universal_bound(net, Z, y, eps, norm)).mean(axis=-1),
    }


def _no_predictions(losses: Mapping[AttackName, Floats]) -> dict[str, Any]:
    nothing = np.full(next(iter(losses.values())).shape[:-1], np.nan)
    alone = ("predicted_risk", "certified_fraction", "certified_prediction", "universal_bound")
    return dict.fromkeys(alone, nothing) | {"certified_risk": dict.fromkeys(losses, nothing)}


def _mean_over(values: Floats, chosen: npt.NDArray[np.bool_]) -> Floats:
    """Return the mean over the chosen observations, NaN where none is chosen."""
    count = chosen.sum(axis=-1)
    total = np.where(chosen, values, 0.0).sum(axis=-1)
    return np.asarray(np.divide(total, count, out=np.full(np.shape(total), np.nan), where=count > 0))


def _host(x: Array) -> Floats:
    return to_numpy(x).astype(np.float64)
