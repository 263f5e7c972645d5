"""The ResNet under attack: its gradients are those of its logits, and attacks stay in the ball."""

import copy

import numpy as np
import pytest

from gpu_experiments.attacks.ball import ImageBall
from gpu_experiments.attacks.evaluation import Targets, attacked_margins
from gpu_experiments.attacks.white_box import FGM, PGD
from numerics.backend import to_numpy
from numerics.classification import margin
from numerics.rounding import gamma
from numerics.streams import Streams
from tests.gpu_experiments.small_resnet import CLASSES, WIDTH, patterns

pytestmark = pytest.mark.deep
torch = pytest.importorskip("torch")


@pytest.fixture(scope="module")
def trained():
    from gpu_experiments.resnet.images import DeviceImages
    from gpu_experiments.resnet.model import ResNetModel
    from gpu_experiments.resnet.network import initial_network

    images = DeviceImages.of(patterns(16), torch.device("cpu"))
    network = initial_network(WIDTH, CLASSES, images.pixels, Streams(3))
    with torch.no_grad():
        for _ in range(10):  # running statistics as after training
            network.features(images.plain())
    return ResNetModel(network)


@pytest.fixture
def model(trained):
    """A copy, since some tests change the precision."""
    return copy.deepcopy(trained)


def drawn(n: int, dtype=torch.float32):
    return torch.from_numpy(patterns(n, seed=1).pixels).to(dtype) / 255


def test_pullback_is_the_gradient_of_the_logits(model) -> None:
    model.network.double()
    x, rng = drawn(2, torch.float64), np.random.default_rng(0)
    cotangent = torch.from_numpy(rng.standard_normal((2, CLASSES)))
    logits, pull = model.linearise(x)
    assert torch.equal(logits, model.logits(x))
    along = torch.from_numpy(rng.standard_normal(tuple(x.shape)))

    def difference(h: float) -> float:
        return float(((model.logits(x + h * along) - model.logits(x - h * along)) * cotangent).sum()) / (2 * h)

    # Between ReLU's kinks the network is affine: differences have no truncation error, and their spread over steps is
    # what rounding does to them.
    found = [difference(h) for h in np.geomspace(1e-7, 1e-6, 8)]
    spread = max(found) - min(found)
    slope = float((pull(cotangent) * along).sum())
    assert min(found) - spread <= slope <= max(found) + spread
    assert spread < 1e-3 * abs(slope)  # rounding hides no error of more than a few thousandths


def test_pullback_is_autograd_of_the_bare_network(model) -> None:
    x = drawn(3)
    cotangent = torch.ones(3, CLASSES)
    here = x.clone().requires_grad_()
    (model.network(here) * cotangent).sum().backward()
    assert torch.equal(model.linearise(x)[1](cotangent), here.grad)


def test_chunks_change_nothing_but_rounding(model, monkeypatch) -> None:
    x, cotangent = drawn(5).double(), torch.ones(5, CLASSES, dtype=torch.float64)
    cotangent[:, 1:] = 0
    model.network.double()
    whole, pull = model.linearise(x)
    monkeypatch.setattr(type(model), "chunk", 2)
    parts, pull_parts = model.linearise(x)
    assert parts.shape == whole.shape
    for one, other in ((whole, parts), (pull(cotangent), pull_parts(cotangent))):
        # what is computed image by image differs by the order of sums alone; half of all digits are far from that
        assert float((one - other).abs().max()) <= 2**-26 * float(one.abs().max())


@pytest.mark.parametrize("norm", ["linf", "l2"])
@pytest.mark.parametrize("attack", [FGM(), PGD(4, restarts=2)])
def test_attacks_stay_in_the_ball_and_never_lower_the_margin(model, attack, norm) -> None:
    x = drawn(6)
    labels = model.logits(x).argmax(1)
    ball = ImageBall(0.03 if norm == "linf" else 0.7, norm)
    found = attack(model, x, labels, ball, np.random.default_rng(0))
    moved = (found.points - x).reshape(6, -1).double()
    size = moved.abs().amax(1) if norm == "linf" else torch.linalg.vector_norm(moved, dim=1)
    assert float(size.max()) <= ball.eps * (1 + gamma(3080, "float32")) + gamma(4, "float32") * np.sqrt(3072)
    assert float(found.points.min()) >= 0
    assert float(found.points.max()) <= 1
    assert bool((found.margin >= margin(model.logits(x), labels)).all())
    assert bool((found.margin > margin(model.logits(x), labels)).any())


def test_attacks_take_tensors(model) -> None:
    x = drawn(6)
    targets = Targets(model, x, model.logits(x).argmax(1))
    found = attacked_margins(targets, PGD(3), ImageBall(0.05), Streams(0))
    assert found.dtype == np.float64
    assert np.all(found >= to_numpy(targets.margin))
