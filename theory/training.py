"""Group E: what training does. Every clause is a set of relations between named statistics, decided by many seeds."""

from dataclasses import dataclass, replace

from sympy import Integer, Rational

from theory.claims import Claim, Clause
from theory.relations import Relation, above, below, larger, smaller
from theory.setups import Setup
from theory.statistics import Arm, Ball, Named, Statistic, decimal, each, words

L1, L2, LINF = Named("l1", "$l_1$"), Named("l2", "$l_2$"), Named("linf", r"$l_\infty$")
FGM, PGD = Named("fgm", "FGM"), Named("pgd", "PGD")
GATE_AWARE, RANDOM_SEARCH = Named("gate_aware", "gate-aware PGD"), Named("random_search", "random search")
GRADIENT_ATTACKS = (FGM, PGD)
ATTACKS = (*GRADIENT_ATTACKS, GATE_AWARE)
EVERY_ATTACK = (*ATTACKS, RANDOM_SEARCH)


@dataclass(frozen=True)
class SupervisedArm(Arm):
    """A supervised pre-training run.

    Attributes
    ----------
    name
        A few words, unique among these runs; random streams are named after it.
    gate
        The threshold `b` as a multiple of the amplitude; the gate ratio where weights have norm 1.
    unit
        Whether weights are kept at norm 1.
    attack
        The attacks that FGM chooses from in training; None for clean training.
    dense
        Whether observations are seen through a random rotation instead of the identity.
    """

    name: str
    gate: Rational
    unit: bool = False
    attack: Ball | None = None
    dense: bool = False

    def __str__(self) -> str:
        training = "clean training" if self.attack is None else f"FGM training in {self.attack}"
        gate = words(self.gate)
        weights = f"unit weights, gate ratio {gate}" if self.unit else f"free weights, $b = {gate} r$"
        return f"{training} ({weights}{', rotated dictionary' if self.dense else ''})"


SUPERVISED = Setup(features=30, active=3, nodes=80, noise=Rational(1, 50), updates=1500)
"""The setting of E1, E2, E3, E6 and E8."""
FREE, SMALL, LARGE = Rational(2, 5), Rational(13, 100), Rational(1, 2)
"""Thresholds over the amplitude: of free weights, and two gate ratios of unit weights."""
CLEAN = SupervisedArm("clean", FREE)
ATTACKED = replace(CLEAN, name="fgm", attack=Ball(L2, Rational(2, 5)))
STRONGLY_ATTACKED = replace(CLEAN, name="fgm strong", attack=Ball(L2, Rational(4, 5)))
CLEAN_SMALL = SupervisedArm("clean, small gate", SMALL, unit=True)
ATTACKED_SMALL = replace(CLEAN_SMALL, name="fgm, small gate", attack=Ball(L2, Rational(3, 10)))
CLEAN_LARGE = SupervisedArm("clean, large gate", LARGE, unit=True)
ATTACKED_LARGE = replace(CLEAN_LARGE, name="fgm, large gate", attack=Ball(L2, Rational(3, 10)))
ATTACKED_LINF = replace(CLEAN, name="fgm l_inf", attack=Ball(LINF, Rational(4, 25)))
ATTACKED_DENSE = replace(ATTACKED_LINF, name="fgm l_inf, dense", dense=True)

FITTED = 4000
"""Number of clean observations to which a clean head is fitted."""
IN_L2 = (CLEAN, ATTACKED, CLEAN_SMALL, ATTACKED_SMALL, CLEAN_LARGE, ATTACKED_LARGE)
"""Clean training and FGM training in l2, for each gate."""
SUPERVISED_ARMS = (*IN_L2[:2], STRONGLY_ATTACKED, *IN_L2[2:], ATTACKED_LINF, ATTACKED_DENSE)

PARTICIPATION = Statistic("participation ratio", "the mean participation ratio of the nodes")
BY_ENERGY = Statistic(
    "participation ratio by energy", r"the participation ratio of the nodes, weighted by energy $a_h^2 \|u_h\|^2$,"
)
CLEAN_RISK = Statistic("clean risk", "the risk without an attack")
RISK = Statistic("risk", "the risk under [[attack]] in [[ball]]")
MASKED = Statistic("gate-aware over FGM risk", "the risk under gate-aware PGD over that under FGM, both in [[ball]],")
INHERITED_RISK = Statistic(
    "inherited risk", r"the risk of a clean head for a new $\theta'$ under [[attack]] in [[ball]]"
)

