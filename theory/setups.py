"""The setting of training runs as data: what is printed of it, and what the experiments run."""

from dataclasses import dataclass

from sympy import Rational

from theory.statistics import decimal


@dataclass(frozen=True)
class Setup:
    """Features, networks and effort that many runs share.

    Attributes
    ----------
    features, active
        Number `d` of features, and the mean number `pd` of active ones.
    nodes
        Number `H` of hidden nodes.
    noise
        Standard deviation of the observation noise.
    updates
        Updates of a quick run.
    outputs
        Outputs `q` of an encoder; 0 for a network with one head.
    """

    features: int
    active: int
    nodes: int
    noise: Rational
    updates: int
    outputs: int = 0

    @property
    def p(self) -> float:
        """Probability that a feature is active."""
        return self.active / self.features

    def says(self, *further: str) -> str:
        """One sentence; `further` are parts of it that this setting alone does not decide."""
        parts = (
            "Constant amplitude $r$",
            f"$d = {self.features}$ features, $pd = {self.active}$ active on average",
            rf"noise $\sigma = {decimal(self.noise)}$",
            *further,
        )
        return ", ".join(parts)
