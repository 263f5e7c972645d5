"""What a network is for, on data of the user: classes, a sign, or a regression; and what an attack raises."""

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from numerics.arrays import Floats
from numerics.classification import LossName, ascent_direction, margin

TaskName: TypeAlias = Literal["classes", "sign", "regression"]
TASKS: tuple[TaskName, ...] = get_args(TaskName)


@dataclass(frozen=True, eq=False)
class Task:
    """Targets, and how far outputs are from them.

    Attributes
    ----------
    name
        `classes` with targets `(n,)` out of `0, ..., q - 1`, `sign` with targets -1 and 1, `regression` with `(n, q)`.
    targets
        One for each observation.
    """

    name: TaskName
    targets: NDArray[Any]

    @property
    def classifies(self) -> bool:
        """Whether an output is right or wrong."""
        return self.name != "regression"

    def badness(self, outputs: Floats) -> Floats:
        """What an attack raises, `(n,)`: the margin, wrong from 0 on, or the squared error; infinite if no number."""
        if self.name == "classes":
            return np.asarray(margin(outputs, self.targets))
        by_sign = self.name == "sign"
        found = -self.targets * outputs[:, 0] if by_sign else np.sum((outputs - self.targets) ** 2, axis=1)
        return np.where(np.isnan(found), np.inf, found)

    def direction(self, outputs: Floats, loss: LossName) -> Floats:
        """The cotangent of the outputs along which the loss of each observation grows fastest, `(n, q)`."""
        if self.name == "classes":
            return np.asarray(ascent_direction(loss, outputs, self.targets))
        if self.name == "sign":
            return np.asarray(-self.targets[:, None] * np.ones_like(outputs))
        error = outputs - self.targets
        # at an exact fit every direction is uphill
        return np.where(np.any(error != 0, axis=1, keepdims=True), error, 1.0)

    def towards(self, outputs: Floats, rank: int) -> Floats:
        """The cotangent that raises the output of one other class above that of the right one, `(n, q)`.

        Of classes alone. The other class has the output of that `rank` (from 1) of all but the right one.
        """
        rows = np.arange(len(outputs))
        rivals = outputs.copy()
        rivals[rows, self.targets] = -np.inf
        found = np.zeros_like(outputs)
        found[rows, np.argsort(-rivals, axis=1)[:, rank - 1]] = 1
        found[rows, self.targets] = -1
        return found

    def only(self, chosen: NDArray[np.intp]) -> "Task":
        """The task on some of the observations."""
        return Task(self.name, self.targets[chosen])

    def constant(self) -> float:
        """What the best constant reaches: the share of the most frequent target, or the mean squared error."""
        if self.classifies:
            return float(np.max(np.unique(self.targets, return_counts=True)[1]) / len(self.targets))
        return float(np.mean(np.sum((self.targets - np.mean(self.targets, axis=0)) ** 2, axis=1)))

    def summary(self, badness: Floats) -> float:
        """Accuracy, or mean squared error."""
        return float(np.mean(badness < 0) if self.classifies else np.mean(badness))


def task_of(labels: NDArray[Any], outputs: int, classes: NDArray[Any] | None = None, name: str | None = None) -> Task:
    """The task with these labels.

    Parameters
    ----------
    labels
        `(n,)`, or `(n, q)` for a regression with several outputs.
    outputs
        Number of outputs of the network.
    classes
        Labels of the outputs in their order where the network names them; two for one output with a sign.
    name
        Out of `TASKS`; None infers it: integers with several outputs are classes, two values with one output a sign,
        all else a regression.

    Raises
    ------
    ValueError
        If the labels do not fit the outputs.
    """
    if name is not None and name not in TASKS:
        raise ValueError(f"task is {name!r}; expected one of {', '.join(TASKS)}")
    values = np.unique(labels)
    if classes is not None and name != "regression":
        strange = [one for one in values.tolist() if one not in classes.tolist()]
        if strange:
            raise ValueError(
                f"labels hold {strange[0]!r}; expected the classes of the network, {classes.tolist()[:12]}"
            )
        labels, values = np.searchsorted(classes, labels), np.arange(len(classes))
    if labels.dtype.kind not in "biuf" or not np.all(np.isfinite(labels)):
        raise ValueError("labels are not all finite numbers; expected one finite number for each observation")
    if name is None:
        whole = labels.ndim == 1 and np.array_equal(labels, np.round(labels))
        two = outputs == 1 and len(values) <= 2 and set(values.tolist()) in ({-1, 1}, {0, 1}, {1}, {0}, {-1})
        name = "classes" if outputs > 1 and whole else "sign" if two else "regression"
    if name == "classes":
        if (
            labels.ndim != 1
            or not np.array_equal(labels, np.round(labels))
            or not (outputs > 1 and 0 <= labels.min() <= labels.max() < outputs)
        ):
            raise ValueError(
                f"labels have shape {labels.shape} and are {labels.min():g} to {labels.max():g}; expected the numbers "
                f"of the {outputs} outputs, 0 to {outputs - 1}"
            )
        return Task("classes", labels.astype(np.int64))
    if name == "sign":
        if outputs != 1 or labels.ndim != 1 or len(values) > 2:
            raise ValueError(
                f"labels have {len(values)} values for {outputs} outputs; expected two values for one output"
            )
        return Task("sign", np.where(labels > (0 if values.min() < 0 else 0.5), 1.0, -1.0))
    wanted = labels[:, None] if labels.ndim == 1 else labels
    if wanted.ndim != 2 or wanted.shape[1] != outputs:
        raise ValueError(f"labels have shape {labels.shape}; expected one number for each of the {outputs} outputs")
    return Task("regression", wanted.astype(np.float64))
