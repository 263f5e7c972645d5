"""N2: with a dense dictionary the purified fit need not be the most robust one against an l_inf attack."""

from sympy import (
    Abs,
    Eq,
    Expr,
    Ge,
    IndexedBase,
    Integer,
    Le,
    Lt,
    MatrixExpr,
    MatrixSymbol,
    Max,
    Rational,
    Sum,
    Symbol,
    cos,
    oo,
    sign,
    sin,
    sqrt,
)

from theory.assumptions import Assumption, orthogonal_dictionary
from theory.attack_norms.n2_better_fit import BEATS, COST, GATES, MAPS, PURIFIED_COST
from theory.claims import Claim, Clause, ClosedForm, Mutation
from theory.derivation import Derivation, Proof, Step, begin, definition, prove
from theory.laws import products
from theory.model import d, named
from theory.ranges import Range
from theory.theorems.linear_programs import (
    LargestPairing,
    LeastL1,
    VectorNorm,
    at_least_along_target,
    at_most_feasible,
    by_sign,
    length_kept,
    norm_of_multiple,
    one_column,
    one_term,
    strong_duality,
    sum_of_squares,
)
from theory.theorems.powers import quotient_at_most, reciprocal

_i = Symbol("i", integer=True)
_N = Symbol("N", integer=True, positive=True)
M_A, theta_A = MatrixSymbol("M_A", d, _N), MatrixSymbol("theta_A", _N, 1)
M_1, theta_1 = MatrixSymbol("M_i", d, 1), MatrixSymbol("theta_i", 1, 1)
v, w, g = (IndexedBase("v", real=True), IndexedBase("w", nonnegative=True), IndexedBase("g", nonnegative=True))
kappa = Symbol("kappa", positive=True)
L1, L2, LINF = (Symbol(rf"\|v\|_{name}", positive=True) for name in ("1", "2", r"\infty"))
"""Norms of `v = M_A theta_A`; the l2 norm is that of `theta_A`."""
C1, CINF = Symbol(r"\|M_i\|_1", positive=True), Symbol(r"\|M_i\|_\infty", positive=True)
target = Symbol("theta_i", real=True, nonzero=True)
angle = Symbol("t", real=True)

LEAST, RATIO, PAIRING = named(r"m_A"), named(r"\rho_A"), named(r"v^\top y")
_COORDINATES = (_i, 1, d)
_HALF = Rational(1, 2)
_v = M_A * theta_A
NONZERO = Assumption("target not zero", r"$\theta_A \ne 0$, so that $v = M_A\theta_A \ne 0$.")
SORTED = Assumption(
    "sorted entries", "The entries of $v$ are not negative, and the first is the largest.", defines=True
)
TURNED = Assumption(
    "plane rotation", r"$d = 2$, and $M$ is the rotation by $t$, so that $M_i = (\cos t, \sin t)$.", defines=True
)
products({(M_A.T, M_A): (), (M_1.T, M_1): ()})


def _norm(name: Symbol, vector: MatrixExpr, q: Expr, why: Assumption) -> Step:
    """The link that names a norm of a vector that is not zero."""
    norm = VectorNorm(vector, q)
    positive = Step(norm, ">", Integer(0), "not the zero vector", "assumption", given=(why,))
    return definition(name, norm, "a norm", sign=positive).turned()


def _by_entries(norm: VectorNorm, value: Expr, why: Assumption) -> Step:
    return Step(norm, "=", value, "entry by entry", "assumption", given=(why,))


_ORTHONORMAL = "beta_A = theta_A says M_A^T y = theta_A for y = M beta, M orthogonal"


def _least() -> Derivation:
    return begin(LEAST, LeastL1(M_A, theta_A), _ORTHONORMAL)


def derive_duality(clause: Clause) -> Proof:
    """Proof of the dual linear program."""
    return prove(clause.formula, _least().by(strong_duality(LeastL1(M_A, theta_A))))


