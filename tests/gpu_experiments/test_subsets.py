"""Parts of a data set: the right images with the right labels, the same for the same seed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpu_experiments.data import COARSE, Images, coarse, disjoint_classes, subset, train_subset
from gpu_experiments.data.published import CLASSES
from numerics.streams import Streams

VEHICLES = ("airplane", "automobile", "ship", "truck")
SEEDS = st.integers(0, 2**32)


def numbered(labels):
    """Images of these labels whose first two pixels spell their number."""
    pixels = np.zeros((len(labels), 3, 32, 32), dtype=np.uint8)
    pixels[:, 0, 0, 0], pixels[:, 0, 0, 1] = divmod(np.arange(len(labels)), 256)
    return Images(pixels, np.asarray(labels, dtype=np.int64))


def numbers(images):
    """The number of each image."""
    return (images.pixels[:, 0, 0, 0] * np.int64(256) + images.pixels[:, 0, 0, 1]).tolist()


@given(labels=st.lists(st.integers(0, 9), min_size=1, max_size=30), data=st.data())
def test_a_subset_keeps_the_images_of_its_classes_and_relabels_them(labels, data):
    images = numbered(labels)
    classes = data.draw(st.lists(st.sampled_from(sorted(set(labels))), min_size=1, unique=True))
    found = subset(images, classes)
    assert numbers(found) == [i for i, label in enumerate(labels) if label in classes]
    assert [classes[label] for label in found.labels] == [label for label in labels if label in classes]


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        ((), r"classes is \(\); expected one or more different labels"),
        ((1, 1), r"classes is \(1, 1\); expected one or more different"),
        ((1, 5), "classes names 5; expected labels that occur, 1, 2"),
        ((-1,), "classes names -1; expected labels that occur"),
    ],
)
def test_classes_that_are_not_there_are_refused(classes, message):
    with pytest.raises(ValueError, match=message):
        subset(numbered([1, 2]), classes)


def test_coarse_labels_tell_animals_from_vehicles():
    found = coarse(numbered(range(10)), CLASSES)
    assert [COARSE[label] for label in found.labels] == [
        "vehicles" if name in VEHICLES else "animals" for name in CLASSES
    ]


def test_coarse_labels_of_a_subset_follow_the_names_of_its_classes():
    found = coarse(subset(numbered(range(10)), (8, 3)), (CLASSES[8], CLASSES[3]))
    assert found.labels.tolist() == [0, 1]
    assert numbers(found) == [3, 8]


def test_coarse_labels_of_unknown_classes_are_refused():
    with pytest.raises(ValueError, match="classes names 'apple'; expected classes of CIFAR-10, bird"):
        coarse(numbered([0]), ("apple",))


@given(count=st.integers(2, 20), seed=SEEDS)
def test_the_halves_of_the_classes_are_disjoint_complete_and_of_the_seed(count, seed):
    first, second = disjoint_classes(count, Streams(seed))
    assert sorted(first + second) == list(range(count))
    assert len(first) - len(second) == count % 2
    assert (first, second) == disjoint_classes(count, Streams(seed))


def test_other_seeds_split_the_classes_otherwise():
    assert len({disjoint_classes(10, Streams(seed)) for seed in range(20)}) > 1


def test_a_single_class_cannot_be_split():
    with pytest.raises(ValueError, match="count is 1; expected at least 2"):
        disjoint_classes(1, Streams(0))


@given(total=st.integers(1, 300), seed=SEEDS, data=st.data())
def test_smaller_training_subsets_are_part_of_larger_ones_and_of_the_seed(total, seed, data):
    images = numbered(np.arange(total) % 10)
    small, large = sorted(data.draw(st.tuples(*[st.integers(1, total)] * 2)))
    found, more = (train_subset(images, n, Streams(seed)) for n in (small, large))
    assert len(set(numbers(more))) == large
    assert numbers(more)[:small] == numbers(found) == numbers(train_subset(images, small, Streams(seed)))
    assert [i % 10 for i in numbers(more)] == more.labels.tolist()


@pytest.mark.parametrize("n", [-1, 0, 4])
def test_more_images_than_there_are_or_none_are_refused(n):
    with pytest.raises(ValueError, match=rf"n is {n}; expected 1 \.\.\. 3 images"):
        train_subset(numbered([0, 1, 2]), n, Streams(0))
