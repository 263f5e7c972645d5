"""The supervised training runs of group E: their setting, their ways of training, and the attacks on them."""

from dataclasses import dataclass, replace

from sympy import Rational

from theory.setups import Setup
from theory.statistics import Arm, Ball, Named, decimal, words

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
"""Number of clean observations to which a clean head is fitted: fifty for each node."""
IN_L2 = (CLEAN, ATTACKED, CLEAN_SMALL, ATTACKED_SMALL, CLEAN_LARGE, ATTACKED_LARGE)
"""Clean training and FGM training in l2, for each gate."""
SUPERVISED_ARMS = (*IN_L2[:2], STRONGLY_ATTACKED, *IN_L2[2:], ATTACKED_LINF, ATTACKED_DENSE)

RUNS = (
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
"""The setting of the claims on these runs, sentence by sentence."""

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
