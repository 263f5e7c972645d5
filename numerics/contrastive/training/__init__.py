"""Batched contrastive training of many encoders at once, clean and attacked, with gradients derived by hand."""

from numerics.contrastive.training.architecture import Gated, Linear
from numerics.contrastive.training.loop import train_contrastive
from numerics.contrastive.training.plan import ContrastivePlan
from numerics.contrastive.training.record import ContrastiveHistory, ContrastiveRecord

__all__ = ["ContrastiveHistory", "ContrastivePlan", "ContrastiveRecord", "Gated", "Linear", "train_contrastive"]
