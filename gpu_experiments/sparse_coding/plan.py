"""The plan of an examination of patches: how many of them, which dictionaries, and the rates of its tests."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gpu_experiments.protocol.profiles import PROFILES as PROTOCOL
from gpu_experiments.protocol.profiles import ProtocolSettings


@dataclass(frozen=True, kw_only=True)
class SparseCodingPlan:
    """The plan of an examination of patches.

    Attributes
    ----------
    fitted, held_out : int
        Largest numbers of patches to which dictionaries are fitted and for which statistics are computed: one of each
        image, so that they are independent.
    passes : int
        Passes of dictionary learning over the fitted patches.
    iterations : int
        Largest number of iterations of FastICA.
    overcompleteness : int
        Atoms of the larger dictionary for each dimension.
    threshold : float
        A coefficient is active if it explains at least the square of this times the mean variance of a direction.
    residual : float
        Share of a patch's energy that the codes of stated error may leave.
    steps : int
        Largest number of coefficients in a code.
    false_alarm : float
        Rate at which each test, and each interval over held-out patches, may err.
    blocks : int
        Number of blocks of held-out patches that the jackknife leaves out in turn.
    """

    fitted: int = 20_000
    held_out: int = 6_000
    passes: int = 2
    iterations: int = 200
    overcompleteness: int = 2
    threshold: float = 1.5
    residual: float = 0.2
    steps: int = 64
    false_alarm: float = 1e-3
    blocks: int = 20


PROFILES = {
    "quick": SparseCodingPlan(fitted=10_000, held_out=5_000),
    "full": SparseCodingPlan(fitted=50_000, held_out=10_000, passes=8),
}

NETWORKS: dict[str, ProtocolSettings] = {
    "small": replace(PROTOCOL["quick"], name="small", train_images=10_000, epochs=4),
    **PROTOCOL,
}
"""How the examined networks are pre-trained: `small`, or as `cifar10 inheritance` does under that profile."""
