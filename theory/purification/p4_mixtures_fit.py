"""P4: clean training cannot see mixtures: those of every order fit equally well."""

from sympy import (
    Abs,
    Eq,
    IndexedBase,
    Integer,
    Lambda,
    Le,
    Matrix,
    MatrixSymbol,
    Rational,
    Sum,
    Symbol,
    sqrt,
    true,
)

from theory.claims import Claim, Clause, Mutation
from theory.derivation import Proof, begin, prove
from theory.model import d, m, r
from theory.theorems.duality import termwise_by_cases, triangle_of_sum
from theory.theorems.gates import Gate, entries_pass, multiples_pass

threshold = Symbol("b", positive=True)
_BELOW_AMPLITUDE = {threshold: (Integer(0), r)}
_count = Symbol("n", integer=True)
_x = Symbol("x")

_O = MatrixSymbol("O", d, d)
_O1 = MatrixSymbol("O", 1, 1)
_theta = MatrixSymbol("theta", d, 1)
_signs = MatrixSymbol("k", d, 1)
_U = sqrt(m) * _O
"""Blocks of signs with `U U^T = m I`, so `O = U/sqrt(m)` is orthogonal."""
_HEADS = _U.T * _theta / m

FIT = MatrixSymbol("f_m(Mx)", 1, 1)
PASSED = Symbol("v'")


def derive_pass(clause: Clause) -> Proof:
    """Proof that the gate takes away nothing, at the threshold that the statement names."""
    gate = next(iter(clause.formula.atoms(Gate)))
    chain = begin(PASSED, gate, "a node sees r n, with n the sum of the signs of its active features")
    return prove(Eq(PASSED, clause.formula.rhs), chain.by(multiples_pass(gate, r, _BELOW_AMPLITUDE)))


def derive_fit(clause: Clause) -> Proof:
    """Proof that the mixture network of any order is exact at constant amplitude."""
    pre_activations = r * _U.T * _signs
    gated = pre_activations.applyfunc(Lambda(_x, Gate(_x, threshold)))
    entry = Gate(r * _count, threshold)
    chain = (
        begin(FIT, _HEADS.T * gated, "x = r k with entries of k in {-1, 0, 1}; v = U^T x", orthogonal=(_O,))
        .within(entries_pass(gated, pre_activations, entry, (_U.T, _signs), _BELOW_AMPLITUDE))
        .equals(r * _theta.T * _signs, "O O^T = I")
    )
    return prove(clause.formula, chain)


_h = Symbol("h", integer=True, positive=True)
_a = IndexedBase("a", real=True)
_v = IndexedBase("v", real=True)
_fires = IndexedBase("s", nonnegative=True)
_touched = IndexedBase("c", nonnegative=True)
TARGET = MatrixSymbol("theta^T x", 1, 1)
MISS = Symbol(r"|f_m(Mx) - \theta^\top x|", nonnegative=True)
_SILENT_HEADS = Sum(Abs(_a[_h]) * (1 - _fires[_h]) * _touched[_h], (_h, 1, d))


def derive_target(clause: Clause) -> Proof:
    """Proof that the nodes without their gates give the target, whatever the amplitudes."""
    x = MatrixSymbol("x", d, 1)
    chain = begin(TARGET, _theta.T * x, "the target", orthogonal=(_O,)).equals(_HEADS.T * (_U.T * x), "O O^T = I")
    return prove(clause.formula, chain)


def derive_density(clause: Clause) -> Proof:
    """Proof of the bound for amplitudes with a density."""
    lost = Sum(_a[_h] * (1 - _fires[_h]) * _v[_h], (_h, 1, d))
    term = Abs(lost.function)
    size = Abs(_v[_h])
    bounded = termwise_by_cases(
        Sum(term, (_h, 1, d)),
        threshold * Abs(_a[_h]) * (1 - _fires[_h]) * _touched[_h],
        {_fires[_h]: (size < threshold, size >= threshold), _touched[_h]: (size <= 0, true)},
        weight=Abs(_a[_h]),
    )
    signed = begin(
        Symbol(r"\theta^\top x - f_m(Mx)"),
        Sum(_a[_h] * _v[_h], (_h, 1, d)) - Sum(_a[_h] * _fires[_h] * _v[_h], (_h, 1, d)),
        "the nodes without gates give the target; the network sums those that fire",
    ).equals(lost, "the silent nodes are lost")
    chain = (
        begin(MISS, Abs(lost), "its modulus")
        .by(triangle_of_sum(Abs(lost)))
        .by(bounded)
        .equals(threshold * _SILENT_HEADS, "gathering")
    )
    return prove(clause.formula, chain, lemmas=(signed, *TARGET_BY_NODES.proof().chains))


