"""Networks so small that their exact worst case can be computed: how much of it attacks find."""

from dataclasses import dataclass

from sympy import Integer, Rational

from theory.claims import Clause
from theory.relations import Relation, below, larger
from theory.setups import Setup
from theory.statistics import Arm, Ball, Statistic, each
from theory.training.arms import EVERY_ATTACK, FGM, GATE_AWARE, L1, LINF, PGD


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
SMALL_GATE = Rational(2, 5)  # the threshold of the supervised arms, so that sizes of attacks mean the same
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
