"""P3: no exact fit of density amplitudes has a smaller effective map than the active part of the target."""

from sympy import (
    Abs,
    And,
    Eq,
    Expr,
    Ge,
    Gt,
    IndexedBase,
    Integer,
    Lt,
    Piecewise,
    Rational,
    Sum,
    Symbol,
)

from theory.claims import Claim, Clause, Mutation
from theory.derivation import Derivation, Proof, begin, prove
from theory.model import H, d, named, p
from theory.theorems.fits import AbsoluteNorm, coefficients_agree, exchange_sums, smaller_entries, squared
from theory.theorems.indicators import Mean
from theory.theorems.support import by_cases, markov, not_negative, of_indicator, termwise_mean

_i, _h, _k = (Symbol(name, integer=True) for name in "ihk")
_q = Symbol("q", integer=True, positive=True)
theta, a, u, y, beta, J, T, C = (
    IndexedBase(name, real=True) for name in ("theta", "a", "u", "y", "beta", "J", "T", "C")
)
B, D = IndexedBase("B", nonnegative=True), IndexedBase("D", nonnegative=True)
kappa, prob = Symbol("kappa", positive=True), Symbol(r"\pi", positive=True)

_FEATURES = (_i, 1, d)
_NODES = (_h, 1, H)
_OUTPUTS = (_k, 1, _q)
_TARGET_ENERGY = p * Sum(theta[_i] ** 2, _FEATURES)
_JACOBIAN_TARGET = p * Sum(T[_k, _i] ** 2, _FEATURES, _OUTPUTS)

F_CELL = named(r"f(Mx)")
ENERGY = named(r"\mathbb{E}\|\beta\|_2^2")
JACOBIAN_ENERGY = named(r"\mathbb{E}\|J\|_F^2")
NORM = named(r"\|\beta\|")
CROSS_TALK = named(r"\beta_{i\notin{A}}")


def active_part(entry: Expr, head: Expr, target: Expr) -> tuple[Derivation, Derivation]:
    """The chain `B_i beta_i = B_i theta_i` for a fit, and the chain for the network on a gate cell.

    Parameters
    ----------
    entry, head, target
        `beta_i`, `a_h` and `theta_i`, or for one of several outputs `J_ki`, `C_hk` and `T_ki`.
    """
    output = Sum(D[_h] * head * u[_i, _h] * B[_i] * y[_i], _FEATURES, _NODES)
    effective = Sum(D[_h] * head * u[_i, _h], _NODES)
    linear = Sum(B[_i] * y[_i] * effective, _FEATURES)
    network = begin(F_CELL, output, "P1 on a gate cell: D_h = 1 on active nodes, x_i = B_i y_i").by(
        exchange_sums(output, linear)
    )
    fit = _exact_fit(Sum(B[_i] * y[_i] * target, _FEATURES))
    chain = begin(
        B[_i] * entry, B[_i] * effective, "the effective map: active nodes with their heads; B_i = 1 on the support"
    ).by(coefficients_agree(network, fit, y))
    return chain, network


def _exact_fit(fitted: Sum) -> Derivation:
    """The assumption: almost surely, so almost everywhere on almost every cell, the network is the target."""
    return begin(F_CELL, fitted, "an exact fit")


def derive_active_part(clause: Clause) -> Proof:
    """Proof that the effective map of a fit is the target on the support."""
    chain, network = active_part(beta[_i], a[_h], theta[_i])
    return prove(clause.formula, chain, lemmas=(network,))


def derive_norm(clause: Clause) -> Proof:
    """Proof that the effective map is at least the active part of the target in every absolute norm."""
    active, network = active_part(beta[_i], a[_h], theta[_i])
    indicator = {B[_i]: (Integer(0), Integer(1))}
    chain = (
        begin(NORM, AbsoluteNorm(beta[_i]), "norm of the effective map, by its generic entry")
        .by(smaller_entries(B[_i] * beta[_i], beta[_i], indicator))
        .within(active.as_step("the effective map is the target on the support"))
    )
    return prove(clause.formula, chain, lemmas=(active, network))


