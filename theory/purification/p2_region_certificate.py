"""P2: where no attack can move a gate, FGM is the worst case; everywhere, gates within reach bound the rest."""

from sympy import (
    Abs,
    Derivative,
    Eq,
    Expr,
    Ge,
    IndexedBase,
    Integer,
    Le,
    Lt,
    Max,
    Rational,
    Sum,
    Symbol,
    oo,
    sign,
)

from theory.claims import Claim, Clause, Mutation
from theory.derivation import Derivation, Proof, begin, prove
from theory.model import H, b, eps
from theory.theorems.duality import (
    DualNorm,
    Inner,
    Maximum,
    bounded_by_dual,
    convex_maximum,
    inner_of_sum,
    larger,
    reverse_triangle,
    squared,
    termwise_by_cases,
    triangle,
    triangle_of_sum,
)

_w = Symbol("w")
_delta = Symbol("delta")
_size = Symbol("v", nonnegative=True)
"""Modulus of a pre-activation: gates are odd, so its sign does not matter."""
_REACH = eps * DualNorm(_w)
_PUSH = Inner(_w, _delta)

ACTIVE_AFTER = Symbol(r"|v + w^\top\delta|_{active}", real=True)
SILENT_AFTER = Symbol(r"|v + w^\top\delta|_{silent}", real=True)
_ACTIVE_BOX = {_size: (b + _REACH, oo)}
_SILENT_BOX = {b: (_size + _REACH, oo)}


def _stays_active() -> Derivation:
    return (
        begin(ACTIVE_AFTER, Abs(_size + _PUSH), "the attack pushes the pre-activation by w^T delta", box=_ACTIVE_BOX)
        .by(reverse_triangle(Abs(_size + _PUSH), _size))
        .within(bounded_by_dual(_PUSH, eps))
        .at_least(b, "the reach is at most the distance from the threshold")
    )


def _stays_silent() -> Derivation:
    return (
        begin(SILENT_AFTER, Abs(_size + _PUSH), "the attack pushes the pre-activation by w^T delta", box=_SILENT_BOX)
        .by(triangle(Abs(_size + _PUSH)))
        .within(bounded_by_dual(_PUSH, eps))
        .at_most(b, "the reach is below the distance from the threshold", strict=True)
    )


def derive_active(clause: Clause) -> Proof:
    """Proof that an active node out of reach stays active."""
    return prove(clause.formula, _stays_active())


def derive_silent(clause: Clause) -> Proof:
    """Proof that a silent node out of reach stays silent."""
    return prove(clause.formula, _stays_silent())


WORST = Symbol(r"\max_{\|\delta\| \le \epsilon} (y - f(z + \delta))^2", real=True)
FGM_LOSS = Symbol(r"(y - f(z + \delta_{FGM}))^2", real=True)
SLOPE = Symbol(r"\frac{d}{dt} (y - f - t)^2", real=True)
_e = Symbol("e", real=True)
_miss = Symbol("e", real=True, nonzero=True)
_t = Symbol("t", real=True)
_beta = Symbol(r"M\beta")
_GROWTH = eps * DualNorm(_beta)


def derive_worst(clause: Clause) -> Proof:
    """Proof of the worst case where no gate moves."""
    maximum = Maximum((_e - _t) ** 2, _t, -_GROWTH, _GROWTH)
    reason = (
        "no gate moves: f(z + delta) = f(z) + t, and t = (M beta)^T delta takes every value up to eps ||M beta||_* "
        "and no larger one, by the definition of the dual norm"
    )
    chain = begin(WORST, maximum, reason).by(convex_maximum(maximum))
    return prove(clause.formula, chain.by(larger(chain.end)).equals((Abs(_e) + _GROWTH) ** 2, "gathering"))


def derive_fgm(clause: Clause) -> Proof:
    """Proof that FGM attains it, where the network is not exact."""
    chain = begin(
        FGM_LOSS,
        (_miss + sign(_miss) * _GROWTH) ** 2,
        "the FGM step along sign(f - y) M beta moves f by -sign(e) eps ||M beta||_*",
    ).equals((Abs(_miss) + _GROWTH) ** 2, "e = sign(e) |e|")
    return prove(clause.formula, chain)


