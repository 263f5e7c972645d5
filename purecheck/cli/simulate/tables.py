"""Cells of the tables that simulations print, and the table of purity that both kinds share."""

from collections.abc import Mapping

from rich.table import Table

from numerics.training.plan import TrainingPlan
from purecheck.simulation.supervised import Spread


def purity_table(purity: Mapping[str, Spread], replicas: int, plan: TrainingPlan) -> Table:
    """Median and interval of each measure of the nodes, below a title that says what was trained."""
    attack = f"{plan.attack} {plan.norm} {plan.eps:.3g}" if plan.eps else "none"
    heading = f"{replicas} replicas, attack {attack}"
    table = Table("purity", "median", "interval", title=heading, title_justify="left")
    for name, value in purity.items():
        table.add_row(name.replace("_", " "), f"{value.median:.3f}", interval(value))
    return table


def cell(value: Spread) -> str:
    """Median and interval."""
    return f"{value.median:.3f} {interval(value) if value.low is not None else ''}".rstrip()


def interval(value: Spread) -> str:
    """The interval, or why there is none."""
    return "too few replicas" if value.low is None else f"[{value.low:.3f}, {value.high:.3f}]"
