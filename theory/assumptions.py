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
    discharged
        Whether it is the hypothesis of an induction, which a theorem of the same chain discharges.
    """

    name: str
    says: str
    defines: bool = False
    discharged: bool = False

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

pairs_of_views = Assumption(
    "pairs of views",
    "A similar pair shows the same features twice and has the loss $\\log(1 + e^{-s})$ at the score $s$; a dissimilar "
    "pair shows independent features and has the loss $\\log(1 + e^{s})$. Noise is independent of all else.",
    defines=True,
)
balanced_pairs = Assumption("balanced pairs", "Half of the pairs are similar.")
linear_encoder = Assumption(
    "linear encoder",
    r"The encoder is $g(z) = T M^\top z$, so that the views of a pair have the score $x^\top G x'$ in feature "
    r"coordinates, $G = T^\top T$.",
    defines=True,
)
isotropic_encoder = Assumption(
    "isotropic encoder",
    r"The Gram matrix of the encoder is $\lambda I$ in feature coordinates.",
    defines=True,
)
signed_permutations = Assumption(
    "signed permutations",
    "Permuting the coordinates and changing their signs leaves the laws of the features and of the noise in feature "
    "coordinates as they are, and fourth moments are finite.",
)
views_occur = Assumption("views occur", r"The views $x = X + M^\top\xi$ are not almost surely zero.")
symmetric_features = Assumption(
    "symmetric features", "An active feature is as likely to be negative as positive, independently of all else."
)
features_occur = Assumption("features occur", "The features are not almost surely zero.")
no_attack = Assumption("no attack", "Pairs are not attacked.", defines=True)
attacked_view = Assumption(
    "attacked view",
    r"The attack adds to one view of each pair the vector of l2 norm at most $\epsilon$ that raises the loss most.",
    defines=True,
)
inside_region = Assumption(
    "inside the region",
    r"The attack is so small that it moves no gate: $\epsilon\,\|w_h\|_2 < \left||w_h^\top z| - b_h\right|$ on every "
    "input, for every node with a threshold above zero (the region of P2).",
)
normal_labels = Assumption(
    "normal label noise", r"Labels are $\theta^\top x + \tau n$ with a standard normal $n$, independent of the input."
)
purified = Assumption(
    "purified",
    r"Each feature $i$ has one node of its own, which holds it alone: $u_i = e_i$, with the head $\theta_i$.",
    defines=True,
)
low_threshold = Assumption("low threshold", "All nodes have one threshold $b$, $0 < b < r$.")
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
