"""P7, in population: the kink of the worst case locks square mixtures of two features; spare nodes unlock them."""

from sympy import (
    Abs,
    Eq,
    Expr,
    Ge,
    Integer,
    Integral,
    Le,
    Lt,
    Matrix,
    Rational,
    Symbol,
    factor,
    oo,
    pi,
    sqrt,
)

from theory.algebra import Box
from theory.claims import Clause, Mutation
from theory.derivation import Derivation, Proof, begin, prove
from theory.model import ZERO_TO_ONE, Phi, eps, p, phi, r
from theory.purification.p7_cells import PATTERNS, ROWS, THETA, Pattern, mean_error
from theory.theorems.calculus import fundamental_theorem
from theory.theorems.forces import Norm, above_its_slopes, below_chord, square_keeps_order

_HEADS = tuple(row.dot(THETA) / 2 for row in ROWS)
DU = tuple(Matrix([Symbol(f"du_{i}{h}", real=True) for i in (1, 2)]) for h in (1, 2))
DA = tuple(Symbol(f"da_{h}", real=True) for h in (1, 2))
PAIR_SLOPE = Symbol(r"\partial_{(dU,\, da)} \mathrm{Risk}")
SPARE_SLOPE = Symbol(r"\partial_{pure} \mathrm{Risk}")
_SAMPLE_SLOPE = Symbol(r"\partial_t L")
_BOX: Box = {p: ZERO_TO_ONE, eps: (Integer(0), r / 2)}


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
        _SAMPLE_SLOPE, loss.diff(t).subs(t, 0), "tau = 0 at a fit: e = 0, so the worst case moves to |t de|; t > 0"
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
    slope, folded = Integer(0), Integer(0)
    for pattern in PATTERNS:
        beta, change = _effective(pattern), _moved(pattern)
        drift = r * Abs(change.dot(pattern.x).expand())
        slope += pattern.probability * _sample_slope(sqrt(factor(beta.dot(beta))), drift, beta.dot(change))
        folded += pattern.probability * 2 * eps * (_kink(pattern, change) + eps * beta.dot(change))
    chain = begin(PAIR_SLOPE, slope, "sum over the inputs, both signs together", box=_BOX)
    chain = chain.equals(folded, "||beta|| = |theta^T x|/sqrt(2) where one node fires alone")
    for pattern in PATTERNS:
        (kink,) = _kink(pattern, _moved(pattern)).atoms(Abs)
        tilt = 2 * THETA.dot(pattern.x) / sqrt(THETA.dot(THETA)) if _is_single(pattern) else 1 / sqrt(2)
        chain = chain.within(above_its_slopes(kink.args[0], -eps * tilt / r, _BOX))
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
    chain = begin(SPARE_SLOPE, slope, "da = theta_i on the pure nodes, -a_h on the mixture; e stays 0").equals(
        -2 * eps**2 * p * (1 - p) * THETA.dot(THETA), "adding up"
    )
    return prove(clause.formula, chain, lemmas=(_sample_lemma(),))


MIXED_RISK = Symbol(r"L_t")
_MIXED_MODULUS = Symbol(r"g_t")
_share = Symbol("t", positive=True)
_errors = (Symbol("e_0", real=True), Symbol("e_1", real=True))
_maps = (Symbol("beta_0", real=True), Symbol("beta_1", real=True))
_norms = (Norm(_maps[0]), Norm(_maps[1]))
_NORM_BETWEEN = Norm((1 - _share) * _maps[0] + _share * _maps[1])
_SEGMENT: Box = {_share: ZERO_TO_ONE}


def derive_convex(clause: Clause) -> Proof:
    """Proof that the worst case is convex along a segment of products, gates held fixed."""
    error = (1 - _share) * _errors[0] + _share * _errors[1]
    modulus = Abs(error) + eps * _NORM_BETWEEN
    ends = tuple(Abs(e) + eps * n for e, n in zip(_errors, _norms, strict=True))
    bound = (1 - _share) * ends[0] + _share * ends[1]
    between = (
        begin(_MIXED_MODULUS, modulus, "beta and e are affine in the products a_h u_h", box=_SEGMENT)
        .within(below_chord(Abs(error), _errors, _share, _SEGMENT))
        .within(below_chord(_NORM_BETWEEN, _maps, _share, _SEGMENT))
        .equals(bound, "gathering")
    )
    chain = (
        begin(MIXED_RISK, modulus**2, "worst case of P2 between two networks", box=_SEGMENT)
        .by(square_keeps_order(between))
        .at_most(
            (1 - _share) * ends[0] ** 2 + _share * ends[1] ** 2,
            "the square is convex",
            gap=_share * (1 - _share) * (ends[0] - ends[1]) ** 2,
        )
    )
    return prove(clause.formula, chain, lemmas=(between,))


MEAN_ERROR = Symbol(r"{\mathbb{E}|\delta + \tau n|}")
_delta = Symbol("delta", real=True)
_noise = Symbol("tau", positive=True)
_x = Symbol("x", real=True)


