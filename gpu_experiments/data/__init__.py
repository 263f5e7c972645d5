"""Images with labels: readers of all published forms of CIFAR-10, and subsets of it."""

from gpu_experiments.data.discovery import open_dataset
from gpu_experiments.data.images import Dataset, FileFound, Images, Provenance, Verdict
from gpu_experiments.data.subsets import COARSE, coarse, disjoint_classes, subset, train_subset

__all__ = [
    "COARSE",
    "Dataset",
    "FileFound",
    "Images",
    "Provenance",
    "Verdict",
    "coarse",
    "disjoint_classes",
    "open_dataset",
    "subset",
    "train_subset",
]
