"""SymPy expressions as Rocq terms over the reals and the natural numbers.

A term means in Rocq what the expression means in SymPy. Where Rocq gives a total function another value than SymPy does
(subtraction of natural numbers below zero, binomials above the diagonal, roots of negative numbers), the exporter has
`theory.algebra` show that the case does not arise, and refuses the expression if that fails.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sympy import (
    Abs,
    Add,
    Basic,
    Expr,
    Indexed,
    Integer,
    Integral,
    Max,
    Min,
    Mul,
    Piecewise,
    Pow,
    Rational,
    S,
    Sum,
    Symbol,
    binomial,
    cos,
    default_sort_key,
    exp,
    floor,
    log,
    pi,
    preorder_traversal,
    sin,
    true,
)
from sympy.core.relational import Relational

from theory.algebra import is_nonnegative, is_positive
from theory.formal.names import NAT, Names, NotExportedError, fresh, type_of


def real_term(expr: Basic, names: Names) -> str:
    """`expr` as a Rocq term of type `R`, for `R_scope`.

    Raises
    ------
    NotExportedError
        If a part of it has no term of the same meaning.
    """
    return _real(expr, names).text


def natural_term(expr: Basic, names: Names) -> str:
    """`expr` as a Rocq term of type `nat`, for `nat_scope`.

    Raises
    ------
    NotExportedError
        If it is not made of sums, products and halves of natural numbers.
    """
    return _natural(expr, names).text


def proposition(relation: Basic, names: Names) -> str:
    """An equation or inequality between reals as a Rocq proposition.

    Raises
    ------
    NotExportedError
        If `relation` is neither, or a side has no term.
    """
    if not isinstance(relation, Relational) or relation.rel_op not in _RELATIONS:
        raise NotExportedError(f"{relation} is no equation or inequality")
    return f"{real_term(relation.lhs, names)} {_RELATIONS[relation.rel_op]} {real_term(relation.rhs, names)}"


_RELATIONS = {"==": "=", "<=": "<=", "<": "<", ">=": ">=", ">": ">", "!=": "<>"}


@dataclass(frozen=True)
class _Term:
    """Text with the level at which Rocq's grammar reads it: a tighter place needs parentheses."""

    text: str
    level: int

    def at(self, level: int) -> str:
        """The text for a place that takes terms up to `level`."""
        return self.text if self.level <= level else f"({self.text})"


_ATOM, _APPLIED, _POWER, _UNARY, _PRODUCT, _SUM = 0, 10, 30, 35, 40, 50
"""Levels of Rocq's grammar for `R_scope` and `nat_scope`; an abstraction is written in parentheses."""


def _applied(function: str, *arguments: str) -> _Term:
    return _Term(" ".join((function, *arguments)), _APPLIED)


def _real(expr: Basic, names: Names) -> _Term:
    if expr in names.quantities:
        return _Term(names.quantities[expr], _ATOM)
    head = expr.func
    if head in names.quantities:
        argument = _argument if head not in names.of_reals else lambda x, names: _real(x, names).at(_ATOM)
        return _applied(names.quantities[head], *(argument(x, names) for x in expr.args))
    if isinstance(expr, Symbol):
        name = _named(expr, names)
        return _applied("INR", name) if type_of(expr) == NAT else _Term(name, _ATOM)
    if isinstance(expr, Indexed):
        return _applied(_named(expr.base, names), *(_natural(i, names).at(_ATOM) + _scope(i) for i in expr.indices))
    rule = next((rule for kind, rule in _REAL_RULES if isinstance(expr, kind)), None)
    if rule is None:
        raise NotExportedError(f"{expr} ({head.__name__}) has no Rocq term")
    return rule(expr, names)


def _argument(expr: Basic, names: Names) -> str:
    """An argument of a quantity: a natural number where the expression is one."""
    if expr.is_integer and expr.is_nonnegative:
        return _natural(expr, names).at(_ATOM) + _scope(expr)
    return _real(expr, names).at(_ATOM)


