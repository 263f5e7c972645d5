"""The worst case is the minimum over all attacks, image by image; flags fire on a broken evaluation."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from gpu_experiments.attacks import evaluation as evaluation_module
from gpu_experiments.attacks.ascent import WorstImages
from gpu_experiments.attacks.ball import ImageBall, covering_radius
from gpu_experiments.attacks.evaluation import ImageEvaluation, Targets, attacked_margins
from gpu_experiments.attacks.sanity import at_chance, increases, ordered, sanity_flags
from gpu_experiments.attacks.white_box import FGM, PGD
from numerics.backend import select_backend
from numerics.classification import margin
from numerics.streams import Streams
from tests.gpu_experiments.attacks.models import PIXELS, drawn_images, linear_model

NUMPY = select_backend("numpy")
ATTACKS = {"fgm": FGM(), "pgd_5": PGD(5), "pgd_20": PGD(20, restarts=2)}


@dataclass(frozen=True)
class Idle:
    """An attack that is broken: it returns the images as they are."""

    def __call__(self, model, x, labels, ball, rng) -> WorstImages:
        return WorstImages(x, margin(model.logits(x), labels))


def targets(n: int = 200) -> Targets:
    """A linear model that is right on nearly all of `n` images."""
    model, x = linear_model(NUMPY, 1, 3), drawn_images(NUMPY, 2, n)
    labels = np.argmax(model.logits(x), axis=1)
    labels[:5] = (labels[:5] + 1) % 3
    return Targets(replace(model, chunk=50), x, labels)


def evaluated(attacks, sizes=(0.01, 0.03, 0.09)) -> list[ImageEvaluation]:
    """The evaluation of these attacks at each size."""
    aim = targets()
    return [
        ImageEvaluation(
            eps, aim.margin, {name: attacked_margins(aim, one, ImageBall(eps), Streams(0)) for name, one in attacks}
        )
        for eps in sizes
    ]


def flags(attacks, silent=()) -> dict[str, bool]:
    aim = targets()
    large = ImageBall(covering_radius("linf", PIXELS))
    covered = attacked_margins(aim, attacks.get("pgd_20", Idle()), large, Streams(0))
    black_box = [name for name in attacks if name == "blind"]
    return sanity_flags(
        evaluated(attacks.items()),
        [name for name in attacks if name not in black_box],
        black_box,
        [name for name in attacks if name not in silent],
        covered,
        3,
    )


def test_worst_case_is_the_minimum_over_the_attacks_and_at_most_each_accuracy() -> None:
    for evaluation in evaluated(ATTACKS.items()):
        stays = [evaluation.clean < 0, *(evaluation.margins[name] < 0 for name in ATTACKS)]
        assert evaluation.worst_case == np.mean(np.min(stays, axis=0))
        assert all(
            evaluation.worst_case <= evaluation.robust_accuracy(name) <= np.mean(evaluation.clean < 0)
            for name in ATTACKS
        )


def test_misclassified_images_are_not_attacked_and_sections_cover_all_others(monkeypatch: pytest.MonkeyPatch) -> None:
    aim = targets(20)
    seen = []

    @dataclass(frozen=True)
    class Counting(Idle):
        def __call__(self, model, x, labels, ball, rng) -> WorstImages:
            seen.extend(x[:, 0, 0, 0].tolist())
            return super().__call__(model, x, labels, ball, rng)

    monkeypatch.setattr(evaluation_module, "SECTION_BYTES", 4 * 10 * PIXELS * 8)
    assert evaluation_module.section_size(aim.x) == 4
    np.testing.assert_array_equal(attacked_margins(aim, Counting(), ImageBall(0.1), Streams(0)), aim.margin)
    assert seen == aim.x[aim.right, 0, 0, 0].tolist()


def test_a_sound_evaluation_raises_no_flag() -> None:
    assert all(flags(ATTACKS).values())
    assert set(flags(ATTACKS)) == {"monotone_in_eps", "monotone_in_steps", "loss_increases", "large_eps_reaches_chance"}


def test_an_attack_that_does_nothing_raises_flags() -> None:
    found = flags({"fgm": FGM(), "pgd_20": Idle()})
    assert not found["monotone_in_steps"]
    assert not found["loss_increases"]
    assert not found["large_eps_reaches_chance"]


def test_an_attack_that_keeps_its_failures_to_itself_is_not_asked_whether_it_raises_the_loss() -> None:
    attacks = {"fgm": FGM(), "pgd_20": Idle()}
    assert flags(attacks, silent=["pgd_20"])["loss_increases"]
    assert "loss_increases" not in flags(attacks, silent=attacks)


def test_a_black_box_attack_beyond_all_others_raises_a_flag() -> None:
    assert not flags({"fgm": Idle(), "blind": PGD(20)})["black_box_not_stronger"]


def test_a_smaller_attack_that_does_more_raises_a_flag() -> None:
    weak, strong = np.zeros(100, dtype=bool), np.ones(100, dtype=bool)
    assert ordered(weak, strong)
    assert not ordered(strong, weak)
    assert ordered(strong[:20], weak[:20])  # too few to tell at the suite's rate


def test_flags_that_few_images_cannot_decide_are_left_out() -> None:
    clean = -np.ones(29)
    assert increases(clean, clean + 1) is None
    assert increases(-np.ones(30), np.ones(30)) is True
    assert at_chance(-np.ones(5), 10) is None
    assert at_chance(-np.ones(10), 10) is False


def test_labels_that_are_no_classes_are_named() -> None:
    model, x = linear_model(NUMPY, 0, 5), drawn_images(NUMPY, 0, 20)
    with pytest.raises(ValueError, match="labels are 5 to 9; expected 0 to 4"):
        _ = Targets(model, x, np.arange(20) % 5 + 5).right


@pytest.mark.parametrize("change", [lambda x: 2 * x - 1, lambda x: x * 255, lambda x: x * np.nan])
def test_images_outside_the_unit_box_are_refused(change) -> None:
    with pytest.raises(ValueError, match=r"expected images in \[0, 1\]"):
        Targets(linear_model(NUMPY, 0, 5), change(drawn_images(NUMPY, 0, 20)), np.zeros(20, int))
