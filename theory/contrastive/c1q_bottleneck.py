"""C1q: behind a bottleneck, adversarial training makes even a linear encoder pure."""

from sympy import (
    Add,
    And,
    Eq,
    Expr,
    Ge,
    Gt,
    Integer,
    Le,
    Lt,
    Product,
    Rational,
    Sum,
    Symbol,
    Trace,
    binomial,
    exp,
    log,
    pi,
    sqrt,
)
from sympy.ntheory.multinomial import multinomial_coefficients

from theory.assumptions import (
    Assumption,
    attacked_view,
    balanced_pairs,
    constant_amplitude,
    independent_features,
    linear_encoder,
    no_noise,
    pairs_of_views,
    signed_permutations,
)
from theory.claims import Claim, Clause, NearMiss
from theory.contrastive.bottleneck import (
    CONCENTRATION,
    THRESHOLD,
    G,
    diagonal,
    half_normal,
    pull,
    rank_bound,
    second,
    slope,
    tangent,
    two_features,
)
from theory.contrastive.bottleneck import constant_amplitude as modulus_bound
from theory.contrastive.c1q_trained import TRAINED_ONE, TRAINED_THREE
from theory.contrastive.lazy_forms import (
    LARGEST_ACTIVITY,
    OUTPUTS,
    eigenvalues,
    g,
    lam,
    of_scaled_axes,
    q,
    quadratic_forms,
    rank,
)
from theory.derivation import Proof, Step, begin, definition, prove
from theory.model import d, eps, p, r, s
from theory.quantities.bottleneck import COST, DIAGONAL, LAPLACE, LOSS, LOSS_SLOPE, MODULUS, SPREAD, AxesCost, PairsCost
from theory.ranges import ACTIVE, COUNT, NONNEGATIVE, POSITIVE, Range, at_least, between, closed
from theory.theorems.indicators import Mean
from theory.theorems.infimum import Infimum, at_least_infimum
from theory.theorems.khinchine import UNIT_DIRECTION

kappa = Symbol("kappa", positive=True)
"""Least `E||G X||/tr G` over the encoders that the bottleneck admits."""
half_angle = Symbol("u", positive=True)
"""`tan(f/2)` of the direction `(cos f, sin f)`."""
_TRACE = Sum(g[OUTPUTS[0]], OUTPUTS)
_RADIUS = second / (2 * kappa)
_FIRST_ORDER = (2 * eps * Mean(pull) - second * Trace(G)) / 4


GRAM = Assumption(
    "Gram matrix",
    r"The matrix $G = T^\top T$ is the Gram matrix of an encoder that the bottleneck admits.",
    True,
)
COSTLY = Assumption(
    "positive least ratio",
    r"The least ratio $\kappa$ of the encoders that the bottleneck admits is positive.",
)
ATTAINED = Assumption(
    "least ratio attained",
    r"The Gram matrix $G \ne 0$ attains the least ratio $\kappa$ of the encoders that the bottleneck admits.",
)
_LEAST = Infimum(Mean(pull) / Trace(G), G)
_SEMIDEFINITE = Step(Trace(G), ">=", Integer(0), "a Gram matrix", "assumption", given=(GRAM,))


def derive_tangent(clause: Clause) -> Proof:
    """Proof that the loss lies above its tangent at the collapsed encoder."""
    chain, *lemmas = tangent()
    return prove(clause.formula, chain, lemmas=lemmas)


def derive_slope(clause: Clause) -> Proof:
    """Proof of the derivative of the loss at the collapsed encoder."""
    return prove(clause.formula, slope(LOSS_SLOPE))


def derive_collapse(clause: Clause) -> Proof:
    """Proof that no encoder beats the collapsed one beyond the collapse radius of the bottleneck."""
    chain, *lemmas = tangent()
    trace = Symbol("T", nonnegative=True)
    positive = Step(_LEAST, ">", Integer(0), "the attack costs something", "assumption", given=(COSTLY,))
    chain = chain.narrowed(clause.box).within(at_least_infimum(_LEAST, Mean(pull), Trace(G), _SEMIDEFINITE))
    chain = chain.within(definition(kappa, _LEAST, "the least ratio", sign=positive).turned())
    chain = chain.within(definition(trace, Trace(G), "the trace of G", sign=_SEMIDEFINITE).turned())
    # The tangent exceeds log 2 by (eps E||GX|| - mu_2 tr G/2)/2 >= (eps kappa - mu_2/2) tr G/2.
    gap = (eps - _RADIUS) * kappa * trace / 2
    return prove(clause.formula, chain.at_least(log(2), "both are nonnegative", gap=gap), lemmas=lemmas)


