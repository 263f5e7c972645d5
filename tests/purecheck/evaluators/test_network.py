"""Evaluators of attacked networks against the floating-point attacks, linear programmes, and steps drawn at random."""

from fractions import Fraction

import numpy as np
import pytest

from numerics.attacks import fgm
from numerics.exact import fractions
from numerics.network import GatedNetwork, forward, input_gradient, preactivations
from numerics.norms import dual_norm
from numerics.worst_case import worst_case
from purecheck.evaluators import network
from purecheck.evaluators.network import AttackedInput, extreme_points, largest_push
from purecheck.models.numbers import sixths

SEEDS = range(24)


def drawn(seed):
    """A small network with an attack, and the same in floating point: all numbers are dyadic."""
    rng = np.random.default_rng(seed)
    d, nodes = rng.integers(1, 3), rng.integers(1, 4)
    W, a, b = rng.integers(-8, 9, (d, nodes)) / 8, rng.integers(-8, 9, nodes) / 8, rng.integers(0, 13, nodes) / 8
    z, y, eps = rng.integers(-8, 9, d) / 8, float(rng.integers(-8, 9) / 8), float(rng.choice([0.125, 0.5, 1.0]))
    norm = ("l1", "linf")[seed % 2]
    exact = [fractions(part.tolist()) for part in (W, a, b, z)]
    delta = Fraction(eps) * rng.choice(extreme_points(d, norm))
    model = AttackedInput(
        net=GatedNetwork(*exact[:3]), x=exact[3], y=Fraction(y), eps=Fraction(eps), norm=norm, delta=delta
    )
    return model, (GatedNetwork(W, a, b), z[None], np.array([y]), eps, norm)


def steps(model, count=200):
    """Steps within the ball, corners among them."""
    rng = np.random.default_rng(0)
    corners = extreme_points(len(model.delta), model.norm)
    shares = fractions(rng.integers(0, 5, (count, len(corners))).tolist())
    inside = (shares @ corners) / np.maximum(np.sum(shares, axis=1), 1)[:, None]
    return model.eps * np.concatenate([corners, inside])


@pytest.mark.parametrize("seed", SEEDS)
def test_the_exact_worst_case_is_that_of_the_mixed_integer_programme(seed):
    model, arguments = drawn(seed)
    found, exact = worst_case(*arguments), network.worst(model)
    assert exact <= Fraction(found.bound[0])
    step = fractions(found.delta[0].tolist())
    sizes = np.abs(step)
    length = max(sizes) if model.norm == "linf" else sum(sizes)
    inside = step * min(1, model.eps / max(length, model.eps))  # rounding may carry it past the ball
    for one in (inside, *steps(model)):
        assert (model.y - forward(model.net, model.input + one)[0]) ** 2 <= exact


def test_the_supremum_is_seen_on_both_sides_of_a_threshold():
    net = GatedNetwork(fractions([[1]]), fractions([1]), fractions(["1/2"]))
    z, eps = fractions(["1/2"]), Fraction(1, 8)
    # Open at 1/2 from above, where f = 1/2; closed below, where f = 0.
    assert network.worst(AttackedInput(net=net, x=z, y=Fraction(1), eps=eps, delta=z)) == 1
    assert network.worst(AttackedInput(net=net, x=z, y=Fraction(0), eps=eps, delta=z)) == Fraction(25, 64)


def test_the_worst_case_of_three_inputs_is_refused():
    net = GatedNetwork(fractions([[1], [1], [1]]), fractions([1]), fractions([0]))
    with pytest.raises(ValueError, match="3 dimensions"):
        network.worst(AttackedInput(net=net, x=fractions([1, 1, 1]), eps=Fraction(1), delta=fractions([0, 0, 0])))


@pytest.mark.parametrize("seed", SEEDS)
def test_fgm_is_that_of_numerics_where_the_network_is_not_exact(seed):
    model, arguments = drawn(seed)
    error = model.y - forward(model.net, model.input)[0]
    if error == 0 or not np.any(input_gradient(model.net, model.input)):
        assert network.fgm_loss(model) == error**2
        return
    step = fractions(fgm(*arguments)[0].tolist())
    assert network.fgm_loss(model) == (model.y - forward(model.net, model.input + step)[0]) ** 2
    assert network.fgm_loss(model) <= network.signed_loss(model)


@pytest.mark.parametrize("seed", SEEDS)
def test_gates_open_and_close_where_some_step_moves_them(seed):
    model, _ = drawn(seed)
    V = np.abs(preactivations(model.net, model.input + steps(model)))
    opens, closes = network.opens(model), network.closes(model)
    assert np.all(opens >= np.any(model.net.b <= V, axis=0))
    assert np.all(closes >= np.any(model.net.b > V, axis=0))
    for h, b in enumerate(model.net.b):
        reach = model.eps * largest_push(model.net.W[:, h], model.norm)
        seen = abs(preactivations(model.net, model.input)[0, h])
        assert opens[h] == (seen + reach >= b)
        assert closes[h] == (max(seen - reach, 0) < b)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_attack_changes_the_pre_activation_the_error_and_the_output(seed):
    model, _ = drawn(seed)
    z, moved = model.input, model.input + model.delta
    assert network.after(model) == abs(moved[0] @ model.net.W[:, 0])
    assert network.error_after(model) == abs(model.y - forward(model.net, moved)[0])
    assert network.output(model) + network.increment(model) == forward(model.net, moved)
    active = np.abs(z[0] @ model.net.W) >= model.net.b
    assert network.gradient(model)[:, 0].tolist() == (model.net.W[:, active] @ model.net.a[active]).tolist()
    assert network.loss_slope(model, Fraction(1, 3)) == -2 * (model.y - forward(model.net, z)[0] - Fraction(1, 3))


@pytest.mark.parametrize("norm", ["l1", "linf"])
def test_the_dual_norm_is_that_of_numerics(norm):
    rng = np.random.default_rng(1)
    for _ in range(20):
        vector = rng.integers(-12, 13, 3) / 4
        assert largest_push(fractions(vector.tolist()), norm) == float(dual_norm(vector, norm))


def test_a_ball_with_infinitely_many_extreme_points_is_refused():
    with pytest.raises(ValueError, match="expected 'l1' or 'linf'"):
        extreme_points(2, "l2")


def test_sixths_are_within_their_ends():
    found = sixths(np.random.default_rng(0), 200, 1, 3)
    assert set(found) == {Fraction(1, 6), Fraction(1, 3), Fraction(1, 2)}
