"""Networks of every activation: gradients against central differences, attacks, and refused arguments."""

import dataclasses

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from numerics.activations import ACTIVATIONS, SMOOTH, THRESHOLDED, ActivationName, activation
from numerics.attacks import attacked_loss
from numerics.backend import select_backend, to_numpy
from numerics.certificate import certified, certified_worst_case, universal_bound
from numerics.evaluation import evaluate_attacks
from numerics.features import FeatureLaw
from numerics.network import GatedNetwork, forward, gated_outputs, input_gradient, squared_loss_gradients
from numerics.norms import vector_norm
from numerics.purity import firing_rate
from numerics.rounding import gamma
from numerics.streams import Streams
from numerics.training import SupervisedPlan, train_supervised
from numerics.training import step as step_module
from numerics.training.step import TrainingAttack, forward_pass, squared_loss_step, training_perturbation
from tests.numerics.allowances import norm_excess
from tests.numerics.strategies import Case, cases
from tests.numerics.test_certificate import attacks, norms, sizes

STEP = 2.0**-12
MARGIN = 2.0**-8  # a step moves a preactivation by at most 2 STEP, or by 4 STEP along W: below MARGIN
VALUE_ROUNDINGS = 16
CURVATURE, THIRD = 1.2, 2.0
"""Bounds on the moduli of act'' and act''' of every activation off its kinks: tanh has .77 and 2, SiLU .5, GELU .8."""

names = st.sampled_from(ACTIVATIONS)


def kinks(name, b):
    """Where the activation is not smooth."""
    return (b, -b) if name in THRESHOLDED else (0 * b,) if "relu" in name else ()


def smooth_margin(case, name):
    """The least distance of a preactivation from a kink or a jump."""
    V, b = case.Z @ case.W, case.b[..., None, :] + 0 * (case.Z @ case.W)
    return min((float(np.min(np.abs(V - at))) for at in kinks(name, b)), default=np.inf)


def network(case, name):
    return GatedNetwork(case.W, case.a, case.b, name)


def scales(case):
    """Largest modulus of inputs, weights, head, preactivations, outputs and residuals, generously."""
    v = 1 + float(np.max(np.abs(case.Z) @ np.abs(case.W)))
    heads = float(np.max(np.sum(np.abs(case.a), axis=-1)))
    f = 1 + heads * v
    return v, heads, f + float(np.max(np.abs(case.y)))


def output_rounding(case):
    """Rounding of an output: the product with W, the activation (slope at most 1.2), the product with the head."""
    d, nodes = case.W.shape[-2:]
    _, _, size = scales(case)
    return gamma(2 * (d + nodes) + VALUE_ROUNDINGS, "float64") * size


def allowed(values_rounding, third):
    """Bound on a central difference less the derivative as computed, which errs by less than a value over the step."""
    return 2 * values_rounding / STEP + STEP**2 / 6 * third


def loss_rounding(case):
    n = case.Z.shape[-2]
    _, _, size = scales(case)
    return 2 * size * output_rounding(case) + gamma(n + 4, "float64") * size**2


def output_third(case, direction):
    """`|f'''|` along a move of the preactivations by at most `direction` each."""
    return scales(case)[1] * THIRD * direction**3


def loss_third(case, direction):
    """`|(e^2)'''| = |2 e e''' + 6 e' e''|`, with `e', e'', e'''` of the output; slopes are at most 1.2."""
    _, heads, size = scales(case)
    first, second, third = (heads * c * direction**k for c, k in ((1.2, 1), (CURVATURE, 2), (THIRD, 3)))
    return 2 * size * third + 6 * first * second


def moved(x, index, by):
    out = x.copy()
    out[(..., *index)] += by
    return out


def difference(value, x, index):
    return (value(moved(x, index, STEP)) - value(moved(x, index, -STEP))) / (2 * STEP)


def loss_of(case, name, Z):
    return lambda W=case.W, a=case.a: np.mean((forward(GatedNetwork(W, a, case.b, name), Z) - case.y) ** 2, axis=-1)


def check_parameter_gradients(case, name, gradients, Z):
    """`gradients` are those of the mean squared error at `Z`; the third derivative in the head is zero."""
    at = Case(case.W, case.a, case.b, Z, case.y)
    value = loss_of(case, name, Z)
    reach = float(np.max(np.abs(Z)))
    for index in np.ndindex(*case.W.shape[-2:]):
        error = gradients["W"][(..., *index)] - difference(lambda W: value(W=W), case.W, index)
        assert np.all(np.abs(error) <= allowed(loss_rounding(at), loss_third(at, reach)))
    for h in range(case.a.shape[-1]):
        error = gradients["a"][..., h] - difference(lambda a: value(a=a), case.a, (h,))
        assert np.all(np.abs(error) <= allowed(loss_rounding(at), 0.0))


