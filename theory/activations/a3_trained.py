"""A3: purity and inherited robustness of trained networks with other activations, as relations that seeds decide."""

from dataclasses import dataclass, replace

from sympy import Rational

from theory.claims import Claim, Clause
from theory.relations import Relation, above, below
from theory.setups import Setup
from theory.statistics import Arm, Ball, Named, Statistic, decimal, each
from theory.training import ATTACKS, BY_ENERGY, CLEAN_RISK, GRADIENT_ATTACKS, INHERITED_RISK, L2, PARTICIPATION

GATE, SOFT_THRESHOLD = Named("gate", "gates"), Named("soft_threshold", "soft thresholds")
BIASED_RELU, RELU = Named("biased_relu", "biased ReLUs"), Named("relu", "ReLUs")
SILU, GELU, TANH = Named("silu", "SiLUs"), Named("gelu", "GELUs"), Named("tanh", "tanh nodes")
SCREENING = (GATE, SOFT_THRESHOLD, BIASED_RELU)
"""Activations compared that are constant about zero."""
WITHOUT_JUMPS = (SOFT_THRESHOLD, BIASED_RELU)
LINEAR = (RELU, SILU, GELU)
"""Activations compared whose odd part is linear: what leaks at rest cannot be cancelled by other nodes (A1)."""
CURVED = (TANH,)
"""Activations compared that leak, and bend: steep nodes can cancel what flat ones leak."""
FULL, HALF = Ball(L2, Rational(2, 5)), Ball(L2, Rational(1, 5))
"""What FGM may do in training; heads are attacked with the larger one."""
LONGER = 3
"""Times as many updates for the activations that bend: steep nodes take long to grow."""


@dataclass(frozen=True)
class ActivationArm(Arm):
    """A supervised pre-training run of a network with some activation.

    Attributes
    ----------
    activation
        The activation of its nodes.
    attack
        What FGM may do in training; None for clean training.
    """

    activation: Named
    attack: Ball | None = None

    def __str__(self) -> str:
        training = "clean training" if self.attack is None else f"FGM training in {self.attack}"
        return f"{training} with {self.activation}"


SETUP = Setup(features=20, active=2, nodes=60, noise=Rational(1, 50), updates=800)
THRESHOLD = Rational(2, 5)
"""Threshold over the amplitude, where an activation has one."""
FITTED = 1000
"""Clean observations on which a clean head is fitted."""
CROSS_TALK = Statistic(
    "cross-talk", r"the cross-talk energy $\mathbb{E}\|\beta_{A^c}\|^2/\|\theta'\|^2$ of a clean head"
)
UNCANCELLED = Statistic(
    "slopes left",
    r"the share of the slopes at rest on the features, $\sum_i \sum_h |a_h u_{ih}|$, that is left in "
    r"$\sum_i |\sum_h a_h u_{ih}|$",
)


def purifies(activations: Named) -> tuple[Relation, ...]:
    """FGM training leaves few features a node, and at most half of those that clean training leaves."""
    attacked = ActivationArm(activations, FULL)
    energy, clean = BY_ENERGY(attacked), BY_ENERGY(replace(attacked, attack=None))
    return below(energy, Rational(7, 4)), below(energy, Rational(1, 2), clean)


def passes_on(activations: Named, *attacks: Named) -> Relation:
    """Clean heads on the FGM-trained layer have lower risk by a constant factor."""
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
        says="FGM training purifies where the activation is constant about zero: [[relations]].",
        relations=purifies(each(*SCREENING)),
        kind="open question",
    ),
    Clause(
        name="a linear odd part keeps mixtures",
        says="Where the odd part of the activation is linear (A1) FGM training leaves mixtures: [[relations]].",
        relations=(above(PARTICIPATION(ActivationArm(each(*LINEAR), _EITHER_SIZE)), 5),),
        kind="open question",
    ),
    Clause(
        name="thresholds pass robustness on",
        says="Where the activation is constant about zero, clean heads inherit robustness against attacks by "
        "gradients: [[relations]].",
        relations=(passes_on(each(*SCREENING), *GRADIENT_ATTACKS),),
        kind="open question",
    ),
    Clause(
        name="without jumps, against every attack",
        says="Activations that are constant about zero and have no jumps to hide behind (E8), whose own slopes "
        "gate-aware PGD follows both ways, pass robustness on under every attack: [[relations]].",
        relations=(passes_on(each(*WITHOUT_JUMPS), *ATTACKS),),
        kind="open question",
    ),
    Clause(
        name="a linear odd part passes nothing on",
        says="Where the odd part of the activation is linear hardly any robustness is passed on: [[relations]].",
        relations=(_kept(ActivationArm(each(*LINEAR), _EITHER_SIZE), *ATTACKS),),
        kind="open question",
    ),
    Clause(
        name="cross-talk",
        says=r"Where $\mathrm{act}'(0) = 0$ little cross-talk is left, where the odd part is linear much of it (of a "
        "linear map it is $1 - p$): [[relations]].",
        relations=(
            below(CROSS_TALK(_AFTER[SCREENING]), Rational(1, 4)),
            above(CROSS_TALK(_AFTER[LINEAR]), Rational(1, 2)),
        ),
        kind="open question",
    ),
    Clause(
        name="the price",
        says=r"FGM training costs little fit where $\mathrm{act}'(0) = 0$ and most of it where the odd part is "
        r"linear; with the risk as a share of $\mathbb{E}Y^2$, [[relations]].",
        relations=(
            below(CLEAN_RISK(_AFTER[SCREENING]), Rational(1, 10)),
            above(CLEAN_RISK(_AFTER[LINEAR]), Rational(1, 2)),
        ),
        kind="open question",
    ),
    Clause(
        name="tanh purifies late",
        says="Tanh, trained longer, purifies too although it leaks, so that the leak of a single node does not decide: "
        "[[relations]].",
        relations=purifies(TANH),
        kind="open question",
    ),
    Clause(
        name="tanh passes robustness on",
        says="Clean heads inherit robustness from a purified layer of tanh nodes, compared with a clean layer trained "
        "as long: [[relations]].",
        relations=(passes_on(TANH, *ATTACKS),),
        kind="open question",
    ),
    Clause(
        name="tanh cancels its leak",
        says="In a trained layer of tanh nodes steep ones cancel what flat ones leak: [[relations]].",
        relations=(below(UNCANCELLED(ActivationArm(TANH, FULL)), Rational(1, 4)),),
        kind="open question",
    ),
)

A3 = Claim(
    id="A3",
    title="Trained networks purify, and pass robustness on, where nodes can be silent together",
    clauses=CLAUSES,
    setting=(
        SETUP.says(
            r"$\theta = (1, \dots, 1)$",
            f"$H = {SETUP.nodes}$ nodes with free weights that start at norm 1",
            f"no biases but the threshold $b = {decimal(THRESHOLD)} r$ where there is one",
            "Adam, fresh data in every step",
        ),
        f"Clean training or FGM in $l_2$; {SETUP.updates} updates (tanh {LONGER * SETUP.updates:,}), three times as "
        "many in the full profile",
        r"$\theta'$ standard normal, the head of least norm fitted on " f"{FITTED:,} clean observations",
        "Each statement is about the median over random seeds of data and initialisation; two ways to train are "
        "compared on the same seeds",
    ),
    source="section 8, open question 2",
    kind="open question",
    depends_on=("A1",),
)
