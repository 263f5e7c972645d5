"""The digest under which a stage is stored is the same for equal plans and differs for all others."""

from dataclasses import dataclass, field, make_dataclass, replace

from gpu_experiments.attacks.white_box import FGM, PGD
from gpu_experiments.protocol.profiles import PROFILES, runs
from gpu_experiments.protocol.run import digest

(RUN,) = runs(
    PROFILES["quick"],
    objectives=["supervised"],
    attacks=["pgd"],
    heads=["clean"],
    labels=["same"],
    seeds=[0],
    ridge=0.3,
    independent=False,
)
FIRST, *OTHERS = RUN.suite.specs


@dataclass(frozen=True)
class Plan:
    """A plan with a field that nothing computed depends on."""

    steps: int = 1
    rate: float = 0.5
    note: str = field(default="", repr=False)


def test_the_order_of_the_fields_of_a_plan_does_not_matter():
    turned = make_dataclass("Plan", [("rate", float, 0.5), ("steps", int, 1)], frozen=True)
    assert digest([Plan(), 3]) == digest([turned(), 3])


def test_every_shown_field_and_the_name_of_a_plan_matter():
    other = make_dataclass("Other", [("steps", int, 1), ("rate", float, 0.5)], frozen=True)
    assert len({digest(one) for one in (Plan(), Plan(steps=2), Plan(rate=0.1), other())}) == 4
    assert digest(Plan(note="read by nobody")) == digest(Plan())


def test_runs_that_differ_beyond_a_stage_share_it():
    longer = replace(RUN, suite=replace(RUN.suite, images=10))
    assert digest(longer.head_facts) == digest(RUN.head_facts)
    assert digest(longer.facts) != digest(RUN.facts)
    finer = replace(RUN, head=replace(RUN.head, ridge=0.1))
    assert digest(finer.pretraining_facts) == digest(RUN.pretraining_facts)
    assert digest(finer.head_facts) != digest(RUN.head_facts)
    again = replace(RUN, seed=1)
    assert digest(again.pretraining_facts) != digest(RUN.pretraining_facts)


def test_attacks_of_one_size_are_told_apart():
    kept = [replace(FIRST, attack=attack) for attack in (FGM(), PGD(1), PGD(2))]
    changed = [replace(RUN, suite=replace(RUN.suite, specs=(one, *OTHERS))) for one in kept]
    assert len({digest(run.facts) for run in changed}) == 3
