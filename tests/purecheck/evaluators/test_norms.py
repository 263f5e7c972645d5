"""Linear programs by their corners against a solver, mean gains against sampled inputs."""

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import ImmutableMatrix, Rational, sqrt

from numerics.exact import fractions, signed_supports, support_probabilities
from numerics.features import FeatureLaw, UniformAmplitude
from numerics.network import GatedNetwork, input_gradient
from numerics.statistics import mean_interval, sample_size
from purecheck.checks.p3_purification_bound import NORMS
from purecheck.evaluators import norms
from purecheck.evaluators.model import Model
from purecheck.evaluators.norms import Normed, Support
from purecheck.models.exact_fits import cross_talk_fit
from purecheck.models.exact_networks import cayley
from purecheck.models.numbers import sixths
from tests.purecheck.exact_programs import least_norm


def supports(seed):
    """Every support of a random dictionary."""
    rng = np.random.default_rng(seed)
    order = 2 + seed % 3
    M = cayley([sixths(rng, order - 1 - i) for i in range(order - 1)])
    for size in range(1, order + 1):
        for A in combinations(range(order), size):
            rest = [i for i in range(order) if i not in A]
            yield Support(active=M[:, A], rest=M[:, rest], theta=fractions(sixths(rng, size, 1)))


def columns(array):
    return ImmutableMatrix([[Rational(*Fraction(x).as_integer_ratio()) for x in row] for row in array.tolist()])


@pytest.mark.parametrize("seed", range(6))
def test_corners_find_what_a_solver_finds_and_certifies(seed):
    for model in supports(seed):
        best = least_norm(model.active, model.response)
        assert norms.least(model) == best.value
        assert norms.pairing(model) == best.value
        assert norms.largest_pairing(model, columns(model.active), columns(model.theta[:, None])) == best.value
        assert norms.ratio(model) * best.value == norms.l1(model)
        assert norms.column_l1(model) == sum(abs(model.active[:, 0]))
        assert norms.column_l_inf(model) == max(abs(model.active[:, 0]))
        assert norms.l_inf(model) == max(abs(model.response))
        assert norms.l2(model) == sqrt(sum(Rational(*(x * x).as_integer_ratio()) for x in model.theta))


def test_the_least_norm_of_a_known_program():
    best = least_norm(fractions([[2], [1]]), fractions([4, 2]))
    assert (best.value, best.y.tolist()) == (5, [5, 0])


def test_a_vertex_that_is_not_optimal_is_not_accepted(monkeypatch):
    assert least_norm(fractions([[1], [2]]), fractions([1, 2])).value == Fraction(5, 2)
    monkeypatch.setattr("tests.purecheck.exact_programs._entering", lambda _: None)
    with pytest.raises(ArithmeticError):
        least_norm(fractions([[1], [2]]), fractions([1, 2]))


entries = st.fractions(-2, 2, max_denominator=9)


@given(data=st.data())
def test_degenerate_programs_are_solved_too(data):
    d = data.draw(st.integers(2, 4))
    M = cayley([data.draw(st.lists(entries, min_size=d - 1 - i, max_size=d - 1 - i)) for i in range(d - 1)])
    size = data.draw(st.integers(1, d))
    V = M[:, :size]
    feasible = fractions(data.draw(st.lists(st.sampled_from([0, 0, 1, -1, Fraction(1, 2)]), min_size=d, max_size=d)))
    theta = V.T @ feasible  # the answer has zeros where `feasible` is the answer
    best = least_norm(V, V @ theta)
    assert np.all(V.T @ best.y == theta)
    assert max(np.abs(V @ best.c)) <= 1
    assert sum(np.abs(best.y)) == theta @ best.c == best.value  # each proves the other optimal
    assert norms.least(Support(active=V, rest=M[:, size:], theta=theta)) == best.value


RATE, SPAN = Fraction(2, 5), 4.0
TURN = fractions([["4/5", "-3/5"], ["3/5", "4/5"]])