def energy(name: Symbol, entry: Expr, head: Expr, target: Expr, *limits: tuple[Expr, ...]) -> tuple[Derivation, ...]:
    """The chain that splits the mean square into `p` times that of the target and cross-talk, then its lemmas."""
    active, network = active_part(entry, head, target)
    inside, outside = B[_i] ** 2 * entry**2, (1 - B[_i]) ** 2 * entry**2
    split = begin(name, Mean(Sum(entry**2, *limits)), "sum of the squared entries").within(
        by_cases(entry**2, inside + outside, B[_i])
    )
    random = (B, D, y, entry.base)
    parts = Sum(Mean(inside) + Mean(outside), *limits)
    chain = (
        split.by(termwise_mean(split.end, parts, random))
        .within(squared(active.as_step("the effective map is the target on the support")))
        .within(of_indicator(Mean(B[_i] ** 2 * target**2), B[_i], p, random))
        .equals(p * Sum(target**2, *limits) + Sum(Mean(outside), *limits), "collect")
    )
    return chain, active, network


def _cross_talk(entry: Expr, *limits: tuple[Expr, ...]) -> Expr:
    return Sum(Mean((1 - B[_i]) ** 2 * entry**2), *limits)


def derive_mean(clause: Clause) -> Proof:
    """Proof of the bound on the mean square."""
    chain, *lemmas = energy(ENERGY, beta[_i], a[_h], theta[_i], _FEATURES)
    return prove(clause.formula, chain.within(not_negative(_cross_talk(beta[_i], _FEATURES))), lemmas=lemmas)


def derive_jacobian(clause: Clause) -> Proof:
    """Proof of the bound on the mean square of the Jacobian."""
    limits = (_FEATURES, _OUTPUTS)
    chain, *lemmas = energy(JACOBIAN_ENERGY, J[_k, _i], C[_h, _k], T[_k, _i], *limits)
    return prove(clause.formula, chain.within(not_negative(_cross_talk(J[_k, _i], *limits))), lemmas=lemmas)


def _without_cross_talk(
    name: Symbol, entry: Expr, head: Expr, target: Expr, *limits: tuple[Expr, ...]
) -> tuple[Derivation, ...]:
    """The chain from the mean square of an effective map without cross-talk to that of the target, and its lemmas."""
    active, network = active_part(entry, head, target)
    inside = B[_i] ** 2 * entry**2
    start = begin(name, Mean(Sum(inside, *limits)), "no cross-talk: beta_i = B_i beta_i almost surely")
    chain = (
        start.by(termwise_mean(start.end, Sum(Mean(inside), *limits), (B, D, y, entry.base)))
        .within(squared(active.as_step("the effective map is the target on the support")))
        .within(of_indicator(Mean(B[_i] ** 2 * target**2), B[_i], p, (B, D, y, entry.base)))
    )
    return chain, active, network


def derive_equality(clause: Clause) -> Proof:
    """Proof that a fit without cross-talk attains the bound."""
    chain, *lemmas = _without_cross_talk(ENERGY, beta[_i], a[_h], theta[_i], _FEATURES)
    return prove(clause.formula, chain, lemmas=lemmas)


def derive_jacobian_equality(clause: Clause) -> Proof:
    """Proof that a fit of several outputs without cross-talk attains the bound."""
    limits = (_FEATURES, _OUTPUTS)
    chain, *lemmas = _without_cross_talk(JACOBIAN_ENERGY, J[_k, _i], C[_h, _k], T[_k, _i], *limits)
    return prove(clause.formula, chain, lemmas=lemmas)


def _made_strict(chain: Derivation, cross_talk: Expr, bound: Expr) -> Derivation:
    return chain.within(markov(cross_talk, kappa, prob)).at_least(
        bound, "both are positive", gap=kappa * prob, strict=True
    )


