"""Flags that tell a ladder to be trusted from a broken one, each a test at the false-alarm rate of the suite.

A flag that too few images decide is left out. References: N. Carlini et al., "On evaluating adversarial robustness"
(2019), section 5; A. Athalye, N. Carlini and D. Wagner, "Obfuscated gradients", ICML 2018, section 3.1.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from scipy.stats import binom

from gpu_experiments.ladder.rung import Flags, Floats, Rung
from numerics.statistics import FALSE_ALARM


def sanity_flags(
    rungs: Sequence[Rung],
    by_steps: Sequence[str],
    black_box: Iterable[str],
    tell_failures: Iterable[str],
    covered: Floats,
    classes: int,
) -> dict[str, bool]:
    """Return flag to whether it came out as it should, for those that the images decide.

    Parameters
    ----------
    rungs : sequence of Rung
        The ladder in any order of sizes; all on the same images.
    by_steps : sequence of str
        Attacks that follow the same gradient, fewest steps first.
    black_box : iterable of str
        Attacks without gradients.
    tell_failures : iterable of str
        Attacks that hand back the worst they met of images that they did not fool; only of these it is known whether
        they raise the loss.
    covered : array, shape (images,)
        Margins under an attack large enough to turn every image into any other.
    classes : int
        Classes that the model tells apart.
    """
    ladder = sorted(rungs, key=lambda rung: rung.eps)
    names = list(ladder[0].margins)
    blind, tell_failures = set(black_box), list(tell_failures)
    found = {
        "monotone_in_eps": _all(
            ordered(low.fooled(name), high.fooled(name)) for low, high in pairwise(ladder) for name in names
        ),
        "monotone_in_steps": _all(
            ordered(rung.fooled(few), rung.fooled(many)) for rung in ladder for few, many in pairwise(by_steps)
        ),
        "black_box_not_stronger": _all(
            ordered(rung.fooled(name), _any_fooled(rung, set(names) - blind)) for rung in ladder for name in blind
        ),
        "loss_increases": _all(increases(rung.clean, rung.margins[name]) for rung in ladder for name in tell_failures),
        "large_eps_reaches_chance": at_chance(covered, classes),
    }
    return {name: flag for name, flag in found.items() if flag is not None}


def ordered(weaker: Flags, stronger: Flags) -> bool:
    """Return whether two attacks on the same images may be in this order: McNemar's exact test, one-sided.

    Where the stronger fools at least as often, an image that only one of them fools is fooled by the weaker one
    with probability at most 1/2.
    """
    against = int(np.count_nonzero(weaker & ~stronger))
    decided = int(np.count_nonzero(weaker != stronger))
    return bool(binom.sf(against - 1, decided, 0.5) > FALSE_ALARM)


def increases(clean: Floats, attacked: Floats) -> bool | None:
    """Return whether an attack raises the margins of images that are right without it; None for too few images.

    A step in a direction that has nothing to do with the model raises half of them: the share must exceed that.
    """
    gained = attacked[clean < 0] > clean[clean < 0]
    if 0.5**gained.size > FALSE_ALARM:
        return None
    return bool(binom.sf(int(np.count_nonzero(gained)) - 1, gained.size, 0.5) <= FALSE_ALARM)


def at_chance(margins: Floats, classes: int) -> bool | None:
    """Return whether no more images stay right than by chance; None for too few images.

    Every image can be turned into the same one, which is right for one class of balanced ones.
    """
    if (1 / classes) ** margins.size > FALSE_ALARM:
        return None
    return bool(binom.sf(int(np.count_nonzero(margins < 0)) - 1, margins.size, 1 / classes) > FALSE_ALARM)


def _any_fooled(rung: Rung, attacks: Iterable[str]) -> Flags:
    return functools.reduce(np.logical_or, (rung.fooled(name) for name in attacks), rung.clean >= 0)


def _all(flags: Iterable[bool | None]) -> bool | None:
    """Return False if a flag is, None if one is undecided or there is none, else True."""
    known = list(flags)
    if False in known:
        return False
    return None if None in known or not known else True
