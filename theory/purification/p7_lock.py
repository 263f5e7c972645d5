"""P7, in population: the kink of the worst case locks square mixtures of two features, and spare nodes unlock them."""

from sympy import (
    Abs,
    And,
    Eq,
    Expr,
    Ge,
    Gt,
    Integer,
    Integral,
    Le,
    Lt,
    Matrix,
    Rational,
    Symbol,
    factor,
    latex,
    oo,
    sqrt,
)

from theory.assumptions import (
    Assumption,
    constant_amplitude,
    independent_features,
    low_threshold,
    no_noise,
)
from theory.claims import Clause
from theory.derivation import Derivation, Proof, begin, prove
from theory.model import Phi, eps, p, phi, r
from theory.purification.p7_cells import EXAMPLE, PATTERNS, ROWS, THETA, Pattern, mean_error
from theory.quantities.forces import (
    BETWEEN,
    ERRORS,
    MAPS,
    SLOPE,
    FiringPull,
    FirstParticipation,
    FitFreedom,
    LeastMixedRisk,
    LeastPureRisk,
    MeanError,
    SecondParticipation,
    SilentPull,
    SteepestDescent,
)
from theory.ranges import ACTIVE, NONNEGATIVE, POSITIVE, REAL, closed
from theory.theorems.calculus import fundamental_theorem, keeps_order
from theory.theorems.forces import above_its_slopes
from theory.theorems.norms import Norm, homogeneous, triangle_inequality

_SMALL, _LARGE = Rational(1, 20), Rational(1, 5)
"""Attacks of the example: one that shifts the mixture, and one that unlocks it, inside the region of P2."""
_HEADS = tuple(row.dot(THETA) / 2 for row in ROWS)
DU = tuple(Matrix([Symbol(f"du_{i}{h}", real=True) for i in (1, 2)]) for h in (1, 2))
DA = tuple(Symbol(f"da_{h}", real=True) for h in (1, 2))
_SAMPLE_SLOPE = Symbol(r"\partial_t L")


def _effective(pattern: Pattern) -> Matrix:
    """The effective map of the mixture on one pattern."""
    return sum((a * u for a, u in zip(_HEADS, ROWS, strict=True) if pattern.fires(u)), start=Matrix([0, 0]))


def _moved(pattern: Pattern) -> Matrix:
    """First-order change of the effective map along `(dU, da)`, gates held fixed."""
    moves = zip(ROWS, _HEADS, DU, DA, strict=True)
    return sum((da * u + a * du for u, a, du, da in moves if pattern.fires(u)), start=Matrix([0, 0]))


def _sample_slope(norm: Expr, drift: Expr, turn: Expr) -> Expr:
    """One-sided slope of the worst case at an exact fit: `norm = ||beta||`, `drift = |de|`, `turn = beta^T dbeta`."""
    return 2 * eps * (norm * drift + eps * turn)


def _sample_lemma() -> Derivation:
    t, norm = Symbol("t", positive=True), Symbol("N", positive=True)
    drift, turn, speed = Symbol("D", real=True), Symbol("B", real=True), Symbol("S", nonnegative=True)
    loss = (t * Abs(drift) + eps * sqrt(norm**2 + 2 * t * turn + t**2 * speed)) ** 2
    return begin(
        _SAMPLE_SLOPE,
        loss.diff(t).subs(t, 0),
        "tau = 0 at a fit, so e = 0 and the worst case moves to |t de| for t > 0",
    ).equals(_sample_slope(norm, Abs(drift), turn), "at t = 0")


def _kink(pattern: Pattern, change: Matrix) -> Expr:
    """`||beta|| |de|` on one pattern as the map moves by `change`: one modulus where a node fires alone."""
    drift = change.dot(pattern.x).expand()
    pull = THETA.dot(pattern.x)
    if _is_single(pattern):
        return r * sqrt(THETA.dot(THETA)) * Abs(drift)
    return r * Abs((pull * drift).expand()) / sqrt(2)


def _is_single(pattern: Pattern) -> bool:
    return bool(0 in pattern.x)


def derive_pair(clause: Clause) -> Proof:
    """Proof that no direction lowers the risk to first order, by a subgradient of every kink."""
    box = clause.box
    slope, folded = Integer(0), Integer(0)
    for pattern in PATTERNS:
        beta, change = _effective(pattern), _moved(pattern)
        drift = r * Abs(change.dot(pattern.x).expand())
        slope += pattern.probability * _sample_slope(sqrt(factor(beta.dot(beta))), drift, beta.dot(change))
        folded += pattern.probability * 2 * eps * (_kink(pattern, change) + eps * beta.dot(change))
    chain = begin(SLOPE, slope, "sum over the inputs, with both signs together", box=box)
    chain = chain.equals(folded, "||beta|| = |theta^T x|/sqrt(2) where one node fires alone")
    for pattern in PATTERNS:
        (kink,) = _kink(pattern, _moved(pattern)).atoms(Abs)
        tilt = 2 * THETA.dot(pattern.x) / sqrt(THETA.dot(THETA)) if _is_single(pattern) else 1 / sqrt(2)
        chain = chain.within(above_its_slopes(kink.args[0], -eps * tilt / r, box))
    return prove(
        clause.formula, chain.equals(Integer(0), "the subgradients balance on each node"), lemmas=(_sample_lemma(),)
    )


