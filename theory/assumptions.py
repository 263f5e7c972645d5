"""Assumptions as objects: clauses state them, derivations use them, and checks build their instances from them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Assumption:
    """Something that a clause assumes.

    Attributes
    ----------
    name
        A few words, unique in the suite.
    says
        One sentence; mathematics between dollar signs.
    defines
        Whether it defines the objects of the clause. Without it there would be nothing to state, so it cannot be
        dropped.
    discharged
        Whether it is the hypothesis of an induction that a theorem of the same chain discharges.
    """

    name: str
    says: str
    defines: bool = False
    discharged: bool = False

    def __str__(self) -> str:
        return self.name


constant_amplitude = Assumption("constant amplitude", "Every active feature has amplitude $r$.")
density_amplitudes = Assumption(
    "density amplitudes",
    "Given the support and the signs, the amplitudes of the active features have a joint density on $[r_{min}, "
    "r_{max}]$, where $r_{min} > 0$.",
)
independent_features = Assumption("independent features", "Features are active independently of each other.")
orthogonal_dictionary = Assumption("orthogonal dictionary", "The dictionary $M$ is orthogonal.")
no_noise = Assumption("no noise", r"There is no observation noise: $\sigma = 0$.")
one_threshold = Assumption("one threshold", "All nodes have the same threshold $b$.")
exact_fit = Assumption("exact fit", r"The network fits exactly: $f(Mx) = \theta^\top x$ almost surely.")

pairs_of_views = Assumption(
    "pairs of views",
    r"The two views of a similar pair have the same features, and its loss is $\log(1 + e^{-s})$ at the score $s$; "
    r"the two views of a dissimilar pair have independent features, and its loss is $\log(1 + e^{s})$. The noise is "
    "independent of everything else.",
    defines=True,
)
balanced_pairs = Assumption("balanced pairs", "Half of the pairs are similar.")
linear_encoder = Assumption(
    "linear encoder",
    r"The encoder is $g(z) = T M^\top z$, so that the views of a pair have the score $x^\top G x'$ in feature "
    r"coordinates, where $G = T^\top T$.",
    defines=True,
)
isotropic_encoder = Assumption(
    "isotropic encoder",
    r"The Gram matrix of the encoder is $\lambda I$ in feature coordinates.",
    defines=True,
)
signed_permutations = Assumption(
    "signed permutations",
    "In feature coordinates, the laws of the features and of the noise are invariant under permutations of the "
    "coordinates and changes of their signs, and fourth moments are finite.",
)
views_occur = Assumption("views occur", r"The views $x = X + M^\top\xi$ are not almost surely zero.")
symmetric_features = Assumption(
    "symmetric features", "An active feature is as likely to be negative as positive, independently of everything else."
)
features_occur = Assumption("features occur", "The features are not almost surely zero.")
no_attack = Assumption("no attack", "No pair is attacked.", defines=True)
attacked_view = Assumption(
    "attacked view",
    r"To one view of each pair, the attack adds the vector of $l_2$ norm at most $\epsilon$ that raises the loss "
    "most.",
    defines=True,
)
inside_region = Assumption(
    "inside the region",
    r"The attack is so small that it moves no gate: $\epsilon\,\|w_h\|_2 < \left||w_h^\top z| - b_h\right|$ at every "
    "input and for every node with a positive threshold (the region of P2).",
)
normal_labels = Assumption(
    "normal label noise",
    r"The labels are $\theta^\top x + \tau n$, where $n$ is standard normal and independent of the input.",
)
purified = Assumption(
    "purified",
    r"Each feature $i$ has a node of its own, which holds no other feature: $u_i = e_i$, with head $\theta_i$.",
    defines=True,
)
low_threshold = Assumption("low threshold", "All nodes have the same threshold $b$, with $0 < b < r$.")
normal_noise = Assumption(
    "normal noise", r"The observation noise is normal, $N(0, \sigma^2 I)$, and independent of the features."
)
pure_node = Assumption(
    "pure node",
    r"A pure node holds a single feature, $w_h = \omega M_i$: at amplitude $r$ its signal is $\mu = |\omega| r$, and "
    r"it sees noise of standard deviation $s = \sigma|\omega|$.",
    defines=True,
)
attack_ball = Assumption(
    "attack ball",
    r"The attack may add any $\delta$ with $\|\delta\| \le \varepsilon$ to the observation, where the norm has the "
    r"dual norm $\|\cdot\|_*$.",
    defines=True,
)
absent_feature = Assumption("absent feature", "The feature of the node is absent.", defines=True)