def derive_strict(clause: Clause) -> Proof:
    """Proof that cross-talk of positive probability makes the bound strict."""
    chain, *lemmas = energy(ENERGY, beta[_i], a[_h], theta[_i], _FEATURES)
    return prove(clause.formula, _made_strict(chain, _cross_talk(beta[_i], _FEATURES), _TARGET_ENERGY), lemmas=lemmas)


def derive_jacobian_strict(clause: Clause) -> Proof:
    """Proof that cross-talk of positive probability makes the bound of the Jacobian strict."""
    limits = (_FEATURES, _OUTPUTS)
    chain, *lemmas = energy(JACOBIAN_ENERGY, J[_k, _i], C[_h, _k], T[_k, _i], *limits)
    return prove(clause.formula, _made_strict(chain, _cross_talk(J[_k, _i], *limits), _JACOBIAN_TARGET), lemmas=lemmas)


omega, a_pure = Symbol("omega", real=True, nonzero=True), Symbol("a", real=True)
b_pure = Symbol("b", positive=True)
_B = Symbol("B_i", nonnegative=True)
_y = Symbol("y_i", real=True)
_FIRES = Piecewise((1, Abs(omega * _B * _y) >= b_pure), (0, True))


def derive_pure(clause: Clause) -> Proof:
    """Proof that a pure node with a positive threshold contributes nothing off the support."""
    contribution = (1 - _B) * a_pure * omega * _FIRES
    chain = begin(CROSS_TALK, contribution, "a node of weight omega on feature i, off the support").by(
        by_cases(contribution, Integer(0), _B)
    )
    return prove(clause.formula, chain)


SAME, ALONE, OPPOSITE, MIRRORED = (named(rf"v_{{{name}}}") for name in ("same", "alone", "opposite", r"-opposite"))
CANCEL = named(r"\beta_{extra}")
tilt, head, y_1, y_2 = (Symbol(name, real=True) for name in ("e", "c", "y_1", "y_2"))
CONVERSE_THRESHOLD = Rational(7, 4)
_AMPLITUDES = (Integer(1), Rational(3, 2))
_CONVERSE_BOX = {tilt: (-Rational(1, 10), Rational(1, 10)), **dict.fromkeys((y_1, y_2), _AMPLITUDES)}


def derive_converse(clause: Clause) -> Proof:
    """Proof that three impure nodes fire together and cancel when both features agree, and else are silent."""
    first, second = 1 + tilt, 1 - tilt
    node = "a node (1 + e, 1 - e), |e| < 1/10, "
    same = begin(SAME, first * y_1 + second * y_2, node + "both features of one sign", box=_CONVERSE_BOX).at_least(
        CONVERSE_THRESHOLD, "amplitudes are at least 1", gap=_over(y_1, y_2), strict=True
    )
    alone = begin(ALONE, first * y_1, node + "one feature", box=_CONVERSE_BOX).at_most(
        CONVERSE_THRESHOLD, "amplitudes are at most 3/2", strict=True
    )
    opposite = begin(OPPOSITE, first * y_1 - second * y_2, node + "features of opposite sign", box=_CONVERSE_BOX)
    mirrored = begin(MIRRORED, second * y_2 - first * y_1, node + "features of opposite sign", box=_CONVERSE_BOX)
    cancel = begin(
        CANCEL, 2 * head - head * first - head * second, "heads 2c, -c, -c on (1, 1), (1 + e, 1 - e), (1 - e, 1 + e)"
    )
    silent = "amplitudes lie between 1 and 3/2"
    return prove(
        clause.formula,
        same,
        alone,
        opposite.at_most(CONVERSE_THRESHOLD, silent, strict=True),
        mirrored.at_most(CONVERSE_THRESHOLD, silent, strict=True),
        cancel.equals(Integer(0), "they cancel in either coordinate"),
    )


def _over(one: Symbol, other: Symbol) -> Expr:
    """The excess of the preactivation over the threshold, as terms that are positive on the box."""
    return (1 + tilt) * (one - 1) + (1 - tilt) * (other - 1) + 2 - CONVERSE_THRESHOLD