def _scope(natural: Basic) -> str:
    return "" if isinstance(natural, Symbol) else "%nat"


def _named(symbol: Basic, names: Names) -> str:
    if symbol not in names.symbols:
        raise NotExportedError(f"{symbol} has no name in Rocq")
    return names.symbols[symbol]


def _number(expr: Basic, _names: Names) -> _Term:
    whole = _Term(str(abs(expr.p)), _ATOM)
    size = whole if expr.q == 1 else _Term(f"{whole.text} / {expr.q}", _PRODUCT)
    return size if expr.p >= 0 else _Term(f"- {size.at(_UNARY)}", _UNARY)


def _add(expr: Basic, names: Names) -> _Term:
    first, *rest = expr.args
    text = _real(first, names).at(_SUM)
    for term in rest:
        minus = term.could_extract_minus_sign()
        text += f" {'-' if minus else '+'} {_real(-term if minus else term, names).at(_PRODUCT)}"
    return _Term(text, _SUM)


def _mul(expr: Basic, names: Names) -> _Term:
    sign, factors = S.One, list(expr.args)
    if factors[0].is_Number and factors[0].is_negative:
        sign, factors = -sign, [-factors[0], *factors[1:]]
    above = [x for x in factors if not _is_inverse(x) and x != 1]
    below = [1 / x for x in factors if _is_inverse(x)]
    parts = [_real(x, names) for x in above] or [_Term("1", _ATOM)]
    text = " * ".join([parts[0].at(_PRODUCT), *(part.at(_UNARY) for part in parts[1:])])
    text = "".join([text, *(f" / {_real(x, names).at(_UNARY)}" for x in below)])
    level = _PRODUCT if len(parts) + len(below) > 1 else parts[0].level
    return _Term(text, level) if sign == 1 else _Term(f"- {_Term(text, level).at(_UNARY)}", _UNARY)


def _is_inverse(factor: Basic) -> bool:
    return isinstance(factor, Pow) and bool(factor.exp.is_Rational and factor.exp.is_negative)


def _power(expr: Basic, names: Names) -> _Term:
    base, power = expr.args
    if power.is_Rational and power < 0:
        return _Term(f"/ {_real(1 / expr, names).at(_UNARY)}", _UNARY)
    if power.is_Integer:
        return _Term(f"{_real(base, names).at(_APPLIED)} ^ {power}", _POWER)
    if power.is_Rational and power.q == 2:
        root = _root(base, names)
        return root if power.p == 1 else _Term(f"{root.at(_APPLIED)} ^ {power.p}", _POWER)
    if power.is_integer:
        return _whole_power(base, power, names)
    if is_positive(base, names.box):
        return _applied("Rpower", _real(base, names).at(_ATOM), _real(power, names).at(_ATOM))
    raise NotExportedError(f"{expr}: a real power of what is not shown to be positive")


def _root(base: Basic, names: Names) -> _Term:
    if not is_nonnegative(base, names.box):
        raise NotExportedError(f"the root of {base}, which is not shown to be nonnegative")
    return _applied("sqrt", _real(base, names).at(_ATOM))


def _whole_power(base: Basic, power: Basic, names: Names) -> _Term:
    """A power with symbols in its exponent: where that may be negative, a quotient of two powers."""
    try:
        exponent = _natural(power, names)
        return _Term(f"{_real(base, names).at(_APPLIED)} ^ {exponent.at(_ATOM)}", _POWER)
    except NotExportedError:
        if not is_positive(base, names.box):
            raise
    terms = Add.make_args(power)
    below = Add(*(-x for x in terms if x.could_extract_minus_sign()))
    above = Add(*(x for x in terms if not x.could_extract_minus_sign()))
    numerator, denominator = (_real(Pow(base, x, evaluate=False), names) for x in (above, below))
    return _Term(f"{numerator.at(_PRODUCT)} / {denominator.at(_UNARY)}", _PRODUCT)


