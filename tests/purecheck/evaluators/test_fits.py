"""Evaluators of fits agree with the floating-point network on sampled inputs of density amplitudes."""

from fractions import Fraction

import numpy as np
import pytest
from sympy import Matrix

from numerics.exact import fractions, signed_supports, support_probabilities
from numerics.features import FeatureLaw, UniformAmplitude
from numerics.lookup import exact_lookup_network
from numerics.network import GatedNetwork, effective_map
from numerics.statistics import mean_interval, sample_size
from purecheck.evaluators import fits
from purecheck.evaluators.firing import energy
from purecheck.evaluators.fits import LookupDirection, Observed
from purecheck.evaluators.model import Model
from purecheck.models.exact_fits import converse_fit, cross_talk_fit, stacked

RATE, SPAN = Fraction(3, 10), 20.0
FITS = [cross_talk_fit((Fraction(2), Fraction(-1, 2)), Fraction(2, 5)), converse_fit((Fraction(1), Fraction(-2)))]


def model_of(fit):
    probabilities = support_probabilities(signed_supports(2), RATE)
    return Model(net=fit.net, inputs=fit.inner_points, probabilities=probabilities)


def sampled(fit, seed):
    """The interval for the mean square of the effective maps of all outputs."""
    low, high = (float(end) for end in fit.amplitudes)
    law = FeatureLaw(2, float(RATE), UniformAmplitude(low, high))
    X = law.sample(np.random.default_rng(seed), (sample_size(0.2, SPAN),))
    net = GatedNetwork(*(np.asarray(part, dtype=np.float64) for part in (fit.net.W, fit.net.a, fit.net.b)))
    squares = np.sum(effective_map(net, X) ** 2, axis=-1)
    return mean_interval(squares if squares.ndim == 1 else np.sum(squares, axis=0), "hoeffding", bounds=(0.0, SPAN))


@pytest.mark.parametrize("fit", FITS, ids=lambda fit: fit.name)
def test_cells_give_the_mean_square_over_a_density(fit):
    assert float(energy(model_of(fit))) in sampled(fit, 1)


def test_cells_give_the_mean_square_of_a_jacobian():
    both = stacked("both", [cross_talk_fit(theta, Fraction(1, 3)) for theta in ((1, 2), (-2, 1))])
    assert float(fits.jacobian_energy(model_of(both))) in sampled(both, 2)


@pytest.mark.parametrize("seed", range(20))
def test_the_two_parts_of_the_effective_map_are_the_sum_of_active_nodes(seed):
    rng = np.random.default_rng(seed)
    W, a, b = rng.integers(-3, 4, (2, 3)), rng.integers(-3, 4, 3), rng.integers(0, 4, 3)
    x, noise = rng.integers(-1, 2, 2), rng.integers(-1, 2, 2)
    net = GatedNetwork(fractions(W.tolist()), fractions(a.tolist()), fractions(b.tolist()))
    model = Observed(net=net, x=fractions(x.tolist()), noise=fractions(noise.tolist()))
    expected = sum(a[h] * W[:, h] * (abs(W[:, h] @ (x + noise)) >= b[h]) for h in range(3))
    on, off = fits.on_support(model), fits.off_support(model)
    assert (on + off).tolist() == expected.tolist()
    assert not np.any(on[x == 0])
    assert not np.any(off[x != 0])


def test_impure_nodes_are_seen_at_their_three_inputs():
    fit = converse_fit((Fraction(1), Fraction(1)))
    impure = GatedNetwork(fit.net.W[:, 2:], fit.net.a[2:], fit.net.b[2:])
    model = Model(net=impure, x=fractions(["1.1", "1.3"]), node=1)
    assert [fits.seen_same(model), fits.seen_alone(model), fits.seen_opposite(model), fits.added(model)] == [
        Fraction("1.05") * Fraction("1.1") + Fraction(".95") * Fraction("1.3"),
        Fraction("1.05") * Fraction("1.1"),
        Fraction("1.05") * Fraction("1.1") - Fraction(".95") * Fraction("1.3"),
        0,
    ]


@pytest.mark.parametrize("seed", range(10))
def test_mixtures_are_evaluated_node_by_node(seed):
    rng = np.random.default_rng(seed)
    W, a, b = rng.integers(-1, 2, (2, 3)), rng.integers(-3, 4, 3), rng.integers(0, 4, 3)
    x, theta = rng.integers(-2, 3, 2), rng.integers(-3, 4, 2)
    net = GatedNetwork(fractions(W.tolist()), fractions(a.tolist()), fractions(b.tolist()))
    model = Model(net=net, x=fractions(x.tolist()), theta=fractions(theta.tolist()), node=2)
    seen = [W[:, h] @ x for h in range(3)]
    passed = [v if abs(v) >= b[h] else 0 for h, v in enumerate(seen)]
    assert fits.passed(model) == passed[2]
    assert fits.mixture_output(model) == [[sum(a * passed)]]
    assert fits.ungated(model) == [[sum(a * seen)]]
    assert fits.miss(model) == abs(sum(a * passed) - theta @ x)
    assert fits.touched(model).tolist() == [int(any(W[:, h] * x)) for h in range(3)]


def test_the_shortest_maps_of_single_inputs_are_those_of_the_pseudoinverse():
    rng = np.random.default_rng(5)
    inputs, theta = rng.integers(-2, 3, (12, 3)), rng.integers(-3, 4, 3)
    weights = fractions(rng.integers(0, 5, 12).tolist())
    model = Model(
        net=GatedNetwork(fractions([[1], [1], [1]]), fractions([1]), fractions([0])),
        theta=fractions(theta.tolist()),
        inputs=fractions(inputs.tolist()),
        probabilities=weights,
    )
    found = [Matrix([x.tolist()]).pinv() * int(theta @ x) for x in inputs]
    assert fits.least_energy(model) == sum(w * beta.dot(beta) for w, beta in zip(weights, found, strict=True))


def test_look_up_nodes_and_their_directions_are_those_of_numerics():
    theta = [Fraction(1, 3), Fraction(-2, 3)]
    net = exact_lookup_network(theta, Fraction(1))
    patterns = signed_supports(2)
    model = Model(
        net=net,
        theta=fractions(theta),
        inputs=fractions(patterns.tolist()),
        probabilities=support_probabilities(patterns, RATE),
        x=fractions([1, -1]),
    )
    assert fits.output(model) == 1
    assert fits.least_ratio(model) == energy(model) / Fraction(5, 9)
    pair = LookupDirection(pattern=fractions([1, 1]), sign=-1, w=fractions([2, 1]))
    shift = [Fraction(1, 64), Fraction(1, 8)]
    assert pair.shift.tolist() == shift
    assert fits.shifted(pair) == 2 * shift[0] + shift[1]
    assert fits.apart(pair) == 3 - 2 * shift[0] - shift[1]
    # The columns of the network are its directions.
    directions = {
        tuple(fractions(s) + sign * pair.shift) for s in ([1, 1], [1, 0], [0, 1], [1, -1]) for sign in (1, -1)
    }
    assert {tuple(column) for column in net.W.T} == directions
