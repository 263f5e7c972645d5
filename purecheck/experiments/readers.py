"""The definition of every statistic of a clause on trained networks: one reader for each statistic and kind of arm.

A reader knows the networks and the attacks; it knows no threshold and no relation.
"""

from collections.abc import Callable
from typing import TypeAlias, TypeVar

import numpy as np

from numerics.arrays import Floats
from purecheck.experiments.activation_measured import MeasuredActivation
from purecheck.experiments.activation_measured import measured as measured_activation
from purecheck.experiments.contrastive_measured import along_training, increase
from purecheck.experiments.contrastive_measured import inherited as inherited_from_pairs
from purecheck.experiments.contrastive_measured import purity as purity_of_pairs
from purecheck.experiments.curve import mixed_gain
from purecheck.experiments.exact_arms import ExactArm, found
from purecheck.experiments.linear_arms import row_participation, span_participation
from purecheck.experiments.measured import (
    Pointwise,
    attack_risks,
    clean_risk,
    inherited,
    inherited_gain,
    inherited_pointwise,
    pointwise,
    purity,
)
from purecheck.runtime.context import Context
from purecheck.verdicts.relations import Points
from theory import contrastive_training as pairs
from theory.activations import a3_trained as act
from theory.contrastive.c1q_trained import SPAN
from theory.statistics import Arm, Measurement, Statistic
from theory.training import measurements as supervised
from theory.training import small_networks as small
from theory.training.arms import SupervisedArm

Values: TypeAlias = Floats | Points
"""One number for each seed, shape (seeds,); curves, shape (records, seeds); or one number for each observation."""

Reader = Callable[[Measurement, Context], Values]
A = TypeVar("A", bound=Reader)

READERS: dict[tuple[str, type[Arm]], Reader] = {}
"""The reader of each statistic on each kind of arm."""


def reads(statistic: Statistic, arm: type[Arm]) -> Callable[[A], A]:
    """A decorator that registers the reader of a statistic on a kind of arm."""

    def register(reader: A) -> A:
        READERS[statistic.name, arm] = reader
        return reader

    return register


def read(measurement: Measurement, context: Context) -> Values:
    """The measured values, kept for the run under the name of the measurement."""
    reader = READERS[measurement.statistic.name, type(measurement.arm)]
    return context.once(kept_as(measurement), lambda: reader(measurement, context))


def per_seed(measurement: Measurement, context: Context) -> Floats:
    """The measured values of a statistic that has one number for each seed."""
    found = read(measurement, context)
    assert not isinstance(found, Points)  # noqa: S101 - callers ask for statistics of seeds alone
    return found


def kept_as(measurement: Measurement) -> str:
    """The name under which a context keeps a measurement."""
    return f"measured/{measurement.statistic.name}/{measurement}"


@reads(supervised.PARTICIPATION, SupervisedArm)
def _(one: Measurement, context: Context) -> Values:
    return purity(one.arm, context).mean


@reads(supervised.BY_ENERGY, SupervisedArm)
def _(one: Measurement, context: Context) -> Values:
    return purity(one.arm, context).energy


@reads(supervised.CLEAN_RISK, SupervisedArm)
def _(one: Measurement, context: Context) -> Values:
    return clean_risk(one.arm, context)


@reads(supervised.RISK, SupervisedArm)
def _(one: Measurement, context: Context) -> Values:
    return attack_risks(one.arm, one["ball"], context)[one["attack"].name]


@reads(supervised.MASKED, SupervisedArm)
def _(one: Measurement, context: Context) -> Values:
    risk = attack_risks(one.arm, one["ball"], context)
    return np.asarray(risk["gate_aware"] / risk["fgm"])


@reads(supervised.INHERITED_RISK, SupervisedArm)
def _(one: Measurement, context: Context) -> Values:
    return inherited(one.arm, one["ball"], context)[one["attack"].name]


@reads(supervised.GAIN, SupervisedArm)
def _(one: Measurement, context: Context) -> Values:
    return inherited_gain(one.arm, context).gain


@reads(supervised.CURVE, SupervisedArm)
def _(one: Measurement, context: Context) -> Values:
    return mixed_gain(inherited_gain(one.arm, context).participation)


@reads(supervised.CERTIFIED, SupervisedArm)
def _(one: Measurement, context: Context) -> Values:
    return np.asarray(pointwise(one.arm, one["ball"], context).certified.mean(axis=-1))


def _loss(seen: Pointwise, one: Measurement) -> Points:
    return Points(seen.losses[one["attack"].name][seen.certified])


def _predicted(seen: Pointwise) -> Points:
    return Points(seen.predicted[seen.certified], seen.slack[seen.certified])


@reads(supervised.LOSS, SupervisedArm)
def _(one: Measurement, context: Context) -> Values:
    return _loss(pointwise(one.arm, one["ball"], context), one)


@reads(supervised.PREDICTED, SupervisedArm)
def _(one: Measurement, context: Context) -> Values:
    return _predicted(pointwise(one.arm, one["ball"], context))


