"""Assumptions as objects: clauses state them, derivations use them, checks build their instances from them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Assumption:
    """Something that a clause takes for granted.

    Attributes
    ----------
    name
        A few words, unique in the suite.
    says
        One sentence; mathematics between dollar signs.
    defines
        Whether it says what the objects of the clause are. There is nothing left to state without it, so it cannot
        be dropped.
    """

    name: str
    says: str
    defines: bool = False

    def __str__(self) -> str:
        return self.name


constant_amplitude = Assumption("constant amplitude", "Every active feature has the amplitude $r$.")
density_amplitudes = Assumption(
    "density amplitudes",
    "Given the support and the signs, the amplitudes of the active features have a joint density, on "
    "$[r_{min}, r_{max}]$ with $r_{min} > 0$.",
)
independent_features = Assumption("independent features", "Features are active independently of each other.")
orthogonal_dictionary = Assumption("orthogonal dictionary", "The dictionary $M$ is orthogonal.")
no_noise = Assumption("no noise", r"There is no observation noise: $\sigma = 0$.")
one_threshold = Assumption("one threshold", "All nodes have the same threshold $b$.")
exact_fit = Assumption("exact fit", r"The network fits exactly: $f(Mx) = \theta^\top x$ almost surely.")
