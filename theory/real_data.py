"""Group R: real images. Statements about runs that were recorded; words alone say them, and intervals decide."""

from theory.claims import Claim, Clause

_RUNS = (
    r"CIFAR-10 as the records name it, pixels in $[0, 1]$, attacks in l_inf of size $\epsilon = 8/255$ within these "
    "bounds",
    r"$A(\epsilon)$ is the share of test images that stay right under every attack of the ladder, a white-box attack "
    "of at least 20 steps among them and, for gated networks, gate-aware PGD; no attack fails its own tests",
    "The encoder is pre-trained clean, or with attacks in l_inf of size at least 4/255, then frozen; the head is "
    "linear and trained on clean images",
    r"$\mathbb{E}$ is over seeds: at least three, paired, differences taken to be normal; the error over test images "
    "is added, so that an interval errs at a rate of at most 0.05",
)

_ON_LABELS = "Pre-training is supervised"

_GAP = r"$\mathbb{E} A_{adversarial}(\epsilon) > \mathbb{E} A_{clean}(\epsilon)$"

GATED = Clause("gated network", f"For the gated network on image patches, with the labels of pre-training: {_GAP}.")
RESNET = Clause("ResNet-18", f"For ResNet-18, with the labels of pre-training: {_GAP}.")

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
    f"For heads that tell apart all classes, on either encoder: {_GAP}.",
    kind="open question",
)
DISJOINT_BY_PAIRS = Clause(
    "pairs, disjoint classes",
    f"For heads that tell apart classes whose images pre-training never saw, on either encoder: {_GAP}.",
    kind="open question",
)
COARSE_BY_PAIRS = Clause(
    "pairs, coarse labels",
    f"For heads that tell apart groups of the classes, on either encoder: {_GAP}.",
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

SPARSITY = Clause(
    "sparsity",
    "Patches are sparser than Gaussian patches of the same covariance, each coded in a dictionary of its own. Codes "
    r"with as many coefficients leave less of their energy, $\mathbb{E}[(1 - R^2) / (1 - R^2_{gaussian})] < 1$, and "
    r"fewer coefficients leave a stated share of it, $\mathbb{E}[k / k_{gaussian}] < 1$.",
    kind="open question",
)
SYMMETRY = Clause(
    "symmetry",
    r"Signs are nearly fair: $\mathbb{E}\,|2 P(X_i > 0 \mid X_i \ne 0) - 1| < 0.1$, mean over atoms, which is a split "
    "of 55 to 45. Counting finitely many patches can only raise the left-hand side.",
    kind="open question",
)
UNFAIR = Clause(
    "unfair signs",
    "But signs are not exactly fair: that mean exceeds what fair signs give when as many patches are counted.",
    kind="open question",
)
AMPLITUDE = Clause(
    "amplitude law",
    r"Amplitudes are not constant: $\mathrm{sd}|X_i| / \mathbb{E}|X_i|$ over active coefficients, mean over atoms, "
    "exceeds what noise as large as what codes leave gives a constant amplitude, and what cutting off small "
    "coefficients leaves of Gaussian patches coded the same way.",
    kind="open question",
)
INDEPENDENCE = Clause(
    "independence",
    "Features are not active independently of each other: the variance of the number of active ones, over that of "
    "independent ones, exceeds 1 and that of Gaussian patches coded the same way, and more than one pair of features "
    "beyond theirs refutes independence.",
    kind="open question",
)
INCOHERENCE = Clause(
    "incoherence",
    "Atoms of dictionaries that need not be orthogonal nearly are: the root mean square of their inner products is "
    r"less than twice that of random directions, $2/\sqrt{n}$ in $n$ dimensions.",
    kind="open question",
)
FILTERS = Clause(
    "filters",
    "Adversarial pre-training leaves purer filters: their mean participation ratio in the dictionary is smaller than "
    "after clean pre-training from the same initial weights.",
    kind="open question",
)
BEYOND = Clause(
    "filters beyond their directions",
    "They get purer by more than by leaving directions: their participation ratio falls by more, from clean to "
    "adversarial pre-training, than that of Gaussian filters with the same second moments; both as shares of the "
    "clean one.",
    kind="open question",
)

R2 = Claim(
    id="R2",
    title="Are patches of images sparse codes, and do filters get purer in them?",
    clauses=(SPARSITY, SYMMETRY, UNFAIR, AMPLITUDE, INDEPENDENCE, INCOHERENCE, FILTERS, BEYOND),
    setting=(
        "Dictionaries fitted to whitened patches of the images that the records name; statistics on held-out patches",
        "The model has sparse features with fair signs and a constant amplitude, active independently, seen through an "
        "orthogonal dictionary: every clause may come out either way, and each must hold in every dictionary",
        r"$\mathbb{E}$ is over seeds of patches, dictionary and networks: at least three, taken to be normal; an "
        "interval errs at a rate of at most 0.05",
    ),
    source="beyond the paper",
    kind="open question",
)

DISJOINT = Clause(
    "disjoint classes", f"For heads that tell apart classes which pre-training never saw, on either encoder: {_GAP}."
)
COARSE = Clause("coarse labels", f"For heads that tell apart groups of the classes, on either encoder: {_GAP}.")
PURITY = Clause(
    "purity",
    "The purer the filters the more is inherited: over the arms of pre-training the covariance of the participation "
    r"ratio with $A(\epsilon)$ is negative in the mean over seeds.",
    kind="open question",
)
OTHER_ATTACKS = Clause(
    "other attacks",
    "The gap does not hang on PGD: with the labels of pre-training robust accuracy is larger after adversarial "
    "pre-training under each white-box attack of the ladder but PGD, one of another library among them. Under attacks "
    "as weak as one pleases it need not be: one that does nothing leaves the clean accuracy, which is lower.",
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