_TARGET_BY_NODES = Eq(TARGET, _HEADS.T * (_U.T * MatrixSymbol("x", d, 1)))

PASS = Clause(
    name="gate",
    says="At constant amplitude a node of a mixture sees an integer multiple of $r$, and a gate with $0 < b < r$ "
    "takes away none but zeros.",
    formula=Eq(Gate(r * _count, threshold), r * _count),
    box=_BELOW_AMPLITUDE,
    derive=derive_pass,
    mutation=Mutation(
        "b = 1.01 r",
        Eq(Gate(r * _count, Rational(101, 100) * r), r * _count),
        {r: Integer(1), _count: Integer(1)},
    ),
)

FITS = Clause(
    name="fit",
    says=r"The mixture network of every order has $f_m(Mx) = \theta^\top x$ for every $x = r k$, "
    r"$k_i \in \{-1, 0, 1\}$: the clean risk is the same for all.",
    formula=Eq(FIT, r * _theta.T * _signs),
    box=_BELOW_AMPLITUDE,
    derive=derive_fit,
    mutation=Mutation(
        "heads not divided by the order",
        Eq(FIT, m * r * _theta.T * _signs),
        {
            d: Integer(1),
            MatrixSymbol("theta", 1, 1): Matrix([1]),
            MatrixSymbol("k", 1, 1): Matrix([1]),
            r: Integer(1),
            m: Integer(2),
        },
        consequence=Eq(r * _theta.T * _signs, m * r * _theta.T * _signs),
    ),
)

TARGET_BY_NODES = Clause(
    name="target by nodes",
    says=r"Without gates the nodes of a mixture give $\sum_h a_h u_h^\top x = \theta^\top x$ at every $x$.",
    formula=_TARGET_BY_NODES,
    derive=derive_target,
    mutation=Mutation(
        "twice the target",
        Eq(TARGET, 2 * _HEADS.T * (_U.T * MatrixSymbol("x", d, 1))),
        {
            d: Integer(1),
            MatrixSymbol("theta", 1, 1): Matrix([1]),
            MatrixSymbol("x", 1, 1): Matrix([1]),
            _O1: Matrix([1]),
            m: Integer(1),
        },
    ),
)

DENSITY = Clause(
    name="density amplitudes",
    says=r"For amplitudes with a density $|f_m(Mx) - \theta^\top x| \le b \sum |a_h|$ over the silent nodes "
    r"($s_h = 0$) of touched groups ($c_h = 1$; elsewhere $v_h = 0$).",
    formula=Le(MISS, threshold * _SILENT_HEADS),
    derive=derive_density,
    mutation=Mutation(
        "half of the bound",
        Le(MISS, threshold * _SILENT_HEADS / 2),
        {_a[_h]: Integer(1), _v[_h]: Rational(9, 10), threshold: Integer(1)},
        consequence=Le(Abs(_a[_h] * _v[_h]), threshold * Abs(_a[_h]) / 2),
    ),
)

P4 = Claim(
    id="P4",
    title="Clean training cannot see mixtures",
    clauses=(PASS, FITS, TARGET_BY_NODES, DENSITY),
    setting=(
        r"mixture of order $m$: groups of $m$ features, the rows of a Hadamard matrix in each, so $U U^\top = m I$ "
        r"with integer entries (weighing matrices $W(m, n)$ likewise, with $n$ for $m$)",
        r"one threshold $b > 0$, heads $a_h = u_h^\top\theta/m$",
        "no noise",
    ),
    source="beyond the paper",
    kind="sharpened",
    depends_on=("P1",),
)
