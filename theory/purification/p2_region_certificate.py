"""P2: where no attack can move a gate, FGM attains the worst case; everywhere else, gates within reach bound it."""

from sympy import Abs, And, Basic, Derivative, Eq, Expr, Ge, IndexedBase, Le, Lt, Max, Sum, Symbol, sign

from theory.assumptions import Assumption
from theory.claims import Claim, Clause, NearMiss
from theory.derivation import Derivation, Proof, begin, prove
from theory.model import H, b, eps, named
from theory.quantities.network import (
    AFTER,
    CLOSES,
    ERROR_AFTER,
    FGM_LOSS,
    OPENS,
    SIGNED_LOSS,
    WORST,
    LossSlope,
)
from theory.ranges import COUNT, NONNEGATIVE, REAL, above, at_least
from theory.theorems.calculus import keeps_order
from theory.theorems.duality import (
    DualNorm,
    Inner,
    Maximum,
    bounded_by_dual,
    convex_maximum,
    inner_of_sum,
    larger,
    termwise_by_cases,
)
from theory.theorems.norms import reverse_triangle, triangle_inequality

w = Symbol("w")
_delta = Symbol("delta")
size = Symbol("v", nonnegative=True)
"""Modulus of a pre-activation: gates are odd, so its sign does not matter."""
REACH = eps * DualNorm(w)
_PUSH = Inner(w, _delta)
_PUSHED_BY = "the attack pushes the pre-activation by w^T delta"


def derive_active(clause: Clause) -> Proof:
    """Proof that an active node out of reach stays active."""
    chain = (
        begin(AFTER, Abs(size + _PUSH), _PUSHED_BY, box=clause.box, given=(attack, one_node))
        .by(reverse_triangle(size, _PUSH))
        .within(bounded_by_dual(_PUSH, eps))
        .at_least(b, "the reach is at most the distance from the threshold")
    )
    return prove(clause.formula, chain)


def derive_silent(clause: Clause) -> Proof:
    """Proof that a silent node out of reach stays silent."""
    chain = (
        begin(AFTER, Abs(size + _PUSH), _PUSHED_BY, box=clause.box, given=(attack, one_node))
        .by(triangle_inequality((size, _PUSH)))
        .within(bounded_by_dual(_PUSH, eps))
        .at_most(b, "the reach is below the distance from the threshold", strict=True)
    )
    return prove(clause.formula, chain)


error = Symbol("e", real=True)
nonzero_error = Symbol("e", real=True, nonzero=True)
shift = Symbol("t", real=True)
gradient = Symbol(r"M\beta")
_GROWTH = eps * DualNorm(gradient)


def derive_worst(clause: Clause) -> Proof:
    """Proof of the worst case where no gate moves."""
    maximum = Maximum((error - shift) ** 2, shift, -_GROWTH, _GROWTH)
    reason = (
        "no gate moves, so f(z + delta) = f(z) + t, where t = (M beta)^T delta takes every value up to eps ||M "
        "beta||_* and no larger one, by the definition of the dual norm"
    )
    chain = begin(WORST, maximum, reason, given=(attack, certificate)).by(convex_maximum(maximum))
    return prove(clause.formula, chain.by(larger(chain.end)).equals((Abs(error) + _GROWTH) ** 2, "collect terms"))


def derive_fgm(clause: Clause) -> Proof:
    """Proof that FGM attains the worst case if the network is not exact."""
    chain = begin(
        FGM_LOSS,
        (nonzero_error + sign(nonzero_error) * _GROWTH) ** 2,
        "the FGM step along sign(f - y) M beta moves f by -sign(e) eps ||M beta||_*",
        given=(attack, certificate, no_fit),
    ).equals((Abs(nonzero_error) + _GROWTH) ** 2, "e = sign(e) |e|")
    return prove(clause.formula, chain)


def derive_at_a_fit(clause: Clause) -> Proof:
    """Proof of the slope of the loss as the output moves, and of what the steps of both signs reach."""
    slope = begin(LossSlope(shift), Derivative((error - shift) ** 2, shift), "the loss where f moves by t")
    ends = Max((error + _GROWTH) ** 2, (error - _GROWTH) ** 2, evaluate=False)
    reason = "the steps along +-M beta move f by +-eps ||M beta||_*"
    both = begin(SIGNED_LOSS, ends, reason, given=(attack, certificate)).by(larger(ends))
    return prove(
        clause.formula,
        slope.equals(-2 * (error - shift), "differentiate"),
        both.equals((Abs(error) + _GROWTH) ** 2, "collect terms"),
    )


