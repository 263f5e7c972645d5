"""Sentences computed from what was measured: the answers to open questions, and numbers beside a verdict."""

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
from theory.training import ATTACKS, CURVE, GAIN, GRADIENT_ATTACKS, IN_L2, INHERITED_RISK


def holds(relations: Iterable[Relation], context: Context) -> bool | None:
    """Whether all relations hold for all values of their parameters; None where an interval leaves one open."""
    sample = partial(read, context=context)
    verdicts = [decided(one, sample, "").comparison.holds for each in relations for _, one in each.instances()]
    return False if False in verdicts else None if None in verdicts else True


def carries(name: Named) -> tuple[Relation, ...]:
    """What is asked of an activation with which purification and inheritance both carry over."""
    return (*purifies(name), passes_on(name, *GRADIENT_ATTACKS))


def remaining(name: Named, attack: Named, context: Context) -> Floats:
    """Part of the risk of clean heads on the clean layer that they keep on the attacked layer, one a seed."""
    attacked, clean = (
        per_seed(INHERITED_RISK(ActivationArm(name, ball), attack=attack, ball=FULL), context) for ball in (FULL, None)
    )
    return np.asarray(attacked / clean)


def activations(context: Context) -> str:
    """A3: with which activations purification and inheritance carry over, with their leak and the risk that stays."""
    by_verdict: dict[bool | None, list[str]] = {True: [], False: [], None: []}
    for name in COMPARED:
        by_verdict[holds(carries(name), context)].append(_of_activation(name, context))
    parts = (
        (True, "FGM training purifies, and clean heads inherit against FGM and PGD, with"),
        (False, "Not so with"),
        (None, "Undecided for"),
    )
    return " ".join(f"{words} {', '.join(by_verdict[verdict])}." for verdict, words in parts if by_verdict[verdict])


def _of_activation(name: Named, context: Context) -> str:
    worst = max(float(np.median(remaining(name, attack, context))) for attack in ATTACKS)
    ratio = float(np.median(measured(ActivationArm(name, FULL), context).energy))
    leak = activation(activation_name(name), THRESHOLD).leak
    return f"{name.name} (leak {leak:g}, {ratio:.2f} features a node, at worst {worst:.0%} of the risk stays)"


Setting = tuple[Rational, Size]
"""Gate ratio and attack size of contrastive training."""

SETTINGS: tuple[Setting, ...] = tuple((gate, size) for gate in GATES for size in SIZES)


def pairs_arm(mode: Named | None, gate: Rational, size: Size) -> PairArm:
    """Contrastive training with attacks on these pairs; without any, clean training."""
    return PairArm(gate) if mode is None else PairArm(gate, mode, size)


def features(mode: Named | None, gate: Rational, size: Size, context: Context) -> Floats:
    """Participation ratio by energy after that training, one a seed."""
    return per_seed(PAIRS_BY_ENERGY(pairs_arm(mode, gate, size)), context)


def share(mode: Named, gate: Rational, size: Size, context: Context) -> Floats:
    """Part of the fall in participation ratio under attacks on all pairs that one mode attains, one a seed."""
    start, end, both = (features(one, gate, size, context) for one in (None, mode, ALL_PAIRS))
    return np.asarray((start - end) / (start - both))


def attack_modes(context: Context) -> str:
    """C6: how often dissimilar pairs purify more than similar ones, and how much of the fall either attains."""
    verdicts = [holds([one], context) for relation in DISSIMILAR_MORE.relations for _, one in relation.instances()]
    counts = [verdicts.count(verdict) for verdict in (True, False, None)]
    dissimilar, similar = (
        _range([float(np.median(share(mode, gate, size, context))) for gate, size in SETTINGS])
        for mode in (DISSIMILAR, SIMILAR)
    )
    return (
        f"Of {len(verdicts)} settings attacks on dissimilar pairs alone purify more than attacks on similar pairs "
        f"alone in {counts[0]}, less in {counts[1]}, open in {counts[2]}; of the fall in participation ratio under "
        f"attacks on both they attain {dissimilar}, those on similar pairs {similar} (medians)."
    )


def _range(shares: Sequence[float]) -> str:
    return f"{min(shares):.0%} to {max(shares):.0%}"


def along_the_curve(context: Context) -> str:
    """E3: gain and the gain that D3 gives, by arm."""
    rows = (
        f"{arm.name}: {np.median(per_seed(GAIN(arm), context)):.3f}, {np.median(per_seed(CURVE(arm), context)):.3f}"
        for arm in IN_L2
    )
    return f"Gain and gain by D3, medians over seeds: {'; '.join(rows)}."


def exact_shares(context: Context) -> str:
    """E8: share of the exact excess risk that every attack finds, by arm."""
    arms = "; ".join(f"{arm}: {_shares(found(arm, context))}" for arm in EXACT_ARMS)
    return f"Of the exact excess risk attacks find, median over seeds: {arms}."


def _shares(seen: ExactAttacks) -> str:
    return ", ".join(f"{attack} {np.median(seen.share(attack)):.0%}" for attack in SMALL_ATTACKS)
