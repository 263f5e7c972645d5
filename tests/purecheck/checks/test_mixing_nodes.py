"""Checks of P9: upheld with rejected controls, and red when the gate or the example is broken."""

from dataclasses import replace
from fractions import Fraction

import pytest

from numerics.backend import select_backend
from numerics.streams import Streams
from purecheck.checks import p9_mixing_nodes
from purecheck.checks.p9_mixing_nodes import CHECKS, tilted
from purecheck.evaluators.mixing import MixingNode, node_fires
from purecheck.runtime.context import PROFILES, Context
from purecheck.verdicts.evidence import Outcome

_HALF = Fraction(1, 2)


@pytest.fixture
def context():
    return Context(select_backend("numpy"), Streams(0), PROFILES["quick"])


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_check_is_upheld_and_rejects_its_control(check, context):
    assert check.examine(check.statement, context).outcome is Outcome.UPHELD
    assert check.examine(check.control.statement, context).outcome is Outcome.REFUTED


def check_of(name):
    """The check of the clause of that name."""
    return next(check for check in CHECKS if check.statement.name == name)


def test_a_node_by_hand():
    node = MixingNode(weights=(Fraction(1), Fraction(1)), p=_HALF, b=Fraction(1))
    # One active feature fires it; two do if their signs agree.
    assert node_fires(node) == 2 * _HALF * _HALF + _HALF * _HALF * _HALF
    assert node_fires(replace(node, together=True)) == _HALF * _HALF
    assert node_fires(replace(node, positive=True)) == 1 - _HALF * _HALF
    assert node_fires(replace(node, further=(Fraction(2),))) > node_fires(node)


def test_without_tilt_odd_patterns_fire():
    equal = MixingNode(weights=(Fraction(1),) * 3, p=_HALF, b=Fraction(1))
    assert node_fires(replace(equal, weights=tilted(3))) < node_fires(equal)


def test_a_raised_threshold_turns_the_bound_red(monkeypatch, context):
    honest = p9_mixing_nodes.MixingNode
    monkeypatch.setattr(p9_mixing_nodes, "MixingNode", lambda **of: honest(**{**of, "b": of["b"] * 3 / 2}))
    check = check_of("least firing probability")
    assert check.examine(check.statement, context).outcome is Outcome.REFUTED


def test_a_wrong_head_turns_the_example_red(monkeypatch, context):
    heads = p9_mixing_nodes.heads()
    monkeypatch.setattr(p9_mixing_nodes, "heads", lambda: (*heads[:-1], heads[-1] / 2))
    check = check_of("a cheaper layer")
    assert check.examine(check.statement, context).outcome is Outcome.REFUTED
