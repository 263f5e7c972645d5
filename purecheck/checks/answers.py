"""Sentences computed from measurements: the answers to open questions, and numbers beside a verdict."""

from collections.abc import Iterable, Sequence
from functools import partial

import numpy as np
from sympy import Rational

from numerics.activations import activation
from numerics.arrays import Floats
from purecheck.experiments.activation_arms import COMPARED, THRESHOLD, activation_name
from purecheck.experiments.activation_measured import measured
from purecheck.experiments.exact_arms import ATTACKS as SMALL_ATTACKS
from purecheck.experiments.exact_arms import EXACT_ARMS, ExactAttacks, found
from purecheck.experiments.readers import per_seed, read
from purecheck.runtime.context import Context
from purecheck.verdicts.relations import decided
from theory.activations.a3_trained import FULL, ActivationArm, passes_on, purifies
from theory.contrastive.c6_attack_modes import DISSIMILAR_MORE
from theory.contrastive_training import ALL_PAIRS, DISSIMILAR, GATES, PAIRS_BY_ENERGY, SIMILAR, SIZES, PairArm
from theory.relations import Relation
from theory.statistics import Named, Size
from theory.training.arms import ATTACKS, GRADIENT_ATTACKS, IN_L2
from theory.training.measurements import CURVE, GAIN, INHERITED_RISK


def holds(relations: Iterable[Relation], context: Context) -> bool | None:
    """Whether all relations hold for all values of their parameters; None if an interval leaves one undecided."""
    sample = partial(read, context=context)
    verdicts = [decided(one, sample, "").comparison.holds for each in relations for _, one in each.instances()]
    return False if False in verdicts else None if None in verdicts else True


def carries(name: Named) -> tuple[Relation, ...]:
    """The relations that an activation must satisfy for purification and inheritance to carry over to it."""
    return (*purifies(name), passes_on(name, *GRADIENT_ATTACKS))


def remaining(name: Named, attack: Named, context: Context) -> Floats:
    """The risk of clean heads on the attacked layer over that on the clean layer, one number for each seed."""
    attacked, clean = (
        per_seed(INHERITED_RISK(ActivationArm(name, ball), attack=attack, ball=FULL), context) for ball in (FULL, None)
    )
    return np.asarray(attacked / clean)


def activations(context: Context) -> str:
    """A3: the activations to which purification and inheritance carry over, with leak and remaining risk."""
    by_verdict: dict[bool | None, list[str]] = {True: [], False: [], None: []}
    for name in COMPARED:
        by_verdict[holds(carries(name), context)].append(_of_activation(name, context))
    parts = (
        (True, "FGM training purifies, and clean heads inherit against FGM and PGD, with"),
        (False, "This does not hold with"),
        (None, "It is undecided with"),
    )
    return " ".join(f"{words} {', '.join(by_verdict[verdict])}." for verdict, words in parts if by_verdict[verdict])


def _of_activation(name: Named, context: Context) -> str:
    worst = max(float(np.median(remaining(name, attack, context))) for attack in ATTACKS)
    ratio = float(np.median(measured(ActivationArm(name, FULL), context).energy))
    leak = activation(activation_name(name), THRESHOLD).leak
    return f"{name.name} (leak {leak:g}, {ratio:.2f} features per node, at most {worst:.0%} of the risk remains)"


Setting = tuple[Rational, Size]
"""Gate ratio and attack size of contrastive training."""

SETTINGS: tuple[Setting, ...] = tuple((gate, size) for gate in GATES for size in SIZES)


def pairs_arm(mode: Named | None, gate: Rational, size: Size) -> PairArm:
    """Contrastive training with attacks on pairs of this kind; without a kind, clean training."""
    return PairArm(gate) if mode is None else PairArm(gate, mode, size)


def features(mode: Named | None, gate: Rational, size: Size, context: Context) -> Floats:
    """The participation ratio by energy after that training, one number for each seed."""
    return per_seed(PAIRS_BY_ENERGY(pairs_arm(mode, gate, size)), context)


def share(mode: Named, gate: Rational, size: Size, context: Context) -> Floats:
    """The share that one mode attains of the decrease in participation ratio under attacks on all pairs, by seed."""
    start, end, both = (features(one, gate, size, context) for one in (None, mode, ALL_PAIRS))
    return np.asarray((start - end) / (start - both))


def attack_modes(context: Context) -> str:
    """C6: how often attacks on dissimilar pairs purify more, and which share of the decrease each mode attains."""
    verdicts = [holds([one], context) for relation in DISSIMILAR_MORE.relations for _, one in relation.instances()]
    counts = [verdicts.count(verdict) for verdict in (True, False, None)]
    dissimilar, similar = (
        _range([float(np.median(share(mode, gate, size, context))) for gate, size in SETTINGS])
        for mode in (DISSIMILAR, SIMILAR)
    )
    return (
        f"Attacks on dissimilar pairs alone purify more than attacks on similar pairs alone in {counts[0]} of "
        f"{len(verdicts)} settings, less in {counts[1]}, and {counts[2]} are undecided. Relative to the decrease in "
        f"participation ratio under attacks on both, they attain {dissimilar}, and attacks on similar pairs attain "
        f"{similar} (medians)."
    )


def _range(shares: Sequence[float]) -> str:
    return f"{min(shares):.0%} to {max(shares):.0%}"


def along_the_curve(context: Context) -> str:
    """E3: the measured gain and the gain that D3 gives, by arm."""
    rows = (
        f"{arm.name}: {np.median(per_seed(GAIN(arm), context)):.3f}, {np.median(per_seed(CURVE(arm), context)):.3f}"
        for arm in IN_L2
    )
    return f"Measured gain and the gain by D3, medians over seeds: {'; '.join(rows)}."


def exact_shares(context: Context) -> str:
    """E8: the share of the exact excess risk that every attack finds, by arm."""
    arms = "; ".join(f"{arm}: {_shares(found(arm, context))}" for arm in EXACT_ARMS)
    return f"Shares of the exact excess risk that attacks find, medians over seeds: {arms}."


def _shares(seen: ExactAttacks) -> str:
    return ", ".join(f"{attack} {np.median(seen.share(attack)):.0%}" for attack in SMALL_ATTACKS)
