"""The facts of an audit as plain data: medians over replicas, then every network by itself."""

from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.arrays import Floats
from numerics.statistics import Interval, mean_interval
from purecheck.auditing.attacked import AttackLosses, EffectiveMap
from purecheck.auditing.given_network import GivenNetwork
from purecheck.auditing.measured import Measurements, Nodes
from purecheck.auditing.plan import AuditPlan
from purecheck.auditing.schema import SCHEMA
from purecheck.auditing.structure import CHANCE, LEAST, MOST
from purecheck.auditing.verdict import (
    MASKED,
    AuditVerdict,
    least_mixture_cross_talk,
    overall,
    strongest_attack,
    verdicts,
)
from purecheck.verdicts.error_rates import FALSE_ALARM

_ANOTHER = "claim P2 speaks of the gate; the activation is {}"
_WITHOUT = "the {} has no threshold"


def audit_to_dict(measured: Measurements, plan: AuditPlan, network: GivenNetwork) -> dict[str, Any]:
    """Verdicts and numbers; None where there is no number, with its reason under `unavailable`."""
    found = verdicts(measured, plan)
    one = overall(found)
    content = {
        "schema": SCHEMA,
        "data": {"source": "synthetic"},
        **vars(one),
        **_medians(measured),
        "layer": _layer(measured),
        "linearity": _linearity(measured),
        "leak": _leak(measured),
        "effective_map": _map_to_dict(measured.map) | {"purified_energy": plan.p},
        "risk": _risks(measured.own, strongest_attack(measured)) | _exact_risks(measured),
        "certified": _on_certified(measured),
        "inherited": {
            "risk": _risks(measured.inherited, measured.inherited.worst),
            "effective_map": _map_to_dict(measured.inherited_map),
        },
        "criteria": _criteria(plan),
        "networks": [_network_to_dict(measured, at, verdict) for at, verdict in enumerate(found)],
    }
    return content | {"unavailable": _unavailable(content, network, plan)}


def settings_to_dict(network: GivenNetwork, plan: AuditPlan) -> dict[str, Any]:
    """What was audited, and on which data: the sizes of the network and the plan."""
    replicas, d, H = network.W.shape
    return {
        "replicas": replicas,
        "d": d,
        "hidden": H,
        "outputs": network.heads.shape[1],
        "activation": network.activation,
        "target": "inferred" if plan.theta is None else "given",
        **{name: value for name, value in asdict(plan).items() if name not in ("norm", "theta")},
        "norm": plan.norm,
    }


def _criteria(plan: AuditPlan) -> dict[str, float]:
    return {
        "most": MOST,
        "least": LEAST,
        "chance": CHANCE,
        "cross_talk": least_mixture_cross_talk(plan.p),
        "masked": MASKED,
        "false_alarm": FALSE_ALARM,
    }


def _unavailable(found: dict[str, Any], network: GivenNetwork, plan: AuditPlan) -> dict[str, str]:
    """Why numbers and verdicts of the contract are null."""
    name = network.activation
    reasons: dict[str, str] = {}
    if found["certified_fraction"] is None:
        fields = (
            "certified_fraction",
            "risk.predicted",
            "risk.universal_bound",
            "certified.predicted",
            "certified.worst",
        )
        reasons |= dict.fromkeys(fields, _ANOTHER.format(name))
    elif found["certified"]["predicted"] is None:
        reasons |= dict.fromkeys(("certified.predicted", "certified.worst"), "no observation is certified")
    if found["gate_ratio"] is None:
        reasons["gate_ratio"] = _WITHOUT.format(name)
    if found["leak"]["noise_passed"] is None:
        reasons["leak.noise_passed"] = f"sigma is {plan.sigma:g}"
    if found["structure"] is None:
        reasons["structure"] = "no kind is that of more than half of the replicas"
    if found["computes_linear_function"] is None:
        reasons["computes_linear_function"] = "it holds of half of the replicas"
    if found["gradient_masked"] is None:
        reasons["gradient_masked"] = (
            f"that the risk is {MASKED} times what gradients find is neither shown by an attack nor excluded by a bound"
        )
    if found["inherits_robustness"] is None:
        reasons["inherits_robustness"] = "the interval of the risk holds 1"
    return reasons


def _medians(measured: Measurements) -> dict[str, float | None]:
    names = ("participation_ratio", "largest_share", "firing_rate", "gate_ratio")
    certified = measured.certified
    return {name: _median(measured.mean_over_nodes(name)) for name in names} | {
        "participation_ratio_by_energy": _median(measured.by_energy),
        "certified_fraction": None if certified is None else _median(certified.mean(axis=-1)),
    }


