"""Networks and data at the edge: no verdict may rest on rounding, on noise of a fit, or on nodes that never fire."""

import numpy as np
import pytest

from numerics.rounding import gamma
from purecheck.auditing.structure import MOST
from purecheck.cli import main
from tests.purecheck.audited import audit

D = 8
RNG = np.random.default_rng(0)


def refused(folder, capsys, *options, **arrays):
    """The one line with which a network is refused."""
    np.savez(folder / "n.npz", **arrays)
    assert main(["audit", str(folder / "n.npz"), *options]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    return told.err


@pytest.mark.parametrize("scale", [1.0, 1e10, 1e-10])
@pytest.mark.parametrize("activation", ["gate", "biased_relu", "soft_threshold"])
def test_a_network_whose_nodes_cancel_is_refused(activation, scale, tmp_path, capsys):
    W, a = RNG.standard_normal((D, 20)), RNG.standard_normal(20) * scale
    told = refused(tmp_path, capsys, W=np.hstack([W, W]), a=np.r_[a, -a], b=np.full(40, 0.3), activation=activation)
    assert "0 on every observation" in told


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("activation", ["relu", "silu", "gelu", "leaky_relu"])
def test_an_even_function_has_no_linear_part(activation, seed, tmp_path, capsys):
    W = RNG.standard_normal((D, D))
    told = refused(tmp_path, capsys, "--seed", str(seed), W=np.hstack([W, -W]), a=np.ones(2 * D), activation=activation)
    assert "no linear part in the features" in told


@pytest.mark.parametrize("sigma", ["0", "0.02", "1"])
def test_a_relu_on_every_feature_is_not_linear_whatever_the_noise(sigma, tmp_path):
    np.savez(tmp_path / "n.npz", W=np.eye(D), a=np.ones(D), activation="relu")
    assert audit(tmp_path / "n.npz", "--p", "0.1", "--sigma", sigma)["computes_linear_function"] is False


def test_without_noise_a_relu_on_every_feature_has_the_share_that_is_found_by_hand(tmp_path):
    """Half of its variance is that of |x|: R^2 is 1/(2 - p)."""
    np.savez(tmp_path / "n.npz", W=np.eye(D), a=np.ones(D), activation="relu")
    (network,) = audit(tmp_path / "n.npz", "--p", "0.1", "--sigma", "0")["networks"]
    assert network["linearity"]["r2"]["low"] <= 1 / 1.9 <= network["linearity"]["r2"]["high"]
    assert MOST > 1 / 1.9


@pytest.mark.parametrize("more", [1, 5])
def test_nodes_that_never_fire_change_no_verdict(more, tmp_path):
    verdicts = []
    mixed, heads, never = RNG.standard_normal((D, more)), np.full(more, 1e6), np.full(more, 1e9)
    np.savez(tmp_path / "n.npz", W=np.eye(D), a=np.ones(D), b=np.full(D, 0.3))
    verdicts.append(audit(tmp_path / "n.npz"))
    np.savez(tmp_path / "n.npz", W=np.c_[np.eye(D), mixed], a=np.r_[np.ones(D), heads], b=np.r_[np.full(D, 0.3), never])
    verdicts.append(audit(tmp_path / "n.npz"))
    names = ("structure", "purified", "participation_ratio", "participation_ratio_by_energy", "firing_rate")
    assert [[one[name] for name in names] for one in verdicts[:1]] == [
        [one[name] for name in names] for one in verdicts[1:]
    ]


def observations(folder, change):
    """A layer that is pure in a dictionary, and observations of it, changed."""
    Q = np.linalg.qr(RNG.standard_normal((D, D)))[0]
    X = (RNG.random((8000, D)) < 0.1) * RNG.choice([-1, 1], (8000, D)) / np.sqrt(0.1 * D)
    np.savez(folder / "w.npz", W=Q, a=np.ones(D), b=np.full(D, 0.3))
    np.savez(folder / "z.npz", Z=change(X @ Q.T + 0.02 * RNG.standard_normal((8000, D))))
    return folder / "w.npz", ("--data", str(folder / "z.npz"))


CHANGES = {
    "a mean": lambda Z: Z + 0.3,
    "a large mean": lambda Z: Z + 1e3,
    "tiny": lambda Z: Z * 1e-200,
    "large": lambda Z: Z * 1e25,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_mean_and_the_scale_of_observations_mean_nothing_to_the_dictionary(change, tmp_path):
    path, options = observations(tmp_path, change)
    facts = audit(path, *options)
    assert (facts["structure"], facts["purified"]) == ("purified", True)
    Z = change(np.zeros((1, D)))
    assert (facts["settings"]["data_mean"] > 0.1) == bool(np.any(Z > 0.1))


FLAT = {
    "all zero": lambda Z: 0 * Z,
    "constant": lambda Z: 0 * Z + 0.3,
    "one coordinate dead": lambda Z: Z * (np.arange(D) > 0),
    "one coordinate a copy": lambda Z: np.c_[Z[:, 1:], Z[:, 1]],
}


@pytest.mark.parametrize("change", FLAT.values(), ids=FLAT)
def test_observations_that_lack_a_direction_determine_no_dictionary(change, tmp_path, capsys):
    path, options = observations(tmp_path, change)
    assert main(["audit", str(path), *options]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert f"of {D} directions" in told


@pytest.mark.parametrize("bias", [0.5, -0.5])
def test_a_relu_with_a_bias_is_open_or_closed_at_rest(bias, tmp_path):
    np.savez(tmp_path / "n.npz", W=np.eye(D), a=np.ones(D), b=np.full(D, -bias), activation="biased_relu")
    facts = audit(tmp_path / "n.npz", "--theta", "1")
    assert facts["leak"]["slope"] == (bias > 0)
    expected = -bias / facts["settings"]["r"]
    # two divisions, and the mean over equal nodes
    assert abs(facts["gate_ratio"] - expected) <= gamma(2 * D + 4, "float64") * abs(expected)
    # the kink is 25 standard deviations away: all of the noise passes, or none of it
    sigma = facts["settings"]["sigma"]
    assert abs(bias) == 25 * sigma
    assert abs(facts["leak"]["noise_passed"] - (bias > 0)) <= (_passed_error(sigma, bias) if bias > 0 else 0)


def _passed_error(sigma, bias):
    """Bound the error of the energy of all noise beside an open node.

    A change of the node errs by that of its two values, relative to ``bias + 9 sigma``; the change over sigma, of mean
    modulus below 1, is squared; and a quadrature adds 384 terms of sum 1. Its truncation is below both.
    """
    change = gamma(4, "float64") * (bias / sigma + 9)
    return 2 * change + change**2 + gamma(384 + 8, "float64")
