"""An audit on data of the user in words: every verdict with the number that it rests on, then tables."""

from collections.abc import Mapping
from typing import Any

import click
from rich.table import Table

from purecheck.cli.audit_printing import KINDS, three
from purecheck.cli.output import console

_ROBUST = {None: "robustness: undecided"}
_MASKED = {True: "gradient-masked", False: "not gradient-masked", None: "gradient masking: inconclusive"}
_INHERITS = {
    True: "a clean head inherits robustness",
    False: "a clean head does not inherit robustness",
    None: "inherited robustness: inconclusive",
}


def print_audit_on_data(found: Mapping[str, Any]) -> None:
    """Print the verdicts and the tables of an audit on data of the user on standard output."""
    data, settings = found["data"], found["settings"]
    attack = f"{settings['norm']} {settings['eps']:.3g}"
    click.echo(
        f"data: your {data['inputs']} inputs of {data['d']} coordinates, {data['task']}; sizes are in their units"
    )
    for line in _verdicts(found, attack):
        click.echo(line)
    tables = console()
    tables.print(_performance(found, attack))
    tables.print(_layer(found))
    for field, reason in found["unavailable"].items():
        if "." not in field:
            click.echo(f"{field.replace('_', ' ')}: unknown, {reason}")


def _verdicts(found: Mapping[str, Any], attack: str) -> list[str]:
    held, kind, measure = found["criteria"], found["structure"], _measure(found)
    values, inherited = found[measure], found["inherited"]
    by_gradients = [values[name] for name in ("fgm", "pgd", "pgd_margin", "pgd_targeted") if name in values]
    gradients = min(by_gradients) if measure == "accuracy" else max(by_gradients)
    lines = [
        f"{_ROBUST.get(found['robustness'], found['robustness'])}: the strongest attack at {attack} leaves "
        f"{three(found['kept_share'])} of what the network knows beyond a constant, {measure} {three(values['clean'])} "
        f"and then {three(values['worst'])} (robust: above {held['most']}, not robust: below {held['least']})",
        f"{_MASKED[found['gradient_masked']]}: with gates held fixed, gradients find {measure} {three(gradients)}, the "
        f"strongest attack {three(values['worst'])} (masked: above {held['masked']} times the error)",
        f"{_INHERITS[found['inherits_robustness']]}: fitted to one half of the data and attacked on the other, it "
        f"keeps {three(inherited['kept_share'])} (inherits: above {held['most']}, does not: below {held['least']})",
    ]
    if kind is not None:
        lines.insert(0, f"layer {found['layer']['name']}: {kind}, {KINDS[kind]}")
    return lines


def _measure(found: Mapping[str, Any]) -> str:
    return "accuracy" if "accuracy" in found else "risk"


def _performance(found: Mapping[str, Any], attack: str) -> Table:
    measure = _measure(found)
    table = Table(
        f"{'accuracy' if measure == 'accuracy' else 'mean squared error'}, {attack}", "", title_justify="left"
    )
    for name, value in found[measure].items():
        table.add_row(name.replace("_", " "), three(value))
    low, high = (three(found["interval"]["worst"][side]) for side in ("low", "high"))
    table.add_row("worst, for other data of this kind", f"{low} to {high}")
    return table


def _layer(found: Mapping[str, Any]) -> Table:
    table = Table(f"layer {found['layer']['name']}", "", title_justify="left")
    for name in ("firing_rate", "gate_ratio", "participation_ratio", "participation_ratio_by_energy", "largest_share"):
        table.add_row(name.replace("_", " "), three(found[name]))
    table.add_row("nodes that never fire", str(found["layer"]["silent_nodes"]))
    for name, value in found["effective_map"].items():
        table.add_row(f"effective map: {name.replace('_', ' ')}", three(value))
    table.add_row("certified fraction", three(found["certified_fraction"]))
    return table