def derive_slope(clause: Clause) -> Proof:
    """Proof of the slope of the loss as the output moves by `t`."""
    chain = begin(SLOPE, Derivative((_e - _t) ** 2, _t), "the loss where f moves by t")
    return prove(clause.formula, chain.equals(-2 * (_e - _t), "differentiating"))


_h = Symbol("h", integer=True, positive=True)
_a = IndexedBase("a", real=True)
_v = IndexedBase("v", real=True)
_weights = IndexedBase("w")
_b = IndexedBase("b", nonnegative=True)
_rho = eps * DualNorm(_weights[_h])
_shift = Inner(_weights[_h], _delta)
_before = IndexedBase("s", nonnegative=True)
_after = IndexedBase("s'", nonnegative=True)
_opens = IndexedBase("o", nonnegative=True)
_closes = IndexedBase("c", nonnegative=True)

ERROR_AFTER = Symbol(r"y - f(z + \delta)", real=True)
PUSHED = Symbol(r"|v_h + w_h^\top\delta|", nonnegative=True)
SIZE_AFTER = Symbol(r"|y - f(z + \delta)|", nonnegative=True)
_JUMP = (1 - _before[_h]) * _opens[_h] * (Abs(_v[_h]) + _rho) + _before[_h] * _closes[_h] * _b[_h]
JUMPS = Sum(Abs(_a[_h]) * _JUMP, (_h, 1, H))
_BOUND = Abs(_e) + _GROWTH + JUMPS


def _over_nodes(term: Expr) -> Sum:
    return Sum(term, (_h, 1, H))


def _reach() -> tuple[Derivation, Derivation]:
    """How far the attack can raise and lower the modulus of a pre-activation."""
    after = Abs(_v[_h] + _shift)
    raised = begin(PUSHED, after, "after the attack").by(triangle(after)).within(bounded_by_dual(_shift, eps))
    lowered = begin(PUSHED, after, "after the attack").by(reverse_triangle(after, _v[_h]))
    return raised, lowered.within(bounded_by_dual(_shift, eps))


def derive_universal(clause: Clause) -> Proof:
    """Proof of the bound that holds at every point."""
    moved = _v[_h] + _shift
    linear = _over_nodes(_a[_h] * _before[_h] * _shift)
    jumps = _over_nodes(_a[_h] * (_after[_h] - _before[_h]) * moved)
    gradient = begin(_beta, _over_nodes(_a[_h] * _before[_h] * _weights[_h]), "M beta = sum of a_h w_h, active nodes")
    signed = begin(
        ERROR_AFTER,
        _e + _over_nodes(_a[_h] * _before[_h] * _v[_h]) - _over_nodes(_a[_h] * _after[_h] * moved),
        "y = e + f(z); s and s' say which nodes are active before and after",
    ).equals(_e - linear - jumps, "the old gates first")
    size = (
        begin(SIZE_AFTER, Abs(signed.end), "its modulus")
        .by(triangle(Abs(signed.end)))
        .within(inner_of_sum(linear, gradient))
        .within(bounded_by_dual(Inner(_beta, _delta), eps))
        .within(triangle_of_sum(Abs(jumps)))
    )
    before, after, reach = Abs(_v[_h]), Abs(moved), _reach()
    bounded = termwise_by_cases(
        _over_nodes(Abs(jumps.function)),
        JUMPS.function,
        {
            _before[_h]: (before < _b[_h], before >= _b[_h]),
            _after[_h]: (after < _b[_h], after >= _b[_h]),
            _opens[_h]: (before + _rho < _b[_h], before + _rho >= _b[_h]),
            _closes[_h]: (before - _rho >= _b[_h], before - _rho < _b[_h]),
        },
        reach,
        weight=Abs(_a[_h]),
    )
    size = size.within(bounded)
    loss = begin(WORST, SIZE_AFTER**2, "the loss at the worst delta").by(squared(size))
    return prove(clause.formula, size, loss, lemmas=(gradient, signed, *reach))


ACTIVE = Clause(
    name="active nodes stay",
    says=r"An active node with $|v_h| - \epsilon\|w_h\|_* \ge b_h$ is active after every attack; "
    r"a pre-activation is taken as $v \ge 0$, since gates are odd.",
    formula=Ge(ACTIVE_AFTER, b),
    box=_ACTIVE_BOX,
    derive=derive_active,
    mutation=Mutation(
        "a threshold twice as high",
        Ge(ACTIVE_AFTER, 2 * b),
        {_size: Integer(2), _PUSH: Integer(-1), b: Integer(1)},
    ),
)

