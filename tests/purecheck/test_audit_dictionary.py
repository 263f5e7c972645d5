"""A dictionary that is estimated from observations, and data that give none."""

import numpy as np
import pytest

from numerics.features import ConstantAmplitude, FeatureLaw, observe
from purecheck.cli import main
from tests.purecheck.audited import D, P, R, audit, mixture


def test_a_dictionary_is_estimated_from_observations(tmp_path):
    with np.load(mixture(tmp_path, 1)) as kept:
        arrays = dict(kept)
    M, rng = arrays.pop("M"), np.random.default_rng(5)
    np.savez(tmp_path / "plain.npz", **arrays)
    Z = observe(FeatureLaw(D, P, ConstantAmplitude(R)).sample(rng, (8000,)), M, 0.02, rng)
    np.savez(tmp_path / "data.npz", Z=Z)
    assert audit(tmp_path / "plain.npz")["structure"] == "unstructured"
    facts = audit(tmp_path / "plain.npz", "--data", str(tmp_path / "data.npz"))
    assert facts["settings"]["dictionary"] == "estimated"
    assert facts["purified"]
    # Angles of one half err by sqrt(E X^6 E X^2 / n) / |E X^4 - 3 (E X^2)^2| = 1/(sqrt(n) (1 - 3 p)); five of it, for
    # the two halves together; a column meets D - 1 others.
    angle = 5 * np.sqrt(2) / (np.sqrt(4000) * (1 - 3 * P))
    assert facts["settings"]["dictionary_agreement"] >= 1 - D * angle**2 / 2


@pytest.mark.parametrize(
    ("arrays", "named"),
    [
        ({"X": np.ones((40, D))}, "data.npz holds X; expected one array, Z"),
        ({"Z": np.ones((40, 3))}, "Z has shape (40, 3)"),
        ({"Z": np.ones((20, D))}, "n at least 32"),
        ({"Z": np.full((40, D), np.nan)}, "Z has entries that are not finite"),
    ],
)
def test_data_that_give_no_dictionary_are_told_in_one_line(arrays, named, tmp_path, capsys):
    np.savez(tmp_path / "plain.npz", W=np.eye(D), a=np.ones(D))
    np.savez(tmp_path / "data.npz", **arrays)
    assert main(["audit", str(tmp_path / "plain.npz"), "--data", str(tmp_path / "data.npz")]) == 2
    assert named in capsys.readouterr().err


def test_a_dictionary_that_is_there_is_not_estimated(tmp_path, capsys):
    np.savez(tmp_path / "data.npz", Z=np.ones((40, D)))
    assert main(["audit", str(mixture(tmp_path, 1)), "--data", str(tmp_path / "data.npz")]) == 2
    assert "expected none" in capsys.readouterr().err