@given(case=cases(), name=names)
def test_outputs_are_those_of_the_activation_on_every_backend(backend, case, name):
    assume(np.all(case.b > 0))
    net = dataclasses.replace(case.network(backend), activation=name)
    V = case.Z @ case.W  # exact on the grid
    found = to_numpy(gated_outputs(net, backend.asarray(case.Z)))
    for index in np.ndindex(*V.shape):
        alone = activation(name, float(case.b[(*index[:-2], index[-1])])).value(V[index][None])[0]
        assert abs(found[index] - alone) <= gamma(VALUE_ROUNDINGS, "float64") * (1 + abs(alone))
    f = to_numpy(forward(net, backend.asarray(case.Z)))
    assert np.all(np.abs(f - np.sum(found * case.a[..., None, :], axis=-1)) <= output_rounding(case))


@given(case=cases(), name=names)
def test_input_gradients_agree_with_central_differences(case, name):
    assume(smooth_margin(case, name) >= MARGIN)
    net, direction = network(case, name), float(np.max(np.abs(case.W)))
    gradient = input_gradient(net, case.Z)
    for i in range(case.Z.shape[-1]):
        error = gradient[..., i] - difference(lambda Z: forward(net, Z), case.Z, (i,))
        assert np.all(np.abs(error) <= allowed(output_rounding(case), output_third(case, direction)))


@given(case=cases(), name=names)
def test_parameter_gradients_agree_with_central_differences(case, name):
    assume(smooth_margin(case, name) >= MARGIN)
    found = squared_loss_gradients(network(case, name), case.Z, case.y)
    check_parameter_gradients(case, name, {"W": found.W, "a": found.a}, case.Z)
    assert np.all(np.abs(found.loss - loss_of(case, name, case.Z)()) <= loss_rounding(case))


def attacked_points(case, name, attack):
    parameters, b = {"W": case.W, "a": case.a}, case.b[..., None, :]
    clean = forward_pass(parameters, b, case.Z, case.y, name)
    return case.Z + training_perturbation(parameters, b, case.Z, case.y, clean, attack, name)


def check_step(case, name, attack, points):
    found = squared_loss_step({"W": case.W, "a": case.a}, case.b[..., None, :], case.Z, case.y, attack, name)
    check_parameter_gradients(case, name, found.gradients, points)


training_attacks = st.one_of(st.none(), st.builds(TrainingAttack, norms, sizes, st.integers(1, 3)))


@given(case=cases(), name=names, attack=training_attacks)
def test_training_steps_agree_with_central_differences(case, name, attack):
    points = case.Z if attack is None else attacked_points(case, name, attack)
    assume(smooth_margin(Case(case.W, case.a, case.b, points, case.y), name) >= MARGIN)
    check_step(case, name, attack, points)


FIXED = Case(
    W=np.array([[1.0, 0.5], [-0.25, 1.0]]),
    a=np.array([1.0, -0.5]),
    b=np.array([0.3125, 0.3125]),
    Z=np.array([[1.0, -1.0], [0.5, 1.0]]),
    y=np.array([0.0, 1.0]),
)


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name != "gate"])
def test_a_step_with_slopes_of_another_activation_is_told_apart(monkeypatch, name):
    assert smooth_margin(FIXED, name) >= MARGIN
    check_step(FIXED, name, None, FIXED.Z)
    other: ActivationName = "silu" if name == "tanh" else "tanh"
    layer = step_module._layer
    monkeypatch.setattr(step_module, "_layer", lambda V, b, act: (layer(V, b, other)[0], layer(V, b, act)[1]))
    with pytest.raises(AssertionError):
        check_step(FIXED, name, None, FIXED.Z)


@given(case=cases(), name=names)
def test_training_steps_agree_with_central_differences_on_every_backend(backend, case, name):
    assume(smooth_margin(case, name) >= MARGIN)
    at = backend.asarray
    there = squared_loss_step(
        {"W": at(case.W), "a": at(case.a)}, at(case.b[..., None, :]), at(case.Z), at(case.y), None, name
    )
    check_parameter_gradients(case, name, {key: to_numpy(x) for key, x in there.gradients.items()}, case.Z)


