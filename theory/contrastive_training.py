"""Claims E4 and E5: what contrastive training does. Words alone say them, and many seeds decide."""

from theory.claims import Claim, Clause

RUNS = (
    r"Constant amplitude $r$, $d = 16$ features, $pd = 2$ active on average, noise $\sigma = 0.02$, $H = 32$ nodes "
    r"with unit weights, $q = 16$ outputs, gate ratio 0.1 or 0.2, Adam, fresh balanced pairs in every step",
    "Each statement is about the median over random seeds of data and initialisation",
    "Attacks are FGM in l2 on one side of a pair; their sizes are multiples of $r$",
)

E4 = Claim(
    id="E4",
    title="Adversarial contrastive pre-training purifies, and a clean head inherits it",
    clauses=(
        Clause(
            "mixtures",
            "Clean contrastive training leaves mixtures: the mean participation ratio exceeds 3 at both gate ratios.",
        ),
        Clause(
            "purification",
            r"FGM at size $0.3 r$ on all pairs leaves fewer than 2 features a node at gate ratio 0.1, fewer than "
            r"1.25 at 0.2, weighted by energy $\|C_h\|^2 \|u_h\|^2$; on the same seeds less than half of what clean "
            "training leaves.",
        ),
        Clause(
            "inheritance",
            r"A least-squares head of least norm for a new $\theta'$, fitted on 4,000 clean observations of the frozen "
            "layer, has lower risk after that than after clean contrastive training, under FGM, PGD and gate-aware "
            "PGD at sizes $0.2 r$ and $0.4 r$.",
        ),
        Clause(
            "not linear encoders",
            "Linear encoders with as many outputs as features do not get pure, attacked or not: the mean "
            r"participation ratio of the rows of $T$ exceeds 1.5 ($d = q = 5$).",
        ),
    ),
    setting=RUNS,
    source="experiments 1 to 3, contrastive",
    kind="paper",
    depends_on=("C1", "C3"),
)

E5 = Claim(
    id="E5",
    title="Attacks hit dissimilar pairs harder, until training has purified",
    clauses=(
        Clause(
            "clean training",
            r"After clean training FGM at size $0.2 r$ raises the loss of a dissimilar pair more than three times as "
            "much as that of a similar pair.",
        ),
        Clause(
            "along training",
            "From the 50th update on it raises the loss of dissimilar pairs more, at every measurement along clean "
            r"training, and along training with attacks of size $0.3 r$ on similar pairs alone.",
        ),
        Clause(
            "similar pairs attacked",
            r"Training with attacks on similar pairs alone, at $0.3 r$ or $0.5 r$, leaves it so: more than three times "
            "as much.",
        ),
        Clause(
            "purified",
            r"Training with attacks of size $0.3 r$ on dissimilar or on all pairs leaves less than half of the "
            "difference that clean training leaves on the same seeds.",
        ),
        Clause(
            "turned round",
            r"After training with attacks of size $0.8 r$ on all pairs, at gate ratio 0.1, similar pairs lose more: "
            "the order that C4 proves for isotropic linear encoders fails for purified gated ones.",
        ),
    ),
    setting=RUNS,
    source="section 5.3",
    kind="paper",
    depends_on=("C4",),
)

CLAIMS = (E4, E5)
