"""What an audit concludes of every network: criteria with their reasons, and intervals over observations."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from numerics.arrays import Floats
from numerics.statistics import mean_interval
from purecheck.auditing.measured import Measurements
from purecheck.auditing.plan import AuditPlan
from purecheck.auditing.structure import StructureName
from purecheck.verdicts.error_rates import FALSE_ALARM

_T = TypeVar("_T", bound=Hashable)

MASKED = 1.5
"""A network is masked if its risk is more than this many times what gradients find: the factor of claim E8."""


@dataclass(frozen=True)
class AuditVerdict:
    """What holds of one network, or of more than half of its replicas; None where that cannot be told.

    Attributes
    ----------
    structure
        Kind of the layer.
    purified
        The layer is pure or purified, and its map has less cross-talk than that of the least mixture.
    gradient_masked
        The adversarial risk is more than `MASKED` times the risk that the better of FGM and PGD finds. True if an
        attack finds as much, False if nothing can, by P2's bound or by the exact attack's.
    computes_linear_function
        What is not linear in its output is hidden in the noise, or less than in random layers.
    inherits_robustness
        A clean head for a new target has, under the strongest attack, a risk below that of the constant 0.
    """

    structure: StructureName | None
    purified: bool
    gradient_masked: bool | None
    computes_linear_function: bool | None
    inherits_robustness: bool | None


def verdicts(measured: Measurements, plan: AuditPlan) -> tuple[AuditVerdict, ...]:
    """One verdict a replica."""
    return tuple(_verdict(measured, plan, one) for one in range(len(measured.structure)))


def overall(found: tuple[AuditVerdict, ...]) -> AuditVerdict:
    """What more than half of the replicas agree on."""
    return AuditVerdict(
        structure=_majority(one.structure for one in found),
        purified=bool(_majority(one.purified for one in found)),
        gradient_masked=_majority(one.gradient_masked for one in found),
        computes_linear_function=_majority(one.computes_linear_function for one in found),
        inherits_robustness=_majority(one.inherits_robustness for one in found),
    )


def least_mixture_cross_talk(p: float) -> float:
    """The share of cross-talk in the effective map of a mixture of order 2, which is `(1 - p)/(2 - 3p/2)`.

    Of two features, `theta` being fitted: exactly one is active with probability `2 p (1 - p)`, both nodes fire, and
    half of `||beta||^2 = ||theta||^2` is off the support on average. Both active, none is off. Divided by P5's `pi_2`.
    """
    return (1 - p) / (2 - 1.5 * p)


def strongest_attack(measured: Measurements) -> Floats:
    """The largest loss that any attack reached, the exact one included where it ran, `(replicas, n)`."""
    losses = measured.own.worst
    if measured.exact is None:
        return losses
    n = measured.exact.value.shape[-1]
    return np.hstack([np.maximum(losses[:, :n], measured.exact.value), losses[:, n:]])


def ceiling(measured: Measurements) -> Floats:
    """What no attack exceeds, by P2's bound and by that of the exact attack, `(replicas, n)`; NaN where neither holds.

    On certified observations it is the prediction.
    """
    bound = measured.own.universal
    if measured.exact is None:
        return bound
    n = measured.exact.bound.shape[-1]
    return np.hstack([np.minimum(bound[:, :n], measured.exact.bound), bound[:, n:]])


def _verdict(measured: Measurements, plan: AuditPlan, one: int) -> AuditVerdict:
    kind, limit = measured.structure[one].name, least_mixture_cross_talk(plan.p)
    screened = _above_zero(limit * measured.map.norms[one] - measured.map.off[one])
    return AuditVerdict(
        structure=kind,
        purified=kind in ("pure", "purified") and screened is True,
        gradient_masked=_masked(
            measured.own.by_gradients[one], strongest_attack(measured)[one], ceiling(measured)[one]
        ),
        computes_linear_function=measured.linearity[one].linear,
        inherits_robustness=_above_zero(1 - measured.inherited.worst[one]),
    )


def _masked(gradients: Floats, found: Floats, bound: Floats) -> bool | None:
    if _above_zero(found - MASKED * gradients):
        return True
    if np.all(np.isfinite(bound)):
        return (
            False if mean_interval(bound - MASKED * gradients, "student", false_alarm=FALSE_ALARM).high <= 0 else None
        )
    return None


def _above_zero(values: Floats) -> bool | None:
    """Whether the mean of the law is above 0; None where the interval holds 0."""
    interval = mean_interval(values, "student", false_alarm=FALSE_ALARM)
    return True if interval.low > 0 else False if interval.high < 0 else None


def _majority(values: Iterable[_T | None]) -> _T | None:
    given = list(values)
    return next((side for side in given if side is not None and 2 * given.count(side) > len(given)), None)