def derive_lower(clause: Clause) -> Proof:
    """Proof of the lower bound."""
    named = _above().within(_norm(L2, theta_A, Integer(2), NONZERO)).within(_norm(LINF, _v, oo, NONZERO))
    return prove(clause.formula, named)


def derive_upper(clause: Clause) -> Proof:
    """Proof that the purified fit is a feasible one."""
    chain = _least().by(at_most_feasible(LeastL1(M_A, theta_A), _v))
    return prove(clause.formula, chain.within(_norm(L1, _v, Integer(1), NONZERO)))


def derive_signs_suffice(clause: Clause) -> Proof:
    """Proof that signs in the range make the purified fit optimal."""
    free = IndexedBase("z", real=True)
    y = sign(v[_i]) + (1 - sign(v[_i]) ** 2) * free[_i]
    total = Sum(v[_i] * y, _COORDINATES)
    chain = begin(PAIRING, total, "y = M_A c is sign(v) where v is not zero; theta_A^T c = v^T y").within(
        by_sign(total.function, Abs(v[_i]), v[_i])
    )
    return prove(clause.formula, chain)


def derive_signs_needed(clause: Clause) -> Proof:
    """Proof that without them the dual stays below what the purified fit pays."""
    total = Sum(v[_i] * sign(v[_i]) * (1 - g[_i]), _COORDINATES)
    short = Sum(Abs(v[_i]) * g[_i], _COORDINATES)
    reason = "|y_i| <= 1 says y_i = sign(v_i)(1 - g_i), g_i >= 0, where v_i is not zero; elsewhere y_i does not count"
    chain = (
        begin(PAIRING, total, reason)
        .within(by_sign(total.function, Abs(v[_i]) * (1 - g[_i]), v[_i]))
        .equals(Sum(Abs(v[_i]), _COORDINATES) - short, "apart")
        .within(one_term(short, kappa))
        .at_most(Sum(Abs(v[_i]), _COORDINATES), "kappa > 0", gap=kappa, strict=True)
    )
    return prove(clause.formula, chain)


_V = Symbol("v_1", positive=True)
_REST = (_i, 2, d)
_ROOT = 1 + sqrt(d)
_ONES, _SQUARES = _V + Sum(w[_i], _REST), _V**2 + Sum(w[_i] ** 2, _REST)


def _above() -> Derivation:
    r"""The chain to the lower bound, from $c = \theta_A/\|v\|_\infty$."""
    dual = strong_duality(LeastL1(M_A, theta_A))
    return _least().by(dual).by(at_least_along_target(dual.right))


def derive_bound(clause: Clause) -> Proof:
    """Proof of the bound that holds for every support."""
    length = VectorNorm(theta_A, Integer(2))
    lower = _above().within(length_kept(length, M_A))
    lower = lower.within(_by_entries(VectorNorm(_v, Integer(2)), sqrt(_SQUARES), SORTED))
    lower = lower.within(_by_entries(VectorNorm(_v, oo), _V, SORTED))
    square = sum_of_squares(_ROOT * _SQUARES - 2 * _V * _ONES, _ROOT, w[_i] - _V / _ROOT, _REST)
    paid = VectorNorm(_v, Integer(1))
    chain = begin(RATIO, paid / LEAST, "what the purified fit pays over the least")
    bounded = chain.within(_by_entries(paid, _ONES, SORTED)).within(
        reciprocal(lower.as_step("a feasible point of the dual"))
    )
    return prove(
        clause.formula,
        bounded.by(quotient_at_most(bounded.end, _SQUARES, _ROOT / 2, square, Integer(2))),
        lemmas=(lower,),
    )


def derive_attained(clause: Clause) -> Proof:
    """Proof that one column attains the bound."""
    t = 1 / _ROOT
    chain = begin(
        RATIO, (1 + (d - 1) * t) / (1 + (d - 1) * t**2), "A = {i}, column (1, t, ..., t)/norm, t = 1/(1 + sqrt(d))"
    )
    return prove(clause.formula, chain.equals(_ROOT / 2, "(d - 1) t = sqrt(d) - 1"))


