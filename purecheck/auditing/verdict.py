"""What an audit concludes: criteria with their reasons, intervals over observations, and the facts of the report."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.statistics import mean_interval
from purecheck.auditing.measured import Attacked, EffectiveMap, Floats, Measured, Nodes
from purecheck.auditing.plan import AuditPlan

SCHEMA = "purecheck-audit/1"

SPREAD = 1.5
"""Halfway between a pure node, participation 1, and the least mixture, participation 2."""
CROSS_TALK = 1 - 1 / SPREAD
"""The same for the effective map: a mixture of order `m`, woken by one feature, has `1 - 1/m` of it on the others."""
MASKED = 1.5
"""The strongest attack finds this many times the risk that gradients find: the factor of claim E8."""
FALSE_ALARM = 1e-3
"""Rate of the intervals over observations."""


@dataclass(frozen=True)
class Verdict:
    """What holds of one network, or of more than half of its replicas; None where that cannot be told.

    Attributes
    ----------
    purified
        The nodes are pure (participation by energy below `SPREAD`) and so is the effective map (share of cross-talk
        below `CROSS_TALK`).
    gradient_masked
        The strongest attack finds more than `MASKED` times the risk that the better of FGM and PGD finds.
    fits_linear_target
        Without an attack its risk is below that of the constant 0.
    inherits_robustness
        A clean head for a new target has, under the strongest attack, a risk below that of the constant 0.
    """

    purified: bool
    gradient_masked: bool | None
    fits_linear_target: bool | None
    inherits_robustness: bool | None


def verdicts(measured: Measured) -> tuple[Verdict, ...]:
    """One verdict a replica."""
    purified = (measured.by_energy < SPREAD) & (measured.map.cross_talk < CROSS_TALK)
    gradient, strongest = by_gradients(measured.own), strongest_attack(measured)
    clean, inherited = measured.own.losses["none"], worst(measured.inherited)
    return tuple(
        Verdict(
            purified=bool(purified[one]),
            gradient_masked=_above_zero(strongest[one] - MASKED * gradient[one]),
            fits_linear_target=_above_zero(1 - clean[one]),
            inherits_robustness=_above_zero(1 - inherited[one]),
        )
        for one in range(len(purified))
    )


def overall(found: tuple[Verdict, ...]) -> Verdict:
    """What more than half of the replicas agree on."""
    return Verdict(
        purified=bool(_majority(one.purified for one in found)),
        gradient_masked=_majority(one.gradient_masked for one in found),
        fits_linear_target=_majority(one.fits_linear_target for one in found),
        inherits_robustness=_majority(one.inherits_robustness for one in found),
    )


def worst(attacked: Attacked) -> Floats:
    """The largest loss that any attack reached, `(replicas, n)`."""
    return np.asarray(np.max(np.stack(list(attacked.losses.values())), axis=0))


def by_gradients(attacked: Attacked) -> Floats:
    """The larger loss of FGM and PGD, `(replicas, n)`."""
    return np.maximum(attacked.losses["fgm"], attacked.losses["pgd"])


def strongest_attack(measured: Measured) -> Floats:
    """The largest loss that any attack reached, the exact one included where it ran, `(replicas, n)`."""
    losses = worst(measured.own)
    if measured.exact is None:
        return losses
    n = measured.exact.value.shape[-1]
    return np.hstack([np.maximum(losses[:, :n], measured.exact.value), losses[:, n:]])


def facts(measured: Measured, plan: AuditPlan) -> dict[str, Any]:
    """Verdicts and numbers as plain data: medians over replicas, then every network by itself."""
    found = verdicts(measured)
    one = overall(found)
    return {
        "schema": SCHEMA,
        **vars(one),
        **_medians(measured),
        "effective_map": _map_facts(measured.map) | {"purified_energy": plan.p},
        "risk": _risks(measured.own, strongest_attack(measured)) | _exact_risks(measured),
        "certified": _on_certified(measured),
        "inherited": {
            "risk": _risks(measured.inherited, worst(measured.inherited)),
            "effective_map": _map_facts(measured.inherited_map),
        },
        "criteria": {"participation": SPREAD, "cross_talk": CROSS_TALK, "masked": MASKED, "false_alarm": FALSE_ALARM},
        "networks": [_network_facts(measured, at, verdict) for at, verdict in enumerate(found)],
    }


def _medians(measured: Measured) -> dict[str, float | None]:
    return {
        "participation_ratio": _median(measured.participation),
        "participation_ratio_by_energy": _median(measured.by_energy),
        "largest_share": _median(measured.share),
        "firing_rate": _median(measured.firing),
        "gate_ratio": _median(measured.gate),
        "certified_fraction": _median(measured.certified.mean(axis=-1)),
    }


def _map_facts(effective: EffectiveMap) -> dict[str, float | None]:
    return {name: _median(values) for name, values in vars(effective).items()}


def _risks(attacked: Attacked, strongest: Floats) -> dict[str, float | None]:
    named = {"clean" if name == "none" else name: values for name, values in attacked.losses.items()}
    named |= {"worst": strongest, "predicted": attacked.predicted, "universal_bound": attacked.universal}
    return {name: _median(values.mean(axis=-1)) for name, values in named.items()}


def _exact_risks(measured: Measured) -> dict[str, float | None]:
    """Means over the observations that were attacked exactly; the strongest other attack on the same ones."""
    if measured.exact is None:
        return {}
    n = measured.exact.value.shape[-1]
    named = {
        "exact": measured.exact.value,
        "exact_bound": measured.exact.bound,
        "worst_where_exact": worst(measured.own)[:, :n],
        "gradients_where_exact": by_gradients(measured.own)[:, :n],
    }
    return {name: _median(values.mean(axis=-1)) for name, values in named.items()}


def _on_certified(measured: Measured) -> dict[str, float | None]:
    """Prediction and strongest attack over the certified observations, where P2 says that they agree."""
    inside = measured.certified
    return {
        "predicted": _median(_mean_over(measured.own.predicted, inside)),
        "worst": _median(_mean_over(worst(measured.own), inside)),
    }


def _mean_over(values: Floats, chosen: NDArray[np.bool_]) -> Floats:
    count = chosen.sum(axis=-1)
    total = np.where(chosen, values, 0.0).sum(axis=-1)
    return np.asarray(np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0))


def _network_facts(measured: Measured, at: int, verdict: Verdict) -> dict[str, Any]:
    gradient, strongest = by_gradients(measured.own)[at], strongest_attack(measured)[at]
    return {
        **vars(verdict),
        "participation_ratio": _number(measured.participation[at]),
        "participation_ratio_by_energy": _number(measured.by_energy[at]),
        "cross_talk": _number(measured.map.cross_talk[at]),
        "risk_by_gradients": _interval(gradient),
        "risk_by_strongest": _interval(strongest),
        "inherited_risk": _interval(worst(measured.inherited)[at]),
        "nodes": _node_facts(measured.nodes, at),
    }


def _node_facts(nodes: Nodes, at: int) -> dict[str, list[float | int | None]]:
    return {
        name: [int(value) if name == "feature" else _number(value) for value in values[at]]
        for name, values in vars(nodes).items()
    }


def _interval(values: Floats) -> dict[str, float | None]:
    interval = mean_interval(values, "student", false_alarm=FALSE_ALARM)
    return {"mean": _number(values.mean()), "low": _number(interval.low), "high": _number(interval.high)}


def _above_zero(values: Floats) -> bool | None:
    """Whether the mean of the law is above 0; None where the interval holds 0."""
    interval = mean_interval(values, "student", false_alarm=FALSE_ALARM)
    return True if interval.low > 0 else False if interval.high < 0 else None


def _majority(values: Iterable[bool | None]) -> bool | None:
    given = list(values)
    return next((side for side in (True, False) if 2 * given.count(side) > len(given)), None)


def _median(values: Floats) -> float | None:
    return _number(np.median(values))


def _number(value: Any) -> float | None:
    """A finite number; None for what is not defined, such as the purity of a dead node."""
    return float(value) if np.isfinite(value) else None
