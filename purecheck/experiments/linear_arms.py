"""Linear contrastive encoders, with as many outputs as features or with fewer, trained by stochastic gradients."""

from math import ceil

import numpy as np

from numerics.arrays import Floats
from numerics.backend import to_numpy
from numerics.contrastive.encoder import LinearEncoder
from numerics.contrastive.training import ContrastivePlan, ContrastiveRecord, Linear, train_contrastive
from numerics.features import ConstantAmplitude, FeatureLaw
from numerics.purity import participation_ratio, subspace_participation
from purecheck.experiments.arms import BATCH
from purecheck.runtime.context import Context
from theory.contrastive_training import LinearArm


def trained(arm: LinearArm, context: Context) -> ContrastiveRecord:
    """The trained replicas of an arm, one for each seed of the profile; the data are the same for every attack."""
    return context.once(f"linear/{arm}", lambda: _train(arm, context))


def _train(arm: LinearArm, context: Context) -> ContrastiveRecord:
    streams, seeds = context.streams.child(f"linear/{arm.d}/{arm.outputs}"), context.profile.seeds
    return train_contrastive(plan(arm, context), streams, seeds, context.backend, memory_bytes=context.memory_budget())


def plan(arm: LinearArm, context: Context) -> ContrastivePlan:
    """The plan of an arm, with the steps of the profile."""
    steps = ceil(1500 * context.profile.steps)
    return ContrastivePlan(
        law=FeatureLaw(arm.d, float(arm.p), ConstantAmplitude(1.0)),
        encoder=Linear(arm.outputs),
        attack="fgm" if arm.eps else "none",
        eps=float(arm.eps),
        steps=steps,
        batch=BATCH,
        learning_rate=arm.learning_rate,
        dtype="float64",
        record_every=steps,
    )


def eigenvalues(arm: LinearArm, context: Context) -> Floats:
    """Eigenvalues of the trained `T^T T` in ascending order, shape (seeds, d)."""
    encoder = trained(arm, context).encoder
    assert isinstance(encoder, LinearEncoder)  # noqa: S101 - these arms have no other
    return np.linalg.eigvalsh(to_numpy(encoder.gram()))


def row_participation(arm: LinearArm, context: Context) -> Floats:
    """The participation ratio averaged over the rows of the trained `T`, one number for each seed."""
    return np.asarray(participation_ratio(to_numpy(trained(arm, context).U_final)).mean(axis=-1))


def span_participation(arm: LinearArm, context: Context) -> Floats:
    """The subspace participation of the trained rows for each seed: 1 if they span `q` features, at most `d/q`."""
    return np.asarray(subspace_participation(to_numpy(trained(arm, context).U_final)))
