"""What is random in the model, and what is not: every number is declared once, where it is introduced.

Theorems on expectations look up here whether a factor is a constant, whether a number is an indicator and with what
probability it is one; callers cannot claim it. A number that is not declared is neither random nor constant.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

from sympy import Basic, Expr, Function, Indexed, IndexedBase, Integer, MatrixSymbol, Symbol

from theory import model


@dataclass(frozen=True)
class Law:
    """The law of a random number, as far as the model specifies it.

    Attributes
    ----------
    low, high
        Bounds of the number, which it may attain; None if the model specifies none.
    probability
        For an indicator, the probability that it is 1.
    independent
        Whether the entries of an indexed number are independent of each other.
    identical
        Whether all entries have the same law, jointly with those of other such numbers at the same index.
    trials
        For a count, the number of independent events of that probability that it counts.
    is_normal
        Whether it is standard normal, and independent of all others.
    is_sign
        Whether its entries are fair signs, independent of each other and of all others.
    """

    low: Expr | None = None
    high: Expr | None = None
    probability: Expr | IndexedBase | None = None
    independent: bool = False
    identical: bool = False
    trials: Expr | None = None
    is_normal: bool = False
    is_sign: bool = False


_Number = TypeVar("_Number", bound=Basic)
_Place = TypeVar("_Place")
_LAWS: dict[Basic, Law] = {}
_BINARY: set[Basic] = set()
_PERMUTATIONS: set[tuple[object, Expr]] = set()
_WALKS: dict[object, dict[int, Expr]] = {}
_MOTIONS: set[frozenset[tuple[Basic, Basic]]] = set()
_ISOTROPIC: set[tuple[Basic, Expr]] = set()
_PRODUCTS: set[tuple[tuple[Basic, ...], tuple[Basic, ...]]] = set()
_SAME_LAW: dict[Basic, Basic] = {}
_CONSTANTS: set[Basic] = {value for value in vars(model).values() if isinstance(value, Symbol)}
_RANGES: dict[Basic, tuple[Expr, Expr]] = {model.p: model.ZERO_TO_ONE}
LAWS: Mapping[Basic, Law] = MappingProxyType(_LAWS)


def random(
    number: _Number,
    *,
    low: Expr | None = None,
    high: Expr | None = None,
    identical: bool = False,
    independent: bool = False,
) -> _Number:
    """`number`, declared to be random; see `Law`.

    Raises
    ------
    ValueError
        If it is declared to be something else elsewhere.
    """
    return _declare(number, Law(low, high, identical=identical, independent=independent))


def indicator(number: _Number, probability: Expr | IndexedBase, *, independent: bool = False) -> _Number:
    """`number`, declared to be 1 with that probability and else 0.

    Parameters
    ----------
    number
        A symbol, or a base whose entries are indicators.
    probability
        Of the value 1; a base where it depends on the index.

    Raises
    ------
    ValueError
        If it is declared to be something else elsewhere.
    """
    _BINARY.add(number)
    return _declare(number, Law(Integer(0), Integer(1), probability, independent))


def count(number: _Number, trials: Expr, probability: Expr) -> _Number:
    """`number`, declared to count which of `trials` independent events of that probability happen.

    Raises
    ------
    ValueError
        If it is declared to be something else elsewhere.
    """
    return _declare(number, Law(probability=probability, trials=trials))


def standard_normal(number: _Number) -> _Number:
    """`number`, declared to be standard normal and independent of all other random numbers.

    Raises
    ------
    ValueError
        If it is declared to be something else elsewhere.
    """
    return _declare(number, Law(is_normal=True))


def random_sign(number: _Number) -> _Number:
    """`number`, a base, declared to have fair signs as entries, independent of each other and of everything else.

    Raises
    ------
    ValueError
        If it is declared to be something else elsewhere.
    """
    return _declare(number, Law(Integer(-1), Integer(1), is_sign=True))


def bounded(number: _Number, low: Expr, high: Expr) -> _Number:
    """`number`, declared to be a constant that lies between two ends, which are included.

    Raises
    ------
    ValueError
        If it is declared to be random elsewhere.
    """
    _RANGES[number] = (low, high)
    return constant(number)


def permutation(place: _Place, size: Expr) -> _Place:
    """`place`, a function, declared to be a uniformly random permutation of `1, ..., size`."""
    _PERMUTATIONS.add((place, size))
    return place


def is_permutation(place: object, size: Expr) -> bool:
    """Whether a function is declared to be a uniformly random permutation of `1, ..., size`."""
    return (place, size) in _PERMUTATIONS


def walk(position: _Place, step: Mapping[int, Expr]) -> _Place:
    """`position`, a function of time and place, declared to be the law of a walk from 0 with steps of that law.

    Raises
    ------
    ValueError
        If it is declared to be the law of another walk elsewhere.
    """
    if _WALKS.setdefault(position, dict(step)) != dict(step):
        raise ValueError(f"{position} is the law of another walk")
    return position


def is_walk(position: object, step: Mapping[int, Expr]) -> bool:
    """Whether a function is declared to be the law of a walk with steps of that law."""
    return _WALKS.get(position) == dict(step)


def invariant(motion: dict[Basic, Basic]) -> dict[Basic, Basic]:
    """`motion` of random vectors, declared to leave their joint law as it is."""
    _MOTIONS.add(frozenset(motion.items()))
    return motion


def is_invariant(motion: Mapping[Basic, Basic]) -> bool:
    """Whether a motion of random vectors is declared to leave their joint law as it is."""
    return frozenset(motion.items()) in _MOTIONS


def isotropic(vector: _Number, second_moment: Expr) -> _Number:
    """`vector`, declared to have uncorrelated coordinates, each with that mean square."""
    _ISOTROPIC.add((vector, second_moment))
    return vector


def is_isotropic(vector: Basic, second_moment: Expr) -> bool:
    """Whether a vector is declared to have uncorrelated coordinates, each with that mean square."""
    return (vector, second_moment) in _ISOTROPIC


def products(rules: Mapping[tuple[Basic, ...], tuple[Basic, ...]]) -> None:
    """Declares rules for products of matrices: what stands on the left equals what stands on the right."""
    _PRODUCTS.update(rules.items())


def is_product(left: tuple[Basic, ...], right: tuple[Basic, ...]) -> bool:
    """Whether a rule for a product of matrices is declared."""
    return (left, right) in _PRODUCTS


def zero_or_one(number: _Number) -> _Number:
    """`number`, declared to be 0 or 1 and not random.

    Raises
    ------
    ValueError
        If it is declared to be random elsewhere.
    """
    _BINARY.add(number)
    _RANGES[number] = model.ZERO_TO_ONE
    return constant(number)


def is_binary(number: Basic) -> bool:
    """Whether a symbol, or an entry of a base, is declared to be 0 or 1, random or not."""
    return number in _BINARY or (isinstance(number, Indexed) and number.base in _BINARY)


def one_law(first: _Number, *others: Basic) -> _Number:
    """`first`, declared to have the law of each of the others; all are declared to be random before.

    Raises
    ------
    ValueError
        If one of them is not declared to be random.
    """
    for number in (first, *others):
        if number not in _LAWS:
            raise ValueError(f"{number} is not declared to be random")
        _SAME_LAW[number] = first
    return first


def of_same_law(numbers: Iterable[Basic]) -> dict[Basic, Basic]:
    """What may replace each of some random numbers in the mean of a function of them.

    A single number may be replaced by the first of its law; entries of bases with one law for each index, all at one
    index, by those at index 1. Empty if nothing of the kind is declared.
    """
    known = list(numbers)
    if len(known) == 1 and known[0] in _SAME_LAW:
        return {known[0]: _SAME_LAW[known[0]]}
    laws = [law_of(number) for number in known if isinstance(number, Indexed)]
    places = {number.indices for number in known if isinstance(number, Indexed)}
    if len(laws) == len(known) and len(places) == 1 and all(law is not None and law.identical for law in laws):
        (place,) = places
        return dict.fromkeys(place, Integer(1))
    return {}


def constant(number: _Number) -> _Number:
    """`number`, declared to be a constant.

    Raises
    ------
    ValueError
        If it is declared to be random elsewhere.
    """
    if number in _LAWS:
        raise ValueError(f"{number} is random elsewhere")
    _CONSTANTS.add(number)
    return number


def _declare(number: _Number, law: Law) -> _Number:
    if number in _CONSTANTS or _LAWS.setdefault(number, law) != law:
        raise ValueError(f"{number} is declared to be something else elsewhere")
    return number


def law_of(number: Basic) -> Law | None:
    """The law of a random symbol, or of an entry of a random base; None if it is not declared to be random."""
    return _LAWS.get(number, _LAWS.get(number.base) if isinstance(number, Indexed) else None)


def closed_range(number: Basic) -> tuple[Expr, Expr] | None:
    """The closed range that the model gives a number; None if it gives none."""
    law = law_of(number)
    if law is not None and law.low is not None and law.high is not None:
        return law.low, law.high
    return _RANGES.get(number, _RANGES.get(number.base) if isinstance(number, Indexed) else None)


def random_parts(expr: Basic) -> set[Basic]:
    """The random numbers that occur in `expr`: symbols, and entries of random bases."""
    return {part for part in expr.atoms(Symbol, Indexed, MatrixSymbol) if law_of(part) is not None}


def is_constant(expr: Basic, bound: Iterable[Basic] = ()) -> bool:
    """Whether everything in `expr` is declared to be constant.

    Parameters
    ----------
    bound
        Indices of sums around it, which are not random either.
    """
    known = {*_CONSTANTS, *bound}
    bases = {part.base.label for part in expr.atoms(Indexed)}
    # An index is not a number of the model unless it is declared to be one.
    places = {x for part in expr.atoms(Indexed) for place in part.indices for x in place.free_symbols}
    known |= {x for x in places if law_of(x) is None}
    parts = expr.free_symbols | expr.atoms(MatrixSymbol) | {f for f in expr.atoms(Function) if f in _CONSTANTS}
    return all(_is_declared(part, known) for part in parts if part not in bases and not isinstance(part, Indexed)) and (
        all(part.base in known or part in known for part in expr.atoms(Indexed))
    )


def _is_declared(part: Basic, known: set[Basic]) -> bool:
    return part in known or isinstance(part, IndexedBase)
