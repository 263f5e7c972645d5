"""One training step with its workspace, by the implementation that suits the arrays."""

from numerics.training.engine.choose import choose_step
from numerics.training.engine.contract import StepShape, TrainingStep
from numerics.training.engine.portable import PortableStep

__all__ = ["PortableStep", "StepShape", "TrainingStep", "choose_step"]
