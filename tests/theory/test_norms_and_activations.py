"""N1, N2, A1, A2: the derivations prove the statements, and break where a link is broken."""

import math

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Eq, Integer, Piecewise, Rational, Sum, Symbol, exp, oo, tanh

from purecheck.closed_forms import evaluate, parse_arguments
from purecheck.enclosures.certify import enclose_to
from purecheck.methods.derived import derivation_of
from purecheck.runs.ledger import ledger
from purecheck.runs.plants import model_checks
from purecheck.verdicts.evidence import Level, Outcome
from tests.purecheck.small_ledger import context
from theory.activations import a2_noise_energy as a2
from theory.activations.a1_leak import A1, LEAK
from theory.activations.a2_noise_energy import A2, NOISE_ENERGY
from theory.activations.choices import CHOICE
from theory.algebra import is_nonnegative
from theory.attack_norms import n2_better_fit
from theory.attack_norms import n2_dense_dictionaries as n2
from theory.attack_norms.n1_absolute_norms import N1
from theory.attack_norms.n2_dense_dictionaries import LINF_RATIO, N2
from theory.claims import NearMiss
from theory.derivation import StepError
from theory.model import b, p, phi
from theory.purification.p3_purification_bound import R, y_1
from theory.ranges import between
from theory.theorems.gaussian import along_parameter, by_parts, normal_mean
from theory.theorems.linear_programs import one_term, sum_of_squares
from theory.theorems.near_zero import flat_at_zero
from theory.theorems.powers import largest_argument, plain_modulus


def model_of(claim, clause):
    """The check that holds the clause against the model."""
    checks = model_checks(ledger(), [claim.id])
    return next((check for check in checks if check.clauses == (clause.name,)), None)


CLAUSES = [(claim, clause) for claim in (N1, N2, A1, A2) for clause in claim.clauses]
n, v, x = (Symbol(name, real=True) for name in "nvx")


@pytest.mark.parametrize(("claim", "clause"), CLAUSES, ids=lambda x: getattr(x, "name", getattr(x, "id", None)))
def test_each_clause_is_proved_and_its_mutation_refuted(claim, clause):
    check = derivation_of(claim, clause, model_of(claim, clause))
    evidence = check.run(context())
    assert (evidence.outcome, evidence.level, evidence.control.rejected) == (Outcome.UPHELD, Level.PROVED, True)


ACTIVATIONS = {
    "gate": lambda v, b: v if abs(v) >= b else 0,
    "relu": lambda v, _: max(v, 0),
    "biased_relu": lambda v, b: max(v - b, 0),
    "soft_threshold": lambda v, b: mpmath.sign(v) * max(abs(v) - b, 0),
    "tanh": lambda v, _: mpmath.tanh(v),
    "sigmoid": lambda v, _: 1 / (1 + mpmath.exp(-v)) - mpmath.mpf(1) / 2,
    "silu": lambda v, _: v / (1 + mpmath.exp(-v)),
    "gelu": lambda v, _: v * mpmath.ncdf(v),
}


def evaluated(form, **arguments):
    return evaluate(form, parse_arguments(form, [f"{name}={value}" for name, value in arguments.items()]))


@pytest.mark.parametrize("word", CHOICE.words)
@pytest.mark.parametrize(("threshold", "spread"), [("0", "1"), ("3/2", "1"), ("1/2", "2"), ("1/4", "1/3")])
def test_noise_energies_are_the_mean_squares_of_the_definitions(word, threshold, spread):
    found = evaluated(NOISE_ENERGY, activation=word, b=threshold, s=spread)
    cut, s = (float(Rational(text)) for text in (threshold, spread))
    ends = [-12 * s, *sorted({-cut, 0.0, cut}), 12 * s]
    with mpmath.workdps(25):
        density = lambda v: ACTIVATIONS[word](v, cut) ** 2 * mpmath.npdf(v, 0, s)  # noqa: E731
        expected, error = mpmath.quad(density, ends, error=True)
        # Beyond 12 s: at most 2 s^2 (12 phi(12) + Q(12)) < 1e-28. The spread 1/3 is rounded, and s times the slope in s
        # is E 2 act act' v <= 2.3 s^2 and at the gate's jumps 2 b^2 x phi(x) <= b^2/2 more, x = b/s.
        rounded = 2.0**-53 * (3 * s**2 + cut**2)
        assert abs(found.value - expected) <= found.error_bound + error + rounded


@pytest.mark.parametrize("word", ["tanh", "silu", "gelu"])
def test_far_noise_energies_stay_enclosed(word):
    for spread in ("1e-6", "1e6"):
        found = evaluated(NOISE_ENERGY, activation=word, b="0", s=spread)
        assert 0 < found.value <= float(spread) ** 2
        assert found.error_bound <= 1e-15 * found.value


