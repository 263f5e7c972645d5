"""The data that a network is audited on, and the attack: the options of `purecheck audit`, once they make sense."""

from dataclasses import dataclass

import numpy as np

from numerics.features import ConstantAmplitude, FeatureLaw
from numerics.norms import Norm
from purecheck.auditing.given_network import LARGEST


@dataclass(frozen=True, kw_only=True)
class AuditPlan:
    """The data that a network is audited on, and the attack.

    Attributes
    ----------
    p, r, sigma
        Probability and amplitude of an active feature, and the noise of observations.
    eps, kind
        Size and norm of the attacks.
    observations
        Fresh ones for every measurement, at least 2.
    exact
        How many of them to attack exactly as well, in l1 or l_inf.
    seconds
        Limit for one programme of the exact attack.
    theta
        Target: one number for every feature, or one in all; None infers it from each output.

    Raises
    ------
    ValueError
        If a field is outside its range.
    """

    p: float
    r: float
    sigma: float
    eps: float
    kind: Norm
    observations: int
    exact: int = 0
    seconds: float = 5.0
    theta: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        if not 0 < self.p <= 1:
            raise ValueError(f"p is {self.p}; expected a probability above 0")
        if not 1 / LARGEST <= self.r <= LARGEST:
            raise ValueError(f"r is {self.r}; expected a number from {1 / LARGEST:g} to {LARGEST:g}")
        for name, value in (("sigma", self.sigma), ("eps", self.eps), ("seconds", self.seconds)):
            if not 0 <= value <= LARGEST:
                raise ValueError(f"{name} is {value}; expected a number from 0 to {LARGEST:g}")
        if self.exact and self.kind == "l2":
            raise ValueError(f"exact is {self.exact} in l2; expected norm l1 or linf for the exact attack")

        # the energy of a smaller target is below the smallest number
        if self.theta is not None and not 1 / LARGEST <= np.max(np.abs(self.theta)) <= LARGEST:
            raise ValueError(
                f"theta is {self.theta[:4]}; expected numbers up to {LARGEST:g}, not all below {1 / LARGEST:g}"
            )

    def law(self, d: int) -> FeatureLaw:
        """The law of the features."""
        return FeatureLaw(d, self.p, ConstantAmplitude(self.r))