def derive_spare(clause: Clause) -> Proof:
    """Proof of the slope when heads move from the mixture to dormant pure nodes; the fit stays exact."""
    slope = Integer(0)
    for pattern in PATTERNS:
        beta = _effective(pattern)
        change = Matrix([THETA[i] * abs(pattern.x[i]) for i in (0, 1)]) - beta
        slope += pattern.probability * 2 * eps * (_kink(pattern, change) + eps * beta.dot(change))
    chain = begin(SLOPE, slope, "da = theta_i on the pure nodes and -a_h on the mixture, so e stays 0").equals(
        -2 * eps**2 * p * (1 - p) * THETA.dot(THETA), "add the terms"
    )
    return prove(clause.formula, chain, lemmas=(_sample_lemma(),))


_modulus = Symbol("x", nonnegative=True)
_MIXED_MODULUS = Symbol(r"g_t")
share = Symbol("t", positive=True)
_norms = (Norm(MAPS[0]), Norm(MAPS[1]))
_NORM_BETWEEN = Norm((1 - share) * MAPS[0] + share * MAPS[1])
_ENDS = tuple(Abs(error) + eps * norm for error, norm in zip(ERRORS, _norms, strict=True))


def derive_convex(clause: Clause) -> Proof:
    """Proof that the worst case is convex along a segment of products, gates held fixed."""
    box = clause.box
    error = (1 - share) * ERRORS[0] + share * ERRORS[1]
    modulus = Abs(error) + eps * _NORM_BETWEEN
    bound = (1 - share) * _ENDS[0] + share * _ENDS[1]
    between = (
        begin(_MIXED_MODULUS, modulus, "beta and e are affine in the products a_h u_h", box=box)
        .within(triangle_inequality(((1 - share) * ERRORS[0], share * ERRORS[1])))
        # SymPy itself takes t > 0 out of a modulus, but not 1 - t, whose sign it does not know.
        .within(homogeneous(1 - share, ERRORS[0], box=box))
        .within(triangle_inequality(((1 - share) * MAPS[0], share * MAPS[1]), Norm))
        .within(homogeneous(1 - share, MAPS[0], Norm, box))
        .within(homogeneous(share, MAPS[1], Norm, box))
        .equals(bound, "collect terms")
    )
    chain = (
        begin(BETWEEN, modulus**2, "worst case of P2 between two networks", box=box)
        .by(keeps_order(_modulus**2, _modulus, between.at({}), box))
        .at_most(
            (1 - share) * _ENDS[0] ** 2 + share * _ENDS[1] ** 2,
            "the square is convex",
            gap=share * (1 - share) * (_ENDS[0] - _ENDS[1]) ** 2,
        )
    )
    return prove(clause.formula, chain, lemmas=(between,))


_delta = Symbol("delta", real=True)
_noise = Symbol("tau", positive=True)
_x = Symbol("x", real=True)


def derive_mean_error(clause: Clause) -> Proof:
    """Proof of the mean error of a network that is off by `delta`, under label noise."""
    below = Integral((_delta + _noise * _x) * phi(_x), (_x, -oo, -_delta / _noise))
    above = Integral((_delta + _noise * _x) * phi(_x), (_x, -_delta / _noise, oo))
    antiderivative = _delta * Phi(_x) - _noise * phi(_x)
    chain = (
        begin(MeanError(_delta, _noise), above - below, "the sign of the error changes at n = -delta/tau")
        .within(fundamental_theorem(above, antiderivative))
        .within(fundamental_theorem(below, antiderivative))
        .equals(mean_error(_delta, _noise), "the normal law in terms of erfc")
    )
    return prove(clause.formula, chain)


square_pair = Assumption(
    "square mixture of a pair",
    r"There are two features, $d = m = 2$, and the two nodes of the mixture, with heads $a_h = u_h^\top\theta/2$ and "
    r"$\theta \ne 0$.",
    defines=True,
)
spare_nodes = Assumption(
    "spare nodes",
    r"The heads move onto dormant pure nodes: by $\theta_i$ on each of these and by $-a_h$ on the nodes of the "
    "mixture.",
    defines=True,
)
no_label_noise = Assumption("no label noise", r"The labels are exact: $\tau = 0$.")
one_cell = Assumption(
    "one cell",
    "All networks lie in the same gate cell: each input activates the same nodes in all of them.",
    defines=True,
)
example = Assumption(
    "example",
    r"Two features and two nodes, $d = m = 2$, with "
    + ", ".join(f"${latex(name)} = {latex(value)}$" for name, value in EXAMPLE.items())
    + ".",
    defines=True,
)
_LOCK = (square_pair, constant_amplitude, independent_features, no_noise, low_threshold)

