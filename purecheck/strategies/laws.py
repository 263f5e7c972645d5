"""Hypothesis strategies for the law of the features and for dictionaries."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from numerics.arrays import Floats
from numerics.features import Amplitude, ConstantAmplitude, FeatureLaw, UniformAmplitude, rotation
from purecheck.strategies.numbers import probabilities, reals, seeds


@st.composite
def laws(draw: st.DrawFn, *, most: int = 8, constant: bool = False) -> FeatureLaw:
    """Laws of `X` with 1 to `most` features, active with a probability from 1e-3 to 1 - 1e-3.

    Parameters
    ----------
    draw
        Given by Hypothesis.
    most
        Largest number of features, at least 1.
    constant
        Whether amplitudes are constant, as the assumptions of many claims require; otherwise they may be uniform too.

    Examples
    --------
    >>> from hypothesis import find
    >>> from purecheck.strategies import laws
    >>> find(laws(constant=True), lambda law: law.d > 2).d
    3
    """
    d, p = draw(st.integers(1, most)), draw(probabilities())
    r = draw(reals(0.1, 2))
    if constant or draw(st.booleans()):
        amplitude: Amplitude = ConstantAmplitude(r)
    else:
        amplitude = UniformAmplitude(r, r * (1 + draw(reals(0.01, 2))))
    return FeatureLaw(d, p, amplitude)


def dictionaries(d: int) -> SearchStrategy[Floats]:
    """Orthogonal dictionaries `M` of shape `(d, d)`: the identity, or a rotation drawn from the Haar measure.

    Parameters
    ----------
    d
        Number of features, at least 1.
    """
    rotations = seeds().map(lambda seed: np.asarray(rotation(d, np.random.default_rng(seed))))
    return st.one_of(st.just(np.eye(d)), rotations)
