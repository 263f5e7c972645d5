"""The sizes of the networks and of their training, which are those of the paper."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from numerics.features import FeatureLaw
from numerics.training.plan import SupervisedPlan

ARMS = ("clean", "adversarial")


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """The networks of both arms; amplitudes are ``r = 1/sqrt(k)``, thresholds and attacks in l2 are 0.4 r.

    Attributes
    ----------
    d, k, hidden
        Numbers of features, of active features on average, and of nodes.
    replicas, steps, batch
        Networks in each arm, updates, and observations in an update.
    records
        Number of times at which purity and loss are measured along training.
    scale, learning_rate
        Norm of the initial weights, with which nodes fire at about two standard deviations, and the first rate of Adam.
    """

    d: int = 1000
    k: int = 10
    hidden: int = 10_000
    replicas: int = 20
    steps: int = 5000
    batch: int = 1024
    records: int = 50
    scale: float = 2.0
    learning_rate: float = 0.002

    def plan(self, arm: str) -> SupervisedPlan:
        """The training of one of the `ARMS`.

        Raises
        ------
        ValueError
            If a size is out of range.
        """
        share = 0.4 / math.sqrt(self.k)
        attack: dict[str, Any] = {"attack": "fgm", "norm": "l2", "eps": share} if arm == "adversarial" else {}
        return SupervisedPlan(
            law=FeatureLaw.unit_energy(self.d, self.k / self.d),
            hidden=self.hidden,
            b=share,
            scale=self.scale,
            learning_rate=self.learning_rate,
            steps=self.steps,
            batch=self.batch,
            record_every=max(1, self.steps // self.records),
            **attack,
        )

    def during(self, steps: int) -> Sizes:
        """The same networks, trained for so few `steps` that only the first of them is measured."""
        return replace(self, steps=steps, records=1)
