"""Group R: real images. Every clause is a set of relations between statistics of recorded runs."""

from dataclasses import dataclass
from typing import ClassVar

from sympy import Rational

from theory.claims import Claim, Clause
from theory.relations import Relation, above, below, larger
from theory.statistics import Arm, Named, Statistic, decimal, words

EPS = Rational(8, 255)
"""Size of the attacks in the claims, for pixels in [0, 1]."""
LEAST_TRAINED = Rational(4, 255)
"""Least attack size in adversarial pre-training; smaller sizes only serve to vary the degree of purity."""
LEAST_STEPS = 20
"""Least number of steps of the white-box attack that every attack suite must contain."""
LEAST_SEEDS = 3
"""With fewer seeds, an interval for the mean is the whole line."""
FALSE_ALARM = Rational(1, 20)
"""Probability that an interval misses what it estimates. Records do not change, so it is not spent on every run."""

SUPERVISED, CONTRASTIVE = Named("supervised", "supervised"), Named("contrastive", "contrastive")
GATED_NETWORK, RESNET18 = Named("gated", "the gated network on image patches"), Named("resnet18", "ResNet-18")
SAME, DISJOINT_LABELS = (
    Named("same", "the classes of pre-training"),
    Named("disjoint", "classes that were absent from it"),
)
COARSE_LABELS = Named("coarse", "groups of its classes")
LADDER = Named("ladder", "the whole attack suite")
WHITE_BOX_BUT_PGD = Named(
    "white-box but PGD", "each white-box attack of the suite except PGD, including one from another library,"
)


@dataclass(frozen=True)
class PretrainedArm(Arm):
    """Recorded runs with clean heads, after clean or after adversarial pre-training.

    Attributes
    ----------
    adversarial
        Whether pre-training was adversarial.
    objective, labels
        The objective of pre-training, and the classes that the heads separate.
    encoder
        The encoder; None for either one.
    """

    adversarial: bool
    objective: Named
    labels: Named
    encoder: Named | None = None

    def __str__(self) -> str:
        encoder = "either encoder" if self.encoder is None else str(self.encoder)
        training = f"{'adversarial' if self.adversarial else 'clean'} {self.objective} pre-training"
        return f"{training} of {encoder} (heads for {self.labels})"

    @property
    def short(self) -> str:
        """Adversarial or clean; the rest follows from the setting."""
        return "adversarial" if self.adversarial else "clean"


@dataclass(frozen=True)
class Degrees(Arm):
    """All ways of pre-training whose purity was measured, in each setting."""

    preposition: ClassVar[str] = "over"

    def __str__(self) -> str:
        return "the ways of pre-training in each recorded setting"

    @property
    def short(self) -> str:
        """Empty: everything follows from the setting."""
        return ""


@dataclass(frozen=True)
class Dictionaries(Arm):
    """Dictionaries fitted to patches.

    Attributes
    ----------
    free
        Only those whose atoms need not be orthogonal.
    """

    free: bool = False
    preposition: ClassVar[str] = "in"
    again: ClassVar[str] = "there"

    def __str__(self) -> str:
        return f"every dictionary fitted to patches{' whose atoms need not be orthogonal' if self.free else ''}"

    @property
    def short(self) -> str:
        """Empty: the dictionary follows from the setting."""
        return ""


ACCURACY = Statistic("robust accuracy", r"$A(\epsilon)$ under [[under]] at $\epsilon = [[size]]$")
COVARIANCE = Statistic(
    "covariance of participation ratio and robust accuracy",
    r"the covariance of the participation ratio of the filters with $A(\epsilon)$, $\epsilon = [[size]]$,",
)

_RUNS = (
    r"The images are those of CIFAR-10 that the records name, with pixels in $[0, 1]$; attacks are in $l_\infty$ with "
    rf"size $\epsilon = {words(EPS)}$ and stay within these bounds.",
    r"The robust accuracy $A(\epsilon)$ is the share of test images that are classified correctly under every named "
    f"attack of a suite that contains a white-box attack of at least {LEAST_STEPS} steps and, for gated networks, "
    "gate-aware PGD; every attack passes its own tests.",
    rf"The encoder is pre-trained cleanly, or with $l_\infty$ attacks of size at least {words(LEAST_TRAINED)}, and "
    "then frozen; the head is linear and trained on clean images.",
    f"There are at least {LEAST_SEEDS} paired seeds, whose differences are taken to be normal; the sampling error over "
    f"test images is added, so that an interval misses with probability at most {decimal(FALSE_ALARM)}.",
)

_ON_LABELS = "Pre-training is supervised."


