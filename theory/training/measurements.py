"""The statistics of supervised training runs, and the relation between attacks and their prediction by P2."""

from sympy import Integer

from theory.relations import Relation
from theory.statistics import Arm, Ball, Statistic, each
from theory.training.arms import EVERY_ATTACK, FGM

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


def exactly(loss: Statistic, predicted: Statistic, arm: Arm, ball: Ball) -> tuple[Relation, ...]:
    """FGM attains the prediction, and no other attack exceeds it."""
    attained, worst = loss(arm, attack=FGM, ball=ball), predicted(arm, ball=ball)
    return (
        Relation(attained, "==", Integer(1), worst, "every observation"),
        Relation(loss(arm, attack=each(*EVERY_ATTACK), ball=ball), "<=", Integer(1), worst, "every observation"),
    )
