"""The inheritance curve and the exact worst case: the judgement follows the observations in either direction."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import Rational

from numerics.backend import select_backend
from numerics.streams import Streams
from purecheck.checks import d3_curve, trained
from purecheck.experiments import inheritance_curve
from purecheck.experiments.curve import mixed_gain
from purecheck.experiments.exact_arms import ATTACKS, CLEAN, EXACT_ARMS, NEARBY, ExactArm, ExactAttacks, found
from purecheck.experiments.inheritance_curve import PURE_COUNTS, curve
from purecheck.experiments.measured import inherited_gain, inherited_pointwise
from purecheck.experiments.readers import kept_as
from purecheck.reporting.figures import d3_purity
from purecheck.reporting.figures import e8_exact as exact_figure
from purecheck.reporting.svg import svg_document
from purecheck.runtime.context import Context, Profile
from purecheck.verdicts.evidence import Outcome
from theory.statistics import Ball
from theory.training.arms import CLEAN as SUPERVISED_CLEAN
from theory.training.arms import IN_L2, L2, LINF
from theory.training.arms import NEARBY as NEARBY_SIZE
from theory.training.measurements import CURVE, GAIN
from theory.training.small_networks import EXACT, SHORT, SMALL_ATTACKED

SEEDS = 20


def fresh() -> Context:
    return Context(select_backend("numpy"), Streams(0), Profile("quick", 10, SEEDS, 1.0))


@pytest.fixture(scope="module")
def tiny() -> Context:
    """Twelve replicas, the fewest with an interval at the rate of the figures, and few steps."""
    return Context(select_backend("numpy"), Streams(3), Profile("tiny", examples=3, seeds=12, steps=0.02))


@pytest.fixture(scope="module")
def grid() -> tuple[inheritance_curve.CurvePoint, ...]:
    return curve(fresh())


def outcome(check, observed):
    """What a check comes to on given observations."""
    kept = fresh()
    kept.once(f"{check.claim}/{check.name}", lambda: observed)
    return check.run(kept)


def around(value):
    return value + 0.01 * np.linspace(-1, 1, SEEDS)


def test_the_curve_is_the_attacked_risk_inside_the_region_and_says_how_much_lies_outside(grid):
    evidence = outcome(d3_curve.CHECKS[0], grid)
    assert evidence.outcome is Outcome.UPHELD
    assert evidence.control.rejected
    assert "13 of 20 points of the grid inside P2's region, 7 outside" in evidence.figure


def test_a_wrong_order_of_the_groups_is_refuted(monkeypatch):
    built = inheritance_curve.partly_pure_network
    monkeypatch.setattr(inheritance_curve, "partly_pure_network", lambda theta, _pure, _m, b: built(theta, 6, 1, b))
    assert d3_curve.CHECKS[0].run(fresh()).outcome is Outcome.REFUTED


def test_points_outside_the_region_are_never_compared(grid):
    outside = tuple(point for point in grid if not point.is_inside)
    assert {point.pure for point in outside} == set(PURE_COUNTS)
    evidence = outcome(d3_curve.CHECKS[0], outside)
    assert evidence.outcome is Outcome.UNDECIDED
    assert evidence.cases == 0


def test_purer_layers_pass_less_on(grid):
    risks = {eps: [point.risk["fgm"] for point in grid if point.eps == eps] for eps in (0.1, 0.2, 0.3)}
    assert all(np.all(np.diff(risk) < 0) for risk in risks.values())


def of_clause(claim, clause):
    (check,) = [one for one in trained.CHECKS if (one.claim, one.statement.name) == (claim, clause)]
    return check


def test_trained_gains_are_held_against_the_curve_whichever_way_they_come_out():
    check = of_clause("E3", "the curve")

    def found(gain):
        kept = fresh()
        kept.keep({kept_as(CURVE(arm)): mixed_gain(around(3.0)) for arm in IN_L2})
        kept.keep({kept_as(GAIN(arm)): gain for arm in IN_L2})
        return check.examine(check.statement, kept)

    assert found(mixed_gain(around(3.0))).outcome is Outcome.UPHELD
    assert found(1.0 * around(1.0)).outcome is Outcome.REFUTED


def observed(attacked: float, bound: float = 1.0) -> ExactAttacks:
    """Twenty seeds on which every attack but gate-aware PGD reaches `attacked`, the worst case being 1."""
    shape = (SEEDS, 3)
    losses = dict.fromkeys(ATTACKS, np.full(shape, attacked)) | {"gate_aware": np.full(shape, 0.9)}
    ones, low = np.ones(shape), np.full(shape, 0.1)
    return ExactAttacks(low, ones, bound * ones, losses, ones > 0, ones, 1e-12 * ones)


def exactly(**arms) -> Context:
    """A run in which the programme and the attacks found this, arm by arm."""
    kept = fresh()
    found = dict.fromkeys((*EXACT_ARMS, NEARBY), observed(0.6)) | {globals()[name]: one for name, one in arms.items()}
    kept.keep({f"exact/{arm}": one for arm, one in found.items()})
    return kept


@pytest.mark.parametrize(("attacked", "expected"), [(0.6, Outcome.UPHELD), (0.95, Outcome.REFUTED)])
def test_attacks_that_miss_nothing_refute_that_they_fall_short(attacked, expected):
    assert of_clause("E8", SHORT.name).run(exactly(CLEAN=observed(attacked))).outcome is expected


@pytest.mark.parametrize(
    ("arm", "found", "expected"),
    [
        ("CLEAN", {"bound": 0.95}, Outcome.UPHELD),
        ("CLEAN", {"bound": 0.8}, Outcome.REFUTED),
        ("NEARBY", {"predicted": 1.001}, Outcome.REFUTED),
        ("NEARBY", {"certified": False}, Outcome.UNDECIDED),
    ],
)
def test_an_attack_above_the_bound_and_a_worst_case_other_than_p2s_are_refuted(arm, found, expected):
    exact = observed(0.6)
    changed = {name: np.full_like(getattr(exact, name), value) for name, value in found.items()}
    evidence = of_clause("E8", EXACT.name).run(exactly(**{arm: replace(exact, **changed)}))
    assert evidence.outcome is expected
    assert evidence.control.rejected


def test_the_whole_path_runs_on_networks_that_hardly_trained(tiny):
    one = found(CLEAN, tiny)
    assert all(np.all(loss <= one.bound) for loss in one.losses.values())
    near = found(ExactArm(SMALL_ATTACKED, Ball(LINF, Rational(1, 1000))), tiny)
    assert np.all(np.abs(near.worst - near.predicted)[near.certified] <= near.slack[near.certified])
    assert near.certified.any()
    gain, points = (
        inherited_gain(SUPERVISED_CLEAN, tiny),
        inherited_pointwise(SUPERVISED_CLEAN, Ball(L2, NEARBY_SIZE), tiny),
    )
    assert gain.gain.shape == gain.participation.shape == (12,)
    assert np.all(gain.participation >= 1)
    worst = np.maximum.reduce(list(points.losses.values()))
    assert np.all((worst <= points.predicted + points.slack)[points.certified])


@pytest.mark.parametrize("figure", [d3_purity.FIGURE, exact_figure.FIGURE], ids=lambda figure: figure.name)
def test_a_figure_is_drawn_whatever_the_runs_gave(figure, tiny, monkeypatch):
    monkeypatch.setattr(exact_figure, "_WORDS", {CLEAN: "clean"})
    monkeypatch.setattr(d3_purity, "IN_L2", (SUPERVISED_CLEAN,))
    drawn = figure.draw(tiny)
    assert svg_document(drawn).startswith("<?xml")
    assert all(axes.lines for axes in drawn.axes)
