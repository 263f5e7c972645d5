"""Claims E4 and E5: what contrastive training does, as relations between named statistics, decided by many seeds."""

from dataclasses import dataclass, replace

from sympy import Integer, Rational

from theory.claims import Claim, Clause
from theory.relations import above, below, larger, smaller
from theory.setups import Setup
from theory.statistics import Arm, Measurement, Named, Size, Statistic, each, words
from theory.training.arms import ATTACKS, FITTED, HEAD_BALLS
from theory.training.measurements import INHERITED_RISK, PARTICIPATION

SIMILAR, DISSIMILAR = Named("similar", "similar pairs"), Named("dissimilar", "dissimilar pairs")
ALL_PAIRS = Named("both", "all pairs")


@dataclass(frozen=True)
class PairArm(Arm):
    """A contrastive pre-training run with unit weights.

    Attributes
    ----------
    gate
        Gate ratio `b/(||w_h|| r)` of every node.
    attacked
        The pairs that FGM in l2 perturbs, on one side; None for clean training.
    size
        Size of the attack; None without one.
    """

    gate: Rational
    attacked: Named | None = None
    size: Size | None = None

    def __str__(self) -> str:
        attack = "clean training" if self.size is None else f"attacks of size {self.size} on {self.attacked}"
        return f"{attack} (gate ratio {words(self.gate)})"


@dataclass(frozen=True)
class LinearArm(Arm):
    """Training of a linear encoder with constant amplitude 1 and no noise, FGM in l2 on one side of all pairs.

    Attributes
    ----------
    d, outputs
        Numbers of features and of outputs `q`.
    p
        Probability that a feature is active.
    eps
        Size of the attack over the amplitude.
    learning_rate
        Learning rate of Adam at the first update.
    """

    d: int
    outputs: int
    p: Rational
    eps: Rational
    learning_rate: float

    def __str__(self) -> str:
        attack = "clean training" if self.eps == 0 else rf"attacks with $\epsilon/r$ of {words(self.eps)}"
        return f"{attack} of linear encoders ($d = {self.d}$, $q = {self.outputs}$, $p = {words(self.p)}$)"

    @property
    def point(self) -> dict[str, Rational]:
        """The arguments of `contrastive_scale`."""
        return {"d": Integer(self.d), "p": self.p, "r": Integer(1), "eps": self.eps}


def isometric(eps: Rational) -> LinearArm:
    """An encoder with as many outputs as features (claims C1 to C3)."""
    return LinearArm(5, 5, Rational(1, 4), eps, 0.02)


def bottleneck(outputs: int, eps: Rational) -> LinearArm:
    """An encoder of twelve sparse features with few outputs (claim C1q)."""
    return LinearArm(12, outputs, Rational(1, 20), eps, 0.03)


CONTRASTIVE = Setup(features=16, active=2, nodes=32, noise=Rational(1, 50), updates=1000, outputs=16)
GATES: tuple[Rational, ...] = (Rational(1, 10), Rational(1, 5))
GATE = each(*GATES)
"""Each gate ratio."""
SIZES = (Size(Rational(3, 10)), Size(Rational(1, 2)))
"""Sizes of attacks in training."""
STRONG = Size(Rational(4, 5))
"""An attack in training that turns the order of similar and dissimilar pairs around at the smaller gate ratio."""
PROBE = Size(Rational(1, 5))
"""The attack whose effect on pairs is measured, after training and during it; smaller than any attack in training."""

CLEAN = PairArm(GATE)
ALL_ATTACKED = PairArm(GATE, ALL_PAIRS, SIZES[0])

PAIRS_BY_ENERGY = Statistic(
    "participation ratio by energy, encoder",
    r"the participation ratio of the nodes, weighted by energy $\|C_h\|^2 \|u_h\|^2$,",
)
ROWS = Statistic("participation ratio of rows", "the mean participation ratio of the rows of $T$")
RISE = Statistic("rise of the loss", "the rise of the loss of [[pairs]] under FGM of size [[size]]")
RISE_IN_TRAINING = Statistic(
    "rise of the loss in training",
    "the rise of the loss of [[pairs]] under FGM of size [[size]], from update [[since]] on,",
)
EXCESS_RISE = Statistic(
    "rise of the loss, dissimilar less similar pairs",
    "the rise of the loss of dissimilar pairs under FGM of size [[size]] minus that of similar pairs",
)

RUNS = (
    CONTRASTIVE.says(
        f"the encoder has $H = {CONTRASTIVE.nodes}$ nodes with unit weights and $q = {CONTRASTIVE.outputs}$ outputs",
        f"Adam runs for {CONTRASTIVE.updates:,} updates (three times as many in the full profile), each on fresh "
        "balanced pairs",
    ),
    "Each statement is about the median over random seeds of the data and the initialisation; two ways of training are "
    "compared on the same seeds.",
    "Attacks in training are FGM in $l_2$ on one view of a pair; their sizes are multiples of $r$.",
)

