"""Training of the ResNet resumes bit for bit, its arms differ in the attack alone, and it stops after a fall."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from numerics.streams import Streams
from tests.gpu_experiments.small_resnet import attacked, patterns, plan

pytestmark = pytest.mark.deep
torch = pytest.importorskip("torch")

IMAGES = patterns(56)

KILLED = """
import os, signal, sys
from pathlib import Path
from tests.gpu_experiments.small_resnet import attacked
from tests.gpu_experiments.test_resnet_training import pretrained

left, move = int(sys.argv[1]), os.replace

def replace(*paths):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    move(*paths)

os.replace = replace
pretrained(attacked(epochs=3), Path(sys.argv[2]))
"""


def pretrained(settings, checkpoint: Path | None = None, seed: int = 0, progress=None):
    from gpu_experiments.resnet.backend import torch_backend
    from gpu_experiments.resnet.pretraining import pretrain_resnet

    return pretrain_resnet(
        settings, IMAGES, Streams(seed), torch_backend("numpy"), checkpoint=checkpoint, progress=progress
    )


def objective(settings):
    from gpu_experiments.resnet.images import DeviceImages
    from gpu_experiments.resnet.objectives import Contrastive, Supervised

    held_out, rest = DeviceImages.of(IMAGES, torch.device("cpu")).split(settings.held_out)
    kind = Supervised if settings.objective == "supervised" else Contrastive
    return kind(settings, rest, held_out, Streams(0))


def same(one: dict, other: dict) -> bool:
    return one.keys() == other.keys() and all(torch.equal(x, other[name]) for name, x in one.items())


def test_a_killed_run_ends_with_the_same_numbers(tmp_path) -> None:
    stopped = tmp_path / "stopped"
    command = [sys.executable, "-c", KILLED, "2", str(stopped)]
    ended = subprocess.run(command, check=False, env=os.environ | {"PYTHONPATH": os.getcwd()})  # noqa: S603
    assert ended.returncode == -signal.SIGKILL
    assert ends_like_a_whole_run(attacked(epochs=3), stopped, tmp_path / "whole")


@pytest.mark.parametrize("attack", [{}, {"attack": "pgd", "attack_steps": 2, "eps": 8 / 255, "norm": "l2"}])
def test_an_interrupted_run_on_pairs_ends_with_the_same_numbers(attack, tmp_path) -> None:
    def interrupt(done: int, _: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    settings, stopped = plan(epochs=3, objective="contrastive", **attack), tmp_path / "stopped"
    with pytest.raises(KeyboardInterrupt):
        pretrained(settings, stopped, progress=interrupt)
    assert ends_like_a_whole_run(settings, stopped, tmp_path / "whole")


def ends_like_a_whole_run(settings, stopped: Path, other: Path) -> bool:
    """Whether a run that goes on from the checkpoint `stopped` ends with the bits of one that was not stopped."""
    from safetensors.torch import load_file

    resumed, whole = pretrained(settings, stopped), pretrained(settings, other)
    assert resumed.history == whole.history
    assert same(resumed.network.state_dict(), whole.network.state_dict())
    return same(load_file(stopped), load_file(other))


def test_checkpoints_of_another_configuration_and_broken_ones_are_refused(tmp_path) -> None:
    path = tmp_path / "checkpoint"
    pretrained(plan(epochs=1), path)
    for other in (plan(epochs=2), attacked(epochs=1)):
        with pytest.raises(ValueError, match="belongs to configuration"):
            pretrained(other, path)
    with pytest.raises(ValueError, match="belongs to configuration"):
        pretrained(plan(epochs=1), path, seed=1)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(ValueError, match="is no checkpoint"):
        pretrained(plan(epochs=1), path)


@pytest.mark.parametrize("kind", ["supervised", "contrastive"])
def test_arms_differ_in_the_attack_alone(kind) -> None:
    clean, adversarial = (objective(one) for one in (plan(objective=kind), attacked(objective=kind)))
    for epoch in (0, 1):
        pairs = list(zip(clean.batches(epoch), adversarial.batches(epoch), strict=True))
        assert len(pairs) == clean.updates
        for one, other in pairs:
            assert torch.equal(one.x, other.x)
            assert all(torch.equal(a, b) for a, b in zip(one.targets, other.targets, strict=True))
    assert not torch.equal(next(clean.batches(0)).x, next(clean.batches(1)).x)
    # without a size the attack moves nothing: the whole run is the clean one
    smallest = float(np.nextafter(np.float64(0), 1))
    attacked_by_nothing = pretrained(attacked(eps=smallest, objective=kind))
    expected = pretrained(plan(objective=kind))
    assert same(attacked_by_nothing.network.state_dict(), expected.network.state_dict())


def test_held_out_images_are_never_trained_on() -> None:
    settings = plan(flip=False, shift=0)
    here = objective(settings)
    trained = np.concatenate([batch.x.numpy() for epoch in range(3) for batch in here.batches(epoch)])
    seen = {one.tobytes() for one in trained}
    assert not seen & {one.tobytes() for one in here.held_out().x.contiguous().numpy()}
    assert len(seen) == 32


def test_similar_pairs_are_views_of_one_image() -> None:
    here = objective(plan(objective="contrastive", flip=False, shift=0))
    for batch in here.batches(0):
        y, partners = batch.targets
        alike = (batch.x == partners).flatten(1).all(1)
        assert torch.equal(alike, y > 0)


def test_learning_lowers_the_loss() -> None:
    for settings in (plan(epochs=5), attacked(epochs=5)):
        loss = pretrained(settings).history["loss"]
        assert loss[-1] < loss[0]


class Falls:
    """An objective whose held-out labels are right in the first epoch and wrong from then on."""

    def __init__(self, inner, network) -> None:
        self._inner, self._network, self._asked = inner, network, 0

    def __getattr__(self, name):
        return getattr(self._inner, name)

    def held_out(self):
        self._asked += 1
        batch = self._inner.held_out()
        with torch.no_grad():
            found = self._network(batch.x).argmax(1)
        return replace(batch, targets=(found if self._asked == 1 else (found + 1) % 4,))


def falling(settings, path: Path):
    from gpu_experiments.resnet.network import initial_network
    from gpu_experiments.resnet.training import Run, train

    inner = objective(settings)
    network = initial_network(settings.width, 4, inner.train.pixels, Streams(0))
    return train(network, settings, Falls(inner, network), Streams(0), run=Run(path, "owner"))


def test_a_fall_ends_training_at_the_epoch_before(tmp_path) -> None:
    # an attack too small to change an answer, so that the labels alone decide
    settings = attacked(eps=1e-12, epochs=4)
    found = falling(settings, tmp_path / "overfitted")
    assert found.overfitted
    assert found.history["held_out"] == (1.0, 0.0)
    again = falling(settings, tmp_path / "overfitted")
    assert again.overfitted
    assert again.history == found.history
    assert same(again.network.state_dict(), found.network.state_dict())
    unguarded = falling(replace(settings, largest_drop=2.0), tmp_path / "other")
    assert not unguarded.overfitted
    assert len(unguarded.history["held_out"]) == 4
    assert not same(unguarded.network.state_dict(), found.network.state_dict())


def test_clean_training_has_nothing_to_guard(tmp_path) -> None:
    assert not falling(plan(epochs=2), tmp_path / "clean").overfitted


def test_a_fall_is_measured_from_the_best_epoch() -> None:
    from gpu_experiments.resnet.training import has_overfitted

    assert not has_overfitted((0.5,), 0.2)
    assert not has_overfitted((0.1, 0.5, 0.31), 0.2)
    assert has_overfitted((0.5, 0.35, 0.29), 0.2)


@pytest.mark.parametrize(
    "changes",
    [{"eps": 0.1}, {"attack": "fgm"}, {"width": 0}, {"precision": "int8"}, {"largest_drop": 0.0}, {"objective": "x"}],
)
def test_plans_out_of_range_are_refused(changes) -> None:
    with pytest.raises(ValueError, match="expected"):
        plan(**changes)


def test_too_few_images_are_refused() -> None:
    with pytest.raises(ValueError, match="expected 124 at least"):
        pretrained(plan(batch=100))
