"""Group R: real images. Every clause is a set of relations between statistics of runs that were recorded."""

from dataclasses import dataclass
from typing import ClassVar

from sympy import Rational

from theory.claims import Claim, Clause
from theory.relations import Relation, above, below, larger
from theory.statistics import Arm, Named, Statistic, decimal, words

EPS = Rational(8, 255)
"""Size of the attacks that the claims speak of, pixels in [0, 1]."""
LEAST_TRAINED = Rational(4, 255)
"""Least size of attacks in adversarial pre-training; smaller ones are degrees of purity."""
LEAST_STEPS = 20
"""Steps of a white-box attack that every ladder has at least."""
LEAST_SEEDS = 3
"""With fewer seeds an interval is the whole line."""
FALSE_ALARM = Rational(1, 20)
"""Rate at which an interval misses what it estimates. A record does not change, so an interval errs once."""

SUPERVISED, CONTRASTIVE = Named("supervised", "supervised"), Named("contrastive", "contrastive")
GATED_NETWORK, RESNET18 = Named("gated", "the gated network on image patches"), Named("resnet18", "ResNet-18")
SAME, DISJOINT_LABELS = Named("same", "the classes of pre-training"), Named("disjoint", "classes it never saw")
COARSE_LABELS = Named("coarse", "groups of its classes")
LADDER = Named("ladder", "the whole ladder")
WHITE_BOX_BUT_PGD = Named(
    "white-box but PGD", "each white-box attack of the ladder but PGD, one of another library among them,"
)


