"""`purecheck cifar10 inheritance --encoder resnet18` turns images into records, and completes them after a kill."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from gpu_experiments.attacks.independent import why_no_suite
from gpu_experiments.protocol import execute
from gpu_experiments.protocol.profiles import RESNET_PROFILES, ResNetSettings
from purecheck.cli import main
from purecheck.records.arms import runs
from purecheck.records.reading import load_records
from tests.gpu_experiments.small_protocol import easy_images
from tests.gpu_experiments.small_resnet import plan

pytestmark = pytest.mark.deep
torch = pytest.importorskip("torch")

SMALL = ResNetSettings(
    name="quick",
    train_images=88,
    head_images=88,
    test_images=40,
    pretraining=plan(attack_steps=1),
    strong_restarts=1,
    independent=False,
    suite_steps=3,
    queries=5,
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return easy_images(tmp_path_factory.mktemp("images"))


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RESNET_PROFILES, "quick", SMALL)


def arguments(data: Path, out: Path, *further: str) -> list[str]:
    command = ["cifar10", "inheritance", "--encoder", "resnet18", "--data", str(data), "--dataset-name", "easy"]
    return [*command, "--out", str(out), "--backend", "numpy", "--seeds", "1", *further]


def timeless(path: Path) -> dict:
    """The record without what depends on when it was made."""
    facts = json.loads(path.read_text())
    del facts["cost"], facts["environment"]["started"], facts["environment"]["seconds"]
    return facts


def test_every_run_is_recorded(data, tmp_path, capsys) -> None:
    assert main(arguments(data, tmp_path, "--attack", "fgm")) == 0
    assert "2 records in" in capsys.readouterr().out
    stored = load_records(tmp_path)
    records = {run.pretraining.attack: run for run in runs(stored)}
    assert set(records) == {"none", "fgm"}
    for one in stored:
        assert one.arrays()["filters"].shape == (SMALL.pretraining.width, 3, 3, 3)
    for record in records.values():
        assert record.encoder == "resnet18"
        assert record.architecture["width"] == SMALL.pretraining.width
        assert record.pretraining.images == SMALL.train_images
        assert set(record.robust_accuracy) == {"fgm", "pgd_20", "pgd_100"}
        assert record.environment["packages"]["torch"] == torch.__version__
        assert record.environment["backend"] == "torch cpu"
    assert "no_catastrophic_overfitting" in records["fgm"].sanity
    assert "no_catastrophic_overfitting" not in records["none"].sanity


def test_heads_of_comparison_labels_and_pairs(data, tmp_path) -> None:
    heads = ["--head", "adversarial", "--head", "finetune", "--head", "pretrained"]
    assert main(arguments(data, tmp_path, *heads)) == 0
    assert main(arguments(data, tmp_path, "--objective", "contrastive", "--labels", "disjoint")) == 0
    found = [(run.pretraining.objective, run.head, run.labels) for run in runs(load_records(tmp_path))]
    expected = [("supervised", head, "same") for head in ("adversarial", "finetune", "pretrained")]
    assert sorted(set(found)) == sorted([*expected, ("contrastive", "clean", "disjoint")])
    assert len(found) == 8


@pytest.mark.skipif(why_no_suite() is not None, reason=str(why_no_suite()))
@pytest.mark.filterwarnings("default")
def test_the_independent_suite_attacks_the_network_itself(data, tmp_path) -> None:
    assert main(arguments(data, tmp_path, "--suite")) == 0
    for run in runs(load_records(tmp_path)):
        assert {"apgd_ce", "apgd_dlr", "square"} < set(run.robust_accuracy)


def test_a_run_stopped_anywhere_ends_with_the_same_record(data, tmp_path, monkeypatch) -> None:
    assert main(arguments(data, tmp_path / "whole")) == 0
    stopped, make = tmp_path / "stopped", execute.write_whole
    for left in (1, 2):

        def write(path: Path, text: str, countdown: list[int] = [left]) -> None:  # noqa: B006 - it counts
            make(path, text)
            countdown[0] -= 1
            if not countdown[0]:
                raise KeyboardInterrupt

        monkeypatch.setattr(execute, "write_whole", write)
        assert main(arguments(data, stopped)) != 0
    monkeypatch.setattr(execute, "write_whole", make)
    assert main(arguments(data, stopped)) == 0
    names = sorted(path.name for path in (tmp_path / "whole").glob("*.json"))
    assert names == sorted(path.name for path in stopped.glob("*.json"))
    for name in names:
        assert timeless(stopped / name) == timeless(tmp_path / "whole" / name)


def test_frozen_heads_leave_the_encoder_alone() -> None:
    from gpu_experiments.resnet.backend import torch_backend
    from gpu_experiments.resnet.heads import HeadTraining, clean_head, features_of
    from gpu_experiments.resnet.model import ResNetModel
    from gpu_experiments.resnet.pretraining import pretrain_resnet
    from numerics.streams import Streams
    from tests.gpu_experiments.small_resnet import patterns

    images, backend, streams = patterns(56), torch_backend("numpy"), Streams(0)
    before = ResNetModel(pretrain_resnet(plan(), images, streams, backend).network)
    clean, excess = clean_head(before, images, 4, 0.3, 300, backend)
    assert excess >= 0
    x = backend.asarray(images.pixels, "float32") / 255
    assert torch.equal(before.features(x), clean.features(x))
    assert torch.equal(clean.logits(x), clean.network.head(features_of(clean, images.pixels, backend)))
    training = HeadTraining(plan=plan(), epochs=1, learning_rate=0.01)
    head = training.adversarial_head(clean, images, 8 / 255, streams, backend)
    assert torch.equal(head.features(x), clean.features(x))
    assert not torch.equal(head.logits(x), clean.logits(x))
    tuned = training.fine_tuned(clean, images, streams, backend)
    assert not torch.equal(tuned.features(x), clean.features(x))


def test_profiles_are_of_the_sizes_that_they_record() -> None:
    full = RESNET_PROFILES["full"]
    assert full.train_images > full.pretraining.held_out + full.pretraining.batch
    assert replace(full.pretraining, attack="fgm", eps=8 / 256).strides == (10 / 256,)  # exact in binary