_RUNS = (
    SUPERVISED.says(
        r"the target is $\theta = (1, \dots, 1)$",
        f"the network has $H = {SUPERVISED.nodes}$ nodes",
        f"Adam runs for {SUPERVISED.updates:,} updates (three times as many in the full profile), each on fresh data",
    ),
    "Each statement is about the median over random seeds of the data and the initialisation; two ways of training are "
    "compared on the same seeds.",
    r"Attack sizes and thresholds are multiples of $r$; the gate ratio of free weights is set by training and starts "
    rf"at $b/(\|w_h\| r) \approx {decimal(FREE)}$.",
)

E1 = Claim(
    id="E1",
    title="Clean pre-training leaves mixtures when the gate is low",
    clauses=(
        Clause(
            "mixtures",
            "Clean training with free weights leaves mixtures: [[relations]].",
            relations=(above(PARTICIPATION(CLEAN), 2),),
        ),
        Clause(
            "small gate",
            "Clean training with unit weights at a small gate ratio also leaves mixtures, and larger ones than free "
            "weights: [[relations]].",
            relations=(
                above(PARTICIPATION(CLEAN_SMALL), 2),
                larger(PARTICIPATION(CLEAN_SMALL), PARTICIPATION(CLEAN)),
            ),
        ),
        Clause(
            "the gate purifies too",
            "At a large gate ratio, clean training alone leaves nearly pure nodes: [[relations]]. The absence of an "
            "attack does not by itself produce mixtures.",
            relations=(below(BY_ENERGY(CLEAN_LARGE), Rational(3, 2)),),
        ),
    ),
    setting=_RUNS,
    source="experiment 1",
    kind="paper",
    depends_on=("P4", "P8"),
)

_PURE = Rational(3, 2)
"""Nodes with fewer features than this on average count as purified: nearer to one feature than to two."""

E2 = Claim(
    id="E2",
    title="Adversarial pre-training purifies if the gate ratio permits it",
    clauses=(
        Clause(
            "FGM in l2",
            "FGM training with free weights purifies: [[relations]].",
            relations=(
                below(BY_ENERGY(ATTACKED), _PURE),
                smaller(PARTICIPATION(ATTACKED), PARTICIPATION(CLEAN)),
            ),
        ),
        Clause(
            "small gate",
            "At a small gate ratio, FGM training lowers the participation ratio but does not purify: [[relations]].",
            relations=(
                smaller(PARTICIPATION(ATTACKED_SMALL), PARTICIPATION(CLEAN_SMALL)),
                above(PARTICIPATION(ATTACKED_SMALL), 2),
            ),
        ),
        Clause(
            "FGM in l_inf",
            r"FGM training in $l_\infty$, with the identity as dictionary, also purifies: [[relations]].",
            relations=(
                below(BY_ENERGY(ATTACKED_LINF), _PURE),
                smaller(PARTICIPATION(ATTACKED_LINF), PARTICIPATION(CLEAN)),
            ),
        ),
        Clause(
            "dense dictionary",
            r"If the observations are seen through a rotated dictionary, FGM training in $l_\infty$ purifies less, "
            "and the fit suffers: [[relations]].",
            relations=(
                larger(PARTICIPATION(ATTACKED_DENSE), PARTICIPATION(ATTACKED_LINF)),
                larger(CLEAN_RISK(ATTACKED_DENSE), CLEAN_RISK(ATTACKED_LINF)),
            ),
        ),
    ),
    setting=_RUNS,
    source="experiment 2",
    kind="paper",
    depends_on=("P3", "P5", "P7"),
)

