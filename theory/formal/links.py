"""Links of exact algebra as lemmas for Rocq, whose kernel checks those that are rational in named atoms.

Everything in a link but sums, products and whole powers gets a name: a symbol, an entry, a root, a modulus, the value
of a function, a mean. The lemma assumes what is known of each name (its declared signs and range, the square of a root
or a modulus), and that no denominator is zero. A link whose two sides are equal only by a further law of a function, of
sums or of matrices is not rational in its atoms, and has no lemma. Of the normal law and of the exponential function,
the lemma also uses the symmetries `Q(-x) = 1 - Q(x)` and `exp(-x) = 1/exp(x)`.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from sympy import (
    Abs,
    Add,
    Basic,
    Dummy,
    Expr,
    MatrixExpr,
    Mul,
    Poly,
    Pow,
    Rational,
    S,
    Sum,
    Symbol,
    exp,
    expand,
    factor,
    fraction,
    nan,
    oo,
    sign,
    sqrt,
    together,
    zoo,
)
from sympy.matrices import MatrixBase

from theory.algebra import Box, is_nonnegative, is_positive
from theory.formal.export import real_term
from theory.formal.names import Names, NotExportedError
from theory.laws import closed_range
from theory.model import Phi, Q
from theory.theorems.gates import Gate

_SECONDS = 20
"""The time limit of Rocq for one lemma; a lemma that takes longer counts as not proved."""
_UNROLLED = 12
"""The largest number of terms for which a sum between numbers is written out."""
_MULTIPLES = (-1, 2, -2, 3, -3, 4, -4)
"""The exponents `k` that are tried in writing a value of the exponential function as another one to the power `k`."""


class NotRationalError(ValueError):
    """A link that is not rational in named atoms; the message is the reason in a few words."""


@dataclass(frozen=True)
class _Relation:
    """The value of a power of an atom in terms of other atoms."""

    atom: Symbol
    power: int
    value: Expr


@dataclass(frozen=True)
class Lemma:
    """A link as a Rocq proposition, with a hint for its proof.

    Attributes
    ----------
    statement
        A closed proposition.
    gaps
        For an inequality, the difference of its sides as a quotient of factors, as it is and with the relations of the
        atoms put in: hints for the proof, which checks them.
    names
        The meaning of each variable.
    """

    statement: str
    gaps: tuple[str, ...]
    names: tuple[tuple[str, str], ...]

    def text(self, name: str) -> str:
        """The lemma with its proof, by the tactics of `Tactics.v`."""
        tactic = f"close_inequality ({self.gaps[0]}) ({self.gaps[-1]})" if self.gaps else "close_equation"
        variables = " ".join(variable for variable, _ in self.names if variable.startswith("x"))
        intros = f"intros {variables}; intros" if variables else "intros"
        return f"Lemma {name} :\n  {self.statement}.\nProof. timeout {_SECONDS} ({intros}; {tactic}). Qed.\n"


def lemma_of(left: Basic, relation: str, right: Basic, box: Box | None = None) -> Lemma:
    """The lemma that says `left relation right`, on the open `box`.

    Raises
    ------
    NotRationalError
        If a side is a matrix, or the sides of an equation agree only by a law of their functions.
    """
    if any(isinstance(side, MatrixBase | MatrixExpr) or side.has(MatrixExpr) for side in (left, right)):
        raise NotRationalError("a law of matrices")
    if any(side.has(nan, zoo, oo, -oo) for side in (left, right)):
        raise NotRationalError("a side is not finite")
    named = _Named(box or {})
    sides = tuple(named.rational(side) for side in (left, right))
    facts = list(named.facts())
    if relation == "=" and _normal(sides[0] - sides[1], named.relations) != 0:
        raise NotRationalError("a law of its functions")
    try:
        return _written(sides, relation, facts, named.called(), named)
    except NotExportedError as reason:
        raise NotRationalError(str(reason)) from reason


def _written(
    sides: tuple[Expr, ...], relation: str, facts: list[tuple[Expr, str, Expr]], names: Names, named: "_Named"
) -> Lemma:
    premises = [f"{real_term(a, names)} {order} {real_term(b, names)}" for a, order, b in facts]
    premises += [f"{real_term(x, names)} <> 0" for x in _denominators((*sides, *(x for f in facts for x in f[::2])))]
    conclusion = f"{real_term(sides[0], names)} {relation} {real_term(sides[1], names)}"
    body = " ->\n  ".join([*dict.fromkeys(premises), conclusion])
    variables = " ".join(name for name in names.symbols.values() if name.startswith("x"))
    statement = f"forall {variables} : R,\n  {body}" if variables else body
    gaps: tuple[str, ...] = ()
    if relation != "=":
        rise = sides[1] - sides[0] if relation[0] == "<" else sides[0] - sides[1]
        forms = (rise, _normal(rise, named.relations))
        gaps = tuple(dict.fromkeys(real_term(named.factored(form), names) for form in forms))
    return Lemma(statement, gaps, tuple((name, str(named.meaning[atom])) for atom, name in names.symbols.items()))


class _Named:
    """The names of the atoms of a link, and what is known of them."""

    def __init__(self, box: Box) -> None:
        self._box = box
        self._atoms: dict[Basic, Symbol] = {}
        self.meaning: dict[Basic, Basic] = {}
        self.relations: list[_Relation] = []

    def rational(self, expr: Basic) -> Expr:
        """`expr` with a name for everything in it but sums, products and whole powers."""
        if isinstance(expr, Rational):
            return expr
        if isinstance(expr, Add | Mul):
            return expr.func(*map(self.rational, expr.args))
        if isinstance(expr, Pow) and expr.exp.is_Integer:
            return Pow(self.rational(expr.base), expr.exp)
        if isinstance(expr, Pow) and expr.exp.is_Rational and expr.exp.q == 2:
            return Pow(self._atom(sqrt(expr.base)), expr.exp.p)
        if isinstance(expr, Sum) and _is_short(expr):
            return self.rational(_written_out(expr))
        if _is_defined(expr):
            return self.rational(expr.doit(integrals=False))
        return self._atom(expr)

    def _atom(self, expr: Basic) -> Symbol:
        # Values of a function at arguments that are equal as polynomials are one atom.
        key = expr.func(*map(_multiplied_out, expr.args)) if expr.args and _is_plain(expr) else expr
        if key not in self._atoms:
            self._atoms[key] = atom = Dummy("x", real=True)
            self.meaning[atom] = expr
            self._relate(key, atom)
        return self._atoms[key]

    def called(self) -> Names:
        """The Rocq names of the atoms: a number is named by its term, all others `x1`, `x2` and so on."""
        called: dict[Basic, str] = {}
        for atom, meaning in self.meaning.items():
            called[atom] = f"x{len(called) + 1}"
            if not meaning.free_symbols:
                with suppress(NotExportedError):
                    called[atom] = f"({real_term(meaning, Names())})"
        return Names(called)

    def factored(self, rise: Expr) -> Expr:
        """A rational expression as a quotient of factors, each turned so that it is shown not to be negative."""
        sign_, parts = S.One, []
        for part in Mul.make_args(factor(together(rise))):
            base, power = part.as_base_exp()
            turn = power.is_Integer and power % 2 and is_nonnegative(-base.xreplace(self.meaning), self._box)
            sign_, base = (-sign_, expand(-base)) if turn else (sign_, base)
            parts.append(base**power)
        return sign_ * Mul(*parts)

    def _relate(self, key: Basic, atom: Symbol) -> None:
        """Note the relations between a new atom and what it is made of, or others of its kind."""
        if isinstance(key, Pow) and key.exp == Rational(1, 2):
            self.relations.append(_Relation(atom, 2, self.rational(key.base)))
        elif isinstance(key, Abs):
            self.relations.append(_Relation(atom, 2, self.rational(key.args[0]) ** 2))
        elif isinstance(key, sign) and key.args[0].is_nonzero:
            self.relations.append(_Relation(atom, 2, S.One))
            self.relations.append(_Relation(self._atom(Abs(key.args[0])), 1, atom * self.rational(key.args[0])))
        elif isinstance(key, exp):
            self._relate_powers(key.args[0], atom)
        elif isinstance(key, Phi):
            self.relations.append(_Relation(atom, 1, 1 - self._atom(Q(key.args[0]))))
        elif isinstance(key, Q) and (mirrored := Q(expand(-key.args[0]))) in self._atoms:
            self.relations.append(_Relation(atom, 1, 1 - self._atoms[mirrored]))

    def _relate_powers(self, argument: Expr, atom: Symbol) -> None:
        """Note that a value of the exponential function is a power of another one."""
        for other, x in self._atoms.items():
            if isinstance(other, exp) and x != atom:
                for k in _MULTIPLES:
                    if expand(argument - k * other.args[0]) == 0:
                        self.relations.append(_Relation(atom, 1, x**k))
                        return
                    if expand(other.args[0] - k * argument) == 0:
                        self.relations.append(_Relation(x, 1, atom**k))

    def facts(self) -> Iterator[tuple[Expr, str, Expr]]:
        """What is known of the atoms: signs, ranges and relations. Names that occur only in these are treated last."""
        seen: set[Basic] = set()
        while unseen := [key for key in self._atoms if key not in seen]:
            for key in unseen:
                seen.add(key)
                yield from self._known(key)
        for one in self.relations:
            yield one.atom**one.power, "=", one.value

    def _known(self, key: Basic) -> Iterator[tuple[Expr, str, Expr]]:
        atom = self._atoms[key]
        if isinstance(key, Symbol) and key.is_integer and key.is_positive:
            yield S.One, "<=", atom
        elif is_positive(key, self._box):
            yield S.Zero, "<", atom
        elif is_nonnegative(key, self._box):
            yield S.Zero, "<=", atom
        elif is_nonnegative(-key, self._box):
            yield atom, "<=", S.Zero
        ends = self._box.get(key)
        declared = closed_range(key) if isinstance(key, Symbol) or key.args else None
        for pair, relation in ((ends, "<"), (declared, "<=")):
            low, high = pair or (-oo, oo)
            if low not in (-oo, 0):
                yield self.rational(low), relation, atom
            if high != oo:
                yield atom, relation, self.rational(high)


def _is_defined(expr: Basic) -> bool:
    """Whether a function is no more than a short way to write an expression in exponentials or by cases."""
    kind = type(expr)
    return getattr(kind, "by_definition", False) or kind.__module__ == "theory.theorems.logistic" or kind is Gate


def _is_short(expr: Sum) -> bool:
    lengths = [high - low for _, low, high in expr.limits]
    return len(lengths) == 1 and lengths[0].is_Integer and -1 <= lengths[0] < _UNROLLED


def _written_out(expr: Sum) -> Expr:
    ((index, low, high),) = expr.limits
    return Add(*(expr.function.subs(index, low + k) for k in range(int(high - low) + 1)))


def _multiplied_out(expr: Expr) -> Expr:
    return expand(expr, log=False, power_base=False, power_exp=False)


def _is_plain(expr: Basic) -> bool:
    """Whether an expression is a value of a function: its arguments may be multiplied out."""
    return bool(getattr(expr, "is_Function", False)) and all(isinstance(x, Expr) for x in expr.args)


def _normal(expr: Expr, relations: Sequence[_Relation]) -> Expr:
    """A rational expression after the relations of its atoms are substituted; zero if it vanishes identically.

    The relations of the latest atoms are substituted first, because the meaning of an earlier atom does not contain
    them.
    """
    for one in (None, *reversed(relations)):
        above, below = (expand(part) for part in fraction(together(expr)))
        expr = above / below if one is None else _put(one, above) / _put(one, below)
    above, below = (expand(part) for part in fraction(together(expr)))
    return above / below


def _put(relation: _Relation, polynomial: Expr) -> Expr:
    """A polynomial in which an atom, or its square, is replaced by its value."""
    if not polynomial.has(relation.atom):
        return polynomial
    if relation.power == 1:
        return polynomial.subs(relation.atom, relation.value)
    terms = Poly(polynomial, relation.atom).terms()
    return Add(*(c * relation.value ** (n // 2) * relation.atom ** (n % 2) for (n,), c in terms))


def _denominators(exprs: Iterable[Expr]) -> list[Expr]:
    """The factors by which some expressions divide, each once and without numbers."""
    found = dict.fromkeys(
        factor_
        for expr in exprs
        for node in expr.atoms(Pow)
        if node.exp.is_Integer and node.exp < 0
        for factor_ in Mul.make_args(node.base)
        if factor_.free_symbols
    )
    return list(found)
