"""A Hypothesis strategy for attacks: a norm and a size."""

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from numerics.norms import NORMS, Norm
from purecheck.strategies.numbers import reals


@dataclass(frozen=True)
class Attack:
    """The size and the norm of an attack, as `fgm` and `pgd` of `numerics.attacks` take them.

    Attributes
    ----------
    eps
        Size, at least 0.
    norm
        `l1`, `l2` or `linf`.
    """

    eps: float
    norm: Norm


@st.composite
def attacks(draw: st.DrawFn, *, norms: Sequence[Norm] = NORMS, largest: float = 1.0) -> Attack:
    """Attacks in one of the `norms`, of a size from 0 to `largest`.

    Parameters
    ----------
    draw
        Given by Hypothesis.
    norms
        The norms to choose from.
    largest
        Largest size, at least 0.

    Examples
    --------
    >>> from hypothesis import find
    >>> from purecheck.strategies import attacks
    >>> find(attacks(), lambda attack: attack.norm == "linf")
    Attack(eps=0.0, norm='linf')
    """
    return Attack(draw(reals(0.0, largest)), draw(st.sampled_from(list(norms))))