@dataclass(frozen=True)
class PretrainedArm(Arm):
    """Recorded runs with clean heads, after clean or after adversarial pre-training.

    Attributes
    ----------
    adversarial
        Whether pre-training was attacked.
    objective, labels
        What pre-training minimised, and which classes heads tell apart.
    encoder
        The encoder; None for each.
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
        """Adversarial or clean; the setting says the rest."""
        return "adversarial" if self.adversarial else "clean"


@dataclass(frozen=True)
class Degrees(Arm):
    """All arms of pre-training whose purity was measured, in each setting."""

    preposition: ClassVar[str] = "over"

    def __str__(self) -> str:
        return "the arms of pre-training in each recorded setting"

    @property
    def short(self) -> str:
        """Nothing: the setting says all."""
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
        """Nothing: the setting says which."""
        return ""


ACCURACY = Statistic("robust accuracy", r"$A(\epsilon)$ under [[under]] at $\epsilon = [[size]]$")
COVARIANCE = Statistic(
    "covariance of participation ratio and robust accuracy",
    r"the covariance of the participation ratio of the filters with $A(\epsilon)$, $\epsilon = [[size]]$,",
)

_RUNS = (
    rf"CIFAR-10 as the records name it, pixels in $[0, 1]$, attacks in l_inf of size $\epsilon = {words(EPS)}$ within "
    "these bounds",
    r"$A(\epsilon)$ is the share of test images that stay right under every attack named, of a ladder with a white-box "
    f"attack of at least {LEAST_STEPS} steps and, for gated networks, gate-aware PGD; no attack fails its own tests",
    f"The encoder is pre-trained clean, or with attacks in l_inf of size at least {words(LEAST_TRAINED)}, then frozen; "
    "the head is linear and trained on clean images",
    f"At least {LEAST_SEEDS} seeds, paired, differences taken to be normal; the error over test images is added, so "
    f"that an interval errs at a rate of at most {decimal(FALSE_ALARM)}",
)

_ON_LABELS = "Pre-training is supervised"


def _gap(objective: Named, labels: Named, encoder: Named | None = None, under: Named = LADDER) -> tuple[Relation, ...]:
    """More is inherited from adversarial than from clean pre-training."""
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
    title="On images a clean head inherits robustness from adversarial pre-training",
    clauses=(GATED, RESNET),
    setting=(_ON_LABELS, *_RUNS),
    source="section 7.1",
    kind="paper",
)

SAME_BY_PAIRS = Clause(
    "pairs",
    "Clean heads that tell apart all classes inherit robustness from pre-training on pairs: [[relations]].",
    relations=_gap(CONTRASTIVE, SAME),
    kind="open question",
)
DISJOINT_BY_PAIRS = Clause(
    "pairs, disjoint classes",
    "Clean heads for classes whose images pre-training on pairs never saw inherit robustness: [[relations]].",
    relations=_gap(CONTRASTIVE, DISJOINT_LABELS),
    kind="open question",
)
COARSE_BY_PAIRS = Clause(
    "pairs, coarse labels",
    "Clean heads for groups of the classes inherit robustness from pre-training on pairs: [[relations]].",
    relations=_gap(CONTRASTIVE, COARSE_LABELS),
    kind="open question",
)

R1c = Claim(
    id="R1c",
    title="Does a clean head inherit robustness from contrastive pre-training on images?",
    clauses=(SAME_BY_PAIRS, DISJOINT_BY_PAIRS, COARSE_BY_PAIRS),
    setting=(
        "Pre-training is contrastive and reads no labels: two views of one image are a similar pair, views of two "
        "images a dissimilar one",
        *_RUNS,
        "The theory takes similar pairs to share all features; two views of an image need not, and every clause may "
        "come out either way",
    ),
    source="sections 5 and 7.1",
    kind="open question",
)

ENERGY_LEFT = Statistic(
    "energy left over that of Gaussian patches",
    r"what codes leave of the energy of patches over what codes with as many coefficients leave of Gaussian patches of "
    r"the same covariance, each in a dictionary of its own, $(1 - R^2) / (1 - R^2_{gaussian})$,",
)
COEFFICIENTS = Statistic(
    "coefficients over those of Gaussian patches",
    r"the number of coefficients that leave a stated share of the energy over that for Gaussian patches, "
    r"$k / k_{gaussian}$,",
)
IMBALANCE = Statistic(
    "imbalance of signs", r"the imbalance of signs $|2 P(X_i > 0 \mid X_i \ne 0) - 1|$, mean over atoms,"
)
UNFAIRNESS = Statistic(
    "imbalance of signs over that of fair ones",
    "the imbalance of signs over what fair signs give when as many patches are counted",
)
OVER_NOISE = Statistic(
    "variation of amplitudes over that of noise",
    r"the variation of amplitudes $\mathrm{sd}|X_i| / \mathbb{E}|X_i|$ over what noise as large as what codes leave "
    "gives a constant amplitude",
)
OVER_GAUSSIAN = Statistic(
    "variation of amplitudes over that of Gaussian patches",
    "the variation of amplitudes over what cutting off small coefficients leaves of Gaussian patches coded the same "
    "way",
)
DISPERSION = Statistic(
    "dispersion of active features over that of independent ones",
    "the variance of the number of active features over that of independent ones and over that of Gaussian patches "
    "coded the same way, whichever is larger,",
)
DEPENDENT_PAIRS = Statistic(
    "dependent pairs beyond those of Gaussian patches",
    "the number of pairs of features that refute independence, less that of Gaussian patches,",
)
COHERENCE = Statistic(
    "coherence over that of random directions",
    r"the root mean square of the inner products of atoms over that of random directions, $1/\sqrt{n}$ in $n$ "
    "dimensions,",
)
FILTER_RATIO = Statistic(
    "participation ratio of filters, adversarial over clean",
    "the mean participation ratio of filters after adversarial over that after clean pre-training from the same "
    "initial weights",
)
FALL_BEYOND = Statistic(
    "fall of the participation ratio of filters beyond second moments",
    "the fall of that ratio from clean to adversarial pre-training, less the fall for Gaussian filters with the same "
    "second moments, both as shares of the clean one,",
)

_IN, _IN_FREE = Dictionaries(), Dictionaries(free=True)


def _of_patches(name: str, lead: str, *relations: Relation) -> Clause:
    """A clause of R2, which may come out either way."""
    return Clause(name, f"{lead}: [[relations]].", relations=relations, kind="open question")


SPARSITY = _of_patches(
    "sparsity",
    "Patches are sparser than Gaussian patches of the same covariance",
    below(ENERGY_LEFT(_IN), 1, over="mean"),
    below(COEFFICIENTS(_IN), 1, over="mean"),
)
SYMMETRY = _of_patches(
    "symmetry",
    "Signs are nearly fair, although counting finitely many patches can only raise their imbalance",
    below(IMBALANCE(_IN), Rational(1, 10), over="mean"),
)
UNFAIR = _of_patches("unfair signs", "But signs are not exactly fair", above(UNFAIRNESS(_IN), 1, over="mean"))
AMPLITUDE = _of_patches(
    "amplitude law",
    "Amplitudes are not constant",
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
    "incoherence", "Atoms that need not be orthogonal nearly are", below(COHERENCE(_IN_FREE), 2, over="mean")
)
FILTERS = _of_patches(
    "filters", "Adversarial pre-training leaves purer filters", below(FILTER_RATIO(_IN), 1, over="mean")
)
BEYOND = _of_patches(
    "filters beyond their directions",
    "Filters get purer by more than by leaving directions",
    above(FALL_BEYOND(_IN), 0, over="mean"),
)

R2 = Claim(
    id="R2",
    title="Are patches of images sparse codes, and do filters get purer in them?",
    clauses=(SPARSITY, SYMMETRY, UNFAIR, AMPLITUDE, INDEPENDENCE, INCOHERENCE, FILTERS, BEYOND),
    setting=(
        "Dictionaries fitted to whitened patches of the images that the records name; statistics on held-out patches",
        "The model has sparse features with fair signs and a constant amplitude, active independently, seen through an "
        "orthogonal dictionary: every clause may come out either way, and each must hold in every dictionary",
        f"At least {LEAST_SEEDS} seeds of patches, dictionary and networks, taken to be normal; an interval errs at a "
        f"rate of at most {decimal(FALSE_ALARM)}",
    ),
    source="beyond the paper",
    kind="open question",
)

DISJOINT = Clause(
    "disjoint classes",
    "Clean heads for classes that pre-training never saw inherit robustness: [[relations]].",
    relations=_gap(SUPERVISED, DISJOINT_LABELS),
)
COARSE = Clause(
    "coarse labels",
    "Clean heads for groups of the classes inherit robustness: [[relations]].",
    relations=_gap(SUPERVISED, COARSE_LABELS),
)
PURITY = Clause(
    "purity",
    "The purer the filters the more is inherited: [[relations]].",
    relations=(below(COVARIANCE(Degrees(), size=EPS), 0, over="mean"),),
    kind="open question",
)
OTHER_ATTACKS = Clause(
    "other attacks",
    "The gap does not hang on PGD: [[relations]]. Under attacks as weak as one pleases it need not be there: one that "
    "does nothing leaves the clean accuracy, which is lower after adversarial pre-training.",
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
    title="Is more inherited the purer the filters are?",
    clauses=(PURITY,),
    setting=(
        *_RUNS,
        "Purity is the participation ratio of the filters in independent components of patches of the same images, "
        "low where filters are pure",
        "The paper asks for ablations over the degree of purity: in every setting the clause may come out either way",
    ),
    source="section 7.1, next checks",
    kind="open question",
)

CLAIMS = (R1, R1c, R2, R3, R3p)
