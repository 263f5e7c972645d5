"""Checks of R1: recorded runs with clean heads on the labels of pre-training."""

from purecheck.checks.real_data import BY_NINE_TENTHS, INHERITED, Gap, arms, worst_case_gap
from purecheck.methods.measured import Measured
from purecheck.records.arms import Arms
from purecheck.records.run import Encoder
from theory.claims import Clause
from theory.real_data import GATED, RESNET


def _check(clause: Clause, encoder: Encoder) -> Measured[Gap, Arms]:
    return Measured(
        claim="R1",
        clauses=(clause.name,),
        name=f"clean heads on adversarial and clean features: {clause.name}",
        statement=INHERITED,
        control=BY_NINE_TENTHS,
        select=arms(lambda run: run.encoder == encoder and run.labels == "same"),
        wanted=f"clean heads on both arms of {clause.name}, attacked in l_inf at 8/255",
        compare=worst_case_gap,
    )


CHECKS = (_check(GATED, "gated"), _check(RESNET, "resnet18"))