def _gap(objective: Named, labels: Named, encoder: Named | None = None, under: Named = LADDER) -> tuple[Relation, ...]:
    """More robustness is inherited from adversarial than from clean pre-training."""
    after = (PretrainedArm(attacked, objective, labels, encoder) for attacked in (True, False))
    adversarial, clean = (ACCURACY(arm, under=under, size=EPS) for arm in after)
    return (larger(adversarial, clean, over="mean"),)


GATED = Clause(
    "gated network",
    "Clean heads on the gated network inherit robustness: [[relations]].",
    relations=_gap(SUPERVISED, SAME, GATED_NETWORK),
)
RESNET = Clause(
    "ResNet-18",
    "Clean heads on ResNet-18 inherit robustness: [[relations]].",
    relations=_gap(SUPERVISED, SAME, RESNET18),
)

R1 = Claim(
    id="R1",
    title="On images, a clean head inherits robustness from adversarial pre-training",
    clauses=(GATED, RESNET),
    setting=(_ON_LABELS, *_RUNS),
    source="section 7.1",
    kind="paper",
)

SAME_BY_PAIRS = Clause(
    "pairs",
    "Clean heads that separate all classes inherit robustness from contrastive pre-training: [[relations]].",
    relations=_gap(CONTRASTIVE, SAME),
    kind="open question",
)
DISJOINT_BY_PAIRS = Clause(
    "pairs, disjoint classes",
    "Clean heads for classes whose images were absent from contrastive pre-training inherit robustness: [[relations]].",
    relations=_gap(CONTRASTIVE, DISJOINT_LABELS),
    kind="open question",
)
COARSE_BY_PAIRS = Clause(
    "pairs, coarse labels",
    "Clean heads for groups of classes inherit robustness from contrastive pre-training: [[relations]].",
    relations=_gap(CONTRASTIVE, COARSE_LABELS),
    kind="open question",
)

R1c = Claim(
    id="R1c",
    title="Does a clean head inherit robustness from contrastive pre-training on images?",
    clauses=(SAME_BY_PAIRS, DISJOINT_BY_PAIRS, COARSE_BY_PAIRS),
    setting=(
        "Pre-training is contrastive and uses no labels: two views of the same image form a similar pair, and views of "
        "two images form a dissimilar pair.",
        *_RUNS,
        "In the theory, similar pairs share all features; two views of an image need not, so every clause may be "
        "decided either way.",
    ),
    source="sections 5 and 7.1",
    kind="open question",
)

ENERGY_LEFT = Statistic(
    "energy left over that of Gaussian patches",
    r"the unexplained share of the energy of patches over that of Gaussian patches with the same covariance, each "
    r"coded with equally many coefficients in a dictionary of its own, $(1 - R^2) / (1 - R^2_{gaussian})$,",
)
COEFFICIENTS = Statistic(
    "coefficients over those of Gaussian patches",
    r"the number of coefficients that leave a given share of the energy unexplained over that for Gaussian patches, "
    r"$k / k_{gaussian}$,",
)
IMBALANCE = Statistic(
    "imbalance of signs", r"the mean over atoms of the imbalance of signs $|2 P(X_i > 0 \mid X_i \ne 0) - 1|$"
)
UNFAIRNESS = Statistic(
    "imbalance of signs over that of fair ones",
    "the imbalance of signs over that of fair signs in equally many patches",
)
OVER_NOISE = Statistic(
    "variation of amplitudes over that of noise",
    r"the variation of amplitudes $\mathrm{sd}|X_i| / \mathbb{E}|X_i|$ over that of a constant amplitude with noise as "
    "large as the residual of the codes",
)
OVER_GAUSSIAN = Statistic(
    "variation of amplitudes over that of Gaussian patches",
    "the variation of amplitudes over that of Gaussian patches coded in the same way, with small coefficients cut off",
)
DISPERSION = Statistic(
    "dispersion of active features over that of independent ones",
    "the variance of the number of active features over the larger of that of independent features and that of "
    "Gaussian patches coded in the same way",
)
DEPENDENT_PAIRS = Statistic(
    "dependent pairs beyond those of Gaussian patches",
    "the number of pairs of features that refute independence minus that for Gaussian patches",
)
COHERENCE = Statistic(
    "coherence over that of random directions",
    r"the root mean square of the inner products of atoms over that of random directions, $1/\sqrt{n}$ in $n$ "
    "dimensions,",
)
FILTER_RATIO = Statistic(
    "participation ratio of filters, adversarial over clean",
    "the mean participation ratio of filters after adversarial pre-training over that after clean pre-training from "
    "the same initial weights",
)
FALL_BEYOND = Statistic(
    "fall of the participation ratio of filters beyond second moments",
    "the fall of the participation ratio of filters from clean to adversarial pre-training minus the fall for Gaussian "
    "filters with the same second moments, both as shares of the clean ratio,",
)