_h = Symbol("h", integer=True, positive=True)
a = IndexedBase("a", real=True)
v = IndexedBase("v", real=True)
weights = IndexedBase("w")
thresholds = IndexedBase("b", nonnegative=True)
fires = IndexedBase("s", nonnegative=True)
_rho = eps * DualNorm(weights[_h])
_push = Inner(weights[_h], _delta)
_after = IndexedBase("s'", nonnegative=True)

_modulus = Symbol("x", nonnegative=True)
_SIGNED = named(r"y - f(z + \delta)", real=True)
_PUSHED = named(r"|v_{h} + w_{h}^{\top}\delta|", nonnegative=True)
_OPENING = (1 - fires[_h]) * OPENS[_h] * (Abs(v[_h]) + _rho)
_JUMP = _OPENING + fires[_h] * CLOSES[_h] * thresholds[_h]
_BOUND = Abs(error) + _GROWTH + Sum(Abs(a[_h]) * _JUMP, (_h, 1, H))


def _over_nodes(term: Expr) -> Sum:
    return Sum(term, (_h, 1, H))


def _reach() -> tuple[Derivation, Derivation]:
    """How far an attack can raise and lower the modulus of a pre-activation."""
    after = Abs(v[_h] + _push)
    pushed = begin(_PUSHED, after, "after the attack")
    links = triangle_inequality((v[_h], _push)), reverse_triangle(v[_h], _push)
    raised, lowered = (pushed.by(link).within(bounded_by_dual(_push, eps)) for link in links)
    return raised, lowered


def derive_universal(clause: Clause) -> Proof:
    """Proof of the bound that holds at every point."""
    moved = v[_h] + _push
    linear = _over_nodes(a[_h] * fires[_h] * _push)
    jumps = _over_nodes(a[_h] * (_after[_h] - fires[_h]) * moved)
    slope = begin(
        gradient, _over_nodes(a[_h] * fires[_h] * weights[_h]), "M beta is the sum of a_h w_h over the active nodes"
    )
    signed = begin(
        _SIGNED,
        error + _over_nodes(a[_h] * fires[_h] * v[_h]) - _over_nodes(a[_h] * _after[_h] * moved),
        "y = e + f(z); s and s' mark the nodes that are active before and after the attack",
        given=(attack, nodes),
    ).equals(error - linear - jumps, "separate the gates before the attack from those that move")
    size = (
        begin(ERROR_AFTER, Abs(_SIGNED), "its modulus")
        .within(signed.as_step("separate the gates before the attack from those that move"))
        .by(triangle_inequality((error, -linear, -jumps)))
        .within(inner_of_sum(linear, slope))
        .within(bounded_by_dual(Inner(gradient, _delta), eps))
        .within(triangle_inequality(jumps))
    )
    before, after, reach = Abs(v[_h]), Abs(moved), _reach()
    bounded = termwise_by_cases(
        _over_nodes(Abs(jumps.function)),
        Abs(a[_h]) * _JUMP,
        {
            fires[_h]: (before < thresholds[_h], before >= thresholds[_h]),
            _after[_h]: (after < thresholds[_h], after >= thresholds[_h]),
            OPENS[_h]: (before + _rho < thresholds[_h], before + _rho >= thresholds[_h]),
            CLOSES[_h]: (before - _rho >= thresholds[_h], before - _rho < thresholds[_h]),
        },
        reach,
        weight=Abs(a[_h]),
    )
    size = size.within(bounded)
    squared = keeps_order(_modulus**2, _modulus, size.at({}))
    loss = begin(WORST, Abs(_SIGNED) ** 2, "the loss at the worst delta").by(squared)
    return prove(clause.formula, size, loss, lemmas=(slope, signed, *reach))


