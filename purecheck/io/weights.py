"""Weight files: `.npz` with `W`, `b`, a head, a dictionary and the name of the activation; never executed."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from numerics.activations import ActivationName
from numerics.backend import to_numpy
from numerics.contrastive.encoder import ContrastiveNetwork
from numerics.contrastive.training import ContrastiveRecord
from numerics.training import SupervisedRecord
from numerics.training.plan import TrainingPlan
from purecheck.io.files import as_npz, write_whole


def save_supervised(path: Path, record: SupervisedRecord) -> None:
    """Write the trained networks of a run: `W (replicas, d, H)`, `a (replicas, H)`, `b (H,)`, `M (d, d)`.

    The name of the activation goes with them; thresholds are 0 where it has none.

    Raises
    ------
    OSError
        If the folder of `path` cannot be written.
    """
    net, plan = record.net, record.plan
    _save(path, plan, plan.activation, W=to_numpy(net.W), a=to_numpy(net.a), b=np.full(plan.hidden, plan.b))


def save_contrastive(path: Path, record: ContrastiveRecord) -> None:
    """Write the trained gated encoders of a run: `W (replicas, d, H)`, `C (replicas, H, q)`, `b (H,)`, `M (d, d)`.

    Raises
    ------
    OSError
        If the folder of `path` cannot be written.
    ValueError
        If the encoders are linear.
    """
    encoder = record.encoder
    if not isinstance(encoder, ContrastiveNetwork):
        raise ValueError(f"record holds encoders of type {type(encoder).__name__}; expected gated ones")
    _save(path, record.plan, encoder.activation, W=to_numpy(encoder.W), C=to_numpy(encoder.C), b=to_numpy(encoder.b)[0])


def _save(path: Path, plan: TrainingPlan, activation: ActivationName, **arrays: NDArray[np.floating]) -> None:
    M = np.eye(plan.law.d) if plan.M is None else plan.M
    write_whole(path, as_npz({**arrays, "M": M, "activation": np.asarray(activation)}))
