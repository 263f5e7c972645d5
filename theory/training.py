"""Group E: what training does. Statements about training runs; words alone say them, and many seeds decide."""

from theory.claims import Claim, Clause

_RUNS = (
    r"Constant amplitude $r$, $d = 30$ features, $pd = 3$ active on average, $\theta = (1, \dots, 1)$, noise "
    r"$\sigma = 0.02$, $H = 80$ nodes, Adam, fresh data in every step",
    "Each statement is about the median over random seeds of data and initialisation",
    r"Attack sizes and thresholds are multiples of $r$; the gate ratio of free weights is set by training, starting at "
    r"$b/(\|w_h\| r) \approx 0.4$",
)

E1 = Claim(
    id="E1",
    title="Clean pre-training leaves mixtures when the gate is low",
    clauses=(
        Clause(
            "mixtures",
            "Clean training with free weights leaves nodes that hold more than two features on average: the mean "
            "participation ratio exceeds 2.",
        ),
        Clause(
            "small gate",
            "So does clean training with unit weights at gate ratio 0.13, and there it leaves larger mixtures than "
            "with free weights.",
        ),
        Clause(
            "the gate purifies too",
            "At gate ratio 0.5 clean training alone leaves nearly pure nodes: weighted by energy "
            r"$a_h^2 \|u_h\|^2$ their participation ratio is below 1.5. The absence of an attack is not enough for "
            "mixtures.",
        ),
    ),
    setting=_RUNS,
    source="experiment 1",
    kind="paper",
    depends_on=("P4", "P8"),
)

E2 = Claim(
    id="E2",
    title="Adversarial pre-training purifies, where the gate lets it",
    clauses=(
        Clause(
            "FGM in l2",
            "FGM training in l2 at size $0.4 r$ leaves fewer than 1.5 features a node, weighted by energy "
            r"$a_h^2 \|u_h\|^2$; on the same seeds clean training leaves larger mixtures.",
        ),
        Clause(
            "small gate",
            "With unit weights at gate ratio 0.13, FGM training at size $0.3 r$ lowers the participation ratio but "
            "does not purify: more than two features a node remain.",
        ),
        Clause(
            "FGM in l_inf",
            "FGM training in l_inf at size $0.16 r$ with the identity as dictionary purifies: fewer than 1.5 features "
            "weighted by energy.",
        ),
        Clause(
            "dense dictionary",
            "Seen through a rotated dictionary the same attack purifies less, and the fit suffers: participation ratio "
            "and clean risk are both larger than with the identity.",
        ),
    ),
    setting=_RUNS,
    source="experiment 2",
    kind="paper",
    depends_on=("P3", "P5", "P7"),
)

E3 = Claim(
    id="E3",
    title="A clean head inherits robustness from adversarial pre-training",
    clauses=(
        Clause(
            "inheritance",
            r"A least-squares head for a new $\theta'$ on the frozen layer has lower risk after FGM than after clean "
            "pre-training, under FGM, PGD and gate-aware PGD at sizes $0.2 r$ and $0.4 r$, with free weights.",
        ),
        Clause("small gate", "The same at gate ratio 0.13, although the nodes are not pure there."),
        Clause(
            "the gate alone",
            "At gate ratio 0.5 clean pre-training already passes robustness on: its heads have lower risk than those "
            "on clean free weights under every attack.",
        ),
        Clause(
            "other norms",
            "After FGM training in l2 at $0.4 r$, and in l_inf at $0.16 r$, such heads have lower risk than after "
            "clean training whichever norm attacks them: l2 at $0.4 r$, l_inf at $0.08 r$ and $0.16 r$, l1 at $0.8 r$, "
            "under FGM, PGD and gate-aware PGD.",
        ),
        Clause(
            "prediction",
            "On the observations that P2 certifies at size $0.01 r$, the worst loss of an inherited head is the one "
            "predicted from its measured effective map, to rounding error: FGM reaches it and no attack exceeds it.",
        ),
        Clause(
            "the curve",
            r"The inherited gain $\mathbb{E}\|\beta\|^2/\|\theta'\|^2$ follows the inheritance curve of D3: it is "
            r"$\pi_m$ at the participation ratio of the layer as order $m$, weighted by the energy of the clean head, "
            "within a factor of 1.5 on each of six arms, clean and FGM-trained in l2.",
        ),
    ),
    setting=(*_RUNS, r"$\theta'$ standard normal, the head of least norm fitted on 4,000 clean observations"),
    source="experiment 3, section 6",
    kind="paper",
    depends_on=("P2", "P5", "D3"),
)

E6 = Claim(
    id="E6",
    title="Prediction meets training",
    clauses=(
        Clause(
            "certified",
            r"On the observations that P2 certifies, the worst loss that FGM reaches is $(|e| + \epsilon\|M\beta\|)^2$ "
            "with the measured effective map, to rounding error, and no other attack exceeds it.",
        ),
        Clause(
            "coverage",
            "At size $0.01 r$ more than half of the observations are certified, in the FGM-trained "
            "networks more than in the clean ones.",
        ),
        Clause("universal bound", "On every observation no attack exceeds the universal upper bound of P2."),
    ),
    setting=_RUNS,
    source="beyond the paper",
    kind="sharpened",
    depends_on=("P2",),
)

EXACT = Clause(
    "the exact worst case",
    "On networks of five features ($pd = 1$) and eight nodes, where mixed-integer programming computes it, no attack "
    "of the ladder exceeds the exact worst case in l_inf or in l1, and on the observations that P2 certifies it is "
    "the worst case that P2 predicts.",
)

SHORT = Clause(
    "what attacks miss",
    "There FGM finds less than nine tenths of the exact excess over the clean risk, PGD less than all of it, and "
    "gate-aware PGD more than FGM on the same seeds: on clean networks in l_inf at $0.16 r$, and on networks trained "
    "with FGM in l_inf at that size under attacks in l1 at $0.4 r$.",
)

E8 = Claim(
    id="E8",
    title="Gradient masking: how much of the robustness is real",
    clauses=(
        Clause(
            "FGM overstates",
            "Gate-aware PGD finds more than 1.5 times the risk that FGM finds, at size $0.4 r$ on networks trained "
            "with FGM in l2 with free weights and at gate ratio 0.13, and at $0.16 r$ on those trained in l_inf.",
        ),
        Clause(
            "the attack makes the mask",
            "At gate ratio 0.5 and size $0.6 r$ gate-aware PGD finds less than twice the risk that FGM finds after "
            "clean training, and a larger multiple on the same seeds after FGM training.",
        ),
        Clause(
            "a real part",
            "At gate ratio 0.13 networks trained with FGM at $0.3 r$ are more robust than clean ones on the same seeds "
            "under gate-aware PGD at $0.4 r$ too.",
        ),
        Clause(
            "a masked part",
            "Networks trained with FGM at $0.8 r$ look more robust than clean ones under FGM at size $0.6 r$, and are "
            "less robust under gate-aware PGD at that size.",
        ),
        Clause("black box", "Random search finds no more risk than gate-aware PGD on any arm."),
        EXACT,
        SHORT,
    ),
    setting=_RUNS,
    source="beyond the paper",
    kind="sharpened",
    depends_on=("G4", "P2"),
)

CLAIMS = (E1, E2, E3, E6, E8)