SILENT = Clause(
    name="silent nodes stay",
    says=r"A silent node with $|v_h| + \epsilon\|w_h\|_* < b_h$ is silent after every attack.",
    formula=Lt(SILENT_AFTER, b),
    box=_SILENT_BOX,
    derive=derive_silent,
    mutation=Mutation(
        "a threshold half as high",
        Lt(SILENT_AFTER, b / 2),
        {_size: Integer(1), _PUSH: Integer(1), b: Integer(3)},
    ),
)

WORST_CASE = Clause(
    name="worst case",
    says=r"If $\epsilon\|w_h\|_* < \left||w_h^\top z| - b_h\right|$ for every $h$ with $b_h > 0$, the largest loss in "
    r"the ball is $(|e| + \epsilon\|M\beta(z)\|_*)^2$, $e = y - f(z)$.",
    formula=Eq(WORST, (Abs(_e) + _GROWTH) ** 2),
    derive=derive_worst,
    mutation=Mutation(
        "squares added, no mixed term",
        Eq(WORST, _e**2 + _GROWTH**2),
        {_e: Integer(1), eps: Integer(1), DualNorm(_beta): Integer(1)},
        consequence=Eq(Max((_e + _GROWTH) ** 2, (_e - _GROWTH) ** 2), _e**2 + _GROWTH**2),
    ),
)

ATTAINED = Clause(
    name="attained by FGM",
    says=r"FGM attains it when $y \ne f(z)$.",
    formula=Eq(FGM_LOSS, (Abs(_miss) + _GROWTH) ** 2),
    derive=derive_fgm,
    mutation=Mutation(
        "the step taken the other way",
        Eq(FGM_LOSS, (Abs(_miss) - _GROWTH) ** 2),
        {_miss: Integer(1), eps: Integer(1), DualNorm(_beta): Integer(1)},
    ),
)

AT_A_FIT = Clause(
    name="at a fit",
    says="At $y = f(z)$ the loss has slope $-2(e - t) = 0$ at $t = 0$, and FGM does nothing; "
    r"the steps of both signs along $M\beta$ reach the worst case.",
    formula=Eq(SLOPE, -2 * (_e - _t)),
    derive=derive_slope,
    mutation=Mutation(
        "a slope that does not vanish",
        Eq(SLOPE, -2 * (_e - _t) + 1),
        {_e: Integer(0), _t: Integer(0)},
        consequence=Eq(-2 * (_e - _t), -2 * (_e - _t) + 1),
    ),
)

UNIVERSAL = Clause(
    name="universal bound",
    says=r"For every $z$, with $\rho_h = \epsilon\|w_h\|_*$, the worst case is at most the square of "
    r"$|e| + \epsilon\|M\beta\|_*$ plus $|a_h|(|v_h| + \rho_h)$ for each silent node ($s_h = 0$) that can open "
    r"($o_h = 1$ where $|v_h| + \rho_h \ge b_h$) "
    r"plus $|a_h| b_h$ for each active one ($s_h = 1$) that can close ($c_h = 1$ where $|v_h| - \rho_h < b_h$).",
    formula=Le(SIZE_AFTER, _BOUND) & Le(WORST, _BOUND**2),
    derive=derive_universal,
    mutation=Mutation(
        "no jumps: the node of d = 1, w = a = 1, b = 1/2 at z = 3/5 closes under a push of 3/10",
        Le(SIZE_AFTER, Abs(_e) + _GROWTH),
        {_e: Rational(1, 20), eps: Rational(3, 10), _t: Rational(3, 5)},
        # ||M beta||_* = 1, and the closed gate takes away f = 3/5.
        consequence=Le(Abs(_e + _t), Abs(_e) + eps),
    ),
)

P2 = Claim(
    id="P2",
    title="The region certificate and the universal bound",
    clauses=(ACTIVE, SILENT, WORST_CASE, ATTAINED, AT_A_FIT, UNIVERSAL),
    setting=(
        r"attacks $\|\delta\| \le \epsilon$ in any norm; $\|\cdot\|_*$ is the dual norm",
        "squared loss",
    ),
    source="section 4; the bound beyond the paper",
    kind="sharpened",
    depends_on=("P1",),
)
