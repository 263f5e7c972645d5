"""The worst case is the minimum over the ladder, image by image; flags fire on a ladder that is broken."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from gpu_experiments.ladder import rung as rungs
from gpu_experiments.ladder.attacks import FGM, PGD
from gpu_experiments.ladder.ball import ImageBall, covering_radius
from gpu_experiments.ladder.climbing import Found
from gpu_experiments.ladder.losses import margin
from gpu_experiments.ladder.rung import Rung, Targets, attacked_margins
from gpu_experiments.ladder.sanity import at_chance, increases, ordered, sanity_flags
from numerics.backend import select_backend
from numerics.streams import Streams
from tests.gpu_experiments.ladder.models import PIXELS, drawn_images, linear_model

NUMPY = select_backend("numpy")
LADDER = {"fgm": FGM(), "pgd_5": PGD(5), "pgd_20": PGD(20, restarts=2)}


@dataclass(frozen=True)
class Idle:
    """An attack that is broken: it returns the images as they are."""

    def __call__(self, model, x, labels, ball, rng) -> Found:
        return Found(x, margin(model.logits(x), labels))


def targets(n: int = 200) -> Targets:
    """A linear model that is right on nearly all of `n` images."""
    model, x = linear_model(NUMPY, 1, 3), drawn_images(NUMPY, 2, n)
    labels = np.argmax(model.logits(x), axis=1)
    labels[:5] = (labels[:5] + 1) % 3
    return Targets(replace(model, chunk=50), x, labels)


def climbed(attacks, sizes=(0.01, 0.03, 0.09)) -> list[Rung]:
    """The ladder of these attacks."""
    aim = targets()
    return [
        Rung(eps, aim.margin, {name: attacked_margins(aim, one, ImageBall(eps), Streams(0)) for name, one in attacks})
        for eps in sizes
    ]


def flags(attacks, silent=()) -> dict[str, bool]:
    aim = targets()
    large = ImageBall(covering_radius("linf", PIXELS))
    covered = attacked_margins(aim, attacks.get("pgd_20", Idle()), large, Streams(0))
    black_box = [name for name in attacks if name == "blind"]
    return sanity_flags(
        climbed(attacks.items()),
        [name for name in attacks if name not in black_box],
        black_box,
        [name for name in attacks if name not in silent],
        covered,
        3,
    )


def test_worst_case_is_the_minimum_over_the_ladder_and_at_most_each_accuracy() -> None:
    for rung in climbed(LADDER.items()):
        stays = [rung.clean < 0, *(rung.margins[name] < 0 for name in LADDER)]
        assert rung.worst_case == np.mean(np.min(stays, axis=0))
        assert all(rung.worst_case <= rung.robust_accuracy(name) <= np.mean(rung.clean < 0) for name in LADDER)


def test_misclassified_images_are_not_attacked_and_sections_cover_all_others(monkeypatch: pytest.MonkeyPatch) -> None:
    aim = targets(20)
    seen = []

    @dataclass(frozen=True)
    class Counting(Idle):
        def __call__(self, model, x, labels, ball, rng) -> Found:
            seen.extend(x[:, 0, 0, 0].tolist())
            return super().__call__(model, x, labels, ball, rng)

    monkeypatch.setattr(rungs, "SECTION_BYTES", 4 * 10 * PIXELS * 8)
    assert rungs.section_size(aim.x) == 4
    np.testing.assert_array_equal(attacked_margins(aim, Counting(), ImageBall(0.1), Streams(0)), aim.margin)
    assert seen == aim.x[aim.right, 0, 0, 0].tolist()


def test_a_sound_ladder_raises_no_flag() -> None:
    assert all(flags(LADDER).values())
    assert set(flags(LADDER)) == {"monotone_in_eps", "monotone_in_steps", "loss_increases", "large_eps_reaches_chance"}


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