HEAD_BALLS = (Ball(L2, Rational(1, 5)), Ball(L2, Rational(2, 5)))
"""Attacks on clean heads."""
NORM_BALLS = (
    Ball(L2, Rational(2, 5)),
    Ball(LINF, Rational(2, 25)),
    Ball(LINF, Rational(4, 25)),
    Ball(L1, Rational(4, 5)),
)
"""Attacks on clean heads in several norms."""
NEARBY = Rational(1, 100)
"""An attack size at which P2 certifies many observations."""
CERTIFIED = Statistic("certified share", "the share of observations that P2 certifies for attacks in [[ball]]")
LOSS = Statistic(
    "loss where certified", "the squared error under [[attack]] in [[ball]], where P2 certifies the observation,"
)
PREDICTED = Statistic(
    "predicted loss",
    r"the worst case $(|e| + \epsilon\|M\beta\|)^2$ predicted from the measured effective map for attacks in [[ball]]",
)
LOSS_ANYWHERE = Statistic("loss", "the squared error under [[attack]] in [[ball]]")
UNIVERSAL = Statistic("universal bound", "the universal upper bound of P2 for attacks in [[ball]]")
HEAD_LOSS = Statistic(
    "loss of a clean head where certified",
    r"the squared error of a clean head for a new $\theta'$ under [[attack]] in [[ball]], where P2 certifies the "
    "observation,",
)
HEAD_PREDICTED = Statistic(
    "predicted loss of a clean head",
    r"the worst case $(|e| + \epsilon\|M\beta\|)^2$ predicted from its measured effective map for attacks in [[ball]]",
)
GAIN = Statistic("inherited gain", r"the inherited gain $\mathbb{E}\|\beta\|^2/\|\theta'\|^2$ of a clean head")
CURVE = Statistic(
    "gain on the curve",
    r"the gain $\pi_m$ that D3 gives for the order $m$ that was measured (participation ratio, weighted by the energy "
    "of the clean head)",
)


def inherits(better: Arm, worse: Arm, *balls: Ball) -> Relation:
    """Clean heads have lower risk on one layer than on the other, under every attack considered."""
    return smaller(
        INHERITED_RISK(better, attack=each(*ATTACKS), ball=each(*balls)),
        INHERITED_RISK(worse, attack=each(*ATTACKS), ball=each(*balls)),
    )


def _exactly(loss: Statistic, predicted: Statistic, arm: Arm, ball: Ball) -> tuple[Relation, ...]:
    """FGM attains the prediction, and no other attack exceeds it."""
    attained, worst = loss(arm, attack=FGM, ball=ball), predicted(arm, ball=ball)
    return (
        Relation(attained, "==", Integer(1), worst, "every observation"),
        Relation(loss(arm, attack=each(*EVERY_ATTACK), ball=ball), "<=", Integer(1), worst, "every observation"),
    )


_FACTOR = Rational(3, 2)
"""How far the inherited gain may lie from the curve, as a factor; D3 is exact for mixtures of one order alone."""

E3 = Claim(
    id="E3",
    title="A clean head inherits robustness from adversarial pre-training",
    clauses=(
        Clause(
            "inheritance",
            "A clean head inherits robustness from a layer with free weights: [[relations]].",
            relations=(inherits(ATTACKED, CLEAN, *HEAD_BALLS),),
        ),
        Clause(
            "small gate",
            "At a small gate ratio, a clean head also inherits robustness, although the nodes are not pure there: "
            "[[relations]].",
            relations=(inherits(ATTACKED_SMALL, CLEAN_SMALL, *HEAD_BALLS),),
        ),
        Clause(
            "the gate alone",
            "At a large gate ratio, clean pre-training already passes on robustness: [[relations]].",
            relations=(inherits(CLEAN_LARGE, CLEAN, *HEAD_BALLS),),
        ),
        Clause(
            "other norms",
            "Robustness that was trained in one norm is inherited against attacks in other norms: [[relations]].",
            relations=(inherits(each(ATTACKED, ATTACKED_LINF), CLEAN, *NORM_BALLS),),
        ),
        Clause(
            "prediction",
            "Where P2 certifies, the worst loss of an inherited head equals the prediction from its effective map: "
            "[[relations]].",
            relations=_exactly(HEAD_LOSS, HEAD_PREDICTED, each(*IN_L2[:4]), Ball(L2, NEARBY)),
        ),
        Clause(
            "the curve",
            "The inherited gain follows the inheritance curve of D3 within a constant factor: [[relations]].",
            relations=(
                below(GAIN(each(*IN_L2)), _FACTOR, CURVE(each(*IN_L2))),
                above(GAIN(each(*IN_L2)), 1 / _FACTOR, CURVE(each(*IN_L2))),
            ),
        ),
    ),
    setting=(
        *_RUNS,
        rf"The new target $\theta'$ is standard normal, and the head of least norm is fitted to {FITTED:,} clean "
        "observations.",
    ),
    source="experiment 3, section 6",
    kind="paper",
    depends_on=("P2", "P5", "D3"),
)