@settings(max_examples=15)
@given(case=cases(), name=names, eps=sizes, norm=norms)
def test_attacks_stay_in_the_ball_and_never_lower_the_loss(backend, case, name, eps, norm):
    net = dataclasses.replace(case.network(backend), activation=name)
    Z, y = backend.asarray(case.Z), backend.asarray(case.y)
    clean = to_numpy(attacked_loss(net, Z, y, backend.xp.zeros_like(Z)))
    for delta in attacks(net, Z, y, eps, norm):
        assert np.all(to_numpy(vector_norm(delta, norm)) <= eps * (1 + norm_excess(Z.shape[-1])))
        assert np.all(to_numpy(attacked_loss(net, Z, y, delta)) >= clean)


@pytest.mark.parametrize("name", [*SMOOTH, "soft_threshold", "biased_relu"])
def test_no_attack_on_one_node_beats_the_ends_of_its_interval(name):
    """One monotone node in one dimension: the worst case lies at an end, where gradient attacks get unless flat."""
    net = GatedNetwork(np.ones((1, 1)), np.ones(1), np.array([0.25]), name)
    Z, y, eps = np.array([[1.0], [2.0], [0.75]]), np.array([0.0, 3.0, 1.0]), 0.25
    ends = np.maximum(*(attacked_loss(net, Z, y, np.full((3, 1), delta)) for delta in (-eps, eps)))
    for delta in list(attacks(net, Z, y, eps, "l2"))[:3]:
        assert np.all(np.abs(attacked_loss(net, Z, y, delta) - ends) <= gamma(64, "float64") * 16)


def test_a_certificate_is_refused_where_there_is_no_gate():
    net = GatedNetwork(np.ones((1, 1)), np.ones(1), 0.5, "tanh")
    Z, y = np.ones((1, 1)), np.ones(1)
    for refused in (certified_worst_case, universal_bound):
        with pytest.raises(ValueError, match=r"^activation is 'tanh'; expected 'gate'"):
            refused(net, Z, y, 0.1, "l2")
    with pytest.raises(ValueError, match=r"^activation is 'tanh'; expected 'gate'"):
        certified(net, Z, 0.1, "l2")


def test_an_evaluation_leaves_out_what_claim_p2_says_of_the_gate():
    rng = np.random.default_rng(0)
    net = GatedNetwork(rng.standard_normal((2, 3, 4)), rng.standard_normal((2, 4)), 0.0, "gelu")
    (rung,) = evaluate_attacks(net, rng.standard_normal((2, 5, 3)), np.zeros((2, 5)), [0.2], "l2", Streams(0))
    assert np.all(rung.worst_risk >= rung.risk["none"])
    for missing in (rung.predicted_risk, rung.certified_fraction, rung.certified_prediction, rung.universal_bound):
        assert missing.shape == (2,)
        assert np.all(np.isnan(missing))
    assert set(rung.certified_risk) == set(rung.risk)
    assert np.all(np.isnan(rung.certified_risk["fgm"]))


def test_a_node_fires_where_an_attack_passes():
    Z = np.array([[-1.0], [0.25], [1.0]])
    rates = {"soft_threshold": 2 / 3, "biased_relu": 1 / 3, "relu": 2 / 3, "tanh": 1.0}
    for name, rate in rates.items():
        assert firing_rate(GatedNetwork(np.ones((1, 1)), np.ones(1), 0.5, name), Z)[0] == rate


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_trains_and_keeps_its_name(name):
    law = FeatureLaw.unit_energy(4, 0.3)
    plan = SupervisedPlan(
        law=law,
        hidden=8,
        b=0.1 if name in THRESHOLDED else 0.0,
        activation=name,
        attack="fgm",
        eps=0.05,
        steps=150,
        batch=32,
        record_every=50,
    )
    record = train_supervised(plan, Streams(0), 2, select_backend("numpy"), memory_bytes=1)
    assert record.net.activation == name
    assert np.all(record.history.clean_loss[-1] < record.history.clean_loss[0])
    assert record.net.W.dtype == np.float32


@pytest.mark.parametrize(
    ("name", "b", "problem"),
    [
        ("softplus", 0.0, "activation is 'softplus'; expected one of gate"),
        ("tanh", 0.1, "b is 0.1; expected 0, since tanh has no threshold"),
        ("soft_threshold", 0.0, "b is 0.0; expected a threshold above 0 for soft_threshold"),
    ],
)
def test_plans_name_what_an_activation_does_not_take(name, b, problem):
    with pytest.raises(ValueError, match=problem):
        SupervisedPlan(law=FeatureLaw.unit_energy(4, 0.3), hidden=8, b=b, activation=name)


def test_networks_refuse_an_unknown_activation():
    with pytest.raises(ValueError, match="activation is 'softplus'"):
        GatedNetwork(np.ones((1, 1)), np.ones(1), 0.5, "softplus")