def _sum(expr: Basic, names: Names) -> _Term:
    """The iterated sum of Coquelicot; where the upper end is one below the lower, it is zero as in SymPy."""
    return _sum_over(expr.function, expr.limits, names)


def _sum_over(function: Basic, limits: Sequence[Any], names: Names) -> _Term:
    """The sum over the last index, which is outermost, of the sum over the others."""
    *inner, (index, low, high) = limits
    if not (index.is_integer and is_nonnegative(low, names.box)):
        raise NotExportedError(f"the index {index} of a sum of {function} is no natural number")
    name = fresh(str(index), names)
    # Within the sum the index is at most its upper end, and that is at most itself without the floor.
    inside = replace(names.binding(index, name), box={**names.box, index: (low, _without_floor(high))})
    body = (_sum_over(function, inner, inside) if inner else _real(function, inside)).text
    ends = (_natural(end, names).at(_ATOM) + _scope(end) for end in (low, high))
    return _applied("sum_n_m", f"(fun {name} : nat => {body})", *ends)


def _integral(expr: Basic, names: Names) -> _Term:
    """Coquelicot's integral, which is that of SymPy where the integrand is continuous."""
    if len(expr.limits) != 1 or len(expr.limits[0]) != 3:
        raise NotExportedError(f"{expr} is no integral between two ends")
    variable, low, high = expr.limits[0]
    if not all(isinstance(node, _CONTINUOUS) for node in preorder_traversal(expr.function)):
        raise NotExportedError(f"{expr}: its integrand is not shown to be continuous")
    name = fresh(str(variable), names)
    body = _real(expr.function, names.binding(variable, name)).text
    ends = (_real(end, names).at(_ATOM) for end in (low, high))
    return _applied("RInt", f"(fun {name} : R => {body})", *ends)


def _without_floor(expr: Basic) -> Basic:
    return expr.replace(floor, lambda x: x)


def _binomial(expr: Basic, names: Names) -> _Term:
    n, k = expr.args
    if not _at_least_zero(n - k, names):
        raise NotExportedError(f"{expr}: {k} is not shown to be at most {n}")
    return _applied("Binomial.C", *(_natural(x, names).at(_ATOM) + _scope(x) for x in (n, k)))


def _at_least_zero(expr: Expr, names: Names) -> bool:
    """Whether `expr` is not negative; one that is affine in an index is least at an end of its range."""
    if is_nonnegative(expr, names.box):
        return True
    for index, (low, high) in reversed(list(names.box.items())):
        slope = expr.diff(index) if isinstance(index, Symbol) and expr.has(index) and not expr.has(floor) else None
        if slope is not None and slope.is_Integer:
            rest = {x: ends for x, ends in names.box.items() if x != index}
            least = expr.subs(index, high if slope < 0 else low)
            if least.is_nonnegative or is_nonnegative(least, rest):
                return True
    return False


def _extreme(function: str) -> Callable[[Basic, Names], _Term]:
    def rule(expr: Basic, names: Names) -> _Term:
        # SymPy keeps the arguments in a set, whose order changes from process to process.
        *others, last = sorted(expr.args, key=default_sort_key)
        found = _real(last, names)
        for other in reversed(others):
            found = _applied(function, _real(other, names).at(_ATOM), found.at(_ATOM))
        return found

    return rule


def _by_cases(expr: Basic, names: Names) -> _Term:
    """One condition between reals with a value otherwise; Rocq's order decides between `<` and `<=` alone."""
    if len(expr.args) != 2 or expr.args[1][1] != true:
        raise NotExportedError(f"{expr} has more than two cases")
    (value, condition), (otherwise, _) = expr.args
    if not isinstance(condition, Relational) or condition.rel_op not in _DECIDED:
        raise NotExportedError(f"{condition} is not decided in Rocq")
    function, swapped = _DECIDED[condition.rel_op]
    sides = (condition.rhs, condition.lhs) if swapped else (condition.lhs, condition.rhs)
    decision = _applied(function, *(_real(side, names).at(_ATOM) for side in sides)).text
    values = (_real(x, names).text for x in (value, otherwise))
    return _Term(f"(if {decision} then {' else '.join(values)})", _ATOM)


