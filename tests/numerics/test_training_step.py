"""One supervised training step: its gradients against central differences, and its attacks."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import numerics.training.step as step_module
from numerics.attacks import fgm
from numerics.backend import to_numpy
from numerics.network import GatedNetwork
from numerics.norms import vector_norm
from numerics.training.step import TrainingAttack, forward_pass, squared_loss_step, training_perturbation
from tests.numerics.allowances import norm_excess
from tests.numerics.strategies import Case, cases
from tests.numerics.test_certificate import norms, sizes
from tests.numerics.test_network import (
    MARGIN,
    central_difference,
    loss_and_bound,
    parameter_gradient_bounds,
)


def parameters_of(case, asarray=np.asarray):
    return {"W": asarray(case.W), "a": asarray(case.a)}


def gates_of(case):
    return case.b[..., None, :]


training_attacks = st.one_of(st.none(), st.builds(TrainingAttack, norms, sizes, st.integers(1, 3)))


def attacked(case, attack):
    """The case moved to the points where the weight gradient is taken."""
    if attack is None:
        return case
    parameters, b = parameters_of(case), gates_of(case)
    clean = forward_pass(parameters, b, case.Z, case.y)
    delta = training_perturbation(parameters, b, case.Z, case.y, clean, attack)
    return Case(case.W, case.a, case.b, case.Z + delta, case.y)


def check_gradients(case, attack):
    """The step's gradients are central differences of the loss at the attacked points, which stay put."""
    gradients = squared_loss_step(parameters_of(case), gates_of(case), case.Z, case.y, attack).gradients
    points = attacked(case, attack)
    own = parameter_gradient_bounds(points, GatedNetwork(case.W, case.a, case.b))

    def loss(W=case.W, a=case.a):
        return loss_and_bound(GatedNetwork(W, a, case.b), points.Z, case.y)

    # The step sums w_ih P_ih where the bound counts the same terms in another order: d more roundings, twice over.
    for index in np.ndindex(*case.W.shape[-2:]):
        difference, bound = central_difference(lambda W: loss(W=W), case.W, index)
        at = (..., *index)
        assert np.all(np.abs(gradients["W"][at] - difference) <= bound + 2 * own[0][at])
    for h in range(case.a.shape[-1]):
        difference, bound = central_difference(lambda a: loss(a=a), case.a, (h,))
        assert np.all(np.abs(gradients["a"][..., h] - difference) <= bound + 2 * own[1][..., h])


@given(case=cases(min_margin=MARGIN), attack=training_attacks)
def test_step_gradients_agree_with_central_differences(case, attack):
    assume(attacked(case, attack).margin >= MARGIN)
    check_gradients(case, attack)


FIXED = Case(
    W=np.array([[1.0, 0.5, 0.0], [-0.25, 1.0, 1.5]]),
    a=np.array([1.0, -0.5, 0.75]),
    b=np.array([0.3125, 0.3125, 0.3125]),
    Z=np.array([[1.0, -1.0], [0.5, 1.0], [0.125, 2.0]]),
    y=np.array([0.0, 1.0, -1.0]),
)
ATTACK = TrainingAttack("l2", 0.03125)
GRADIENTS, GATES = step_module._parameter_gradients, step_module.open_gates


def flipped_gradients(*arguments):
    return {name: -gradient for name, gradient in GRADIENTS(*arguments).items()}


def flipped_gates(V, b):
    return 1 - GATES(V, b)


@pytest.mark.parametrize("attack", [None, ATTACK], ids=["clean", "fgm"])
@pytest.mark.parametrize(
    ("name", "mutant"), [("_parameter_gradients", flipped_gradients), ("open_gates", flipped_gates)]
)
def test_a_mutated_step_is_told_apart(monkeypatch, name, mutant, attack):
    assert attacked(FIXED, attack).margin >= MARGIN
    check_gradients(FIXED, attack)
    monkeypatch.setattr(step_module, name, mutant)
    with pytest.raises(AssertionError):
        check_gradients(FIXED, attack)


@given(case=cases(), attack=training_attacks.filter(lambda attack: attack is not None))
def test_training_perturbations_stay_in_the_ball(backend, case, attack):
    parameters, b = parameters_of(case, backend.asarray), backend.asarray(gates_of(case))
    Z, y = backend.asarray(case.Z), backend.asarray(case.y)
    clean = forward_pass(parameters, b, Z, y)
    delta = training_perturbation(parameters, b, Z, y, clean, attack)
    assert np.all(to_numpy(vector_norm(delta, attack.norm)) <= attack.eps * (1 + norm_excess(Z.shape[-1])))


@given(case=cases(min_margin=MARGIN), norm=norms, eps=sizes)
def test_one_training_step_attacks_like_fgm(case, norm, eps):
    """Where FGM is kept because it raises the loss, the training perturbation is the same vector."""
    net = GatedNetwork(case.W, case.a, case.b)
    direct = fgm(net, case.Z, case.y, eps, norm)
    raised = np.any(direct, axis=-1)
    assume(np.any(raised))
    trained = attacked(case, TrainingAttack(norm, eps)).Z - case.Z
    # On the grid gradients are exact, so both are the same function of the same numbers; z + delta - z costs two
    # roundings of numbers below 4.
    assert np.all(np.abs(trained - direct)[raised] <= 8 * np.finfo(np.float64).eps)


@given(case=cases(min_margin=MARGIN), attack=training_attacks)
def test_the_step_is_the_same_on_every_backend(backend, case, attack):
    points = attacked(case, attack)
    assume(points.margin >= MARGIN)
    here = squared_loss_step(
        parameters_of(case, backend.asarray),
        backend.asarray(gates_of(case)),
        backend.asarray(case.Z),
        backend.asarray(case.y),
        attack,
    )
    there = squared_loss_step(parameters_of(case), gates_of(case), case.Z, case.y, attack)
    # Attacked points may differ between devices by the rounding of a steepest direction.
    assume(backend.name != "cupy" or attack is None)
    own = parameter_gradient_bounds(points, GatedNetwork(case.W, case.a, case.b))
    for name, bound in zip(("W", "a"), own, strict=True):
        assert np.all(np.abs(to_numpy(here.gradients[name]) - there.gradients[name]) <= 2 * bound)
