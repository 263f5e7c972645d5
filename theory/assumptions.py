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
    "The amplitudes $R_i$ are absolutely continuous on $[r_{min}, r_{max}]$, $r_{min} > 0$.",
)
independent_features = Assumption("independent features", "Features are active independently of each other.")
orthogonal_dictionary = Assumption("orthogonal dictionary", "The dictionary $M$ is orthogonal.")
no_noise = Assumption("no noise", r"There is no observation noise: $\sigma = 0$.")
one_threshold = Assumption("one threshold", "All nodes have the same threshold $b$.")
exact_fit = Assumption("exact fit", r"The network fits exactly: $f(Mx) = \theta^\top x$ almost surely.")
normal_noise = Assumption(
    "normal noise", r"The observation noise is normal, $N(0, \sigma^2 I)$, and independent of the features."
)
pure_node = Assumption(
    "pure node",
    r"A pure node holds one feature, $w_h = \omega M_i$: at the amplitude $r$ it has the signal $\mu = |\omega| r$, "
    r"and it sees noise of the standard deviation $s = \sigma|\omega|$.",
    defines=True,
)
attack_ball = Assumption(
    "attack ball",
    r"The attack adds any $\delta$ with $\|\delta\| \le \varepsilon$ to the observation, in a norm whose dual is "
    r"$\|\cdot\|_*$.",
    defines=True,
)
absent_feature = Assumption("absent feature", "The feature of the node is absent.", defines=True)