ACTIVE_PART = Clause(
    name="active part",
    says=r"Almost surely $\beta_A = \theta_A$.",
    formula=Eq(B[_i] * beta[_i], B[_i] * theta[_i]),
    derive=derive_active_part,
    mutation=Mutation(
        "the target off the support too",
        Eq(B[_i] * beta[_i], theta[_i]),
        {theta[_i]: Integer(1), B[_i]: Integer(0)},
        consequence=Eq(B[_i] * theta[_i], theta[_i]),
    ),
)

_t1, _t2 = Symbol("theta_1", real=True), Symbol("theta_2", real=True)
_ONE_OF_TWO = {_t1: Integer(1), _t2: Integer(1)}

POINTWISE = Clause(
    name="every absolute norm",
    says=r"Hence $\|\beta\| \ge \|\theta_A\|$ almost surely, in every absolute norm.",
    formula=Ge(NORM, AbsoluteNorm(B[_i] * theta[_i])),
    derive=derive_norm,
    mutation=Mutation(
        "the whole target instead of its active part (l1, pure nodes, d = 2, A = {1})",
        Ge(NORM, AbsoluteNorm(theta[_i])),
        _ONE_OF_TWO,
        consequence=Ge(Abs(_t1), Abs(_t1) + Abs(_t2)),
    ),
)

MEAN = Clause(
    name="mean bound",
    says=r"$\mathbb{E}\|\beta\|_2^2 \ge p\|\theta\|^2$.",
    formula=Ge(ENERGY, _TARGET_ENERGY),
    derive=derive_mean,
    mutation=Mutation(
        "p forgotten (pure nodes, d = 1)",
        Ge(ENERGY, Sum(theta[_i] ** 2, _FEATURES)),
        {_t1: Integer(1), p: Rational(1, 2)},
        consequence=Ge(p * _t1**2, _t1**2),
    ),
)

EQUALITY = Clause(
    name="equality without cross-talk",
    says=r"Without cross-talk the bound is attained: $\mathbb{E}\|\beta\|_2^2 = p\|\theta\|^2$.",
    formula=Eq(ENERGY, _TARGET_ENERGY),
    derive=derive_equality,
    mutation=Mutation(
        "p squared (pure nodes, d = 1)",
        Eq(ENERGY, p * _TARGET_ENERGY),
        {_t1: Integer(1), p: Rational(1, 2)},
        consequence=Eq(p * _t1**2, p**2 * _t1**2),
    ),
)

STRICT = Clause(
    name="equality only without cross-talk",
    says=r"Cross-talk with $\|\beta_{A^c}\|^2 \ge \kappa > 0$ on an event of probability $\pi > 0$ makes it strict.",
    formula=Gt(ENERGY, _TARGET_ENERGY),
    derive=derive_strict,
    mutation=Mutation(
        "the probability of the cross-talk forgotten (d = 2, theta = (1, 0), cross-talk kappa with probability pi)",
        Gt(ENERGY, _TARGET_ENERGY + kappa),
        {p: Rational(1, 2), prob: Rational(1, 4), kappa: Integer(1)},
        consequence=Gt(p + prob * kappa, p + kappa),
    ),
)

PURE = Clause(
    name="pure nodes",
    says=r"A pure node with $b_h > 0$ has no cross-talk: it is silent while its feature is absent.",
    formula=Eq(CROSS_TALK, 0),
    derive=derive_pure,
    mutation=Mutation(
        "it fires without its feature",
        Eq(CROSS_TALK, (1 - _B) * a_pure * omega),
        {_B: Integer(0), _y: Integer(1), a_pure: Integer(1), omega: Integer(1), b_pure: Rational(1, 2)},
    ),
)

