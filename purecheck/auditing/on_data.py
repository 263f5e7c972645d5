"""The audit of a network on data of the user: accuracy or risk on those data, and the layer as it works on them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np

from numerics.arrays import Floats
from numerics.heads import least_squares_head
from numerics.norms import dual_norm
from numerics.statistics import mean_interval, proportion_interval
from numerics.streams import Streams
from purecheck.auditing.data_attacks import DataAttacked, Threat, attack_data
from purecheck.auditing.data_bounds import DataBounds, bounds
from purecheck.auditing.data_layer import Dictionary, LayerFacts, dictionary_of, effective_map, layer_facts
from purecheck.auditing.schema import SCHEMA
from purecheck.auditing.structure import CHANCE, LEAST, MOST
from purecheck.auditing.tasks import Task
from purecheck.auditing.verdict import MASKED
from purecheck.networks.description import Network, linear
from purecheck.networks.evaluation import Described, Differentiable, values_below
from purecheck.networks.modules import ObservedLayer
from purecheck.verdicts.error_rates import FALSE_ALARM

MAPPED = 1000
"""The effective map is measured on at most about that many inputs, evenly spaced: it takes `q d` numbers for each."""

Robustness: TypeAlias = Literal["robust", "partly robust", "not robust"]


@dataclass(frozen=True, eq=False)
class Question:
    """What is asked of a network.

    Attributes
    ----------
    Z
        Inputs `(n, d)`.
    task
        Their labels, and what the outputs are for.
    threat
        The attacks.
    layer
        Name of the hidden layer that is audited; None for the only one.
    dictionary
        Of the inputs of that layer: one of `DICTIONARIES` or a matrix.
    """

    Z: Floats
    task: Task
    threat: Threat
    layer: str | None = None
    dictionary: str | Floats = "none"


def audit_on_data(network: Network, question: Question, streams: Streams) -> dict[str, Any]:
    """Verdicts and numbers on a described network; None where there is no number, with its reason in `unavailable`.

    Raises
    ------
    ValueError
        If the layer is not named where there are several, or the inputs determine no dictionary.
    """
    place = network.place(question.layer)
    layer, Z, task, threat = network.layers[place], question.Z, question.task, question.threat
    below = values_below(network, place, Z)
    dictionary = dictionary_of(question.dictionary, below, streams.child("dictionary"))
    attacked = attack_data(Described(network), Z, task, threat, streams.child("attacks"))
    bound = bounds(network, Z, task, threat)
    facts = layer_facts(layer, np.linalg.norm(network.layers[place + 1].W, axis=1), below, dictionary.M)
    upper = Described(replace(network, layers=network.layers[place:]))
    inherited = _inherited(network, place, question, streams.child("inherited"))
    fixed = None if bound is None else bound.fixed
    some = below[:: -(-len(below) // MAPPED)]
    content = {
        **_verdicts(facts, attacked, bound, inherited, task),
        **_of_layer(layer.name, facts),
        "effective_map": map_of(_gradients(upper, some), some, dictionary)
        | {"growth": growth(Described(network), question)},
        **_performance(attacked, bound, task),
        "certified_fraction": None if fixed is None else float(np.mean(fixed)),
        "inherited": inherited,
    }
    return _with_header(content, question, dictionary, _unavailable(content, layer.activation, dictionary))


def audit_function(
    model: Differentiable, question: Question, streams: Streams, seen: ObservedLayer | None = None
) -> dict[str, Any]:
    """The facts on a function with gradients, of which at most the layer that was `seen` is known."""
    attacked = attack_data(model, question.Z, question.task, question.threat, streams.child("attacks"))
    content = {
        "robustness": robustness(kept_share(attacked, question.task)),
        "gradient_masked": _masked(attacked, None, question.task),
    } | _performance(attacked, None, question.task)
    if seen is None:
        reason = "the layers of the network are not known: it is a function with gradients"
        return _with_header(content, question, None, {"structure": reason})
    dictionary = dictionary_of(question.dictionary, seen.below, streams.child("dictionary"))
    # what is above the layer is not known, so that its nodes count alike
    facts = layer_facts(seen.layer, np.ones(seen.layer.W.shape[1]), seen.below, dictionary.M)
    grown = {"growth": growth(model, question)}
    content |= _kind(facts) | _of_layer(seen.layer.name, facts)
    content |= {"effective_map": map_of(seen.gradients, seen.below, dictionary) | grown}
    return _with_header(content, question, dictionary, {})


def kept_share(attacked: DataAttacked, task: Task) -> float | None:
    """The share of what the network knows beyond the best constant that the strongest attack leaves.

    Of accuracies `(attacked - constant) / (clean - constant)`, of mean squared errors likewise; None where the network
    is no better than the constant.
    """
    clean, worst, constant = task.summary(attacked.badness["none"]), task.summary(attacked.worst), task.constant()
    better = clean > constant if task.classifies else clean < constant
    return max(0.0, (worst - constant) / (clean - constant)) if better else None


def robustness(share: float | None) -> Robustness | None:
    """All, half or nothing of what the network knows is left: whichever the share is nearest to."""
    if share is None:
        return None
    return "robust" if share > MOST else "not robust" if share < LEAST else "partly robust"


def _verdicts(
    facts: LayerFacts, attacked: DataAttacked, bound: DataBounds | None, inherited: Mapping[str, Any], task: Task
) -> dict[str, Any]:
    share = inherited["kept_share"]
    return {
        **_kind(facts),
        "robustness": robustness(kept_share(attacked, task)),
        "gradient_masked": _masked(attacked, bound, task),
        "inherits_robustness": None if share is None or LEAST <= share <= MOST else share > MOST,
    }


def _kind(facts: LayerFacts) -> dict[str, Any]:
    name = None if facts.structure is None else facts.structure.name
    return {"structure": name, "purified": None if name is None else name in ("pure", "purified")}


def _masked(attacked: DataAttacked, bound: DataBounds | None, task: Task) -> bool | None:
    """Whether there is more than `MASKED` times the error that gradients find; None where that is not known."""
    gradients, found = (_error(values, task) for values in (attacked.by_gradients, attacked.worst))
    if found > MASKED * gradients:
        return True
    return False if bound is not None and _error(bound.badness, task) <= MASKED * gradients else None


def _error(badness: Floats, task: Task) -> float:
    return 1 - task.summary(badness) if task.classifies else task.summary(badness)


def _of_layer(name: str, facts: LayerFacts) -> dict[str, Any]:
    found = facts.structure
    known = ("participation_ratio", "participation_ratio_by_energy", "largest_share", "firing_rate", "gate_ratio")
    kind = {} if found is None else {key: value for key, value in vars(found).items() if key != "name"}
    per_node = ("firing_rate", "gate_ratio", "participation_ratio", "largest_share", "feature")
    nodes = {key: getattr(facts, key) for key in per_node}
    return {
        **{key: facts.means.get(key) for key in known},
        "layer": {"name": name, "silent_nodes": int(facts.means["silent_nodes"] or 0), **kind},
        "nodes": {key: None if value is None else list(map(_finite, value)) for key, value in nodes.items()},
    }


def _gradients(upper: Described, below: Floats) -> Floats:
    """Gradients of every output in the inputs of a layer, `(q, n, d)`."""
    outputs, pull = upper.linearise(below)
    return np.stack([pull(np.broadcast_to(row, outputs.shape)) for row in np.eye(outputs.shape[1])])


def map_of(gradients: Floats, below: Floats, dictionary: Dictionary) -> dict[str, float | None]:
    """The effective map from the inputs of a layer, summed over outputs; without a dictionary only its energy.

    Parameters
    ----------
    gradients
        Of every output, `(q, n, d)`.
    below
        Inputs of the layer `(n, d)`.
    dictionary
        Of these inputs.
    """
    if dictionary.M is None:
        energy = float(np.mean(np.sum(gradients**2, axis=(0, 2))))
        return {"energy": energy, "cross_talk": None, "active_features": None, "active_share": None}
    return effective_map(gradients, below, dictionary.M)


def _performance(attacked: DataAttacked, bound: DataBounds | None, task: Task) -> dict[str, Any]:
    """Accuracy or mean squared error under each attack, on these data, with intervals for other data of their kind."""
    found = {"clean" if name == "none" else name: task.summary(one) for name, one in attacked.badness.items()}
    found |= {"worst": task.summary(attacked.worst), "constant": task.constant()}
    certified = None if bound is None or not np.all(np.isfinite(bound.badness)) else task.summary(bound.badness)
    return {
        "accuracy" if task.classifies else "risk": found | {"certified": certified},
        "kept_share": kept_share(attacked, task),
        "interval": {"clean": _interval(attacked.badness["none"], task), "worst": _interval(attacked.worst, task)},
    }


def _interval(badness: Floats, task: Task) -> dict[str, float | None]:
    if task.classifies:
        found = proportion_interval(int(np.sum(badness < 0)), len(badness), false_alarm=FALSE_ALARM)
    else:
        found = mean_interval(badness, "student", false_alarm=FALSE_ALARM)
    return {"low": _finite(found.low), "high": _finite(found.high)}


def _inherited(network: Network, place: int, question: Question, streams: Streams) -> dict[str, Any]:
    """What a clean least-squares head on the frozen layer keeps: fitted to one half of the data, attacked on the other.

    Classes are fitted as indicators of every output, signs as -1 and 1.
    """
    fitted, tested = np.arange(0, len(question.Z), 2), np.arange(1, len(question.Z), 2)
    values = values_below(network, place + 1, question.Z[fitted])
    task = question.task.only(fitted)
    wanted = np.eye(network.outputs)[task.targets] if task.name == "classes" else task.targets.reshape(len(fitted), -1)
    centre, level = np.mean(values, axis=0), np.mean(wanted, axis=0)
    head = np.stack(
        [least_squares_head(values - centre, one - mean) for one, mean in zip(wanted.T, level, strict=True)]
    )
    top = linear("head", head.T, level - centre @ head.T)
    new = Described(replace(network, layers=(*network.layers[: place + 1], top)))
    other = question.task.only(tested)
    attacked = attack_data(new, question.Z[tested], other, question.threat, streams)
    return {
        "clean": other.summary(attacked.badness["none"]),
        "worst": other.summary(attacked.worst),
        "kept_share": kept_share(attacked, other),
        "head_norm": float(np.linalg.norm(head)),
    }


def _with_header(
    content: dict[str, Any], question: Question, dictionary: Dictionary | None, unavailable: dict[str, str]
) -> dict[str, Any]:
    data = {"source": "given", "inputs": len(question.Z), "d": question.Z.shape[1], "task": question.task.name}
    return {
        "schema": SCHEMA,
        "data": data,
        **content,
        "criteria": {"most": MOST, "least": LEAST, "chance": CHANCE, "masked": MASKED, "false_alarm": FALSE_ALARM},
        "unavailable": unavailable,
        "settings": {
            "norm": question.threat.norm,
            "eps": question.threat.eps,
            "box": None if question.threat.box is None else list(question.threat.box),
            "layer": question.layer,
            **({} if dictionary is None else dictionary.origin),
        },
    }


def _unavailable(found: Mapping[str, Any], activation: str, dictionary: Dictionary) -> dict[str, str]:
    """Why numbers and verdicts are null."""
    reasons = {}
    if dictionary.M is None:
        for name in ("structure", "purified", "participation_ratio", "largest_share", "effective_map.cross_talk"):
            reasons[name] = "purity is a statement about features, and no dictionary was given: see --dictionary"
    if found["gate_ratio"] is None:
        reasons["gate_ratio"] = f"the {activation} has no threshold"
    if found["certified_fraction"] is None:
        reasons["certified_fraction"] = f"the {activation} has no gates that an attack could move"
    if found["robustness"] is None:
        reasons["robustness"] = "the network is no better than the best constant on these data"
    if found["gradient_masked"] is None:
        reasons["gradient_masked"] = (
            f"that there is {MASKED} times the error that gradients find is neither shown by an attack nor excluded by "
            "a bound"
        )
    if found["inherits_robustness"] is None:
        reasons["inherits_robustness"] = "a clean head keeps about half of what it knows, or knows nothing"
    return reasons


def growth(model: Differentiable, question: Question) -> float:
    """By how much margins, or residuals, grow for each unit of `eps` on average, to first order."""
    outputs, pull = model.linearise(question.Z)
    direction = question.task.direction(outputs, "margin")
    if not question.task.classifies:  # along the residual, whose size is no part of its growth
        direction = direction / np.linalg.norm(direction, axis=1, keepdims=True)
    return float(np.mean(dual_norm(pull(direction), question.threat.norm)))


def _finite(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None
