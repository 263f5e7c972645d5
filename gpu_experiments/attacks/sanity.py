"""Flags that separate a sound evaluation from a broken one, each a test at the false-alarm rate of the project.

A flag is left out if there are too few images to decide it. References: N. Carlini et al., "On evaluating adversarial
robustness" (2019), section 5; A. Athalye, N. Carlini and D. Wagner, "Obfuscated gradients", ICML 2018, section 3.1.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from scipy.stats import binom

from gpu_experiments.attacks.evaluation import Flags, ImageEvaluation
from numerics.arrays import Floats
from numerics.statistics import FALSE_ALARM


def sanity_flags(
    evaluations: Sequence[ImageEvaluation],
    by_steps: Sequence[str],
    black_box: Iterable[str],
    tell_failures: Iterable[str],
    covered: Floats,
    classes: int,
) -> dict[str, bool]:
    """Return each flag with whether it came out as it should; flags that the images do not decide are left out.

    Parameters
    ----------
    evaluations : sequence of ImageEvaluation
        One for each attack size, in any order; all on the same images.
    by_steps : sequence of str
        Attacks that follow the same gradient, fewest steps first.
    black_box : iterable of str
        Attacks without gradients.
    tell_failures : iterable of str
        Attacks that return their worst point for an image even if it is still classified correctly; only for these is
        it known whether they raise the loss.
    covered : array, shape (images,)
        Margins under an attack large enough to turn every image into any other.
    classes : int
        Number of classes of the model.
    """
    by_size = sorted(evaluations, key=lambda one: one.eps)
    names = list(by_size[0].margins)
    blind, tell_failures = set(black_box), list(tell_failures)
    found = {
        "monotone_in_eps": _all(
            ordered(low.fooled(name), high.fooled(name)) for low, high in pairwise(by_size) for name in names
        ),
        "monotone_in_steps": _all(
            ordered(one.fooled(few), one.fooled(many)) for one in by_size for few, many in pairwise(by_steps)
        ),
        "black_box_not_stronger": _all(
            ordered(one.fooled(name), _any_fooled(one, set(names) - blind)) for one in by_size for name in blind
        ),
        "loss_increases": _all(increases(one.clean, one.margins[name]) for one in by_size for name in tell_failures),
        "large_eps_reaches_chance": at_chance(covered, classes),
    }
    return {name: flag for name, flag in found.items() if flag is not None}


def ordered(weaker: Flags, stronger: Flags) -> bool:
    """Return whether two attacks on the same images may be in this order: McNemar's exact test, one-sided.

    If the stronger attack fools at least as often, an image that only one of them fools is fooled by the weaker one
    with probability at most 1/2.
    """
    against = int(np.count_nonzero(weaker & ~stronger))
    decided = int(np.count_nonzero(weaker != stronger))
    return bool(binom.sf(against - 1, decided, 0.5) > FALSE_ALARM)


def increases(clean: Floats, attacked: Floats) -> bool | None:
    """Return whether an attack raises the margins of images that are right without it; None if there are too few.

    A step in a direction that is unrelated to the model raises half of them, so the share must exceed that.
    """
    gained = attacked[clean < 0] > clean[clean < 0]
    if 0.5**gained.size > FALSE_ALARM:
        return None
    return bool(binom.sf(int(np.count_nonzero(gained)) - 1, gained.size, 0.5) <= FALSE_ALARM)


def at_chance(margins: Floats, classes: int) -> bool | None:
    """Return whether no more images stay right than by chance; None if there are too few images.

    Every image can be turned into the same one, which is right for one of several balanced classes.
    """
    if (1 / classes) ** margins.size > FALSE_ALARM:
        return None
    return bool(binom.sf(int(np.count_nonzero(margins < 0)) - 1, margins.size, 1 / classes) > FALSE_ALARM)


def _any_fooled(evaluation: ImageEvaluation, attacks: Iterable[str]) -> Flags:
    return functools.reduce(np.logical_or, (evaluation.fooled(name) for name in attacks), evaluation.clean >= 0)


def _all(flags: Iterable[bool | None]) -> bool | None:
    """Return False if any flag is False, None if one is undecided or there are none, else True."""
    known = list(flags)
    if False in known:
        return False
    return None if None in known or not known else True