_DECIDED = {"<": ("Rlt_dec", False), ">": ("Rlt_dec", True), "<=": ("Rle_dec", False), ">=": ("Rle_dec", True)}


def _function(name: str) -> Callable[[Basic, Names], _Term]:
    return lambda expr, names: _applied(name, _real(expr.args[0], names).at(_ATOM))


def _logarithm(expr: Basic, names: Names) -> _Term:
    if not is_positive(expr.args[0], names.box):
        raise NotExportedError(f"{expr}: its argument is not shown to be positive")
    return _applied("ln", _real(expr.args[0], names).at(_ATOM))


_REAL_RULES: tuple[tuple[type, Callable[[Any, Names], _Term]], ...] = (
    (Rational, _number),
    (Add, _add),
    (Mul, _mul),
    (type(S.Exp1), lambda _expr, _names: _applied("exp", "1")),
    (type(pi), lambda _expr, _names: _Term("PI", _ATOM)),
    (Pow, _power),
    (exp, _function("exp")),
    (log, _logarithm),
    (sin, _function("sin")),
    (cos, _function("cos")),
    (Abs, _function("Rabs")),
    (Max, _extreme("Rmax")),
    (Min, _extreme("Rmin")),
    (Piecewise, _by_cases),
    (Sum, _sum),
    (Integral, _integral),
    (binomial, _binomial),
    (floor, lambda expr, names: _applied("INR", f"{_natural(expr, names).at(_ATOM)}%nat")),
)
"""A rule for each kind of expression; the first that fits is taken."""

_CONTINUOUS = (Rational, Symbol, Add, Mul, Pow, exp, sin, cos, Abs)
"""The kinds of expressions in an integrand; a symbol in an exponent must stand for a natural number."""


def _natural(expr: Basic, names: Names) -> _Term:
    if isinstance(expr, Integer) and expr >= 0:
        return _Term(str(expr), _ATOM)
    if isinstance(expr, Symbol) and type_of(expr) == NAT:
        return _Term(_named(expr, names), _ATOM)
    if isinstance(expr, Symbol) and expr.is_integer and expr in names.box and expr in names.symbols:
        return _Term(_named(expr, names), _ATOM)  # an index that runs over natural numbers
    if isinstance(expr, Mul):
        return _Term(" * ".join(_natural(x, names).at(_UNARY) for x in expr.args), _PRODUCT)
    if isinstance(expr, Add):
        return _natural_sum(expr, names)
    if isinstance(expr, floor):
        numerator, denominator = expr.args[0].as_numer_denom()
        if denominator.is_Integer:
            return _Term(f"{_natural(numerator, names).at(_UNARY)} / {denominator}", _PRODUCT)
    raise NotExportedError(f"{expr} is not shown to be a natural number")


def _natural_sum(expr: Basic, names: Names) -> _Term:
    plus = [x for x in expr.args if not x.could_extract_minus_sign()]
    minus = [-x for x in expr.args if x.could_extract_minus_sign()]
    if minus and not _at_least_zero(expr, names):
        raise NotExportedError(f"{expr} is not shown to be a natural number")
    if not plus:
        raise NotExportedError(f"{expr} is not shown to be a natural number")
    text = " + ".join([_natural(plus[0], names).at(_SUM), *(_natural(x, names).at(_PRODUCT) for x in plus[1:])])
    # All that is added comes first, so that no difference on the way is cut off at zero.
    return _Term("".join([text, *(f" - {_natural(x, names).at(_PRODUCT)}" for x in minus)]), _SUM)
