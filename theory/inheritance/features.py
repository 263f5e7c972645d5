"""Second moments of the features, which decide what a least-squares head is."""

from sympy import IndexedBase, MatrixSymbol, Symbol

from theory.derivation import Derivation, begin
from theory.laws import indicator, random, random_sign
from theory.model import d, p, r
from theory.quantities.heads import SECOND_MOMENT
from theory.theorems.expectation import named_moment
from theory.theorems.indicators import Mean
from theory.theorems.matrices import sign_average
from theory.theorems.support import of_indicator

COVARIANCE = IndexedBase("C")
COVARIANCE_MATRIX = MatrixSymbol("C", d, d)
_i = Symbol("i", integer=True, positive=True)
_j = Symbol("j", integer=True, positive=True)
_sign = random_sign(IndexedBase("S"))
_size = random(IndexedBase("Y", real=True), identical=True)
_active = indicator(IndexedBase("B", nonnegative=True), p, independent=True)


def covariances() -> Derivation:
    """The chain to `E x_i x_j = [i = j] E x_i^2`, for every law of amplitudes."""
    mean = Mean(_sign[_i] * _sign[_j] * _size[_i] * _size[_j])
    named = named_moment(Mean(_size[_i] ** 2), SECOND_MOMENT)
    chain = begin(COVARIANCE[_i, _j], mean, "x_i = S_i Y_i with a random sign S_i and Y_i = |x_i|")
    return chain.by(sign_average(mean, _sign, _i, _j)).within(named)


def covariances_at_constant_amplitude() -> Derivation:
    """The chain to `E x_i x_j = [i = j] p r^2`, for constant amplitude `r`."""
    mean = Mean(_sign[_i] * _sign[_j] * r**2 * _active[_i] * _active[_j])
    square = Mean(r**2 * _active[_i] ** 2)
    chain = begin(COVARIANCE[_i, _j], mean, "x_i = S_i r B_i with a random sign S_i and B_i = 1 for an active feature")
    return chain.by(sign_average(mean, _sign, _i, _j)).within(of_indicator(square, _active[_i], p))
