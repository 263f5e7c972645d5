"""`purecheck cifar10 sparse-coding`: its tables, facts and records, and one line for each error."""

import json
from dataclasses import replace

import numpy as np
import pytest

from gpu_experiments.cli import sparse_coding as command
from gpu_experiments.data import open_dataset
from gpu_experiments.sparse_coding import networks as training
from gpu_experiments.sparse_coding.networks import networks
from gpu_experiments.sparse_coding.plan import NETWORKS, PROFILES, SparseCodingPlan
from numerics.backend import select_backend
from purecheck.checks.recorded import CHECKS
from purecheck.cli import main
from purecheck.records.reading import load_records
from tests.gpu_experiments.manufactured import batches, binary_files, write_folder
from tests.gpu_experiments.small_protocol import easy_images

pytest.importorskip("sklearn", reason="scikit-learn is not installed (extra 'images')")

NAMES = ["complete dictionary", "independent components", "overcomplete dictionary"]
SMALL = SparseCodingPlan(fitted=200, held_out=150, passes=1, iterations=5, steps=30, blocks=4)
FEW = replace(NETWORKS["small"], train_images=40, hidden=4, epochs=1)


@pytest.fixture(scope="module", autouse=True)
def _small():
    """The quick profile made small enough for a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(PROFILES, "quick", SMALL)
        patch.setitem(NETWORKS, "small", FEW)
        yield


@pytest.fixture(scope="module")
def noise(tmp_path_factory):
    """Images of noise."""
    return write_folder(tmp_path_factory.mktemp("noise"), binary_files(batches(0, (40, 40, 40, 40, 40, 150))))


@pytest.fixture(scope="module")
def written(noise, tmp_path_factory):
    """Facts by dictionary, and records by dictionary, of one seed."""
    folder = tmp_path_factory.mktemp("written")
    assert run(noise, "--seeds", 1, "--out", folder / "records", "--json", folder / "facts.json") == 0
    facts = json.loads((folder / "facts.json").read_text())
    assert facts["dataset"] == "noise"
    stored = {one.record.dictionary: one for one in load_records(folder / "records")}
    return {one["dictionary"]: one for one in facts["studies"]}, stored


def run(data, *options):
    """The exit status of the command."""
    return main(["cifar10", "sparse-coding", "--data", str(data), "--dataset-name", "noise", *map(str, options)])


def refusal(capsys):
    """The one line on standard error."""
    message = capsys.readouterr().err.strip()
    assert len(message.splitlines()) == 1
    return message


def test_every_dictionary_gets_facts_and_a_record(written):
    facts, records = written
    assert sorted(facts) == sorted(records) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_record_says_what_the_facts_say(written, name):
    facts, record = written[0][name], written[1][name].record
    assert record.atoms == facts["atoms"]
    assert record.patches == facts["held_out"] == 150
    assert record.sparsity.active == facts["patches"]["active"]["value"]
    assert record.amplitude.variation == facts["patches"]["variation"]["value"]
    assert record.amplitude.variation_gaussian == facts["gaussian"]["variation"]["value"]
    assert record.dependence.dispersion == facts["patches"]["dispersion"]["value"]
    assert record.incoherence.imposed == (name == "independent components")
    for arm in ("initial", "clean", "adversarial"):
        for field in ("mean", "matched", "rotated"):
            assert getattr(getattr(record.participation, arm), field) == facts["participation"][arm][field]


def test_what_is_printed_of_the_claim_is_what_its_checks_say(noise, capsys):
    assert run(noise, "--seeds", 1) == 0
    message = capsys.readouterr().out
    for check in (one for one in CHECKS if one.claim == "R2"):
        assert check.clauses[0] in message
    assert "not run" in message  # incoherence of components that are orthogonal by construction
    assert "undecided" in message  # one seed


@pytest.mark.parametrize("name", NAMES)
def test_a_record_holds_pictures_of_atoms_and_filters(written, name):
    arrays = written[1][name].arrays()
    assert arrays["dictionary"].shape == (written[0][name]["atoms"], 3, 6, 6)
    assert np.all(np.any(arrays["dictionary"] != 0, axis=(1, 2, 3)))
    assert arrays["clean"].shape == arrays["adversarial"].shape == (4, 3, 6, 6)


def test_networks_on_the_disk_are_not_trained_again(noise, tmp_path, monkeypatch):
    arguments = (FEW, open_dataset(noise), 3, select_backend("numpy"), tmp_path, lambda _: None)
    first = networks(*arguments)
    monkeypatch.setattr(training, "pretrain", None)
    second = networks(*arguments)
    for arm in ("initial", "clean", "adversarial"):
        assert np.array_equal(first.filters[arm], second.filters[arm])
    assert not np.array_equal(first.filters["clean"], first.filters["adversarial"])


def test_a_missing_library_is_told_with_its_extra(noise, monkeypatch, capsys):
    monkeypatch.setattr(command, "why_no_dictionaries", lambda: "scikit-learn not installed (extra 'images')")
    assert run(noise) == 2
    assert "scikit-learn not installed (extra 'images'); expected it: pip install" in refusal(capsys)


def test_too_few_images_are_told(tmp_path, capsys):
    assert run(easy_images(tmp_path), "--seeds", 1) == 2
    assert "patches span fewer than 108 dimensions; expected more images" in refusal(capsys)


def test_too_few_test_images_are_told(noise, monkeypatch, capsys):
    monkeypatch.setitem(PROFILES, "quick", replace(SMALL, blocks=151))
    assert run(noise, "--seeds", 1) == 2
    assert "there are 150 test images; expected at least 151" in refusal(capsys)


def test_a_folder_without_images_is_told(tmp_path, capsys):
    assert run(tmp_path) == 2
    assert "expected" in refusal(capsys)