PAIR = Clause(
    name="locked pair",
    says="Without label noise and for $[[range epsilon]]$, no change of the weights and heads lowers the risk of the "
    "mixture of two features to first order: $[[formula]]$.",
    formula=Ge(SLOPE, 0),
    over={p: ACTIVE, r: POSITIVE, eps: closed(0, r / 2)},
    assumes=(*_LOCK, no_label_noise),
    depends_on=("P2/worst case", "P4/fit"),
    derive=derive_pair,
)

_SQUARE_SIZES = ((2, 2), (4, 2), (4, 4))
"""Numbers of features and orders for which the enumeration of all inputs is done."""

SQUARES = Clause(
    name="locked squares",
    says="Mixtures with as many nodes as features are locked: the linear program for the steepest first-order descent "
    "of the adversarial risk inside the region of P2 has minimum zero, $[[formula]]$, where the subscripts are the "
    "number of features and the order of the mixture.",
    formula=And(*(Eq(SteepestDescent(size, order), 0) for size, order in _SQUARE_SIZES)),
    depends_on=("P2/worst case", "P4/fit"),
)

CONVEX = Clause(
    name="convex cells",
    says="As long as no gate moves, the adversarial risk is convex in the products of heads and weights, because on "
    "each sample the worst case between two networks lies below its chord: $[[formula]]$ for $[[range t]]$.",
    formula=Le(BETWEEN, (1 - share) * _ENDS[0] ** 2 + share * _ENDS[1] ** 2),
    over={share: closed(0, 1), eps: NONNEGATIVE},
    assumes=(one_cell,),
    depends_on=("P2/worst case",),
    derive=derive_convex,
)

ISOLATED = Clause(
    name="isolated fits",
    says="The square mixture is the only exact fit in its gate cell, up to networks with the same products $a_h u_h$: "
    "$[[formula]]$, where the subscripts are the number of features and the order of the mixture.",
    formula=And(*(Eq(FitFreedom(size, order), 0) for size, order in (*_SQUARE_SIZES, (2, 1), (4, 1)))),
    depends_on=("P4/fit",),
)

MEAN_ERROR = Clause(
    name="noisy error",
    says=r"Under label noise, a network whose output is off by $\delta$ has mean absolute error $[[formula]]$.",
    formula=Eq(MeanError(_delta, _noise), mean_error(_delta, _noise)),
    over={_delta: REAL, _noise: POSITIVE},
    derive=derive_mean_error,
)

SHIFT = Clause(
    name="small shift",
    says="Under label noise, a small attack only shifts the mixture, although the purified network would have a "
    "lower risk: at the least risk over the gate cell of the mixture, $[[formula]]$.",
    formula=And(
        Gt(FirstParticipation(_SMALL), Rational(199, 100)),
        Gt(SecondParticipation(_SMALL), Rational(192, 100)),
        Lt(SilentPull(_SMALL), Rational(23, 100) * FiringPull(_SMALL)),
        Gt(LeastMixedRisk(_SMALL), Rational(136, 100) * LeastPureRisk(_SMALL)),
    ),
    assumes=(example,),
    depends_on=("P2/worst case", "P7/convex cells", "P7/noisy error"),
)

SPARE = Clause(
    name="spare nodes",
    says="Dormant pure nodes unlock the mixture of two features: moving the heads onto them preserves the fit and "
    "lowers the risk, $[[formula]]$.",
    formula=Eq(SLOPE, -2 * eps**2 * p * (1 - p) * THETA.dot(THETA)),
    over={p: ACTIVE, r: POSITIVE, eps: NONNEGATIVE},
    assumes=(*_LOCK, spare_nodes, no_label_noise),
    depends_on=("P2/worst case", "P4/fit"),
    derive=derive_spare,
)

LARGE = Clause(
    name="large shift",
    says="Under label noise, a larger attack unlocks the mixture: the least risk under its gate equations lies "
    "outside its gate cell, whatever the scale of the nodes, because the second node would have to ignore the input "
    "that excites it more: $[[formula]]$.",
    formula=Gt(SilentPull(_LARGE), Rational(149, 100) * FiringPull(_LARGE)),
    assumes=(example,),
    depends_on=("P2/worst case", "P7/convex cells", "P7/noisy error"),
)

CLAUSES = (PAIR, SQUARES, CONVEX, ISOLATED, MEAN_ERROR, SHIFT, SPARE, LARGE)
