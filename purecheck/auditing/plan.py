"""The data that a network is audited on, and the attack: the options of `purecheck audit`, once they make sense."""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from numerics.features import ConstantAmplitude, FeatureLaw
from numerics.norms import Norm
from purecheck.auditing.given_network import GivenNetwork
from purecheck.networks.tensors import LARGEST

ATTACK_SHARE = 0.4
"""Default size of an l2 attack as a multiple of the amplitude: that of E2. P2 certifies a purified layer with
thresholds of half of the amplitude up to 1/2."""
SMALL, EXACT = 64, 5
"""Up to `SMALL` nodes, counted for every output of every replica, `EXACT` observations are attacked exactly."""


@dataclass(frozen=True, kw_only=True)
class AuditPlan:
    """The data that a network is audited on, and the attack.

    Attributes
    ----------
    p, r, sigma
        Probability and amplitude of an active feature, and the noise of observations.
    eps, norm
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
    norm: Norm
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
        if self.exact and self.norm == "l2":
            raise ValueError(f"exact is {self.exact} in l2; expected norm l1 or linf for the exact attack")

        # the energy of a smaller target is below the smallest number
        if self.theta is not None and not 1 / LARGEST <= np.max(np.abs(self.theta)) <= LARGEST:
            raise ValueError(
                f"theta is {self.theta[:4]}; expected numbers up to {LARGEST:g}, not all below {1 / LARGEST:g}"
            )

    def law(self, d: int) -> FeatureLaw:
        """The law of the features."""
        return FeatureLaw(d, self.p, ConstantAmplitude(self.r))


def plan_for(
    network: GivenNetwork,
    *,
    p: float = 0.1,
    r: float | None = None,
    sigma: float = 0.02,
    eps: float | None = None,
    norm: Norm = "l2",
    observations: int = 200,
    exact: int | None = None,
    seconds: float = 5.0,
    theta: tuple[float, ...] | None = None,
) -> AuditPlan:
    """The plan of an audit of `network`; what is None takes a value that suits the network.

    Parameters
    ----------
    network
        What is audited.
    r
        `1 / sqrt(p d)` where None, so that observations have energy 1.
    eps
        `0.4 r` in l2 and l1, `0.4 r / sqrt(d)` in l_inf where None.
    norm
        `l1`, `l2` or `linf`.
    exact
        Where None, 5 for a gated network of at most 64 nodes attacked in l1 or l_inf, else 0.
    p, sigma, observations, seconds, theta
        As in `AuditPlan`.

    Raises
    ------
    ValueError
        If a number is outside its range, or an exact attack is asked for where there is none.
    """
    _, d, H = network.W.shape
    amplitude = r if r is not None else 1 / sqrt(p * d) if p > 0 else 1.0
    gated = network.activation == "gate"
    if exact and not gated:
        raise ValueError(
            f"exact is {exact}; expected 0: the exact attack is on the gate, and this is {network.activation}"
        )
    small = gated and norm != "l2" and network.heads.shape[0] * network.heads.shape[1] * H <= SMALL
    return AuditPlan(
        p=p,
        r=amplitude,
        sigma=sigma,
        eps=eps if eps is not None else ATTACK_SHARE * amplitude / (sqrt(d) if norm == "linf" else 1),
        norm=norm,
        observations=observations,
        exact=exact if exact is not None else EXACT * small,
        seconds=seconds,
        theta=theta,
    )
