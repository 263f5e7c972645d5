"""Batched training of many replicas at once, with gradients derived by hand."""

from numerics.training.history import History
from numerics.training.loop import train_supervised
from numerics.training.plan import SupervisedPlan
from numerics.training.record import SupervisedRecord

__all__ = ["History", "SupervisedPlan", "SupervisedRecord", "train_supervised"]
