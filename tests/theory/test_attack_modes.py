"""The linear part of C6: a wrong loss or a wider range breaks the derivation; its theorems refuse false instances."""

from dataclasses import replace

import pytest
from sympy import Integer, LambertW, Rational, Symbol, exp, oo

from tests.theory.granted import granted
from theory.contrastive import c6_attack_modes
from theory.contrastive.c6_attack_modes import C6, RAISE, RAISE_ONLY, SIMILAR
from theory.derivation import StepError, opening
from theory.model import p
from theory.ranges import between
from theory.signs import signs
from theory.theorems.calculus import ArgMin
from theory.theorems.logistic import lambert
from theory.theorems.roots import Root, minimum_before, rises_up_to, root_moves


def test_a_similar_pair_that_repels_breaks_the_derivation(monkeypatch):
    monkeypatch.setattr(c6_attack_modes, "SIMILAR", replace(SIMILAR, similar=-SIMILAR.similar))
    clause = C6.clause("slopes at scale zero")
    with pytest.raises(StepError):
        clause.proof()


@pytest.mark.parametrize("clause", [RAISE, RAISE_ONLY], ids=lambda clause: clause.name)
def test_the_threshold_of_one_feature_is_sharp(clause):
    wider = replace(clause, over={**clause.over, p: between(Rational(7, 10), Rational(4, 5))}, box={})
    with pytest.raises(StepError):
        wider.proof()


def test_a_similar_pair_that_is_attracted_twice_is_not_raised(monkeypatch):
    honest = c6_attack_modes._force()
    monkeypatch.setattr(c6_attack_modes, "_force", lambda: 2 * honest.subs(p, p / 2))
    with pytest.raises(StepError):
        RAISE.proof()


def test_lamberts_function_is_enclosed():
    w = LambertW(exp(-1))
    assert signs(w) == {1}
    assert signs(w - Rational(27, 100)) == {1}
    assert signs(w - Rational(28, 100)) == {-1}
    assert signs(LambertW(Symbol("z", nonnegative=True))) == {0, 1}
    assert signs(LambertW(Symbol("z", real=True))) is None


def test_lamberts_equation_needs_a_positive_argument():
    theorem_of_log = lambert(exp(-1))
    assert abs((theorem_of_log.left - theorem_of_log.right).evalf(40)) < Rational(1, 10**35)
    with pytest.raises(StepError, match="may not be positive"):
        lambert(Symbol("z", real=True))


_x = Symbol("x", nonnegative=True)
_HALF_LINE = {_x: (Integer(0), oo)}


def test_a_root_moves_by_the_implicit_function_theorem():
    c = Symbol("c", real=True)
    assert root_moves(_x - 1 - c, _x, c, Integer(0), Integer(1), _HALF_LINE).right == 1
    assert root_moves(_x - 1 - c, _x, c, Integer(0), Integer(1), _HALF_LINE).left.has(Root)
    with pytest.raises(StepError, match="not a root"):
        root_moves(_x - 1 - c, _x, c, Integer(0), Integer(2), _HALF_LINE)
    with pytest.raises(StepError, match="may not increase"):
        root_moves(1 + c - _x, _x, c, Integer(0), Integer(1), _HALF_LINE)


def test_a_minimum_lies_before_a_point_at_which_the_function_rises():
    f = (_x - 1) ** 2
    rises = opening(f.diff(_x).subs(_x, 2)).at_least(Integer(0), "two", strict=True)
    assert minimum_before(ArgMin(f, _x), Integer(2), Integer(2), rises, {}).relation == "<"
    for broken, words in (((-f, Integer(-2)), "something else"), ((f, Integer(3)), "another second derivative")):
        with pytest.raises(StepError, match=words):
            minimum_before(ArgMin(broken[0], _x), Integer(2), broken[1], rises, {})
    with pytest.raises(StepError, match="not shown to rise"):
        minimum_before(ArgMin(f, _x), Integer(2), Integer(2), opening(f.diff(_x).subs(_x, 2)), {})


def rising(below=None, start=0, core=None):
    """`1 - (1 - x)^2` rises up to one."""
    x = Symbol("x", real=True)
    falling = 1 - x if core is None else core(x)
    vanishes = opening(Integer(0))
    order = granted(Integer(1), "<=", Integer(1)) if below is None else below
    return rises_up_to(2 * x - x**2, x, Integer(2), falling, vanishes, order, Integer(start), {})


def test_a_function_rises_where_its_core_is_positive():
    assert rising().relation == ">"
    with pytest.raises(StepError, match="not in order"):
        rising(start=2)
    with pytest.raises(StepError, match="does not factor"):
        rising(core=lambda x: 2 - x)
    with pytest.raises(StepError, match="not in order"):
        rising(below=granted(Integer(1), ">=", Integer(1)))
    x = Symbol("x", nonnegative=True)
    with pytest.raises(StepError, match="does not factor"):
        rises_up_to(x, x, Integer(1), 1 - x, opening(Integer(0)), granted(Integer(1), "<=", Integer(1)), Integer(0), {})