E4 = Claim(
    id="E4",
    title="Adversarial contrastive pre-training purifies, and a clean head inherits it",
    clauses=(
        Clause(
            "mixtures",
            "Clean contrastive training leaves mixtures: [[relations]].",
            relations=(above(PARTICIPATION(CLEAN), 3),),
        ),
        Clause(
            "purification",
            "Contrastive training with attacks on all pairs purifies: [[relations]].",
            relations=(
                below(PAIRS_BY_ENERGY(replace(ALL_ATTACKED, gate=GATES[0])), 2),
                below(PAIRS_BY_ENERGY(replace(ALL_ATTACKED, gate=GATES[1])), Rational(5, 4)),
                below(PAIRS_BY_ENERGY(ALL_ATTACKED), Rational(1, 2), PAIRS_BY_ENERGY(CLEAN)),
            ),
        ),
        Clause(
            "inheritance",
            "A least-squares head of least norm, fitted to clean observations of the frozen layer, inherits "
            "robustness: [[relations]].",
            relations=(
                smaller(
                    INHERITED_RISK(ALL_ATTACKED, attack=each(*ATTACKS), ball=each(*HEAD_BALLS)),
                    INHERITED_RISK(CLEAN, attack=each(*ATTACKS), ball=each(*HEAD_BALLS)),
                ),
            ),
        ),
        Clause(
            "not linear encoders",
            "Linear encoders with as many outputs as features do not become pure, with or without attacks: "
            "[[relations]].",
            relations=(above(ROWS(isometric(each(Rational(0), Rational(3, 10)))), Rational(3, 2)),),
        ),
    ),
    setting=(
        *RUNS,
        rf"The new target $\theta'$ is standard normal, and clean heads are fitted to {FITTED:,} clean observations.",
    ),
    source="experiments 1 to 3, contrastive",
    kind="paper",
    depends_on=("C1", "C3"),
)


def _rises(arm: Arm) -> tuple[Measurement, Measurement]:
    """The rise of the loss of dissimilar and of similar pairs after training."""
    return RISE(arm, pairs=DISSIMILAR, size=PROBE), RISE(arm, pairs=SIMILAR, size=PROBE)


def _rises_in_training(arm: Arm) -> tuple[Measurement, Measurement]:
    """The same along training, without the first updates, when the weights are still random."""
    return (
        RISE_IN_TRAINING(arm, pairs=DISSIMILAR, size=PROBE, since=Integer(50)),
        RISE_IN_TRAINING(arm, pairs=SIMILAR, size=PROBE, since=Integer(50)),
    )


_TIMES = Integer(3)
"""By what factor attacks must hit dissimilar pairs harder for the statements of E5."""
_DISSIMILAR_OR_ALL = PairArm(GATE, each(DISSIMILAR, ALL_PAIRS), SIZES[0])

E5 = Claim(
    id="E5",
    title="Attacks hit dissimilar pairs harder, until training has purified",
    clauses=(
        Clause(
            "clean training",
            "Attacks on cleanly trained encoders hit dissimilar pairs harder than similar ones: [[relations]].",
            relations=(above(_rises(CLEAN)[0], _TIMES, _rises(CLEAN)[1]),),
        ),
        Clause(
            "along training",
            "Throughout clean training, and throughout training with attacks on similar pairs alone, attacks hit "
            "dissimilar pairs harder than similar ones: [[relations]].",
            relations=tuple(
                larger(*_rises_in_training(arm), over="median at every update")
                for arm in (CLEAN, PairArm(GATE, SIMILAR, SIZES[0]))
            ),
        ),
        Clause(
            "similar pairs attacked",
            "After training with attacks on similar pairs alone, attacks also hit dissimilar pairs harder than "
            "similar ones: [[relations]].",
            relations=(
                above(
                    _rises(PairArm(GATE, SIMILAR, each(*SIZES)))[0],
                    _TIMES,
                    _rises(PairArm(GATE, SIMILAR, each(*SIZES)))[1],
                ),
            ),
        ),
        Clause(
            "purified",
            "Training with attacks on dissimilar pairs or on all pairs reduces the amount by which attacks hit "
            "dissimilar pairs harder than similar ones: [[relations]].",
            relations=(
                below(EXCESS_RISE(_DISSIMILAR_OR_ALL, size=PROBE), Rational(1, 2), EXCESS_RISE(CLEAN, size=PROBE)),
            ),
        ),
        Clause(
            "turned round",
            "After training with strong attacks on all pairs at a small gate ratio, similar pairs lose more than "
            "dissimilar ones: [[relations]]. The order that C4 proves for isotropic linear encoders thus fails for "
            "purified gated encoders.",
            relations=(smaller(*_rises(PairArm(GATES[0], ALL_PAIRS, STRONG))),),
        ),
    ),
    setting=RUNS,
    source="section 5.3",
    kind="paper",
    depends_on=("C4",),
)

CLAIMS = (E4, E5)