_ATTACKABLE = each(CLEAN, ATTACKED, CLEAN_LARGE, ATTACKED_LARGE)

E6 = Claim(
    id="E6",
    title="Prediction meets training",
    clauses=(
        Clause(
            "certified",
            "On the observations that P2 certifies, the worst loss equals the prediction from the measured effective "
            "map: [[relations]].",
            relations=_exactly(LOSS, PREDICTED, _ATTACKABLE, Ball(L2, NEARBY)),
        ),
        Clause(
            "coverage",
            "P2 certifies most observations, and more of them after FGM training than after clean training: "
            "[[relations]].",
            relations=(
                above(CERTIFIED(_ATTACKABLE, ball=Ball(L2, NEARBY)), Rational(1, 2)),
                larger(CERTIFIED(ATTACKED, ball=Ball(L2, NEARBY)), CERTIFIED(CLEAN, ball=Ball(L2, NEARBY))),
            ),
        ),
        Clause(
            "universal bound",
            "No attack exceeds the universal upper bound of P2: [[relations]].",
            relations=(
                Relation(
                    LOSS_ANYWHERE(_ATTACKABLE, attack=each(*EVERY_ATTACK), ball=Ball(L2, Rational(2, 5))),
                    "<=",
                    Integer(1),
                    UNIVERSAL(_ATTACKABLE, ball=Ball(L2, Rational(2, 5))),
                    "every observation",
                ),
            ),
        ),
    ),
    setting=_RUNS,
    source="beyond the paper",
    kind="sharpened",
    depends_on=("P2",),
)


@dataclass(frozen=True)
class SmallArm(Arm):
    """Training of a network so small that its worst case can be computed.

    Attributes
    ----------
    attack
        The attacks that FGM chooses from in training; None for clean training.
    """

    attack: Ball | None = None

    def __str__(self) -> str:
        training = "clean training" if self.attack is None else f"FGM training in {self.attack}"
        return f"{training} of the small networks"


SMALL_NETWORKS = Setup(features=5, active=1, nodes=8, noise=Rational(1, 50), updates=800)
SMALL_GATE = Rational(2, 5)
# P2 certifies many observations for the first ball; in the other two, gates move and attacks can miss the worst case.
NEAR, FAR, FAR_L1 = Ball(LINF, Rational(1, 50)), Ball(LINF, Rational(4, 25)), Ball(L1, Rational(2, 5))
SMALL_CLEAN, SMALL_ATTACKED = SmallArm(), SmallArm(FAR)
EXACT_LOSS = Statistic("loss of a small network", "the squared error under [[attack]] in [[ball]]")
EXACT_BOUND = Statistic(
    "exact bound", "the bound on every squared error in [[ball]] that the mixed-integer program proves"
)
EXACT_WORST = Statistic(
    "exact worst case", "the exact worst squared error in [[ball]], where P2 certifies the observation,"
)
BOUND_WHERE_CERTIFIED = Statistic(
    "exact bound where certified", "the bound on the squared error in [[ball]] that the mixed-integer program proves"
)
SMALL_PREDICTED = Statistic("predicted worst case of a small network", "the worst case that P2 predicts in [[ball]]")
SHARE = Statistic("share of the exact excess", "the share of the exact excess risk that [[attack]] finds in [[ball]]")


def _never_stronger(arm: Arm, ball: Ball) -> Relation:
    found = EXACT_LOSS(arm, attack=each(*EVERY_ATTACK), ball=ball)
    return Relation(found, "<=", Integer(1), EXACT_BOUND(arm, ball=ball), "every observation")


_WORST = EXACT_WORST(SMALL_ATTACKED, ball=NEAR)
_AS_PREDICTED = SMALL_PREDICTED(SMALL_ATTACKED, ball=NEAR)
_PROVED = BOUND_WHERE_CERTIFIED(SMALL_ATTACKED, ball=NEAR)

EXACT = Clause(
    "the exact worst case",
    "On networks so small that mixed-integer programming computes the exact worst case, no attack exceeds it, and "
    "where P2 certifies it equals the worst case that P2 predicts: [[relations]].",
    relations=(
        _never_stronger(each(SMALL_CLEAN, SMALL_ATTACKED), FAR),
        _never_stronger(SMALL_ATTACKED, FAR_L1),
        Relation(_WORST, "==", Integer(1), _AS_PREDICTED, "every observation"),
        Relation(_AS_PREDICTED, "<=", Integer(1), _PROVED, "every observation"),
    ),
)


