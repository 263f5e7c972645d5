"""What the experiments need of the memory, counted before any of them runs."""

from collections.abc import Iterator

from sympy import Integer

from numerics.contrastive.training import ContrastivePlan, Linear, train_contrastive
from numerics.features import FeatureLaw
from numerics.memory import MemoryEstimate
from numerics.memory_estimates import contrastive_memory, supervised_memory
from numerics.streams import Streams
from numerics.training import SupervisedPlan, train_supervised
from purecheck.experiments import (
    activation_arms,
    activation_measured,
    arms,
    contrastive_arms,
    contrastive_measured,
    exact_arms,
    linear_arms,
    measured,
)
from purecheck.runtime.context import Context
from theory.contrastive_training import bottleneck, isometric
from theory.training.arms import SUPERVISED_ARMS
from theory.training.small_networks import SMALL_ATTACKED, SMALL_CLEAN


def memory_estimates(context: Context) -> Iterator[MemoryEstimate]:
    """What every arm and every measurement holds, whichever claims ask for it; `kept` lasts as long as the run."""
    for supervised_arm in SUPERVISED_ARMS:
        yield supervised_memory(arms.plan(supervised_arm, context))
    # These networks are measured and let go, one arm after the other.
    one_by_one = (supervised_memory(activation_arms.plan(arm, context)) for arm in activation_arms.ARMS)
    yield max(one_by_one, key=lambda work: work.least(1))
    for pair_arm in contrastive_arms.every_arm():
        yield contrastive_memory(contrastive_arms.plan(pair_arm, context))
    # Attacks change no size: an arm without one stands for the others, which leave a few KiB a seed.
    for linear_arm in (isometric(Integer(0)), bottleneck(1, Integer(0)), bottleneck(3, Integer(0))):
        yield contrastive_memory(linear_arms.plan(linear_arm, context))
    for small_arm in (SMALL_CLEAN, SMALL_ATTACKED):
        yield supervised_memory(exact_arms.plan(small_arm, context))
    yield exact_arms.MEASURING
    yield from (measured.FITTING, measured.ATTACKING, activation_measured.MEASURING)
    yield from (contrastive_measured.PAIRED, contrastive_measured.FITTING, contrastive_measured.ATTACKING)


def warm_up(context: Context) -> None:
    """Trains the smallest networks of either kind, so that libraries and compiled code are loaded."""
    law = FeatureLaw.unit_energy(2, 0.5)
    train_supervised(SupervisedPlan(law=law, hidden=2, b=0.1, steps=1, batch=2), Streams(0), 1, context.backend)
    train_contrastive(ContrastivePlan(law=law, encoder=Linear(1), steps=1, batch=2), Streams(0), 1, context.backend)