def test_leaks_are_exact_and_quoted():
    leaks = {word: evaluated(LEAK, activation=word).exact for word in CHOICE.words}
    assert leaks == {
        **dict.fromkeys(("gate", "biased_relu", "soft_threshold"), "0"),
        **dict.fromkeys(("relu", "silu", "gelu"), "1/2"),
        "tanh": "1",
        "sigmoid": "1/4",
    }


@given(t=st.fractions(-7, 7, max_denominator=50))
def test_the_rotation_ratio_is_that_of_its_column(t):
    c, s = math.cos(t), math.sin(t)
    found = evaluated(LINF_RATIO, t=t)
    # Two functions at 1 ulp each and three operations on numbers of at most 2.
    assert abs(found.value - (abs(c) + abs(s)) * max(abs(c), abs(s))) <= found.error_bound + 16 * 2.0**-52


def test_ratios_at_chosen_angles():
    assert evaluated(LINF_RATIO, t="0").exact == "1"
    # pi/8 attains the bound for d = 2: the ratio has a maximum there, so rounding the angle does not show.
    assert abs(evaluated(LINF_RATIO, t=str(math.pi / 8)).value - (1 + math.sqrt(2)) / 2) <= 4 * 2.0**-52


@pytest.mark.parametrize(
    "broken",
    [
        lambda: normal_mean(n**2, n, Integer(1), 1 - n**2),
        lambda: normal_mean(tanh(n), n, Integer(1), 1 - tanh(n)),
        lambda: sum_of_squares(x**2, Integer(1), v, (Symbol("i", integer=True), 1, 2)),
        lambda: one_term(Sum(x, (Symbol("i", integer=True), 1, 2)), Integer(1)),
        lambda: largest_argument(n2.Max(x, v), x),
        lambda: plain_modulus(x),
        lambda: flat_at_zero(Piecewise((v, v >= -b), (0, True)), v, b, {b: (Integer(0), oo)}),
    ],
)
def test_theorems_refuse_instances_whose_hypotheses_fail(broken):
    with pytest.raises(StepError):
        broken()


def test_integration_by_parts_refuses_what_does_not_decay():
    growing = a2.Integral(exp(n), (n, -oo, oo))
    with pytest.raises(StepError, match="decay"):
        by_parts(growing, Integer(0) * n, growing)
    slow = a2.Integral(exp(n * a2.s) * phi(n), (n, -oo, oo))
    with pytest.raises(StepError, match="decay"):
        along_parameter(slow, a2.s, Symbol("t", nonnegative=True), None)


def test_a_wrong_envelope_of_the_tail_breaks_the_bracket(monkeypatch):
    monkeypatch.setitem(a2._TAILS, "tanh", a2._TAILS["tanh"] / 2)
    with pytest.raises(StepError):
        a2.TANH_CLAUSE.proof()


def test_a_wrong_potential_breaks_the_gelu(monkeypatch):
    right = a2.by_parts
    monkeypatch.setattr(a2, "by_parts", lambda integral, potential, form: right(integral, 2 * potential, form))
    with pytest.raises(StepError, match="something else is left"):
        a2.GELU_CLAUSE.proof()


def test_wider_amplitudes_break_the_fit_that_beats_purity():
    longer = n2_better_fit.GATES.varied(NearMiss("amplitudes up to 2 R", over={y_1: between(1, 2 * R)}))
    with pytest.raises(StepError):
        longer.proof()


def test_what_the_two_fits_pay_as_quoted():
    at = {n2_better_fit.k: math.tan(math.pi / 8), p: 0.4}
    assert round(float(n2_better_fit.FIT_COST.subs(at)), 5) == 0.81519
    assert round(float(n2_better_fit.PURE_COST.subs(at)), 5) == 0.92279


def test_other_statements_do_not_follow():
    with pytest.raises(StepError):
        n2.BOUND.stating(Eq(n2.RATIO, n2.BOUND.formula.rhs)).proof()


def test_sums_keep_their_sign_only_if_their_terms_do():
    i = Symbol("i", integer=True)
    total = Sum(n2.w[i], (i, 1, 3))
    assert is_nonnegative(total + 1)
    assert not is_nonnegative(total - 1)
    assert not is_nonnegative(Sum(n2.v[i], (i, 1, 3)) + 1)


def test_normal_means_are_enclosed_by_their_core_and_tails():
    mean = a2.MEANS["silu"].subs(a2.s, 1)
    wide = enclose_to(mean, 1e-12)
    narrow = enclose_to(a2.core(mean, Integer(6)), 1e-12)
    assert narrow.lower() <= wide.upper()
    assert wide.lower() <= narrow.upper() + 2 * (6 * math.exp(-18) + math.exp(-18))