def _short(arm: Arm, ball: Ball) -> tuple[Relation, ...]:
    return (
        below(SHARE(arm, attack=FGM, ball=ball), Rational(9, 10)),
        below(SHARE(arm, attack=PGD, ball=ball), 1),
        larger(SHARE(arm, attack=GATE_AWARE, ball=ball), SHARE(arm, attack=FGM, ball=ball)),
    )


SHORT = Clause(
    "what attacks miss",
    "On networks so small that the exact worst case can be computed, attacks miss a part of it: [[relations]].",
    relations=(*_short(SMALL_CLEAN, FAR), *_short(SMALL_ATTACKED, FAR_L1)),
)

_TWO_FIFTHS, _THREE_FIFTHS = Ball(L2, Rational(2, 5)), Ball(L2, Rational(3, 5))


def _black_box(arms: tuple[SupervisedArm, ...], ball: Ball) -> Relation:
    arm = each(*arms)
    return smaller(RISK(arm, attack=RANDOM_SEARCH, ball=ball), RISK(arm, attack=GATE_AWARE, ball=ball))


E8 = Claim(
    id="E8",
    title="Gradient masking: how much of the robustness is real?",
    clauses=(
        Clause(
            "FGM overstates",
            "FGM overstates the robustness of networks that were trained with FGM: [[relations]].",
            relations=(
                above(MASKED(each(ATTACKED, ATTACKED_SMALL), ball=_TWO_FIFTHS), Rational(3, 2)),
                above(MASKED(each(ATTACKED_LINF, ATTACKED_DENSE), ball=FAR), Rational(3, 2)),
            ),
        ),
        Clause(
            "the attack makes the mask",
            "At a large gate ratio, FGM training causes more gradient masking than clean training does: [[relations]].",
            relations=(
                below(MASKED(CLEAN_LARGE, ball=_THREE_FIFTHS), 2),
                larger(MASKED(ATTACKED_LARGE, ball=_THREE_FIFTHS), MASKED(CLEAN_LARGE, ball=_THREE_FIFTHS)),
            ),
        ),
        Clause(
            "a real part",
            "At a small gate ratio, networks trained with FGM are more robust than cleanly trained ones even under "
            "gate-aware PGD: [[relations]].",
            relations=(
                smaller(
                    RISK(ATTACKED_SMALL, attack=GATE_AWARE, ball=_TWO_FIFTHS),
                    RISK(CLEAN_SMALL, attack=GATE_AWARE, ball=_TWO_FIFTHS),
                ),
            ),
        ),
        Clause(
            "a masked part",
            "Networks trained with strong FGM appear more robust than cleanly trained ones under FGM but are less "
            "robust under gate-aware PGD: [[relations]].",
            relations=(
                smaller(
                    RISK(STRONGLY_ATTACKED, attack=FGM, ball=_THREE_FIFTHS),
                    RISK(CLEAN, attack=FGM, ball=_THREE_FIFTHS),
                ),
                larger(
                    RISK(STRONGLY_ATTACKED, attack=GATE_AWARE, ball=_THREE_FIFTHS),
                    RISK(CLEAN, attack=GATE_AWARE, ball=_THREE_FIFTHS),
                ),
            ),
        ),
        Clause(
            "black box",
            "For every way of training, random search finds less risk than gate-aware PGD: [[relations]].",
            relations=(
                _black_box((*IN_L2, STRONGLY_ATTACKED), _TWO_FIFTHS),
                _black_box((ATTACKED_LINF, ATTACKED_DENSE), FAR),
            ),
        ),
        EXACT,
        SHORT,
    ),
    setting=(
        *_RUNS,
        "The exact worst case is computed for small networks. "
        + SMALL_NETWORKS.says(
            f"the network has $H = {SMALL_NETWORKS.nodes}$ nodes with free weights and threshold "
            f"$b = {decimal(SMALL_GATE)} r$"
        ),
    ),
    source="beyond the paper",
    kind="sharpened",
    depends_on=("G4", "P2"),
)

CLAIMS = (E1, E2, E3, E6, E8)