def derive_survival(clause: Clause) -> Proof:
    """Proof that the direction of least ratio leaves the collapsed encoder below the radius."""
    trace = Symbol("T", positive=True)
    reason = "G attains the least ratio"
    attained = Step(Mean(pull), "=", kappa * Trace(G), reason, "assumption", given=(ATTAINED,))
    nonzero = Step(Trace(G), ">", Integer(0), reason, "assumption", given=(ATTAINED,))
    chain = slope(LOSS_SLOPE).narrowed(clause.box).within(attained)
    chain = chain.within(definition(trace, Trace(G), "the trace of G", sign=nonzero).turned())
    return prove(
        clause.formula, chain.at_most(Integer(0), "negative", gap=(_RADIUS - eps) * kappa * trace / 2, strict=True)
    )


def derive_half_normal(clause: Clause) -> Proof:
    """Proof of the bound for half-normal amplitudes."""
    return prove(clause.formula, half_normal(s))


def derive_constant(clause: Clause) -> Proof:
    """Proof of the bound for constant amplitudes up to the threshold."""
    chain, lemmas = modulus_bound()
    return prove(clause.formula, chain, lemmas=lemmas)


def derive_two_features(clause: Clause) -> Proof:
    """Proof of the closed form for two features."""
    return prove(clause.formula, two_features(half_angle))


def derive_diagonal(clause: Clause) -> Proof:
    """Proof that a mixture of two features undercuts the pure direction beyond the threshold."""
    return prove(clause.formula, diagonal(DIAGONAL))


def derive_rank_bound(clause: Clause) -> Proof:
    """Proof of the lower bound for every rank."""
    _, lemmas = modulus_bound()
    return prove(clause.formula, rank_bound(COST, _TRACE, g, q), lemmas=lemmas)


def derive_lazy_forms(clause: Clause) -> Proof:
    """Proof that a quadratic form of lazy signs is at most as spread out as that of its eigenvalues."""
    forms = quadratic_forms()
    chain = begin(LAPLACE, forms.start, "x are the lazy signs of the features", box=forms.box)
    return prove(clause.formula, chain.by(forms.as_step("shown for every matrix")), lemmas=(forms,))


def derive_rank(clause: Clause) -> Proof:
    """Proof that coordinate axes with equal scale are the cheapest encoders of their rank and trace."""
    chain, lemmas = rank()
    return prove(clause.formula, chain, lemmas=lemmas)


def derive_rank_survival(clause: Clause) -> Proof:
    """Proof of the derivative of the loss along coordinate axes with equal scale."""
    chain = slope(LOSS_SLOPE).narrowed(clause.box)
    for link in of_scaled_axes((scaled_axes, constant_amplitude), pull, G, second):
        chain = chain.within(link)
    return prove(clause.formula, chain)


def rank_radius(clause: Clause) -> Expr:
    """The collapse radius of encoders of rank `q` for the least ratio that the clause states."""
    return _RADIUS.subs({second: p * r**2, kappa: clause.formula.rhs / _TRACE})


def purity_bound(pure: Expr, denser: Expr) -> Expr:
    """Lower bound of `E|t^T X|` by its value `pure` at pure directions; `denser` is where purity stops to pay."""
    return pure * (1 + (1 - p / denser) * (1 - CONCENTRATION) / 2)


def pure_value(clause: Clause) -> Expr:
    """The bound of the clause for a pure direction, whose participation ratio is one."""
    return clause.formula.rhs.subs(CONCENTRATION, 1).doit()


def _of_pure(clause: Clause) -> dict[Symbol, Expr]:
    return {second: p * r**2, kappa: pure_value(clause)}


moments = Assumption(
    "moments of features",
    r"The features have mean square $\mu_2 = \mathbb{E}X_i^2$, and $n = \|GX\|$.",
    defines=True,
)
least_ratio = Assumption(
    "least ratio",
    r"The number $\kappa$ is the least ratio $\mathbb{E}\|GX\|/\mathrm{tr}\,G$ over the encoders that the bottleneck "
    "admits.",
    defines=True,
)
direction = UNIT_DIRECTION
half_normal_features = Assumption(
    "half-normal amplitudes",
    "An active feature is normally distributed with mean zero and standard deviation $s$.",
    defines=True,
)
two_directions = Assumption(
    "direction in a plane",
    r"There are two features, and $t = (\cos f, \sin f)$, where $u = \tan(f/2)$.",
    defines=True,
)
spectrum = Assumption("spectrum", r"The nonzero eigenvalues of $G$ are $g_1, \dots, g_q$.", defines=True)
scaled_axes = Assumption(
    "coordinate axes of equal scale",
    r"The Gram matrix is $G = \lambda I$ on $q$ coordinate axes and zero elsewhere.",
    defines=True,
)
form_of_features = Assumption(
    "form of the features",
    "The features $x$ have amplitude one, and $K$ is a positive semidefinite matrix with the nonzero eigenvalues $l_1, "
    r"\dots, l_q$.",
    defines=True,
)
smallest_bottleneck = Assumption(
    "smallest bottleneck", "There are two features of amplitude $r$, and the encoder has one output.", defines=True
)
_LOSS = (linear_encoder, pairs_of_views, attacked_view, balanced_pairs, signed_permutations, no_noise, moments)
_SPARSE = (constant_amplitude, independent_features)
_UP_TO_THRESHOLD = Range(Integer(0), THRESHOLD, open_low=True)

