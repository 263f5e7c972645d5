"""Risk under a suite of attacks, beside what the region certificate predicts (claims P2, E6, E8)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from numerics.arrays import Floats
from numerics.attacks import attacked_loss, fgm, gate_aware_pgd, pgd, random_search
from numerics.attacks.losses import unperturbed
from numerics.backend import Array, to_numpy
from numerics.certificate import certified, certified_worst_case, universal_bound
from numerics.network import GatedNetwork, expect_targets
from numerics.norms import Norm
from numerics.replica_streams import NamedSources, NormalSource

AttackName: TypeAlias = Literal["none", "fgm", "pgd", "gate_aware", "random_search"]
ATTACKS: tuple[AttackName, ...] = ("none", "fgm", "pgd", "gate_aware", "random_search")

_Attack: TypeAlias = Callable[[GatedNetwork, Array, Array, float, Norm, NormalSource], Array]

_RUN: Mapping[AttackName, _Attack] = {
    "none": lambda net, Z, y, eps, norm, rng: unperturbed(net, Z, y).point,  # noqa: ARG005
    "fgm": lambda net, Z, y, eps, norm, rng: fgm(net, Z, y, eps, norm),  # noqa: ARG005
    "pgd": lambda net, Z, y, eps, norm, rng: pgd(net, Z, y, eps, norm, rng=rng),
    "gate_aware": lambda net, Z, y, eps, norm, rng: gate_aware_pgd(net, Z, y, eps, norm, rng=rng),
    "random_search": lambda net, Z, y, eps, norm, rng: random_search(net, Z, y, eps, norm, rng=rng),
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

    Notes
    -----
    Claim P2 speaks of the gate: with another activation all but `risk` and `worst_risk` is NaN.
    """

    eps: float
    norm: Norm
    risk: Mapping[AttackName, Floats]
    worst_risk: Floats
    predicted_risk: Floats
    certified_fraction: Floats
    certified_risk: Mapping[AttackName, Floats]
    certified_prediction: Floats
    universal_bound: Floats


def evaluate_attacks(
    net: GatedNetwork,
    Z: Array,
    y: Array,
    eps: Sequence[float],
    norm: Norm,
    streams: NamedSources,
    *,
    attacks: Sequence[AttackName] = ATTACKS,
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
        Attacks to run, out of `ATTACKS`; at least one.

    Raises
    ------
    ValueError
        If `eps` or `attacks` is empty or holds a value that is not expected, or `y` has another shape than expected.
    """
    expect_targets(Z, y)
    if not eps or not all(0 <= size < np.inf for size in eps):
        raise ValueError(f"eps is {list(eps)}; expected at least one number, none below 0, all finite")
    if not attacks or not set(attacks) <= set(ATTACKS):
        raise ValueError(f"attacks is {list(attacks)}; expected at least one of {', '.join(ATTACKS)}")
    return tuple(_evaluation(net, Z, y, size, norm, streams, attacks) for size in eps)


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
) -> AttackEvaluation:
    losses = {}
    for name in attacks:
        rng = streams.generator(f"{name}/{norm}/{eps!r}")
        losses[name] = _host(attacked_loss(net, Z, y, perturbation(name, net, Z, y, eps, norm, rng)))
    return AttackEvaluation(
        eps=eps,
        norm=norm,
        risk={name: loss.mean(axis=-1) for name, loss in losses.items()},
        worst_risk=np.maximum.reduce(list(losses.values())).mean(axis=-1),
        **(_predictions(net, Z, y, eps, norm, losses) if net.activation == "gate" else _no_predictions(losses)),
    )


def _joined(evaluations: Sequence[AttackEvaluation]) -> AttackEvaluation:
    """Return the evaluation of the replicas of all `evaluations`, which have the same attacks and size."""
    first = evaluations[0]
    arrays = ("worst_risk", "predicted_risk", "certified_fraction", "certified_prediction", "universal_bound")
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