def _single() -> tuple[Derivation, Derivation]:
    dual = strong_duality(LeastL1(M_1, theta_1))
    least = begin(LEAST, LeastL1(M_1, theta_1), _ORTHONORMAL).by(dual).by(one_column(dual.right))
    paid = VectorNorm(M_1 * theta_1, Integer(1))
    ratio = begin(RATIO, paid / LEAST, "what the purified fit pays over the least").within(norm_of_multiple(paid))
    return ratio.within(least.as_step("a linear program in one number")), least


def derive_single(clause: Clause) -> Proof:
    """Proof of the ratio of a single active feature."""
    ratio, least = _single()
    named = ratio.within(_norm(C1, M_1, Integer(1), orthogonal_dictionary))
    named = named.within(_norm(CINF, M_1, oo, orthogonal_dictionary))
    return prove(clause.formula, named, lemmas=(least,))


def derive_rotation(clause: Clause) -> Proof:
    """Proof of the ratio under a plane rotation; the other column has the same moduli."""
    entries = Abs(cos(angle)), Abs(sin(angle))
    ratio, least = _single()
    chain = ratio.within(_by_entries(VectorNorm(M_1, Integer(1)), sum(entries, Integer(0)), TURNED))
    chain = chain.within(_by_entries(VectorNorm(M_1, oo), Max(*entries), TURNED))
    return prove(clause.formula, chain, lemmas=(least,))


_a, _b = Symbol("v_1", positive=True), Symbol("v_2", positive=True)
_TOTAL = Sum(Abs(v[_i]), _COORDINATES)

DUALITY = Clause(
    name="dual",
    says=r"$m_A = \min\{\|M\beta\|_1 : \beta_A = \theta_A\} = \max\{\theta_A^\top c : \|M_A c\|_\infty \le 1\}$.",
    formula=Eq(LEAST, LargestPairing(M_A, theta_A)),
    derive=derive_duality,
    mutation=Mutation(
        "twice the dual (d = 1)",
        Eq(LEAST, 2 * LargestPairing(M_A, theta_A)),
        {target: Integer(1)},
        consequence=Eq(Abs(target), 2 * Abs(target)),
    ),
)

LOWER = Clause(
    name="lower bound",
    says=r"$m_A \ge \|\theta_A\|_2^2/\|v\|_\infty$, $v = M_A\theta_A$, $\|v\|_2 = \|\theta_A\|_2$.",
    formula=Ge(LEAST, L2**2 / LINF),
    derive=derive_lower,
    mutation=Mutation(
        "what the purified fit pays: purity is always optimal (A = {1}, column along (2, 1))",
        Ge(LEAST, L1),
        {_a: Integer(2), _b: Integer(1)},
        consequence=Le((_a + _b) * _a, _a**2 + _b**2),
    ),
)

UPPER = Clause(
    name="purified",
    says=r"The purified fit, $\beta = \theta_A$, pays $\|v\|_1 \ge m_A$.",
    formula=Le(LEAST, L1),
    derive=derive_upper,
    mutation=Mutation("half of it (d = 1)", Le(LEAST, L1 / 2), {L1: Integer(1)}, consequence=Le(L1, L1 / 2)),
)

SIGNS_SUFFICE = Clause(
    name="ratio one, if",
    says=r"The ratio $\rho_A = \|v\|_1/m_A$ is 1 if some $y$ in the range of $M_A$ has $\|y\|_\infty \le 1$ and "
    r"$y_i = \mathrm{sign}(v_i)$ wherever $v_i \ne 0$: then the dual reaches $v^\top y = \|v\|_1$ ...",
    formula=Eq(PAIRING, _TOTAL),
    derive=derive_signs_suffice,
    mutation=Mutation("half of it", Eq(PAIRING, _TOTAL / 2), {_a: Integer(1)}, consequence=Eq(_a, _a / 2)),
)

