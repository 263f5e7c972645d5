"""A3: purity and inherited robustness of trained networks with other activations, decided by many seeds."""

from dataclasses import dataclass, replace

from sympy import Rational

from theory.claims import Claim, Clause
from theory.relations import Relation, above, below
from theory.setups import Setup
from theory.statistics import Arm, Ball, Named, Statistic, decimal, each
from theory.training.arms import ATTACKS, GRADIENT_ATTACKS, L2
from theory.training.measurements import BY_ENERGY, CLEAN_RISK, INHERITED_RISK, PARTICIPATION

GATE, SOFT_THRESHOLD = Named("gate", "gates"), Named("soft_threshold", "soft thresholds")
BIASED_RELU, RELU = Named("biased_relu", "biased ReLUs"), Named("relu", "ReLUs")
SILU, GELU, TANH = Named("silu", "SiLUs"), Named("gelu", "GELUs"), Named("tanh", "tanh nodes")
SCREENING = (GATE, SOFT_THRESHOLD, BIASED_RELU)
"""Compared activations that are constant around zero."""
WITHOUT_JUMPS = (SOFT_THRESHOLD, BIASED_RELU)
LINEAR = (RELU, SILU, GELU)
"""Compared activations whose odd part is linear: other nodes cannot cancel what leaks at the pre-activation 0 (A1)."""
CURVED = (TANH,)
"""Compared activations that leak but bend: steep nodes can cancel what flat nodes leak."""
FULL, HALF = Ball(L2, Rational(2, 5)), Ball(L2, Rational(1, 5))
"""The attacks that FGM chooses from in training; heads are attacked with the larger ball."""
LONGER = 3
"""How many times as many updates the activations get that bend: steep nodes take long to grow."""


@dataclass(frozen=True)
class ActivationArm(Arm):
    """A supervised pre-training run of a network with some activation.

    Attributes
    ----------
    activation
        The activation of its nodes.
    attack
        The attacks that FGM chooses from in training; None for clean training.
    """

    activation: Named
    attack: Ball | None = None

    def __str__(self) -> str:
        training = "clean training" if self.attack is None else f"FGM training in {self.attack}"
        return f"{training} with {self.activation}"


SETUP = Setup(features=20, active=2, nodes=60, noise=Rational(1, 50), updates=800)
THRESHOLD = Rational(2, 5)
"""Threshold over the amplitude, for activations that have a threshold."""
FITTED = 1000
"""Number of clean observations to which a clean head is fitted: sixteen for each node."""
CROSS_TALK = Statistic(
    "cross-talk", r"the cross-talk energy $\mathbb{E}\|\beta_{A^c}\|^2/\|\theta'\|^2$ of a clean head"
)
UNCANCELLED = Statistic(
    "slopes left",
    r"the share of the slopes at zero on the features, $\sum_i \sum_h |a_h u_{ih}|$, that remains in "
    r"$\sum_i |\sum_h a_h u_{ih}|$",
)


def purifies(activations: Named) -> tuple[Relation, ...]:
    """FGM training leaves few features per node, and at most half as many as clean training leaves."""
    attacked = ActivationArm(activations, FULL)
    energy, clean = BY_ENERGY(attacked), BY_ENERGY(replace(attacked, attack=None))
    return below(energy, Rational(7, 4)), below(energy, Rational(1, 2), clean)


def passes_on(activations: Named, *attacks: Named) -> Relation:
    """Clean heads on the FGM-trained layer have a risk that is lower by a constant factor."""
    return replace(_kept(ActivationArm(activations, FULL), *attacks), sign="<", bound=Rational(4, 5))


def _kept(arm: ActivationArm, *attacks: Named) -> Relation:
    risk, clean = (
        INHERITED_RISK(one, attack=each(*attacks), ball=FULL) for one in (arm, ActivationArm(arm.activation))
    )
    return above(risk, Rational(17, 20), clean)


_AFTER = {kind: ActivationArm(each(*kind), FULL) for kind in (SCREENING, LINEAR)}
_EITHER_SIZE = each(HALF, FULL)

