"""The risks that an audit measures: predicted, exact, bounded, the same on every backend and in every unit."""

import numpy as np
import pytest

from numerics.backend import select_backend, to_numpy
from numerics.features import observe, rotation
from numerics.mixtures import mixture_network
from numerics.network import GatedNetwork
from numerics.rounding import attacked_residual_bound, gamma, square_bound
from numerics.streams import Streams
from purecheck.auditing.attacked import AuditData, attacked
from purecheck.auditing.given_network import GivenNetwork
from purecheck.auditing.heads import Heads
from purecheck.auditing.plan import AuditPlan
from purecheck.auditing.verdict import MASKED
from tests.purecheck.audited import DYADIC, D, P, R, audit, dyadic


def gated(network, backend):
    arrays = map(backend.asarray, (network.W[0], network.heads[0, 0], network.b[0]))
    return GatedNetwork(*arrays)


def a_mixture(backend):
    """A network with its target, data and plan, and what the audit measures on a backend."""
    M = rotation(D, np.random.default_rng(0))
    net = mixture_network(np.ones(D), 4, 0.5 * R)
    network = GivenNetwork((M @ net.W)[None], net.a[None, None], net.b[None], M, "gate", np.zeros((1, 1)), 0.0)
    plan = AuditPlan(p=P, r=R, sigma=0.02, eps=0.05, norm="l2", observations=50)
    rng, law = np.random.default_rng(3), plan.law(D)
    X = law.sample(rng, (plan.observations,)).astype(np.float64)
    data = AuditData(X, np.asarray(observe(X, M, plan.sigma, rng)))
    heads = Heads(network, network.heads, np.ones((1, 1, D)), np.zeros((1, 1)))
    return network, plan, data, law.second_moment * D, attacked(heads, data, law, plan, Streams(0), backend)[0]


def test_inside_the_certificate_fgm_finds_what_is_predicted():
    backend = select_backend("numpy")
    network, plan, data, energy, losses = a_mixture(backend)
    net, y = gated(network, backend), data.X @ np.ones(D)
    bound = attacked_residual_bound(net, data.Z, y, np.zeros_like(data.Z), plan.eps, plan.norm)
    # the perturbation moves |Z| by at most eps a coordinate: twice the bound at Z covers it, as eps is below r
    allowed = square_bound(np.sqrt(losses.predicted[0] * energy), 2 * bound + gamma(D, "float64") * plan.eps) / energy
    assert np.all(np.abs(losses.losses["fgm"][0] - losses.predicted[0]) <= allowed)
    assert np.all(losses.worst[0] <= losses.universal[0] + allowed)


def test_every_backend_measures_the_same(backend):
    reference = select_backend("numpy")
    network, plan, data, energy, expected = a_mixture(reference)
    *_, found = a_mixture(backend)
    net, y = gated(network, reference), data.X @ np.ones(D)
    error = 2 * attacked_residual_bound(net, data.Z, y, np.zeros_like(data.Z), plan.eps, plan.norm)
    for got, want in (
        (found.losses["none"], expected.losses["none"]),
        (found.losses["fgm"], expected.losses["fgm"]),
        (found.predicted, expected.predicted),
    ):
        allowed = square_bound(np.sqrt(want * energy), 2 * error) / energy
        assert np.all(np.abs(to_numpy(got) - want) <= allowed)


def test_outputs_are_audited_one_by_one_and_summed(tmp_path):
    one = audit(dyadic(tmp_path, 1), *DYADIC)
    with np.load(tmp_path / "dyadic1.npz") as kept:
        arrays = dict(kept)
    a = arrays.pop("a")
    np.savez(tmp_path / "two.npz", C=np.stack([a, a], axis=-1), **arrays)
    two = audit(tmp_path / "two.npz", *DYADIC)
    for name in ("clean", "fgm", "predicted", "universal_bound"):
        assert two["risk"][name] == one["risk"][name]
    assert two["settings"]["outputs"] == 2
    assert two["structure"] == "pure"


@pytest.mark.parametrize("norm", ["l1", "linf"])
def test_on_a_small_network_the_exact_attack_is_the_strongest(tmp_path, norm):
    rng = np.random.default_rng(2)
    np.savez(tmp_path / "w.npz", W=rng.standard_normal((6, 10)) / 2, a=rng.standard_normal(10), b=np.full(10, 0.5))
    risk = audit(tmp_path / "w.npz", "--norm", norm, "--observations", "20")["risk"]
    assert risk["gradients_where_exact"] <= risk["worst_where_exact"] <= risk["exact_bound"]
    assert risk["exact"] <= risk["exact_bound"]


def test_the_exact_attack_decides_masking_where_bounds_do_not(tmp_path):
    """No attack finds much more than gradients do; P2's bound is too loose to exclude it, the exact one is not."""
    rng = np.random.default_rng(2)
    np.savez(tmp_path / "w.npz", W=rng.standard_normal((6, 10)) / 2, a=rng.standard_normal(10), b=np.full(10, 0.5))
    options = ("--norm", "linf", "--observations", "300", "--eps", "0.02", "--exact")
    undecided, decided = (audit(tmp_path / "w.npz", *options, exact) for exact in ("0", "300"))
    assert (undecided["gradient_masked"], decided["gradient_masked"]) == (None, False)
    assert "gradient_masked" in undecided["unavailable"]
    risk = decided["risk"]
    assert risk["exact_bound"] < MASKED * risk["gradients_where_exact"] < undecided["risk"]["universal_bound"]


def test_no_attack_leaves_nothing_to_tell_of_masking(tmp_path):
    facts = audit(dyadic(tmp_path, 1), "--eps", "0", "--sigma", "0", "--r", "0.5", "--theta", "1")
    assert facts["risk"]["worst"] == facts["risk"]["clean"] == 0
    assert facts["gradient_masked"] is False


@pytest.mark.parametrize("norm", ["l1", "l2", "linf"])
@pytest.mark.parametrize("size", [2.0**-98, 2.0**98])
def test_the_unit_of_the_input_changes_nothing(size, norm, tmp_path):
    """Amplitude, noise, thresholds and attack scaled by a power of two together: relative risks are the same."""
    W = np.random.default_rng(4).standard_normal((4, 6))
    found = []
    for unit in (1.0, size):
        np.savez(tmp_path / "w.npz", W=W, a=np.full(6, 0.5), b=np.full(6, 0.1 * unit))
        options = {"--r": unit, "--sigma": 0.01 * unit, "--eps": 0.1 * unit, "--norm": norm, "--observations": 10}
        given = (str(one) for pair in options.items() for one in pair)
        found.append(audit(tmp_path / "w.npz", *given, "--exact", "0", "--theta", "1"))
    for name in ("clean", "fgm", "predicted", "universal_bound"):
        assert found[1]["risk"][name] == found[0]["risk"][name]
    assert found[1]["structure"] == found[0]["structure"]