def derive_mean_error(clause: Clause) -> Proof:
    """Proof of the mean error of a network that is off by `delta`, under label noise."""
    below = Integral((_delta + _noise * _x) * phi(_x), (_x, -oo, -_delta / _noise))
    above = Integral((_delta + _noise * _x) * phi(_x), (_x, -_delta / _noise, oo))
    antiderivative = _delta * Phi(_x) - _noise * phi(_x)
    chain = (
        begin(MEAN_ERROR, above - below, "the sign of the error changes at n = -delta/tau")
        .within(fundamental_theorem(above, antiderivative))
        .within(fundamental_theorem(below, antiderivative))
        .equals(mean_error(_delta, _noise), "the normal law in terms of erfc")
    )
    return prove(clause.formula, chain)


PAIR = Clause(
    name="locked pair",
    says=r"$d = m = 2$, $\tau = 0$, $\epsilon \le r/2$ (P2's region asks for less): "
    r"no direction $(dU, da)$ lowers the adversarial risk of the mixture to first order, whatever $p$ and "
    r"$\theta \ne 0$ (say $\theta_1 \ne 0$).",
    formula=Ge(PAIR_SLOPE, 0),
    box=_BOX,
    derive=derive_pair,
    mutation=Mutation(
        "a force that is not zero: turning the nodes towards the axes lowers the risk",
        Lt(PAIR_SLOPE, 0),
        {
            **dict(zip((*DU[0], *DU[1], *DA), map(Integer, (1, -1, 1, 1, 0, 0)), strict=True)),
            **dict(zip(THETA, (Integer(1), Rational(3, 10)), strict=True)),
            p: Rational(3, 10),
            r: Integer(1),
            eps: Rational(1, 20),
        },
    ),
)

SQUARES = Clause(
    name="locked squares",
    says=r"The same for $(d, m) = (2, 2), (4, 2), (4, 4)$: the linear program for the steepest first-order descent "
    "inside P2's region has minimum 0.",
)

CONVEX = Clause(
    name="convex cells",
    says=r"In the products $a_h u_h$ the adversarial risk is convex on each gate cell: along a segment of "
    "products, the worst case lies below its chord.",
    formula=Le(
        MIXED_RISK,
        (1 - _share) * (Abs(_errors[0]) + eps * _norms[0]) ** 2 + _share * (Abs(_errors[1]) + eps * _norms[1]) ** 2,
    ),
    box=_SEGMENT,
    derive=derive_convex,
    mutation=Mutation(
        "above its chord",
        Ge(
            MIXED_RISK,
            (1 - _share) * (Abs(_errors[0]) + eps * _norms[0]) ** 2 + _share * (Abs(_errors[1]) + eps * _norms[1]) ** 2,
        ),
        {
            **dict(zip(_errors, (Integer(1), Integer(-1)), strict=True)),
            **dict.fromkeys((_NORM_BETWEEN, *_norms), Integer(0)),
            _share: Rational(1, 2),
            eps: Integer(0),
        },
    ),
)

ISOLATED = Clause(
    name="isolated fits",
    says=r"For $(d, m) = (2, 2), (4, 2), (4, 4)$ and $m = 1$ the square mixture is the only exact fit in its gate "
    r"cell, in the products $a_h u_h$.",
)

MEAN_ERROR_CLAUSE = Clause(
    name="noisy error",
    says=r"Off the fit by $\delta$, the mean error is "
    r"$\tau\sqrt{2/\pi}\,e^{-\delta^2/2\tau^2} + \delta\,\mathrm{erf}(\delta/\sqrt2\tau)$.",
    formula=Eq(MEAN_ERROR, mean_error(_delta, _noise)),
    derive=derive_mean_error,
    mutation=Mutation(
        "the error at a fit",
        Eq(MEAN_ERROR, _noise * sqrt(2 / pi)),
        {_delta: Integer(1), _noise: Integer(1)},
        consequence=Eq(mean_error(_delta, _noise), _noise * sqrt(2 / pi)),
    ),
)

SHIFT = Clause(
    name="small shift",
    says=r"Small $\epsilon\tau$ only shifts the mixture: for $d = m = 2$, $\theta = (1, .3)$, $p = .3$, $r = 1$, "
    r"$b = .5$, $\epsilon = .05$, $\tau = 1$ the least risk in its gate cell has participation 1.997 and 1.921 and "
    r"lies .0398 above $\tau^2$, although the pure cell reaches .0292.",
)

SPARE = Clause(
    name="spare nodes",
    says=r"Dormant pure nodes unlock it ($d = m = 2$, $\tau = 0$): moving the heads to them keeps the fit, and the "
    r"risk falls at the rate $2\epsilon^2 p(1-p)\|\theta\|^2$.",
    formula=Eq(SPARE_SLOPE, -2 * eps**2 * p * (1 - p) * THETA.dot(THETA)),
    derive=derive_spare,
    mutation=Mutation(
        "locked all the same",
        Eq(SPARE_SLOPE, 0),
        {
            **dict(zip(THETA, (Integer(1), Rational(3, 10)), strict=True)),
            p: Rational(3, 10),
            r: Integer(1),
            eps: Rational(1, 20),
        },
    ),
)

LARGE = Clause(
    name="large shift",
    says=r"Large $\epsilon\tau$ unlocks it too: in the same setting with $\epsilon = 1/5$ (inside P2's region) the "
    "least risk on the mixture's cell equations lies outside the gate cell, whatever the scale of the nodes.",
)

CLAUSES = (PAIR, SQUARES, CONVEX, ISOLATED, MEAN_ERROR_CLAUSE, SHIFT, SPARE, LARGE)