CLAUSES = (
    Clause(
        name="thresholds purify",
        says="If the activation is constant around zero, FGM training purifies: [[relations]].",
        relations=purifies(each(*SCREENING)),
        kind="open question",
    ),
    Clause(
        name="a linear odd part keeps mixtures",
        says="If the odd part of the activation is linear (A1), FGM training leaves mixtures: [[relations]].",
        relations=(above(PARTICIPATION(ActivationArm(each(*LINEAR), _EITHER_SIZE)), 5),),
        kind="open question",
    ),
    Clause(
        name="thresholds pass robustness on",
        says="If the activation is constant around zero, clean heads inherit robustness against gradient-based "
        "attacks: [[relations]].",
        relations=(passes_on(each(*SCREENING), *GRADIENT_ATTACKS),),
        kind="open question",
    ),
    Clause(
        name="without jumps, against every attack",
        says="Activations that are constant around zero and have no jumps to hide behind (E8) pass on robustness "
        "against every attack, including gate-aware PGD, which follows their own slopes in both directions: "
        "[[relations]].",
        relations=(passes_on(each(*WITHOUT_JUMPS), *ATTACKS),),
        kind="open question",
    ),
    Clause(
        name="a linear odd part passes nothing on",
        says="If the odd part of the activation is linear, hardly any robustness is passed on: [[relations]].",
        relations=(_kept(ActivationArm(each(*LINEAR), _EITHER_SIZE), *ATTACKS),),
        kind="open question",
    ),
    Clause(
        name="cross-talk",
        says=r"Little cross-talk remains if $\mathrm{act}'(0) = 0$, and much of it remains if the odd part of the "
        "activation is linear (a linear map has cross-talk $1 - p$): [[relations]].",
        relations=(
            below(CROSS_TALK(_AFTER[SCREENING]), Rational(1, 4)),
            above(CROSS_TALK(_AFTER[LINEAR]), Rational(1, 2)),
        ),
        kind="open question",
    ),
    Clause(
        name="the price",
        says=r"FGM training sacrifices little of the fit if $\mathrm{act}'(0) = 0$ and most of it if the odd part of "
        r"the activation is linear; with the risk as a share of $\mathbb{E}Y^2$, [[relations]].",
        relations=(
            below(CLEAN_RISK(_AFTER[SCREENING]), Rational(1, 10)),
            above(CLEAN_RISK(_AFTER[LINEAR]), Rational(1, 2)),
        ),
        kind="open question",
    ),
    Clause(
        name="tanh purifies late",
        says="With longer training, tanh also purifies although it leaks, so the leak of a single node is not "
        "decisive: [[relations]].",
        relations=purifies(TANH),
        kind="open question",
    ),
    Clause(
        name="tanh passes robustness on",
        says="Clean heads inherit robustness from a purified layer of tanh nodes, compared with a cleanly trained "
        "layer after equally many updates: [[relations]].",
        relations=(passes_on(TANH, *ATTACKS),),
        kind="open question",
    ),
    Clause(
        name="tanh cancels its leak",
        says="In a trained layer of tanh nodes, steep nodes cancel what flat nodes leak: [[relations]].",
        relations=(below(UNCANCELLED(ActivationArm(TANH, FULL)), Rational(1, 4)),),
        kind="open question",
    ),
)

A3 = Claim(
    id="A3",
    title="Trained networks purify and pass on robustness if their nodes can be silent together",
    clauses=CLAUSES,
    setting=(
        SETUP.says(
            r"the target is $\theta = (1, \dots, 1)$",
            f"the network has $H = {SETUP.nodes}$ nodes with free weights that start at norm 1, and no biases except "
            f"the threshold $b = {decimal(THRESHOLD)} r$ of activations that have one",
        ),
        f"Training is clean or uses FGM in $l_2$; Adam runs for {SETUP.updates} updates (for tanh, "
        f"{LONGER * SETUP.updates:,}; three times as many in the full profile), each on fresh data.",
        rf"The new target $\theta'$ is standard normal, and the head of least norm is fitted to {FITTED:,} clean "
        "observations.",
        "Each statement is about the median over random seeds of the data and the initialisation; two ways of training "
        "are compared on the same seeds.",
    ),
    source="section 8, open question 2",
    kind="open question",
    depends_on=("A1",),
)