SIGNS_NEEDED = Clause(
    name="ratio one, only if",
    says=r"... and only if: a $y$ that falls short, $|v_i|(1 - \mathrm{sign}(v_i)y_i) \ge \kappa > 0$ for some $i$, "
    r"leaves $v^\top y < \|v\|_1$, and the dual is attained.",
    formula=Lt(PAIRING, _TOTAL),
    derive=derive_signs_needed,
    mutation=Mutation(
        "short by more than kappa (d = 1)",
        Lt(PAIRING, _TOTAL - kappa),
        {_a: Integer(1), kappa: _HALF},
        consequence=Lt(_a * (1 - kappa), _a - kappa),
    ),
)

BOUND = Clause(
    name="largest ratio",
    says=r"For every $A$ the ratio is at most $(1 + \sqrt d)/2$ ...",
    formula=Le(RATIO, _ROOT / 2),
    derive=derive_bound,
    mutation=Mutation("a third", Le(RATIO, _ROOT / 3), {d: Integer(4)}, consequence=Le(_ROOT / 2, _ROOT / 3)),
)

ATTAINED = Clause(
    name="largest ratio attained",
    says=r"... attained with $|A| = 1$: a column proportional to $(1, t, \dots, t)$, $t = 1/(1 + \sqrt d)$.",
    formula=Eq(RATIO, _ROOT / 2),
    derive=derive_attained,
    mutation=Mutation("sqrt(d)", Eq(RATIO, sqrt(d)), {d: Integer(4)}),
)

SINGLE = Clause(
    name="one feature",
    says=r"For $A = \{i\}$ it is $\|M_i\|_1\|M_i\|_\infty$ ...",
    formula=Eq(RATIO, C1 * CINF),
    derive=derive_single,
    mutation=Mutation("the l1 norm alone", Eq(RATIO, C1), {C1: Integer(1), CINF: _HALF}, consequence=Eq(C1 * CINF, C1)),
)

_ROTATED = (Abs(cos(angle)) + Abs(sin(angle))) * Max(Abs(cos(angle)), Abs(sin(angle)))

ROTATION = Clause(
    name="plane rotation",
    says=r"... for one feature under a plane rotation by $t$: $(|\cos t| + |\sin t|)\max(|\cos t|, |\sin t|)$.",
    formula=Eq(RATIO, _ROTATED),
    derive=derive_rotation,
    mutation=Mutation(
        "without the maximum",
        Eq(RATIO, Abs(cos(angle)) + Abs(sin(angle))),
        {angle: Integer(1)},
        consequence=Eq(_ROTATED, Abs(cos(angle)) + Abs(sin(angle))),
    ),
)

N2 = Claim(
    id="N2",
    title="Dense dictionaries break the bound under l_inf attacks",
    clauses=(
        DUALITY,
        LOWER,
        UPPER,
        SIGNS_SUFFICE,
        SIGNS_NEEDED,
        BOUND,
        ATTAINED,
        SINGLE,
        ROTATION,
        GATES,
        MAPS,
        COST,
        PURIFIED_COST,
        BEATS,
    ),
    setting=(
        "Orthogonal dictionary $M$, no noise, an l_inf attack: the gain is $\\varepsilon\\|M\\beta\\|_1$",
        r"Density amplitudes, so that an exact fit has $\beta_A = \theta_A$ (P3)",
        r"$\theta_A \ne 0$",
    ),
    source="beyond the paper",
    kind="sharpened",
    depends_on=("P3",),
)

LINF_RATIO = ClosedForm(
    name="linf_ratio",
    arguments={"t": angle},
    expression=ROTATION.formula.rhs,
    domain={"t": Range(-oo, oo, open_low=True, open_high=True)},
    claim="N2",
    words="l_inf attack gain of the purified fit over the least of any fit: one feature, rotation by t radians",
)