TANGENT = Clause(
    name="tangent",
    says="The expected loss under attack lies above its tangent at the collapsed encoder: $[[formula]]$.",
    formula=Ge(LOSS, log(2) + _FIRST_ORDER),
    over={eps: NONNEGATIVE, second: POSITIVE},
    assumes=_LOSS,
    derive=derive_tangent,
)

FIRST_ORDER = Clause(
    name="first order",
    says="The derivative of the expected loss under attack at the collapsed encoder is $[[formula]]$.",
    formula=Eq(LOSS_SLOPE, _FIRST_ORDER),
    over={eps: NONNEGATIVE, second: POSITIVE},
    assumes=_LOSS,
    derive=derive_slope,
)

COLLAPSE = Clause(
    name="collapse",
    says="Under attacks of size $[[range epsilon]]$, no encoder has a lower loss than the collapsed one: "
    "$[[formula]]$.",
    formula=Ge(LOSS, log(2)),
    over={kappa: POSITIVE, second: POSITIVE, eps: at_least(_RADIUS)},
    assumes=(*_LOSS, GRAM, least_ratio, COSTLY),
    derive=derive_collapse,
)

SURVIVAL = Clause(
    name="survival",
    says="Under attacks of size $[[range epsilon]]$, the loss decreases as an encoder of least ratio leaves the "
    "collapsed encoder, so the encoders that survive the largest attacks are those of least ratio: $[[formula]]$.",
    formula=Lt(LOSS_SLOPE, 0),
    over={kappa: POSITIVE, second: POSITIVE, eps: between(0, _RADIUS)},
    assumes=(*_LOSS, least_ratio, ATTAINED),
    derive=derive_survival,
)

HALF_NORMAL = Clause(
    name="one output, half-normal amplitudes",
    says=r"For one output, $G = g\,tt^\top$, the ratio is $\mathbb{E}|t^\top X|$; for half-normal amplitudes, pure "
    "directions attain its least value $[[pure]]$, and the excess of every other direction grows with its "
    r"participation ratio $1/\sum_i t_i^4$: $[[formula]]$.",
    formula=Ge(MODULUS, purity_bound(sqrt(2 / pi) * s * p, Integer(1))),
    over={p: ACTIVE, s: POSITIVE, d: COUNT},
    assumes=(direction, half_normal_features, independent_features),
    parts={"pure": pure_value},
    derive=derive_half_normal,
)

CONSTANT = Clause(
    name="one output, constant amplitude",
    says="For one output, constant amplitude and $[[range p]]$, pure directions attain the least ratio $[[pure]]$, "
    "so the collapse radius is $[[radius]]$ in every dimension, and the excess of every other direction grows with "
    "its participation ratio: $[[formula]]$.",
    formula=Ge(MODULUS, purity_bound(r * p, THRESHOLD)),
    over={p: _UP_TO_THRESHOLD, r: POSITIVE, d: COUNT},
    assumes=(direction, *_SPARSE),
    parts={"pure": pure_value, "radius": lambda clause: _RADIUS.subs(_of_pure(clause))},
    derive=derive_constant,
)

TWO_FEATURES = Clause(
    name="two features",
    says="Along a direction between the axis of the first of two features and the diagonal at 45 degrees, $[[range "
    "u]]$, the mean modulus minus that of a pure direction is $[[formula]]$.",
    formula=Eq(MODULUS - p * r, 2 * p * r * half_angle * (1 - p - half_angle) / (1 + half_angle**2)),
    over={half_angle: Range(Integer(0), sqrt(2) - 1, open_low=True), p: ACTIVE, r: POSITIVE},
    assumes=(two_directions, *_SPARSE),
    derive=derive_two_features,
)