def _layer(measured: Measurements) -> dict[str, float | None]:
    names = ("pure_share", "order", "sharing", "fit", "chance")
    return {name: _median([getattr(one, name) for one in measured.structure]) for name in names}


def _linearity(measured: Measurements) -> dict[str, float | None]:
    names = ("r2", "noise", "random")
    return {name: _median([getattr(one, name) for one in measured.linearity]) for name in names}


def _leak(measured: Measurements) -> dict[str, float | None]:
    return {
        "slope": _median(measured.mean_over_nodes("slope_at_rest")),
        "energy": _median(measured.leak),
        "noise_passed": _median(measured.mean_over_nodes("noise_passed")),
    }


def _map_to_dict(effective: EffectiveMap) -> dict[str, float | None]:
    return {
        "energy": _median(effective.norms.mean(axis=-1)),
        "cross_talk": _median(effective.cross_talk),
        "growth": _median(effective.growth.mean(axis=-1)),
    }


def _risks(attacked: AttackLosses, strongest: Floats) -> dict[str, float | None]:
    named = {"clean" if name == "none" else name: values for name, values in attacked.losses.items()}
    named |= {"worst": strongest, "predicted": attacked.predicted, "universal_bound": attacked.universal}
    return {name: _median(values.mean(axis=-1)) for name, values in named.items()}


def _exact_risks(measured: Measurements) -> dict[str, float | None]:
    """Means over the observations that were attacked exactly; the strongest other attack on the same ones."""
    if measured.exact is None:
        return {}
    n = measured.exact.value.shape[-1]
    named = {
        "exact": measured.exact.value,
        "exact_bound": measured.exact.bound,
        "worst_where_exact": measured.own.worst[:, :n],
        "gradients_where_exact": measured.own.by_gradients[:, :n],
    }
    return {name: _median(values.mean(axis=-1)) for name, values in named.items()}


def _on_certified(measured: Measurements) -> dict[str, float | None]:
    """Prediction and strongest attack over the certified observations, where P2 says that they agree."""
    inside = measured.certified
    if inside is None:
        return {"predicted": None, "worst": None}
    return {
        "predicted": _median(_mean_over(measured.own.predicted, inside)),
        "worst": _median(_mean_over(measured.own.worst, inside)),
    }


def _mean_over(values: Floats, chosen: NDArray[np.bool_]) -> Floats:
    count = chosen.sum(axis=-1)
    total = np.where(chosen, values, 0.0).sum(axis=-1)
    return np.asarray(np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0))


def _network_to_dict(measured: Measurements, at: int, verdict: AuditVerdict) -> dict[str, Any]:
    linearity, layer = measured.linearity[at], measured.structure[at]
    return {
        **vars(verdict),
        "participation_ratio": _number(measured.mean_over_nodes("participation_ratio")[at]),
        "participation_ratio_by_energy": _number(measured.by_energy[at]),
        "layer": {name: value for name, value in vars(layer).items() if name != "name"},
        "linearity": {
            "r2": _told(linearity.r2, linearity.interval),
            "noise": linearity.noise,
            "random": linearity.random,
        },
        "leak": _number(measured.leak[at]),
        "cross_talk": _number(measured.map.cross_talk[at]),
        "risk_by_gradients": _interval(measured.own.by_gradients[at]),
        "risk_by_strongest": _interval(strongest_attack(measured)[at]),
        "inherited_risk": _interval(measured.inherited.worst[at]),
        "nodes": _node_to_dict(measured.nodes, at),
    }


def _node_to_dict(nodes: Nodes, at: int) -> dict[str, list[float | int | None]]:
    return {
        name: [int(value) if name == "feature" else _number(value) for value in values[at]]
        for name, values in vars(nodes).items()
    }


def _interval(values: Floats) -> dict[str, float | None]:
    return _told(float(values.mean()), mean_interval(values, "student", false_alarm=FALSE_ALARM))


def _told(mean: float, interval: Interval) -> dict[str, float | None]:
    return {"mean": _number(mean), "low": _number(interval.low), "high": _number(interval.high)}


def _median(values: Any) -> float | None:
    return _number(np.median(values))


def _number(value: Any) -> float | None:
    """A finite number; None for what is not defined, such as the purity of a dead node."""
    return float(value) if np.isfinite(value) else None