_IN, _IN_FREE = Dictionaries(), Dictionaries(free=True)


def _of_patches(name: str, lead: str, *relations: Relation) -> Clause:
    """A clause of R2, which may be decided either way."""
    return Clause(name, f"{lead}: [[relations]].", relations=relations, kind="open question")


SPARSITY = _of_patches(
    "sparsity",
    "Image patches are sparser than Gaussian patches with the same covariance",
    below(ENERGY_LEFT(_IN), 1, over="mean"),
    below(COEFFICIENTS(_IN), 1, over="mean"),
)
SYMMETRY = _of_patches(
    "symmetry",
    "The signs of features are nearly fair, although a finite number of patches can only raise the measured imbalance",
    below(IMBALANCE(_IN), Rational(1, 10), over="mean"),
)
UNFAIR = _of_patches(
    "unfair signs", "The signs of features are not exactly fair", above(UNFAIRNESS(_IN), 1, over="mean")
)
AMPLITUDE = _of_patches(
    "amplitude law",
    "The amplitudes of features are not constant",
    above(OVER_NOISE(_IN), 1, over="mean"),
    above(OVER_GAUSSIAN(_IN), 1, over="mean"),
)
INDEPENDENCE = _of_patches(
    "independence",
    "Features are not active independently of each other",
    above(DISPERSION(_IN), 1, over="mean"),
    above(DEPENDENT_PAIRS(_IN), 1, over="mean"),
)
INCOHERENCE = _of_patches(
    "incoherence",
    "Atoms that are not required to be orthogonal are nearly orthogonal",
    below(COHERENCE(_IN_FREE), 2, over="mean"),
)
FILTERS = _of_patches(
    "filters",
    "Adversarial pre-training leaves purer filters than clean pre-training",
    below(FILTER_RATIO(_IN), 1, over="mean"),
)
BEYOND = _of_patches(
    "filters beyond their directions",
    "Adversarial pre-training makes filters purer by more than the change of their second moments explains",
    above(FALL_BEYOND(_IN), 0, over="mean"),
)

R2 = Claim(
    id="R2",
    title="Are image patches sparse codes, and do filters become purer in them?",
    clauses=(SPARSITY, SYMMETRY, UNFAIR, AMPLITUDE, INDEPENDENCE, INCOHERENCE, FILTERS, BEYOND),
    setting=(
        "Dictionaries are fitted to whitened patches of the images that the records name, and statistics are computed "
        "on held-out patches.",
        "The model has sparse features with fair signs and constant amplitude that are active independently and are "
        "seen through an orthogonal dictionary; every clause may be decided either way, and must hold in every "
        "dictionary.",
        f"There are at least {LEAST_SEEDS} seeds of patches, dictionaries and networks, whose values are taken to be "
        f"normal; an interval misses with probability at most {decimal(FALSE_ALARM)}.",
    ),
    source="beyond the paper",
    kind="open question",
)

DISJOINT = Clause(
    "disjoint classes",
    "Clean heads for classes that were absent from pre-training inherit robustness: [[relations]].",
    relations=_gap(SUPERVISED, DISJOINT_LABELS),
)
COARSE = Clause(
    "coarse labels",
    "Clean heads for groups of classes inherit robustness: [[relations]].",
    relations=_gap(SUPERVISED, COARSE_LABELS),
)
PURITY = Clause(
    "purity",
    "The purer the filters are, the more robustness is inherited: [[relations]].",
    relations=(below(COVARIANCE(Degrees(), size=EPS), 0, over="mean"),),
    kind="open question",
)
OTHER_ATTACKS = Clause(
    "other attacks",
    "The gap in robustness does not depend on PGD: [[relations]]. It need not persist under arbitrarily weak "
    "attacks, because an attack that does nothing leaves the clean accuracy, which is lower after adversarial "
    "pre-training.",
    relations=_gap(SUPERVISED, SAME, under=WHITE_BOX_BUT_PGD),
)

R3 = Claim(
    id="R3",
    title="Inheritance across label sets and attacks",
    clauses=(DISJOINT, COARSE, OTHER_ATTACKS),
    setting=(_ON_LABELS, *_RUNS),
    source="section 7.1, next checks",
    kind="paper",
)

R3p = Claim(
    id="R3p",
    title="Do purer filters pass on more robustness?",
    clauses=(PURITY,),
    setting=(
        *_RUNS,
        "Purity is measured by the participation ratio of the filters in independent components of patches of the same "
        "images, which is low if the filters are pure.",
        "The paper asks for ablations over the degree of purity; it may be decided either way in every setting.",
    ),
    source="section 7.1, next checks",
    kind="open question",
)

CLAIMS = (R1, R1c, R2, R3, R3p)
