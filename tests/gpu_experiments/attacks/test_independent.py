"""The mirror agrees with our model, and the independent suite attacks it within the ball, reproducibly."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from gpu_experiments.attacks.ball import ImageBall
from gpu_experiments.attacks.independent import Independent, why_no_suite
from gpu_experiments.models.classifier import PatchClassifier
from gpu_experiments.models.encoder import PatchEncoder, Preprocessing
from numerics.activations import ACTIVATIONS, ActivationName
from numerics.classification import margin
from numerics.rounding import gamma

pytestmark = [
    pytest.mark.deep,
    pytest.mark.skipif(why_no_suite() is not None, reason=str(why_no_suite())),
]


def small_classifier(activation: ActivationName, seed: int = 0) -> PatchClassifier:
    rng = np.random.default_rng(seed)

    def draw(*shape: int) -> np.ndarray:
        return rng.standard_normal(shape).astype(np.float32)

    steps = Preprocessing(np.full(108, 0.5, np.float32), np.eye(108, dtype=np.float32) + 0.01 * draw(108, 108))
    encoder = PatchEncoder(0.3 * draw(108, 8), np.full(8, 0.4, np.float32), activation, steps)
    return PatchClassifier(encoder, draw(encoder.width, 4), draw(4))


def images(n: int) -> np.ndarray:
    return np.random.default_rng(1).random((n, 3, 32, 32), dtype=np.float32)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_mirror_agrees_to_rounding_and_is_refused_with_other_weights(activation) -> None:
    from gpu_experiments.attacks.mirror import Mirror, require_agreement

    model, x = small_classifier(activation), images(3)
    require_agreement(model, Mirror(model), x)
    other = replace(model, c0=model.c0 + np.float32(1e-2) * np.abs(model.C).sum())
    with pytest.raises(RuntimeError, match="mirror"):
        require_agreement(model, Mirror(other), x)


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("method", ["apgd_ce", "apgd_dlr", "square"])
@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_suite_stays_in_the_ball_raises_the_margin_and_repeats(method, norm) -> None:
    model, x = small_classifier("gate"), images(4)
    labels = np.argmax(model.logits(x), axis=1)
    ball = ImageBall(0.02 if norm == "linf" else 0.5, norm)
    before = np.random.get_state()[1]  # type: ignore[index] # noqa: NPY002
    found, again = (Independent(method, steps=5)(model, x, labels, ball, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(found.points, again.points)
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # type: ignore[index] # noqa: NPY002
    moved = (found.points - x).reshape(4, -1).astype(np.float64)
    size = np.abs(moved).max(axis=1) if norm == "linf" else np.linalg.norm(moved, axis=1)
    assert np.all(size <= ball.eps * (1 + gamma(3080, "float32")) + gamma(4, "float32") * np.sqrt(3072))
    assert np.mean(found.margin > margin(model.logits(x), labels)) > 0


@pytest.mark.filterwarnings("default")
def test_networks_in_pytorch_are_attacked_as_they_are() -> None:
    import torch

    @dataclass
    class Network:
        network: torch.nn.Module
        chunk: int = 2

        def logits(self, x: torch.Tensor) -> torch.Tensor:
            with torch.no_grad():
                return self.network(x)

    torch.manual_seed(0)
    model = Network(torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3072, 4)).eval())
    x = torch.tensor(images(5))
    labels = torch.argmax(model.logits(x), dim=1)
    found = Independent("apgd_ce", steps=3)(model, x, labels, ImageBall(0.1), np.random.default_rng(0))  # type: ignore[arg-type]
    assert bool(torch.any(found.margin > margin(model.logits(x), labels)))