BEYOND = Clause(
    name="beyond the threshold",
    says="If features are active with probability $[[range p]]$, the direction at 45 degrees to two of them has a "
    "smaller mean modulus than a pure direction, so the threshold is exact in every dimension: $[[formula]]$.",
    formula=Lt(DIAGONAL, 0),
    over={p: Range(THRESHOLD, Integer(1), open_low=True, natural_high=True), r: POSITIVE},
    assumes=_SPARSE,
    derive=derive_diagonal,
)

RANK = Clause(
    name="rank q, lower bound",
    says="For constant amplitude and $[[range p]]$, the cost of an attack on an encoder of rank $q$ is bounded from "
    "below, so the bottleneck collapses at $[[radius]]$ at the latest: $[[formula]]$.",
    formula=Ge(COST, p * r * _TRACE / sqrt(q)),
    over={q: COUNT, p: _UP_TO_THRESHOLD, r: POSITIVE},
    assumes=(spectrum, direction, *_SPARSE),
    parts={"radius": rank_radius},
    derive=derive_rank_bound,
)

ONSET = Symbol(r"\epsilon_{\mathrm{pure}}", positive=True)
"""Least attack above which every optimal encoder is pure; it occurs in no derivation."""
_LAST_MIXED = Rational(2031, 10**4)
"""Four digits of that attack over the amplitude: it lies between this number and the next one of four digits."""

TRANSITION = Clause(
    name="transition",
    says="If features are active with probability $[[low p]]$, the clean optimum is the direction at 45 degrees, and "
    r"the smallest attack $\epsilon_{\mathrm{pure}}$ above which, until the collapse, every optimal encoder is "
    "exactly pure satisfies $[[formula]]$.",
    formula=And(Gt(ONSET, _LAST_MIXED * r), Le(ONSET, (_LAST_MIXED + Rational(1, 10**4)) * r)),
    over={p: closed(Rational(1, 20), Rational(1, 20)), r: POSITIVE},
    assumes=(smallest_bottleneck, pairs_of_views, attacked_view, balanced_pairs, no_noise, *_SPARSE),
    near_miss=NearMiss(
        "pure one step earlier", formula=And(Gt(ONSET, _LAST_MIXED * r / 2), Le(ONSET, _LAST_MIXED * r))
    ),
)


def axes_cost(outputs: int, rate: Expr) -> Expr:
    r"""`E||G X||` of that many coordinate axes with equal scale, amplitude 1: `E sqrt(N)`, `N ~ Bin(q, p)`."""
    weights = (binomial(outputs, n) * rate**n * (1 - rate) ** (outputs - n) * sqrt(n) for n in range(outputs + 1))
    return Add(*weights)


def pairs_cost(outputs: int, rate: Expr) -> Expr:
    r"""`E||G X||` of that many disjoint 45-degree pairs of features, amplitude 1.

    A pair adds 1/2 to the square where one of its features is active, 2 where both agree.
    """
    one, agree = 2 * rate * (1 - rate), rate**2 / 2
    ways = multinomial_coefficients(3, outputs)
    return Add(
        *(
            count * one**i * agree**j * (1 - one - agree) ** silent * sqrt(Rational(i, 2) + 2 * j)
            for (i, j, silent), count in ways.items()
        )
    )


def derive_spread(clause: Clause) -> Proof:
    """Proof of how the mean squares of what a pair and an axis contribute differ."""
    pair = 2 * p * (1 - p) * Rational(1, 4) + p**2 / 2 * 4
    reason = "a pair contributes 1/2 or 2 to ||GX||^2 and an axis contributes 1; both have mean p"
    return prove(clause.formula, begin(SPREAD, pair - p, reason).equals(p * (3 * p - 1) / 2, "expand"))


DENSE = Clause(
    name="dense features",
    says="The contributions to the cost of the directions at 45 degrees to two features and of the direction of one "
    "feature have the same mean, and their mean squares differ by $[[rhs]]$, which suggests where pairs undercut "
    "axes when there are many outputs: $[[formula]]$.",
    formula=Eq(SPREAD, p * (3 * p - 1) / 2),
    over={p: ACTIVE},
    assumes=(independent_features,),
    derive=derive_spread,
)

_STEP = Rational(1, 10**4)
"""Resolution of the activities below: pairs undercut axes there, but not one step before."""
_CROSSINGS = {q: rate * _STEP for q, rate in ((2, 5593), (3, 5306), (4, 5032), (8, 4260))}


def crossing(clause: Clause, outputs: int) -> Expr:
    """Activity at which the clause says that as many pairs undercut as many axes."""
    return next(
        one.lhs.args[1] for one in And.make_args(clause.formula) if isinstance(one, Lt) and one.lhs.args[0] == outputs
    )


