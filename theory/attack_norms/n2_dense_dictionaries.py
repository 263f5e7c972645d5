"""N2: with a dense dictionary the purified fit need not be the most robust one against an l_inf attack."""

from sympy import (
    Abs,
    Eq,
    Expr,
    Ge,
    IndexedBase,
    Integer,
    Le,
    MatrixExpr,
    MatrixSymbol,
    Max,
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
from theory.claims import Claim, Clause, ClosedForm
from theory.derivation import Derivation, Proof, Step, begin, definition, prove
from theory.laws import products
from theory.model import d
from theory.quantities.norms import C1, CINF, L1, L2, LEAST, LINF, PAIRING, RATIO
from theory.ranges import COUNT, POSITIVE, REAL, Range
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
target = Symbol("theta_i", real=True, nonzero=True)
angle = Symbol("t", real=True)

_COORDINATES = (_i, 1, d)
_v = M_A * theta_A
nonzero_target = Assumption(
    "target not zero",
    r"The target is not zero on the support, $\theta_A \ne 0$, so that $v = M_A\theta_A \ne 0$.",
    defines=True,
)
sorted_entries = Assumption(
    "sorted entries",
    "The entries of $v$ are nonnegative and the first is the largest, without loss of generality because neither "
    "signs nor the order of the entries matter.",
    defines=True,
)
plane_rotation = Assumption(
    "plane rotation",
    r"There are two features, $d = 2$, and $M$ is the rotation by $t$, so that $M_i = (\cos t, \sin t)$.",
    defines=True,
)
products({(M_A.T, M_A): (), (M_1.T, M_1): ()})


def _norm(name: Symbol, vector: MatrixExpr, q: Expr, why: Assumption) -> Step:
    """The link that names a norm of a vector that is not zero."""
    norm = VectorNorm(vector, q)
    positive = Step(norm, ">", Integer(0), "not the zero vector", "assumption", given=(why,))
    return definition(name, norm, "a norm is positive", sign=positive).turned()


def _by_entries(norm: VectorNorm, value: Expr, why: Assumption) -> Step:
    return Step(norm, "=", value, "entry by entry", "assumption", given=(why,))


_ORTHONORMAL = "beta_A = theta_A says M_A^T y = theta_A for y = M beta, M orthogonal"


def _least() -> Derivation:
    return begin(LEAST, LeastL1(M_A, theta_A), _ORTHONORMAL, given=(orthogonal_dictionary,))


def derive_duality(clause: Clause) -> Proof:
    """Proof of the dual linear program."""
    return prove(clause.formula, _least().by(strong_duality(LeastL1(M_A, theta_A))))


def derive_lower(clause: Clause) -> Proof:
    """Proof of the lower bound."""
    named = _above().within(_norm(L2, theta_A, Integer(2), nonzero_target)).within(_norm(LINF, _v, oo, nonzero_target))
    return prove(clause.formula, named)


def derive_upper(clause: Clause) -> Proof:
    """Proof that the purified fit is a feasible one."""
    chain = _least().by(at_most_feasible(LeastL1(M_A, theta_A), _v))
    return prove(clause.formula, chain.within(_norm(L1, _v, Integer(1), nonzero_target)))


def derive_signs_suffice(clause: Clause) -> Proof:
    """Proof that signs in the range make the purified fit optimal."""
    free = IndexedBase("z", real=True)
    y = sign(v[_i]) + (1 - sign(v[_i]) ** 2) * free[_i]
    total = Sum(v[_i] * y, _COORDINATES)
    reason = "y = M_A c equals sign(v) where v is not zero, and theta_A^T c = v^T y"
    chain = begin(PAIRING, total, reason, given=(nonzero_target, signs_in_range)).within(
        by_sign(total.function, Abs(v[_i]), v[_i])
    )
    return prove(clause.formula, chain)


def derive_signs_needed(clause: Clause) -> Proof:
    """Proof that a shortfall in one sign keeps the dual below what the purified fit pays."""
    total = Sum(v[_i] * sign(v[_i]) * (1 - g[_i]), _COORDINATES)
    short = Sum(Abs(v[_i]) * g[_i], _COORDINATES)
    reason = (
        "|y_i| <= 1 means y_i = sign(v_i)(1 - g_i) with g_i >= 0 where v_i is not zero; elsewhere y_i does not matter"
    )
    chain = (
        begin(PAIRING, total, reason, given=(nonzero_target, shortfall))
        .within(by_sign(total.function, Abs(v[_i]) * (1 - g[_i]), v[_i]))
        .equals(Sum(Abs(v[_i]), _COORDINATES) - short, "split the terms")
        .within(one_term(short, kappa))
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
    lower = lower.within(_by_entries(VectorNorm(_v, Integer(2)), sqrt(_SQUARES), sorted_entries))
    lower = lower.within(_by_entries(VectorNorm(_v, oo), _V, sorted_entries))
    square = sum_of_squares(_ROOT * _SQUARES - 2 * _V * _ONES, _ROOT, w[_i] - _V / _ROOT, _REST)
    paid = VectorNorm(_v, Integer(1))
    chain = begin(RATIO, paid / LEAST, "cost of the purified fit over the least cost", given=(nonzero_target,))
    bounded = chain.within(_by_entries(paid, _ONES, sorted_entries)).within(
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
        RATIO,
        (1 + (d - 1) * t) / (1 + (d - 1) * t**2),
        "column (1, t, ..., t)/norm, t = 1/(1 + sqrt(d))",
        given=(orthogonal_dictionary, steep_column),
    )
    return prove(clause.formula, chain.equals(_ROOT / 2, "(d - 1) t = sqrt(d) - 1"))


def _single(*given: Assumption) -> tuple[Derivation, Derivation]:
    dual = strong_duality(LeastL1(M_1, theta_1))
    least = (
        begin(LEAST, LeastL1(M_1, theta_1), _ORTHONORMAL, given=(*given, one_feature))
        .by(dual)
        .by(one_column(dual.right))
    )
    paid = VectorNorm(M_1 * theta_1, Integer(1))
    ratio = begin(RATIO, paid / LEAST, "cost of the purified fit over the least cost", given=(nonzero_target,)).within(
        norm_of_multiple(paid)
    )
    return ratio.within(least.as_step("a linear program in one number")), least


def derive_single(clause: Clause) -> Proof:
    """Proof of the ratio of a single active feature."""
    ratio, least = _single(orthogonal_dictionary)
    named = ratio.within(_norm(C1, M_1, Integer(1), orthogonal_dictionary))
    named = named.within(_norm(CINF, M_1, oo, orthogonal_dictionary))
    return prove(clause.formula, named, lemmas=(least,))


def derive_rotation(clause: Clause) -> Proof:
    """Proof of the ratio under a plane rotation; the other column has the same moduli."""
    entries = Abs(cos(angle)), Abs(sin(angle))
    ratio, least = _single(plane_rotation)
    chain = ratio.within(_by_entries(VectorNorm(M_1, Integer(1)), sum(entries, Integer(0)), plane_rotation))
    chain = chain.within(_by_entries(VectorNorm(M_1, oo), Max(*entries), plane_rotation))
    return prove(clause.formula, chain, lemmas=(least,))


_TOTAL = Sum(Abs(v[_i]), _COORDINATES)
signs_in_range = Assumption(
    "signs in the range",
    r"Some $y$ in the range of $M_A$ has $\|y\|_\infty \le 1$ and $y_i = \mathrm{sign}(v_i)$ wherever $v_i \ne 0$.",
)
shortfall = Assumption(
    "shortfall",
    r"The vector $y$ that attains the largest product falls short by $\kappa$: $|v_i|(1 - \mathrm{sign}(v_i) y_i) \ge "
    r"\kappa$ for some $i$.",
    defines=True,
)
steep_column = Assumption(
    "steep column",
    r"One feature is active, and its column is proportional to $(1, t, \dots, t)$ with $t = 1/(1 + \sqrt d)$.",
    defines=True,
)
one_feature = Assumption("one feature", r"Only feature $i$ is active, $A = \{i\}$.", defines=True)
_PROGRAM = (orthogonal_dictionary, nonzero_target)

DUALITY = Clause(
    name="dual",
    says="The least cost of an effective map that agrees with the target on the support is the value of a dual "
    "program: $[[formula]]$.",
    formula=Eq(LEAST, LargestPairing(M_A, theta_A)),
    assumes=(orthogonal_dictionary,),
    derive=derive_duality,
)

LOWER = Clause(
    name="lower bound",
    says="Every effective map that agrees with the target on the support costs at least $[[rhs]]$, where $v = "
    r"M_A\theta_A$.",
    formula=Ge(LEAST, L2**2 / LINF),
    assumes=_PROGRAM,
    derive=derive_lower,
)

UPPER = Clause(
    name="purified",
    says=r"The purified fit, $\beta = \theta_A$, costs $[[rhs]]$, which is no less than the least cost: "
    "$[[formula]]$.",
    formula=Le(LEAST, L1),
    assumes=_PROGRAM,
    derive=derive_upper,
)

SIGNS_SUFFICE = Clause(
    name="ratio one, if",
    says="If the range of the active columns contains the signs of the response of the purified fit, the dual "
    "attains the cost of that fit, $[[formula]]$, and so no other fit costs less.",
    formula=Eq(PAIRING, _TOTAL),
    over={d: COUNT},
    assumes=(nonzero_target, signs_in_range),
    derive=derive_signs_suffice,
)

SIGNS_NEEDED = Clause(
    name="ratio one, only if",
    says="If the best response in the range of the active columns falls short of one of the signs, the dual stays "
    "below the cost of the purified fit, $[[formula]]$, and so some other effective map costs less.",
    formula=Le(PAIRING, _TOTAL - kappa),
    over={kappa: POSITIVE, d: COUNT},
    assumes=(nonzero_target, shortfall),
    derive=derive_signs_needed,
)

BOUND = Clause(
    name="largest ratio",
    says="At every support, the purified fit costs at most $[[rhs]]$ times the least cost.",
    formula=Le(RATIO, _ROOT / 2),
    over={d: COUNT},
    assumes=(*_PROGRAM, sorted_entries),
    derive=derive_bound,
)

ATTAINED = Clause(
    name="largest ratio attained",
    says="The purified fit costs exactly $[[rhs]]$ times the least cost if a single feature with a steep column is "
    "active.",
    formula=Eq(RATIO, _ROOT / 2),
    over={d: COUNT},
    assumes=(orthogonal_dictionary, steep_column),
    derive=derive_attained,
)

SINGLE = Clause(
    name="one feature",
    says="If a single feature is active, the purified fit costs $[[rhs]]$ times the least cost.",
    formula=Eq(RATIO, C1 * CINF),
    assumes=(*_PROGRAM, one_feature),
    derive=derive_single,
)

ROTATION = Clause(
    name="plane rotation",
    says="For a single feature under a plane rotation by $t$, the purified fit costs $[[rhs]]$ times the least cost.",
    formula=Eq(RATIO, (Abs(cos(angle)) + Abs(sin(angle))) * Max(Abs(cos(angle)), Abs(sin(angle)))),
    over={angle: REAL},
    assumes=(nonzero_target, one_feature, plane_rotation),
    derive=derive_rotation,
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
        r"Under an $l_\infty$ attack of size $\epsilon$, the cost of an effective map $\beta$ is "
        r"$\epsilon\|M\beta\|_1$.",
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
    words="l_inf attack gain of the purified fit over the least gain of any fit, for one feature and a rotation "
    "by t radians",
)
