"""Training steps and updates, by the implementation that suits the arrays."""

from numerics.training.engine.choose import choose_step, choose_updates
from numerics.training.engine.contract import StepShape, TrainingStep
from numerics.training.engine.gated import GatedStep
from numerics.training.engine.portable import PortableStep

__all__ = ["GatedStep", "PortableStep", "StepShape", "TrainingStep", "choose_step", "choose_updates"]
