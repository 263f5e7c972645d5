import dataclasses

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import numerics.contrastive.training.step as step_module
from numerics.backend import select_backend, to_numpy
from numerics.contrastive.attacks import PairAttack
from numerics.contrastive.encoder import ContrastiveNetwork, LinearEncoder
from numerics.contrastive.loss import embed, pair_loss
from numerics.contrastive.training import ContrastivePlan, Gated, Linear, train_contrastive
from numerics.contrastive.training.step import contrastive_step, training_perturbation
from numerics.features import FeatureLaw, UniformAmplitude, rotation
from numerics.norms import vector_norm
from numerics.optimisers import SGD
from numerics.rounding import gamma
from numerics.streams import Streams
from tests.numerics.allowances import norm_excess
from tests.numerics.contrastive.strategies import MARGIN, encoder_cases, pair_attacks
from tests.numerics.contrastive.test_loss import FIXED, check_parameter_gradients

CLEAN = ContrastivePlan(
    law=FeatureLaw.unit_energy(6, 0.3), encoder=Gated(9, 4, 0.1), sigma=0.05, steps=25, batch=16, record_every=10
)
FGM = dataclasses.replace(CLEAN, attack="fgm", eps=0.1)
PLANS = {
    "clean": CLEAN,
    "fgm": FGM,
    "similar, both sides": dataclasses.replace(FGM, attacked_pairs="similar", attacked_sides="both"),
    "pgd dissimilar": dataclasses.replace(FGM, attack="pgd", norm="linf", attack_steps=3, attacked_pairs="dissimilar"),
    "unit norm": dataclasses.replace(FGM, unit_norm=True, norm="l1", optimiser=SGD(0.5)),
    "linear": dataclasses.replace(CLEAN, encoder=Linear(6, scale=3.0), rho=0.25),
    "bottleneck": dataclasses.replace(
        FGM,
        encoder=Linear(2),
        M=rotation(6, np.random.default_rng(0)),
        law=FeatureLaw(6, 0.3, UniformAmplitude(0.5, 1.0)),
    ),
}
NUMPY = select_backend("numpy")
steps_of_attack = st.integers(1, 3)


def train(plan, replicas, backend=NUMPY, **options):
    return train_contrastive(plan, Streams(7), replicas, backend, **options)


@pytest.mark.parametrize(("name", "kind", "nodes"), [("fgm", ContrastiveNetwork, 9), ("bottleneck", LinearEncoder, 2)])
def test_the_record_has_the_shapes_and_steps_that_it_says(name, kind, nodes):
    record = train(PLANS[name], 3)
    assert isinstance(record.encoder, kind)
    assert record.U_initial.shape == record.U_final.shape == (3, 6, nodes)
    assert record.U_final.dtype == np.float32
    assert list(record.history.step) == [0, 10, 20]
    for measured in (record.history.participation, record.history.increase_similar):
        assert measured.shape == (3, 3)


def test_feature_weights_are_read_through_the_dictionary():
    record = train(PLANS["bottleneck"], 2)
    columns = np.asarray(record.plan.M) @ record.U_final
    # M is rounded to float32, then one product of length d: d + 1 roundings; |M|^T |w| <= sqrt(d) ||w|| an entry.
    scale = np.sqrt(6) * np.linalg.norm(record.encoder.columns, axis=-2, keepdims=True)
    assert np.all(np.abs(columns - record.encoder.columns) <= np.sqrt(6) * gamma(8, "float32") * scale)


def test_unit_norm_columns_stay_on_the_sphere():
    norms = np.linalg.norm(train(PLANS["unit norm"], 2).encoder.W.astype(np.float64), axis=-2)
    assert np.all(np.abs(norms - 1) <= gamma(6 + 4, "float32"))


def test_clean_training_reports_one_loss_and_still_probes_it():
    history = train(CLEAN, 2).history
    assert np.array_equal(history.clean_loss, history.attacked_loss)
    assert np.all(history.increase_similar > 0)
    assert np.all(history.increase_dissimilar > 0)


def test_the_probe_sees_no_pairs_that_there_are_not():
    history = train(dataclasses.replace(CLEAN, rho=1.0), 2).history
    assert np.all(np.isnan(history.increase_dissimilar))
    assert np.all(history.increase_similar > 0)


