"""Weight files: `.npz` with `W`, `b`, a head, a dictionary and the name of the activation; never executed."""

import io
from pathlib import Path

import numpy as np

from numerics.backend import to_numpy
from numerics.training import SupervisedRecord
from purecheck.files import write_whole


def save_supervised(path: Path, record: SupervisedRecord) -> None:
    """Write the trained networks of a run: `W (replicas, d, H)`, `a (replicas, H)`, `b (H,)`, `M (d, d)`.

    Raises
    ------
    OSError
        If the folder of `path` cannot be written.
    """
    net, plan = record.net, record.plan
    d = plan.law.d
    content = io.BytesIO()
    np.savez(
        content,
        W=to_numpy(net.W),
        a=to_numpy(net.a),
        b=np.full(plan.hidden, plan.b),
        M=np.eye(d) if plan.M is None else plan.M,
        activation=np.asarray("gate"),
    )
    write_whole(path, content.getvalue())