attack = Assumption(
    "attack",
    r"An attack adds to the observation a step $\delta$ with $\|\delta\| \le \epsilon$, where the norm has the dual "
    r"norm $\|\cdot\|_*$; the error of the network is $e = y - f(z)$.",
    defines=True,
)
one_node = Assumption("one node", r"A node of weight $w$ sees $w^\top z = \pm v$, $v \ge 0$.", defines=True)
certificate = Assumption(
    "region certificate",
    r"No gate is within reach: $\epsilon\|w_h\|_* < \left||w_h^\top z| - b_h\right|$ for every $h$ with $b_h > 0$.",
)
no_fit = Assumption("no fit", "The network is not exact at the observation: $y \\ne f(z)$.")
nodes = Assumption(
    "nodes",
    r"Node $h$ has weight $w_h$ and sees $v_h = w_h^\top z$ at the observation; $s_h$ is $1$ if it fires there and "
    "$0$ otherwise.",
    defines=True,
)

ACTIVE = Clause(
    name="active nodes stay",
    says=r"A node that sees $[[range v]]$ still fires after every attack of size $\epsilon$, because $[[formula]]$.",
    formula=Ge(AFTER, b),
    over={size: at_least(b + REACH), b: NONNEGATIVE, eps: NONNEGATIVE},
    assumes=(attack, one_node),
    derive=derive_active,
)

SILENT = Clause(
    name="silent nodes stay",
    says=r"A node with threshold $[[range b]]$ is still silent after every attack of size $\epsilon$, because "
    "$[[formula]]$.",
    formula=Lt(AFTER, b),
    over={b: above(size + REACH), size: NONNEGATIVE, eps: NONNEGATIVE},
    assumes=(attack, one_node),
    derive=derive_silent,
)

WORST_CASE = Clause(
    name="worst case",
    says="If no gate is within reach of the attack, the largest squared error over the ball is $[[rhs]]$.",
    formula=Eq(WORST, (Abs(error) + _GROWTH) ** 2),
    over={error: REAL, eps: NONNEGATIVE},
    assumes=(attack, certificate),
    derive=derive_worst,
)

ATTAINED = Clause(
    name="attained by FGM",
    says="If no gate is within reach of the attack, FGM attains the worst case, a squared error of $[[rhs]]$, unless "
    "the network is exact at the observation.",
    formula=Eq(FGM_LOSS, (Abs(nonzero_error) + _GROWTH) ** 2),
    over={nonzero_error: REAL, eps: NONNEGATIVE},
    assumes=(attack, certificate, no_fit),
    derive=derive_fgm,
)

AT_A_FIT = Clause(
    name="at a fit",
    says="If no gate is within reach of the attack, the squared error has slope $[[slope]]$ in the output, so FGM "
    r"does nothing where the network is exact, $e = t = 0$; the larger loss of the two steps along $\pm M\beta$ "
    "always equals the worst case, $[[both]]$.",
    formula=And(Eq(LossSlope(shift), -2 * (error - shift)), Eq(SIGNED_LOSS, (Abs(error) + _GROWTH) ** 2)),
    over={error: REAL, shift: REAL, eps: NONNEGATIVE},
    assumes=(attack, certificate),
    parts={
        "slope": lambda clause: _conjunct(clause, LossSlope(shift)).rhs,
        "both": lambda clause: _conjunct(clause, SIGNED_LOSS).rhs,
    },
    derive=derive_at_a_fit,
)

UNIVERSAL = Clause(
    name="universal bound",
    says="At every observation, whether or not gates are within reach, the error after the attack has modulus at "
    "most $[[bound]]$, so the worst-case squared error is at most the square of this bound.",
    formula=And(Le(ERROR_AFTER, _BOUND), Le(WORST, _BOUND**2)),
    over={error: REAL, eps: NONNEGATIVE, H: COUNT},
    assumes=(attack, nodes),
    parts={"bound": lambda clause: _conjunct(clause, ERROR_AFTER).rhs},
    derive=derive_universal,
    near_miss=NearMiss(
        "the bound leaves out the gates that close",
        Le(ERROR_AFTER, Abs(error) + _GROWTH + Sum(Abs(a[_h]) * _OPENING, (_h, 1, H))),
    ),
)


def _conjunct(clause: Clause, name: Expr) -> Basic:
    """The conjunct of the formula whose left-hand side is `name`."""
    return next(relation for relation in And.make_args(clause.formula) if relation.lhs == name)


P2 = Claim(
    id="P2",
    title="The region certificate and the universal bound",
    clauses=(ACTIVE, SILENT, WORST_CASE, ATTAINED, AT_A_FIT, UNIVERSAL),
    setting=(),
    source="section 4; the bound beyond the paper",
    kind="sharpened",
    depends_on=("P1",),
)