@pytest.mark.parametrize("name", ["clean", "fgm", "linear"])
def test_training_lowers_the_loss_it_trains_on(name):
    plan = dataclasses.replace(PLANS[name], steps=301, record_every=300, batch=2048, sigma=0.0)
    loss = train(plan, 2).history.attacked_loss
    assert np.all(loss[-1] < loss[0])


@given(case=encoder_cases(), attack=pair_attacks, steps=steps_of_attack)
def test_training_perturbations_stay_in_the_ball(backend, case, attack, steps):
    encoder, pairs = case.encoder(backend), case.pairs_on(backend)
    delta = training_perturbation(encoder, pairs, embed(encoder, pairs), attack, steps)
    for side in (delta.first, delta.second):
        if side is not None:
            longest = to_numpy(vector_norm(side, attack.norm))
            assert np.all(longest <= attack.eps * (1 + norm_excess(pairs.Z.shape[-1])))


def check_step(case, attack, steps):
    """A step is the clean gradient at the attacked pairs, which stay put."""
    encoder, pairs = case.encoder(), case.pairs
    outcome = contrastive_step(encoder, pairs, attack, steps)
    delta = training_perturbation(encoder, pairs, embed(encoder, pairs), attack, steps)
    moved = delta.applied_to(pairs)
    there = contrastive_step(encoder, moved, attack, 0)
    # The same products in the same order.
    assert np.array_equal(outcome.attacked_loss, there.clean_loss)
    assert np.array_equal(outcome.clean_loss, np.mean(pair_loss(encoder, pairs), axis=-1))
    for name, gradient in outcome.gradients.items():
        assert np.array_equal(gradient, there.gradients[name])
    if case.margin(moved) >= MARGIN and np.max(np.abs(moved.Z)) <= 0.5 and np.max(np.abs(moved.Z_prime)) <= 0.5:
        check_parameter_gradients(dataclasses.replace(case, pairs=moved))


@given(case=encoder_cases(min_margin=MARGIN), attack=pair_attacks, steps=steps_of_attack)
def test_a_step_is_the_gradient_at_the_attacked_pairs(case, attack, steps):
    check_step(case, attack, steps)


def test_a_step_that_forgets_the_second_side_is_told_apart(monkeypatch):
    attack = PairAttack("l2", 0.0625, sides="both")
    check_step(FIXED, attack, 1)
    attacked = step_module._attacked

    def forgetful(encoder, pairs, clean, attack, steps):
        return dataclasses.replace(attacked(encoder, pairs, clean, attack, steps), second=clean.second)

    monkeypatch.setattr(step_module, "_attacked", forgetful)
    with pytest.raises(AssertionError):
        check_step(FIXED, attack, 1)


@given(case=encoder_cases(linear=True), steps=steps_of_attack)
def test_an_attack_of_size_zero_is_clean_training(case, steps):
    assume(np.any(case.parameters["T"]))
    clean, attacked = (contrastive_step(case.encoder(), case.pairs, PairAttack("l2", 0.0), k) for k in (0, steps))
    assert np.array_equal(clean.gradients["T"], attacked.gradients["T"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rho", 1.5),
        ("attacked_pairs", "all"),
        ("attacked_sides", "two"),
        ("probe_eps", 0.0),
        ("eps", 0.1),
        ("attack", "pgdd"),
        ("M", np.ones((6, 5))),
    ],
)
def test_a_plan_names_the_field_that_is_wrong(field, value):
    with pytest.raises(ValueError, match=rf"^{field} (is|has shape) .*; expected "):
        dataclasses.replace(CLEAN, **{field: value})


def test_the_sphere_is_for_gated_encoders():
    with pytest.raises(ValueError, match=r"^unit_norm is True; expected False for a linear encoder$"):
        dataclasses.replace(PLANS["linear"], unit_norm=True)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Gated(0, 4, 0.1), "hidden is 0"),
        (lambda: Gated(4, 0, 0.1), "outputs is 0"),
        (lambda: Gated(4, 4, -0.1), "b is -0.1"),
        (lambda: Linear(4, scale=0.0), "scale is 0.0"),
    ],
)
def test_an_architecture_names_the_field_that_is_wrong(build, message):
    with pytest.raises(ValueError, match=rf"^{message}; expected "):
        build()