CROSSING = Clause(
    name="pairs undercut axes",
    says="The threshold decreases with the number of outputs: two disjoint pairs undercut two axes at $p = [[two]]$, "
    "three pairs undercut three axes at $[[three]]$, four at $[[four]]$ and eight at $[[eight]]$, but none of them "
    "does just below: $[[formula]]$.",
    formula=And(
        *(Gt(PairsCost(n, rate - _STEP), AxesCost(n, rate - _STEP)) for n, rate in _CROSSINGS.items()),
        *(Lt(PairsCost(n, rate), AxesCost(n, rate)) for n, rate in _CROSSINGS.items()),
    ),
    parts={
        "two": lambda clause: crossing(clause, 2),
        "three": lambda clause: crossing(clause, 3),
        "four": lambda clause: crossing(clause, 4),
        "eight": lambda clause: crossing(clause, 8),
    },
)

_SPARSER_THAN_A_THIRD = Range(Integer(0), LARGEST_ACTIVITY, open_low=True)
_PAIRS = (linear_encoder, pairs_of_views, attacked_view, balanced_pairs, no_noise, *_SPARSE)

LAZY_FORMS = Clause(
    name="quadratic forms",
    says="If features are active with probability $[[range p]]$, a quadratic form of them has at most the Laplace "
    "transform of the form with the same eigenvalues on coordinate axes: $[[formula]]$.",
    formula=Le(LAPLACE, Product(1 - p + p * exp(-eigenvalues[OUTPUTS[0]] / 2), OUTPUTS)),
    over={q: COUNT, p: _SPARSER_THAN_A_THIRD},
    assumes=(form_of_features, independent_features),
    derive=derive_lazy_forms,
    near_miss=NearMiss("p up to 2/5", over={p: Range(Integer(0), Rational(2, 5), open_low=True)}),
)

RANK_AXES = Clause(
    name="rank q",
    says="For constant amplitude and $[[range p]]$, attacks cost an encoder of rank $q$ at least as much as coordinate "
    "axes of equal scale with the same trace, in every dimension, so these pure encoders are the last to collapse, at "
    "$[[radius]]$: $[[formula]]$.",
    formula=Ge(COST, r * AxesCost(q, p) / q * _TRACE),
    over={q: COUNT, p: _SPARSER_THAN_A_THIRD, r: POSITIVE},
    assumes=(spectrum, *_SPARSE),
    parts={"radius": rank_radius},
    derive=derive_rank,
)

RANK_SURVIVAL = Clause(
    name="rank q, survival",
    says="Along coordinate axes of equal scale the loss decreases from the collapsed encoder on under all attacks "
    "smaller than $[[radius]]$: $[[formula]]$.",
    formula=Eq(LOSS_SLOPE, (2 * eps * r * AxesCost(q, p) - p * r**2 * q) * lam / 4),
    over={q: COUNT, p: ACTIVE, r: POSITIVE, eps: NONNEGATIVE, lam: POSITIVE},
    assumes=(scaled_axes, *_PAIRS),
    parts={"radius": lambda _clause: rank_radius(RANK_AXES)},
    derive=derive_rank_survival,
)

_THREE = Integer(3)
"""Outputs of the conjecture: the first number at which the search beyond one third is not a matter of seconds."""

CONJECTURE = Clause(
    name="beyond a third, three outputs",
    kind="conjecture",
    says="For $[[range p]]$, attacks cost an encoder of rank three at least as much as three coordinate axes of equal "
    "scale: $[[formula]]$. The inequality between quadratic forms, from which this follows up to a third, is false "
    "beyond.",
    formula=Ge(COST, r * AxesCost(_THREE, p) / _THREE * Sum(g[OUTPUTS[0]], (OUTPUTS[0], 1, _THREE))),
    over={p: Range(Integer(0), Rational(53, 100), open_low=True), r: POSITIVE},
    assumes=(spectrum, *_SPARSE),
)

C1Q = Claim(
    id="C1q",
    title="A bottleneck purifies under attack",
    clauses=(
        TANGENT,
        FIRST_ORDER,
        COLLAPSE,
        SURVIVAL,
        HALF_NORMAL,
        CONSTANT,
        TWO_FEATURES,
        BEYOND,
        RANK,
        LAZY_FORMS,
        RANK_AXES,
        RANK_SURVIVAL,
        TRANSITION,
        DENSE,
        CROSSING,
        CONJECTURE,
        TRAINED_ONE,
        TRAINED_THREE,
    ),
    setting=(),
    source="beyond the paper",
    kind="conjecture",
    depends_on=("C1",),
)
