"""How pure a layer is along the training of a PyTorch module, recorded by a callback in a loop of the user."""

from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from typing import Any

import numpy as np

from numerics.arrays import Floats
from numerics.streams import Streams
from purecheck.auditing.data_layer import Dictionary, dictionary_of, layer_facts
from purecheck.auditing.on_data import map_of
from purecheck.networks.modules import is_module, observed
from purecheck.networks.units import UnitName, expect_unit

MEASURED = ("participation_ratio", "cross_talk", "firing_rate", "gate_ratio")
"""What is recorded; participation and cross-talk need a dictionary."""


@dataclass(frozen=True)
class Recorded:
    """What was measured at one step; None where there is no number, as without a dictionary.

    Attributes
    ----------
    step
        Number of the call, or the step that was given.
    values
        The quantities of `MEASURED`, each a mean over the nodes that fire.
    """

    step: int
    values: Mapping[str, float | None]


class PurityMonitor:
    """Records how pure a layer is while it is trained: call it once in each step of the loop.

    The module is evaluated on the `inputs` in evaluation mode, and left in the mode that it was in; no gradient is
    kept.

    Parameters
    ----------
    module
        A PyTorch module.
    layer
        Name of a `Linear` in `module.named_modules()`.
    inputs
        Inputs `(n, ...)` on which it is measured, the same at each step.
    activation
        What the module applies to the outputs of the layer.
    every
        Steps between two records; the first step is one.
    dictionary
        Of the inputs of the layer: `none`, `identity`, `estimated` (anew at each record) or an orthogonal matrix.
    seed
        Root of the random starts of an estimate.

    Raises
    ------
    ValueError
        If an argument is not as expected.

    Notes
    -----
    In a loop::

        monitor = PurityMonitor(module, "0", inputs, every=50)
        for batch in batches:
            train_on(batch)
            monitor()
        monitor.plot("purity.png")
    """

    def __init__(
        self,
        module: Any,
        layer: str,
        inputs: Any,
        *,
        activation: UnitName = "relu",
        every: int = 100,
        dictionary: str | Floats = "none",
        seed: int = 0,
    ) -> None:
        if not is_module(module):
            raise ValueError(f"module is {type(module).__name__}; expected a PyTorch module")
        if every < 1:
            raise ValueError(f"every is {every}; expected at least 1")
        self.module, self.layer, self.inputs = module, layer, np.asarray(inputs)
        self.activation, self.every, self.dictionary = expect_unit(activation), every, dictionary
        self.history: list[Recorded] = []
        self._streams, self._calls = Streams(seed).child("monitor"), 0
        self.measure()  # a wrong name or shape is told before the training

    def __call__(self, step: int | None = None) -> None:
        """Record if it is time to, at the step that is given, or at the number of this call from 0."""
        at = self._calls if step is None else step
        self._calls += 1
        if at % self.every == 0:
            self.history.append(Recorded(at, self.measure()))

    def measure(self) -> dict[str, float | None]:
        """The quantities of `MEASURED` as the module is now."""
        seen = observed(self.module, self.layer, self.activation, self.inputs)
        dictionary: Dictionary = dictionary_of(self.dictionary, seen.below, self._streams)
        facts = layer_facts(seen.layer, np.ones(seen.layer.W.shape[1]), seen.below, dictionary.M)
        found = facts.means | map_of(seen.gradients, seen.below, dictionary)
        return {name: found.get(name) for name in MEASURED}

    def series(self, name: str) -> tuple[Floats, Floats]:
        """The steps of the records and the values of one quantity, `(records,)` each; NaN where there is none.

        Raises
        ------
        ValueError
            If it is none of `MEASURED`.
        """
        if name not in MEASURED:
            raise ValueError(f"name is {name!r}; expected one of {', '.join(MEASURED)}")
        values = [one.values[name] for one in self.history]
        return (
            np.array([one.step for one in self.history], dtype=np.float64),
            np.array([np.nan if value is None else value for value in values]),
        )

    def plot(self, path: str | PathLike[str] | None = None) -> Any:
        """A figure with one panel for each quantity over the steps, written to `path` if that is given.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        ValueError
            If nothing was recorded.
        """
        if not self.history:
            raise ValueError("nothing was recorded; expected calls of the monitor in the training loop")
        from matplotlib.figure import Figure  # noqa: PLC0415 - only where something is drawn

        shown = [name for name in MEASURED if np.any(np.isfinite(self.series(name)[1]))]
        figure = Figure(figsize=(3.2 * len(shown), 2.8), layout="constrained")
        for axes, name in zip(np.atleast_1d(figure.subplots(1, len(shown))), shown, strict=True):
            axes.plot(*self.series(name), marker=".")
            axes.set(xlabel="step", title=name.replace("_", " "))
        if path is not None:
            figure.savefig(path)
        return figure