@reads(supervised.HEAD_LOSS, SupervisedArm)
def _(one: Measurement, context: Context) -> Values:
    return _loss(inherited_pointwise(one.arm, one["ball"], context), one)


@reads(supervised.HEAD_PREDICTED, SupervisedArm)
def _(one: Measurement, context: Context) -> Values:
    return _predicted(inherited_pointwise(one.arm, one["ball"], context))


@reads(supervised.LOSS_ANYWHERE, SupervisedArm)
def _(one: Measurement, context: Context) -> Values:
    return Points(pointwise(one.arm, one["ball"], context).losses[one["attack"].name].ravel())


@reads(supervised.UNIVERSAL, SupervisedArm)
def _(one: Measurement, context: Context) -> Values:
    seen = pointwise(one.arm, one["ball"], context)
    return Points(seen.universal.ravel(), seen.slack.ravel())


@reads(small.EXACT_LOSS, small.SmallArm)
def _(one: Measurement, context: Context) -> Values:
    return Points(found(ExactArm(one.arm, one["ball"]), context).losses[one["attack"].name].ravel())


@reads(small.EXACT_BOUND, small.SmallArm)
def _(one: Measurement, context: Context) -> Values:
    return Points(found(ExactArm(one.arm, one["ball"]), context).bound.ravel())


@reads(small.EXACT_WORST, small.SmallArm)
def _(one: Measurement, context: Context) -> Values:
    seen = found(ExactArm(one.arm, one["ball"]), context)
    return Points(seen.worst[seen.certified])


@reads(small.BOUND_WHERE_CERTIFIED, small.SmallArm)
def _(one: Measurement, context: Context) -> Values:
    seen = found(ExactArm(one.arm, one["ball"]), context)
    return Points(seen.bound[seen.certified])


@reads(small.SMALL_PREDICTED, small.SmallArm)
def _(one: Measurement, context: Context) -> Values:
    seen = found(ExactArm(one.arm, one["ball"]), context)
    return Points(seen.predicted[seen.certified], seen.slack[seen.certified])


@reads(small.SHARE, small.SmallArm)
def _(one: Measurement, context: Context) -> Values:
    return found(ExactArm(one.arm, one["ball"]), context).share(one["attack"].name)


@reads(supervised.PARTICIPATION, pairs.PairArm)
def _(one: Measurement, context: Context) -> Values:
    return purity_of_pairs(one.arm, context).mean


@reads(pairs.PAIRS_BY_ENERGY, pairs.PairArm)
def _(one: Measurement, context: Context) -> Values:
    return purity_of_pairs(one.arm, context).energy


@reads(supervised.INHERITED_RISK, pairs.PairArm)
def _(one: Measurement, context: Context) -> Values:
    return inherited_from_pairs(one.arm, one["ball"], context)[one["attack"].name]


@reads(pairs.RISE, pairs.PairArm)
def _(one: Measurement, context: Context) -> Values:
    found: Floats = getattr(increase(one.arm, one["size"], context), one["pairs"].name)
    return found


@reads(pairs.EXCESS_RISE, pairs.PairArm)
def _(one: Measurement, context: Context) -> Values:
    return increase(one.arm, one["size"], context).gap


@reads(pairs.RISE_IN_TRAINING, pairs.PairArm)
def _(one: Measurement, context: Context) -> Values:
    if one["size"] != pairs.PROBE:
        raise ValueError(f"size is {one['size']}; expected {pairs.PROBE}, which training records")
    step, rise = along_training(one.arm, context)
    found: Floats = getattr(rise, one["pairs"].name)[step >= int(one["since"])]
    return found


@reads(pairs.ROWS, pairs.LinearArm)
def _(one: Measurement, context: Context) -> Values:
    return row_participation(one.arm, context)


@reads(SPAN, pairs.LinearArm)
def _(one: Measurement, context: Context) -> Values:
    return span_participation(one.arm, context)


def _of_activation(one: Measurement, context: Context) -> MeasuredActivation:
    return measured_activation(one.arm, context)


@reads(supervised.PARTICIPATION, act.ActivationArm)
def _(one: Measurement, context: Context) -> Values:
    return _of_activation(one, context).participation


@reads(supervised.BY_ENERGY, act.ActivationArm)
def _(one: Measurement, context: Context) -> Values:
    return _of_activation(one, context).energy


@reads(supervised.CLEAN_RISK, act.ActivationArm)
def _(one: Measurement, context: Context) -> Values:
    return _of_activation(one, context).fit


@reads(act.CROSS_TALK, act.ActivationArm)
def _(one: Measurement, context: Context) -> Values:
    return _of_activation(one, context).cross_talk


@reads(act.UNCANCELLED, act.ActivationArm)
def _(one: Measurement, context: Context) -> Values:
    return _of_activation(one, context).uncancelled


@reads(supervised.INHERITED_RISK, act.ActivationArm)
def _(one: Measurement, context: Context) -> Values:
    if one["ball"] != act.FULL:
        raise ValueError(f"ball is {one['ball']}; expected {act.FULL}, in which heads are attacked")
    return _of_activation(one, context).inherited[one["attack"].name]
