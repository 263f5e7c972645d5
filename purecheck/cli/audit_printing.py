"""An audit in words: every verdict with the number that it rests on and what that is held against, then tables."""

from collections.abc import Mapping
from typing import Any

import click
from rich.table import Table

from purecheck.cli.output import console

KINDS = {
    "pure": "every node is exactly one feature",
    "purified": "the nodes are one feature each",
    "partly purified": "some nodes are one feature, others mix several",
    "mixture": "the nodes mix several features, in groups that share them",
    "mixed": "the nodes mix several features and share few of them",
    "unstructured": "the nodes are like random directions",
    None: "the replicas differ",
}
"""What each kind of layer is, in words."""
_PURIFIED = {True: "purified", False: "not purified"}
_LINEAR = {
    True: "computes a linear function of the features",
    False: "does not compute a linear function of the features",
    None: "linear function of the features: replicas differ",
}
_MASKED = {True: "gradient-masked", False: "not gradient-masked", None: "gradient masking: inconclusive"}
_INHERITS = {
    True: "a clean head inherits robustness",
    False: "a clean head does not inherit robustness",
    None: "inherited robustness: inconclusive",
}


def print_audit(found: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
    """Print the verdicts, what they assume, and the tables of an audit on standard output."""
    tables = console()
    click.echo(
        f"data: synthetic, from the sparse-coding model with p {settings['p']:.3g}, r {settings['r']:.3g} and sigma "
        f"{settings['sigma']:.3g}; for data of your own see --inputs and --labels"
    )
    for line in (*_verdicts(found, settings), *_assumed(settings)):
        click.echo(line)
    tables.print(_nodes_and_map(found))
    tables.print(_risks(found, settings))
    for field, reason in found["unavailable"].items():
        if "." not in field:
            click.echo(f"{field.replace('_', ' ')}: unknown, {reason}")


def _verdicts(found: Mapping[str, Any], settings: Mapping[str, Any]) -> list[str]:
    risk, layer, linearity, held = found["risk"], found["layer"], found["linearity"], found["criteria"]
    gradients, strongest = three(max(risk["fgm"], risk["pgd"])), three(risk["worst"])
    inherited, talk = three(found["inherited"]["risk"]["worst"]), three(found["effective_map"]["cross_talk"])
    kind, attack = found["structure"], f"{settings['norm']} {settings['eps']:.3g}"
    return [
        f"layer: {kind or 'undecided'}, {KINDS[kind]}: {three(layer['pure_share'])} of the energy is on pure nodes "
        f"(purified: above {held['most']}), {three(layer['order'])} features a node, sharing "
        f"{three(layer['sharing'])} (mixture: above {held['most']}), by chance at {layer['chance']:.2g} "
        f"(unstructured: above {held['chance']})",
        f"{_PURIFIED[found['purified']]}: such a layer, and cross-talk is {talk} of the effective map (purified: pure "
        f"or purified, and below {three(held['cross_talk'])}, that of the least mixture)",
        f"{_LINEAR[found['computes_linear_function']]}: R^2 {linearity['r2']:.5f}; the rest is "
        f"{1 - linearity['r2']:.2g} (linear: at most {linearity['noise']:.2g}, the share of noise, or below "
        f"{1 - linearity['random']:.2g}, what random layers leave)",
        f"{_MASKED[found['gradient_masked']]}: at {attack} FGM and PGD find a risk of {gradients}, the strongest "
        f"attack {strongest} (masked: above {held['masked']} times)",
        f"{_INHERITS[found['inherits_robustness']]}: risk {inherited} for a new target under the strongest attack at "
        f"{attack} (inherits: below 1)",
    ]


def _assumed(settings: Mapping[str, Any]) -> list[str]:
    """The assumptions that the file does not settle."""
    lines = {
        "identity": ["dictionary: the file holds none, so the features are the coordinates of the input; see --data"],
        "estimated": [
            f"dictionary: estimated, with cosine {three(settings.get('dictionary_agreement'))} between halves"
        ],
    }.get(settings["dictionary"], [])
    if settings["target"] == "inferred":
        lines.append("target: inferred as the linear function of the features that is closest to each output")
    return lines


def _nodes_and_map(found: Mapping[str, Any]) -> Table:
    table = Table("nodes and map", "", title_justify="left")
    for name in ("participation_ratio", "participation_ratio_by_energy", "largest_share", "gate_ratio", "firing_rate"):
        table.add_row(name.replace("_", " "), three(found[name]))
    for name, value in found["leak"].items():
        table.add_row(f"at rest: {name.replace('_', ' ')}", three(value))
    for name in ("energy", "cross_talk", "purified_energy", "growth"):
        table.add_row(f"effective map: {name.replace('_', ' ')}", three(found["effective_map"][name]))
    table.add_row("certified fraction", three(found["certified_fraction"]))
    return table


def _risks(found: Mapping[str, Any], settings: Mapping[str, Any]) -> Table:
    table = Table(f"risk, {settings['norm']} {settings['eps']:.3g}", "its own head", "a new clean head")
    for name, value in found["risk"].items():
        table.add_row(name.replace("_", " "), three(value), three(found["inherited"]["risk"].get(name)))
    return table


def three(value: float | None) -> str:
    """A number with three decimals, or three digits where it is large; a dash where there is none."""
    return "-" if value is None else f"{value:.3f}" if abs(value) < 1e6 else f"{value:.3g}"
