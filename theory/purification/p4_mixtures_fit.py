"""P4: clean training cannot distinguish mixtures from pure networks, because all orders fit equally well."""

from sympy import Abs, Eq, IndexedBase, Lambda, Le, MatrixSymbol, Sum, Symbol, oo, sqrt, true

from theory.assumptions import Assumption, constant_amplitude, one_threshold
from theory.claims import Claim, Clause
from theory.derivation import Proof, begin, prove
from theory.model import b, d, m, named, r
from theory.quantities.fits import MISS, MIXTURE_OUTPUT, PASSED, UNGATED
from theory.ranges import COUNT, NONNEGATIVE, POSITIVE, Range, closed
from theory.theorems.duality import termwise_by_cases
from theory.theorems.gates import Gate, entries_pass, multiples_pass
from theory.theorems.norms import triangle_inequality

threshold = b
count = Symbol("n", integer=True)
"""Sum of the signs of the active features, each turned by the sign of its weight."""
_x = Symbol("x")

_O = MatrixSymbol("O", d, d)
theta = MatrixSymbol("theta", d, 1)
signs = MatrixSymbol("k", d, 1)
x = MatrixSymbol("x", d, 1)
_U = sqrt(m) * _O
"""Integers with `U U^T = m I`, so `O = U/sqrt(m)` is orthogonal."""
_HEADS = _U.T * theta / m


def derive_pass(clause: Clause) -> Proof:
    """Proof that the gate passes the pre-activation unchanged."""
    gate = Gate(r * count, threshold)
    reason = "a node sees r n, where n is the sum of the signs of its active features"
    chain = begin(PASSED, gate, reason, box=clause.box, given=(integer_mixture, constant_amplitude))
    return prove(clause.formula, chain.by(multiples_pass(gate, r, clause.box)))


def derive_fit(clause: Clause) -> Proof:
    """Proof that the mixture network of any order is exact at constant amplitude."""
    pre_activations = r * _U.T * signs
    gated = pre_activations.applyfunc(Lambda(_x, Gate(_x, threshold)))
    entry = Gate(r * count, threshold)
    reason = "x = r k with entries of k in {-1, 0, 1}; v = U^T x"
    given = (integer_mixture, constant_amplitude, one_threshold)
    chain = (
        begin(MIXTURE_OUTPUT, _HEADS.T * gated, reason, box=clause.box, orthogonal=(_O,), given=given)
        .within(entries_pass(gated, pre_activations, entry, (_U.T, signs), clause.box))
        .equals(r * theta.T * signs, "O O^T = I")
    )
    return prove(clause.formula, chain)


_h = Symbol("h", integer=True, positive=True)
a = IndexedBase("a", real=True)
_v = IndexedBase("v", real=True)
fires = IndexedBase("s", nonnegative=True)
touched = IndexedBase("t", nonnegative=True)
_LOST = named(r"\theta^{\top} x - f_{m}(Mx)", real=True)
_SILENT_HEADS = Sum(Abs(a[_h]) * (1 - fires[_h]) * touched[_h], (_h, 1, d))


def derive_target(clause: Clause) -> Proof:
    """Proof that the nodes without their gates give the target, whatever the amplitudes."""
    reason = "a_h = u_h^T theta/m, v = U^T x"
    chain = begin(UNGATED, _HEADS.T * (_U.T * x), reason, orthogonal=(_O,), given=(integer_mixture,))
    return prove(clause.formula, chain.equals(theta.T * x, "O O^T = I"))


def derive_any(clause: Clause) -> Proof:
    """Proof of the bound for any amplitudes."""
    lost = Sum(a[_h] * (1 - fires[_h]) * _v[_h], (_h, 1, d))
    size = Abs(_v[_h])
    bounded = termwise_by_cases(
        Sum(Abs(lost.function), (_h, 1, d)),
        threshold * Abs(a[_h]) * (1 - fires[_h]) * touched[_h],
        {fires[_h]: (size < threshold, size >= threshold), touched[_h]: (size <= 0, true)},
        weight=Abs(a[_h]),
    )
    signed = begin(
        _LOST,
        Sum(a[_h] * _v[_h], (_h, 1, d)) - Sum(a[_h] * fires[_h] * _v[_h], (_h, 1, d)),
        "without gates the nodes give the target; the network sums only those that fire",
        given=(integer_mixture, one_threshold),
    ).equals(lost, "the contribution of the silent nodes is lost")
    chain = (
        begin(MISS, Abs(_LOST), "its modulus")
        .within(signed.as_step("the contribution of the silent nodes is lost"))
        .by(triangle_inequality(lost))
        .by(bounded)
        .equals(threshold * _SILENT_HEADS, "collect terms")
    )
    return prove(clause.formula, chain, lemmas=(signed, *TARGET_BY_NODES.proof().chains))


integer_mixture = Assumption(
    "integer mixture",
    r"The feature weights are integers with $U U^\top = m I$, as for groups of $m$ features whose nodes are the rows "
    r"of a Hadamard matrix, and the heads are $a_h = u_h^\top\theta/m$.",
    defines=True,
)

PASS = Clause(
    name="gate",
    says="At constant amplitude $r$, a node of a mixture sees an integer multiple $r n$ of the amplitude, and a gate "
    "with $[[range b]]$ passes it unchanged: $[[formula]]$.",
    formula=Eq(PASSED, r * count),
    over={threshold: closed(0, r), count: Range(-oo, integer=True, natural=True), r: POSITIVE},
    assumes=(integer_mixture, constant_amplitude),
    derive=derive_pass,
)

FITS = Clause(
    name="fit",
    says="At constant amplitude, the mixture network of any order with a threshold $[[range b]]$ fits the target at "
    r"every input $x = r k$, $k_i \in \{-1, 0, 1\}$: $[[formula]]$. Without noise, all orders therefore have the same "
    "clean risk.",
    formula=Eq(MIXTURE_OUTPUT, r * theta.T * signs),
    over={threshold: closed(0, r), r: POSITIVE},
    assumes=(integer_mixture, constant_amplitude, one_threshold),
    derive=derive_fit,
)

TARGET_BY_NODES = Clause(
    name="target by nodes",
    says="Without their gates, the nodes of a mixture reproduce the target at every input: $[[formula]]$.",
    formula=Eq(UNGATED, theta.T * x),
    over={d: COUNT},
    assumes=(integer_mixture,),
    derive=derive_target,
)

ANY_AMPLITUDES = Clause(
    name="any amplitudes",
    says="For arbitrary amplitudes, the network misses the target by at most the threshold times the sum of the "
    "moduli of the heads of those silent nodes ($s_h = 0$) that hold an active feature ($t_h = 1$): $[[formula]]$.",
    formula=Le(MISS, threshold * _SILENT_HEADS),
    over={threshold: NONNEGATIVE, d: COUNT},
    assumes=(integer_mixture, one_threshold),
    derive=derive_any,
)

P4 = Claim(
    id="P4",
    title="Clean training cannot distinguish mixtures from pure networks",
    clauses=(PASS, FITS, TARGET_BY_NODES, ANY_AMPLITUDES),
    setting=(),
    source="beyond the paper",
    kind="sharpened",
    depends_on=("P1",),
)
