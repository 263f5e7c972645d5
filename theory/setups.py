"""The setting of training runs as data, from which it is printed and from which the experiments run."""

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
        Number of updates in a quick run.
    outputs
        Number `q` of outputs of an encoder; 0 for a network with one head.
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
        """One sentence; `further` are main clauses about what the setting alone does not decide."""
        parts = (
            f"Of $d = {self.features}$ features of constant amplitude $r$, $pd = {self.active}$ are active on average",
            rf"the noise has standard deviation $\sigma = {decimal(self.noise)}$",
            *further,
        )
        return f"{'; '.join(parts)}."
