"""Evaluators of activations against the coded activations of the numerics, and against simulated noise."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.activations import THRESHOLDED, activation
from numerics.exact import fractions
from numerics.rounding import central_difference_bound, gamma
from numerics.statistics import mean_interval, sample_size
from purecheck.evaluators import EVALUATORS
from purecheck.evaluators.activations import (
    ACTIVATIONS,
    INCREASING,
    NetworkAtInput,
    RestingNode,
    change,
    cross_talk,
    gate_derivative,
    gate_slope,
    node_leak,
    pair_slope,
    relu_leak,
    slope,
    value,
)
from purecheck.evaluators.attacked_gate import AttackedNode
from purecheck.evaluators.gate import SKEW, PureNode
from purecheck.evaluators.noise import SKEWED
from theory.quantities.activations import LEAKS, NOISE_ENERGIES, PAIRS, WORDS

B, S = Fraction(1, 2), Fraction(3, 4)
CODED = [word for word in ACTIVATIONS if word != "cube"]
REACH, LARGEST_DRAW, SMALLEST_ERROR = 8.0, 9.0, 0.05
places = st.fractions(-4, 4, max_denominator=64).filter(lambda x: x and abs(x) != B)


@pytest.mark.parametrize("word", CODED)
@given(v=places)
def test_values_and_slopes_are_those_of_the_coded_activations(word, v):
    coded, parts, x = activation(word, float(B)), ACTIVATIONS[word](B), np.array([float(v)])
    # Cephes states 3.4e-14 for the normal law; other functions are good to some ulp of numbers of at most 5.
    assert abs(float(value(parts, v)) - coded.value(x)[0]) <= 5 * 3.4e-14
    assert abs(float(slope(parts, v)) - coded.derivative(x)[0]) <= 5 * 3.4e-14


@pytest.mark.parametrize("word", [word for word in CODED if word != "relu"])
def test_leaks_are_those_that_the_coded_activations_declare(word):
    assert float(EVALUATORS[LEAKS[word]](PureNode())) == activation(word, float(B)).leak


def test_thresholds_have_their_value_and_no_slope():
    assert value(ACTIVATIONS["gate"](B), B) == B
    assert value(ACTIVATIONS["gate"](B), B - Fraction(1, 10**9)) == 0
    with pytest.raises(ValueError, match="has a derivative"):
        slope(ACTIVATIONS["gate"](B), B)
    with pytest.raises(ValueError, match="has a derivative"):
        slope(ACTIVATIONS["relu"](B), 0)


@pytest.mark.parametrize("word", INCREASING)
@given(v=places, step=st.fractions(0, 3, max_denominator=16))
def test_activations_that_are_called_increasing_are(word, v, step):
    parts = ACTIVATIONS[word](B)
    assert not value(parts, v + step) < value(parts, v)


def test_what_is_not_increasing_has_no_change_at_the_ends():
    w = fractions([1])
    node = RestingNode(activation="silu", b=B, attacked=AttackedNode(w=w, z=0 * w, norm="l2", eps=B), along=w)
    with pytest.raises(ValueError, match="expected one of"):
        change(node)


@pytest.mark.parametrize("word", [word for word in INCREASING if word != "cube"])
@pytest.mark.parametrize("seen", ["0", "1/3", "-2"])
def test_no_attack_on_a_grid_changes_more_than_the_ends(word, seen):
    w, z = fractions([2]), fractions([Fraction(seen) / 2])
    node = RestingNode(activation=word, b=B, attacked=AttackedNode(w=w, z=z, norm="linf", eps=Fraction(2)), along=w)
    grid = float(Fraction(seen)) + np.linspace(-4, 4, 1001)
    coded = activation(word, float(B)).value
    moved = np.abs(coded(grid) - coded(np.array([float(Fraction(seen))])))
    assert abs(float(change(node)) - moved.max()) <= 1e-12


def drawn(draw, value):
    """Whether the mean of draws of `draw(noise)`, weighted by the normal density, agrees with `value`."""
    rng = np.random.default_rng(0)
    # A draw is at most v^2 or 1, times 16 phi(v/s)/s: below 9 for s = 3/4.
    noise = rng.uniform(-REACH, REACH, sample_size(SMALLEST_ERROR, LARGEST_DRAW))
    density = np.exp(-((noise / float(S)) ** 2) / 2) / (float(S) * np.sqrt(2 * np.pi))
    draws = 2 * REACH * draw(noise) * density
    return float(value) in mean_interval(draws, "hoeffding", bounds=(0, LARGEST_DRAW))


@pytest.mark.parametrize("word", WORDS)
def test_noise_energies_are_those_of_simulated_nodes(word):
    coded = activation(word, float(B)).value
    arguments = (B, S) if word in THRESHOLDED else (S,)
    energy = EVALUATORS[NOISE_ENERGIES[word]](PureNode(), *arguments)
    rest = coded(np.zeros(1))
    assert drawn(lambda v: (coded(v) - rest) ** 2, energy)
    assert not drawn(lambda v: (coded(v) - rest) ** 2, float(energy) + SMALLEST_ERROR)


def test_cross_talk_and_another_law_change_the_noise_energy():
    plain = EVALUATORS[NOISE_ENERGIES["relu"]](PureNode(), S)
    for other in (PureNode(M=SKEW), PureNode(noise=SKEWED)):
        assert not plain.overlaps(EVALUATORS[NOISE_ENERGIES["relu"]](other, S))


def test_slopes_under_noise_are_those_of_simulated_nodes():
    gate, relu = activation("gate", float(B)), activation("relu")
    assert drawn(gate.derivative, gate_derivative(PureNode(), B, S))
    step = 1 / 64
    # Under common noise the mean output moves by its slope times the shift, to a few times the step squared.
    rng = np.random.default_rng(1)
    noise = float(S) * rng.standard_normal(4_000_000)
    slopes = (gate.value(noise + step) - gate.value(noise - step)) / (2 * step)
    error = 6 * slopes.std() / np.sqrt(noise.size)
    assert abs(slopes.mean() - float(gate_slope(PureNode(), B, S))) <= error + 4 * step**2
    assert drawn(relu.derivative, relu_leak(PureNode()))


@given(v=st.fractions(-3, 3, max_denominator=32))
def test_pairs_are_those_of_two_coded_nodes(v):
    for word, name in PAIRS.items():
        coded, x = activation(word).value, np.array([float(v)])
        assert abs(float(EVALUATORS[name](None, v)) - (coded(x) - coded(-x))[0]) <= 5 * 3.4e-14
    assert pair_slope(None, v) == 1


@pytest.mark.parametrize("word", ["tanh", "silu", "gate"])
def test_cross_talk_is_the_slope_of_a_coded_network(word):
    rng = np.random.default_rng(2)
    W, heads = fractions(rng.integers(-3, 4, (3, 4)).tolist()), fractions(rng.integers(-3, 4, 4).tolist())
    M, z = fractions([[0, 1, 0], [1, 0, 0], [0, 0, -1]]), fractions(["1/3", "-1/5", "1/7"])
    net = NetworkAtInput(activation=word, b=B, W=W, a=heads, M=M, z=z, absent=(0, 2))
    coded, step = activation(word, float(B)).value, 2.0**-16

    def output(x):
        return float(coded(x.astype(float) @ W.astype(float)) @ heads.astype(float))

    slopes = [(output(z + step * M[:, j]) - output(z - step * M[:, j])) / (2 * step) for j in net.absent]
    # Pre-activations are at most 9 and the third derivative at most 2; weights are at most 3 in modulus.
    slack = central_difference_bound(step, 64 * gamma(64, "float64") * 9, 4 * 3**4 * 2.0)
    assert abs(float(cross_talk(net)) - sum(x**2 for x in slopes)) <= 2 * slack * (1 + 2 * sum(map(abs, slopes)))


def test_a_node_passes_its_slope_times_weight_and_head():
    w = fractions([Fraction(3, 5), Fraction(4, 5)]) * 2
    attacked = AttackedNode(w=w, z=fractions([Fraction(4, 5), Fraction(-3, 5)]), norm="l2", eps=B)
    node = RestingNode(activation="tanh", b=B, attacked=attacked, along=w / 2, a=Fraction(-3))
    assert float(node_leak(node)) == -6
