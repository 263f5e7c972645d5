"""A3: purity and inherited robustness of trained networks with other activations; words alone say it, seeds decide."""

from theory.claims import Claim, Clause

_THRESHOLDS = "Gate, soft threshold and biased ReLU"
_LINEAR = "ReLU, SiLU and GELU, whose odd part is linear (A1)"
_LONGER = r"Tanh, trained with FGM at $0.4 r$ for three times as many updates"

CLAUSES = (
    Clause(
        name="thresholds purify",
        kind="open question",
        says=f"{_THRESHOLDS}: FGM training at $0.4 r$ leaves fewer than 1.75 features a node, weighted by energy "
        r"$a_h^2 \|u_h\|^2$, and less than half as many as clean training on the same seeds.",
    ),
    Clause(
        name="a linear odd part keeps mixtures",
        kind="open question",
        says=f"{_LINEAR}: after FGM training at $0.2 r$ and at $0.4 r$ the mean participation ratio still exceeds 5.",
    ),
    Clause(
        name="thresholds pass robustness on",
        kind="open question",
        says=rf"{_THRESHOLDS}: clean heads for a new $\theta'$ on the FGM-trained layer have less than 0.8 of the "
        "risk that they have on the clean layer, under FGM and PGD at $0.4 r$.",
    ),
    Clause(
        name="without jumps, against every attack",
        kind="open question",
        says="Soft threshold and biased ReLU, which have no jumps to hide behind (E8): the same under gate-aware PGD, "
        "which then follows their own slopes both ways.",
    ),
    Clause(
        name="a linear odd part passes nothing on",
        kind="open question",
        says=f"{_LINEAR}: under all of these attacks such heads keep more than 0.85 of that risk, after FGM training "
        "at $0.2 r$ and at $0.4 r$.",
    ),
    Clause(
        name="cross-talk",
        kind="open question",
        says=r"After FGM training at $0.4 r$ the cross-talk energy $\mathbb{E}\|\beta_{A^c}\|^2/\|\theta'\|^2$ of "
        r"clean heads is below $1/4$ where $\mathrm{act}'(0) = 0$ and above $1/2$ where the odd part is linear (of a "
        "linear map it is $1 - p$).",
    ),
    Clause(
        name="the price",
        kind="open question",
        says=r"The same training leaves the clean risk below $0.1\, \mathbb{E}Y^2$ where $\mathrm{act}'(0) = 0$, and "
        r"drives it above $0.5\, \mathbb{E}Y^2$ where the odd part is linear.",
    ),
    Clause(
        name="tanh purifies late",
        kind="open question",
        says=f"{_LONGER}, purifies too, by the measures of the thresholds, although it leaks: the leak of a single "
        "node does not decide.",
    ),
    Clause(
        name="tanh passes robustness on",
        kind="open question",
        says="Clean heads on that layer have less than 0.8 of the risk that they have on a clean layer trained as "
        "long, under FGM, PGD and gate-aware PGD at $0.4 r$.",
    ),
    Clause(
        name="tanh cancels its leak",
        kind="open question",
        says="In that layer steep nodes cancel what flat nodes leak: of the slopes at rest on the features, "
        r"$\sum_i \sum_h |a_h u_{ih}|$, less than a quarter is left in $\sum_i |\sum_h a_h u_{ih}|$.",
    ),
)

A3 = Claim(
    id="A3",
    title="Trained networks purify, and pass robustness on, where nodes can be silent together",
    clauses=CLAUSES,
    setting=(
        r"Constant amplitude $r$, $d = 20$ features, $pd = 2$ active on average, $\theta = (1, \dots, 1)$, noise "
        r"$\sigma = 0.02$, $H = 60$ nodes with free weights that start at norm 1, no biases but the threshold "
        r"$b = 0.4 r$ where there is one, Adam, fresh data in every step",
        r"Clean training or FGM in $l_2$; 800 updates (tanh 2,400), three times as many in the full profile",
        r"$\theta'$ standard normal, the head of least norm fitted on 1,000 clean observations",
        "Each statement is about the median over random seeds of data and initialisation",
    ),
    source="section 8, open question 2",
    kind="open question",
    depends_on=("A1",),
)