CONVERSE = Clause(
    name="the converse fails",
    says=r"There are exact fits without cross-talk that are not pure: pure nodes $(1,0), (0,1)$, $b = .6$, heads "
    r"$\theta_1, \theta_2$, and $(1,1), (1+e,1-e), (1-e,1+e)$, $b = 7/4$, heads $6, -3, -3$, $R \sim U[1, 3/2]$, "
    r"$|e| < 1/10$: the three fire together, when both features are active with one sign, and then they cancel.",
    formula=And(
        Gt(SAME, CONVERSE_THRESHOLD),
        Lt(ALONE, CONVERSE_THRESHOLD),
        Lt(OPPOSITE, CONVERSE_THRESHOLD),
        Lt(MIRRORED, CONVERSE_THRESHOLD),
        Eq(CANCEL, 0),
    ),
    box=_CONVERSE_BOX,
    derive=derive_converse,
    mutation=Mutation(
        "threshold 3/2 instead of 7/4",
        And(Gt(SAME, Rational(3, 2)), Lt(ALONE, Rational(3, 2)), Eq(CANCEL, 0)),
        {tilt: Rational(1, 20), y_1: Rational(149, 100), y_2: Integer(1)},
    ),
)

JACOBIAN = Clause(
    name="several outputs",
    says=r"With $q$ outputs, heads $C_h$ and target $T$, the same for the Jacobian: "
    r"$\mathbb{E}\|J\|_F^2 \ge p\|T\|_F^2$.",
    formula=Ge(JACOBIAN_ENERGY, _JACOBIAN_TARGET),
    derive=derive_jacobian,
    mutation=Mutation(
        "p forgotten (pure nodes, d = q = 1)",
        Ge(JACOBIAN_ENERGY, Sum(T[_k, _i] ** 2, _FEATURES, _OUTPUTS)),
        {_t1: Integer(1), p: Rational(1, 2)},
        consequence=Ge(p * _t1**2, _t1**2),
    ),
)

JACOBIAN_EQUALITY = Clause(
    name="several outputs, equality",
    says=r"Without cross-talk it is attained: $\mathbb{E}\|J\|_F^2 = p\|T\|_F^2$.",
    formula=Eq(JACOBIAN_ENERGY, _JACOBIAN_TARGET),
    derive=derive_jacobian_equality,
    mutation=Mutation(
        "p squared (pure nodes, d = q = 1)",
        Eq(JACOBIAN_ENERGY, p * _JACOBIAN_TARGET),
        {_t1: Integer(1), p: Rational(1, 2)},
        consequence=Eq(p * _t1**2, p**2 * _t1**2),
    ),
)

JACOBIAN_STRICT = Clause(
    name="several outputs, strict",
    says=r"Cross-talk with $\|J_{A^c}\|_F^2 \ge \kappa > 0$ on an event of probability $\pi > 0$ makes it strict.",
    formula=Gt(JACOBIAN_ENERGY, _JACOBIAN_TARGET),
    derive=derive_jacobian_strict,
    mutation=Mutation(
        "the probability of the cross-talk forgotten (d = 2, q = 1, T = (1, 0), cross-talk kappa with probability pi)",
        Gt(JACOBIAN_ENERGY, _JACOBIAN_TARGET + kappa),
        {p: Rational(1, 2), prob: Rational(1, 4), kappa: Integer(1)},
        consequence=Gt(p + prob * kappa, p + kappa),
    ),
)

P3 = Claim(
    id="P3",
    title="The purification bound",
    clauses=(
        ACTIVE_PART,
        POINTWISE,
        MEAN,
        EQUALITY,
        STRICT,
        PURE,
        CONVERSE,
        JACOBIAN,
        JACOBIAN_EQUALITY,
        JACOBIAN_STRICT,
    ),
    setting=(
        r"Density amplitudes: $R_i$ absolutely continuous on $[r_{min}, r_{max}]$, $r_{min} > 0$",
        r"No noise: $\sigma = 0$",
        r"An exact fit: $f(Mx) = \theta^T x$ almost surely",
    ),
    source="section 4, sharpened",
    kind="sharpened",
    depends_on=("P1",),
)
