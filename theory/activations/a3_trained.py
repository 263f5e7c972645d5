"""A3: purity and inherited robustness of trained networks with other activations; words alone say it, seeds decide."""

from theory.claims import Claim, Clause

SCREENING_PURIFIES = Clause(
    name="thresholds purify",
    words="Gate, soft threshold and biased ReLU: FGM training leaves fewer than 1.75 features a node, weighted by "
    r"energy $a_h^2 \|u_h\|^2$, and less than half as many as clean training on the same seeds.",
)

LEAKS_STAY_MIXED = Clause(
    name="leaks keep mixtures",
    words=r"ReLU, tanh, SiLU and GELU: after FGM training at $0.2 r$ and at $0.4 r$ the mean participation ratio still "
    "exceeds 5.",
)

SCREENING_INHERITS = Clause(
    name="thresholds pass robustness on",
    words=r"Gate, soft threshold and biased ReLU: clean heads for a new $\theta'$ on the FGM-trained layer have less "
    r"than 0.8 of the risk that they have on the clean layer, under FGM, PGD and gate-aware PGD at $0.4 r$.",
)

LEAKS_PASS_NOTHING = Clause(
    name="leaks pass nothing on",
    words=r"ReLU, tanh, SiLU and GELU: under the same attacks such heads keep more than 0.85 of that risk, after FGM "
    r"training at $0.2 r$ and at $0.4 r$.",
)

LEAK_PREDICTS = Clause(
    name="the leak predicts",
    words=r"After FGM training at $0.4 r$ the cross-talk energy $\mathbb{E}\|\beta_{A^c}\|^2/\|\theta'\|^2$ of clean "
    r"heads is below $1/4$ where $\mathrm{act}'(0) = 0$ and above $1/2$ where it is not (of a linear map it is "
    r"$1 - p$).",
)

PRICE = Clause(
    name="leaks pay with the fit",
    words=r"FGM training at $0.4 r$ leaves the clean risk below $0.1\, \mathbb{E}Y^2$ where $\mathrm{act}'(0) = 0$, "
    r"and drives it above $0.5\, \mathbb{E}Y^2$ where it is not.",
)

A3 = Claim(
    id="A3",
    title="Trained networks purify, and pass robustness on, where the activation does not leak",
    clauses=(SCREENING_PURIFIES, LEAKS_STAY_MIXED, SCREENING_INHERITS, LEAKS_PASS_NOTHING, LEAK_PREDICTS, PRICE),
    assumptions=(
        r"Constant amplitude $r$, $d = 20$ features, $pd = 2$ active on average, $\theta = (1, \dots, 1)$, noise "
        r"$\sigma = 0.02$, $H = 60$ nodes with free weights that start at norm 1, no biases but the threshold "
        r"$b = 0.4 r$ where there is one, Adam, fresh data in every step",
        r"Clean training or FGM in $l_2$ at $0.4 r$; activations that leak also at $0.2 r$",
        r"$\theta'$ standard normal, the head of least norm fitted on 1,000 clean observations",
        "Each statement is about the median over random seeds of data and initialisation",
    ),
    source="section 8, open question 2",
    kind="open question",
    depends_on=("A1",),
)