def test_mean_gains_are_those_of_sampled_inputs_behind_the_dictionary():
    fit = cross_talk_fit((Fraction(1), Fraction(1, 2)), Fraction(1, 4))
    law = FeatureLaw(2, float(RATE), UniformAmplitude(*(float(end) for end in fit.amplitudes)))
    X = law.sample(np.random.default_rng(3), (sample_size(0.05, SPAN),))
    W, a, b, M = (np.asarray(part, dtype=np.float64) for part in (fit.net.W, fit.net.a, fit.net.b, TURN))
    drawn = {
        norms.mean_l1: input_gradient(GatedNetwork(M @ W, a, b), X @ M.T),
        norms.pure_mean_l1: (np.asarray(fit.theta, dtype=np.float64) * (X != 0)) @ M.T,
    }
    probabilities = support_probabilities(signed_supports(2), RATE)
    model = Model(net=fit.net, theta=fit.theta, inputs=fit.inner_points, probabilities=probabilities, M=TURN)
    for evaluator, gradients in drawn.items():
        gains = np.sum(np.abs(gradients), axis=-1)
        assert float(evaluator(model)) in mean_interval(gains, "hoeffding", bounds=(0.0, SPAN))


def test_gains_and_excesses_are_those_of_sampled_inputs():
    fit = cross_talk_fit((Fraction(1), Fraction(1, 2)), Fraction(1, 4))
    law = FeatureLaw(2, float(RATE), UniformAmplitude(*(float(end) for end in fit.amplitudes)))
    X = law.sample(np.random.default_rng(4), (sample_size(0.05, SPAN),))
    W, a, b, M, theta = (
        np.asarray(part, dtype=np.float64) for part in (fit.net.W, fit.net.a, fit.net.b, TURN, fit.theta)
    )
    gradients = input_gradient(GatedNetwork(M @ W, a, b), X @ M.T)
    maps = input_gradient(GatedNetwork(W, a, b), X)
    drawn = {
        norms.mean_gain: np.linalg.norm(gradients, axis=-1),
        norms.mean_excess: np.linalg.norm(maps, axis=-1) - np.linalg.norm(theta * (X != 0), axis=-1),
    }
    model = Normed(
        net=fit.net,
        theta=fit.theta,
        inputs=fit.inner_points,
        probabilities=support_probabilities(signed_supports(2), RATE),
        M=TURN,
        norm=NORMS["l2"],
    )
    for evaluator, values in drawn.items():
        assert float(evaluator(model)) in mean_interval(values, "hoeffding", bounds=(-SPAN / 2, SPAN / 2))


def test_the_nodes_of_the_better_fit_are_seen_where_they_are_said_to_be():
    nodes = GatedNetwork(fractions([[1, "1/4"], ["-1/4", 1]]), fractions([1, 1]), fractions(["1/2", "1/2"]))
    model = Model(net=nodes, x=fractions(["1.1", "1.2"]))
    assert norms.own_same(model) == Fraction("0.8")
    assert norms.other_alone(model) == Fraction("0.275")
    assert norms.same(model).tolist() == [Fraction(5, 4), Fraction(3, 4)]
    assert norms.opposite(model).tolist() == [Fraction(5, 4), Fraction(3, 4)]


def test_norms_are_those_of_the_effective_map():
    fit = cross_talk_fit((Fraction(2), Fraction(1)), Fraction(1, 4))
    model = Normed(net=fit.net, x=fractions([1, 0]), norm=lambda x: sum(abs(entry) for entry in x))
    assert norms.norm(model) == Fraction(5, 2)
    assert norms.norm_of_entries(model, [1, -3]) == 4
    turned = Normed(net=fit.net, x=fractions([1, 0]), norm=lambda x: max(abs(entry) for entry in x), M=TURN)
    assert norms.gain(turned) == max(abs(TURN @ fractions([2, "-1/2"])))
    assert norms.norm_in_particular(turned) == 2
