"""The default sizes of the attacks of a simulation."""

from collections.abc import Sequence

from numerics.training.plan import TrainingPlan
from purecheck.simulation.supervised import amplitude_of

ATTACK_SHARE = 0.4
"""Default size of the attack, threshold and test attack, as multiples of the amplitude: those of E2."""


def tested_sizes(given: Sequence[float], plan: TrainingPlan) -> tuple[float, ...]:
    """The attack sizes `given`; by default that of training, half of it, and a small one that P2 can certify.

    Raises
    ------
    ValueError
        If a size is negative.
    """
    for size in given:
        if not size >= 0:
            raise ValueError(f"test-eps is {size}; expected a number of at least 0")
    if given:
        return tuple(given)
    largest = plan.eps or ATTACK_SHARE * amplitude_of(plan.law)
    return (largest / 40, largest / 2, largest)
