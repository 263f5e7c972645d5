"""P6: the adversarial risk at a fit, and the mean gain that enters it under label noise."""

from sympy import (
    Abs,
    And,
    Eq,
    Expr,
    Ge,
    Gt,
    IndexedBase,
    Integer,
    Integral,
    Le,
    MatrixSymbol,
    Mod,
    Product,
    Rational,
    Sum,
    Symbol,
    binomial,
    exp,
    latex,
    oo,
    pi,
    sqrt,
)

from theory.algebra import Box
from theory.assumptions import (
    Assumption,
    exact_fit,
    independent_features,
    inside_region,
    low_threshold,
    no_noise,
    normal_labels,
    orthogonal_dictionary,
    purified,
)
from theory.claims import Claim, Clause, ClosedForm
from theory.derivation import Derivation, Proof, begin, definition, opening, prove
from theory.hadamard import HasHadamardMatrix
from theory.laws import constant, count, indicator, random, standard_normal
from theory.model import Phi, d, eps, m, p, phi, tau
from theory.purification.p5_firing_probability import (
    FIRING,
    GROUP,
    firing_series,
    mixture,
    orthogonal_nodes_only,
    projecting_head,
)
from theory.quantities.firing import ENERGY, FiringProbability
from theory.quantities.risk import ENERGIES, GROUP_ENERGY, MEAN_GAIN, RISK, TARGET, MixedGain
from theory.ranges import ACTIVE, COUNT, NONNEGATIVE, POSITIVE, PROBABILITY, indices
from theory.theorems.averages import (
    exponential_of_sum,
    half_line,
    mean_of_binomial,
    mean_under_integral,
    over_label_noise,
    root_as_integral,
    root_mean_square,
)
from theory.theorems.expectation import linearity, named_moment, ordered_means
from theory.theorems.indicators import Mean
from theory.theorems.support import independent_product, of_indicator

GAIN = random(Symbol(r"\|\beta\|", nonnegative=True), low=Integer(0), high=constant(TARGET))
"""The gain on one input, random with it."""
_n = standard_normal(Symbol("n", real=True))
t = constant(Symbol("t", positive=True))
_k = Symbol("k", integer=True, nonnegative=True)
g = Symbol("g", integer=True, positive=True)
groups = Symbol("G", integer=True, positive=True)
random(ENERGIES, independent=True)


def _number(trials: Expr, probability: Expr) -> Symbol:
    """A count of independent events."""
    return count(
        Symbol(rf"N_{{{latex(trials)}, {latex(probability)}}}", integer=True, nonnegative=True), trials, probability
    )


def risk_at_fit(mean_gain: Expr, mean_energy: Expr) -> Expr:
    """Adversarial risk at a fit with `E||beta||` and `E||beta||^2`."""
    return tau**2 + 2 * eps * tau * sqrt(2 / pi) * mean_gain + eps**2 * mean_energy


def root_of_binomial(trials: Expr, probability: Expr, scale: Expr) -> Expr:
    """The mean of `sqrt(scale N)` for `N ~ Bin(trials, probability)`, a finite sum."""
    weight = binomial(trials, _k) * probability**_k * (1 - probability) ** (trials - _k)
    return Sum(sqrt(scale * _k) * weight, (_k, 0, trials))


def mixed_gain(features: Expr, prob: Expr, order: Expr) -> Expr:
    """The mean gain of a mixture of that order with `theta = 1`."""
    return root_of_binomial(features / order, FiringProbability(order, prob), order)


MixedGain.series = staticmethod(mixed_gain)

PURE_GAIN = root_of_binomial(d, p, Integer(1))
MIXED = MixedGain(m * groups, p, m)


def derive_risk(clause: Clause) -> Proof:
    """Proof of the adversarial risk, from the worst case of P2 averaged over the label noise."""
    inner = over_label_noise(Mean((tau * Abs(_n) + eps * GAIN) ** 2), _n)
    (integral,) = inner.right.atoms(Integral)
    x = integral.limits[0][0]
    antiderivative = tau**2 * (Phi(x) - x * phi(x)) - 2 * tau * eps * GAIN * phi(x) + eps**2 * GAIN**2 * Phi(x)
    averaged = (
        begin(
            RISK,
            Mean((tau * Abs(_n) + eps * GAIN) ** 2),
            "P2 in l2 at a fit: y - f = tau n, and ||M beta|| = ||beta|| for an orthogonal M",
        )
        .by(inner)
        .within(half_line(integral, antiderivative))
    )
    form = risk_at_fit(Mean(GAIN), Mean(GAIN**2))
    chain = averaged.by(linearity(averaged.end, form)).within(named_moment(Mean(GAIN), MEAN_GAIN))
    return prove(clause.formula, chain.within(named_moment(Mean(GAIN**2), ENERGY)))


def _transform(factor: Expr) -> Expr:
    return Integral((1 - factor) * t ** Rational(-3, 2), (t, 0, oo)) / (2 * sqrt(pi))


def derive_integral(clause: Clause) -> Proof:
    """Proof of the integral for the mean gain, for groups with independent energies."""
    total = Sum(ENERGIES[g], (g, 1, groups))
    power = exp(-t * total)
    whole = begin(
        MEAN_GAIN, Mean(sqrt(total)), "groups share no coordinate, so ||beta||^2 is the sum of their energies V_g"
    ).within(root_as_integral(total, t))
    split = whole.by(mean_under_integral(whole.end, t, power)).within(exponential_of_sum(power))
    return prove(clause.formula, split.within(independent_product(Mean(exponential_of_sum(power).right), ENERGIES)))


hadamard = MatrixSymbol("O", m, m)
fires = MatrixSymbol("D", m, m)
group_target = MatrixSymbol("theta_g", m, 1)
_firing_pulls = fires * (sqrt(m) * hadamard) * group_target


def derive_group_energy(clause: Clause) -> Proof:
    """Proof of the energy of one group, from the orthogonality of Hadamard rows."""
    beta = (1 / m) * (sqrt(m) * hadamard).T * _firing_pulls
    chain = begin(
        GROUP_ENERGY,
        beta.T * beta,
        "beta_g = U D a with a = U^T theta_g/m, U^T = sqrt(m) O with O orthogonal (Hadamard), D = diag(h fires)",
        orthogonal=(hadamard,),
    ).equals((1 / m) * _firing_pulls.T * _firing_pulls, "O O^T = I")
    return prove(clause.formula, chain)


_active = indicator(IndexedBase("B", nonnegative=True), p, independent=True)
theta = constant(IndexedBase("theta", real=True))
PURE_TRANSFORM = Mean(exp(-t * ENERGIES[g]))


def derive_pure(clause: Clause) -> Proof:
    """Proof of the transform of a pure feature's energy."""
    energy = definition(ENERGIES[g], theta[g] ** 2 * _active[g], "B_i = 1 when feature i is active")
    chain = opening(PURE_TRANSFORM).within(energy)
    return prove(clause.formula, chain.by(of_indicator(chain.end, _active[g], p)))


def derive_pure_gain(clause: Clause) -> Proof:
    """Proof of the mean gain of a purified network with unit targets."""
    N = _number(d, p)
    chain = begin(MEAN_GAIN, Mean(sqrt(N)), "|theta_i| = 1: ||beta||^2 = N, the number of active features").by(
        mean_of_binomial(Mean(sqrt(N)), N, d, p, _k)
    )
    return prove(clause.formula, chain)


def derive_mixed_gain(clause: Clause) -> Proof:
    """Proof of the mean gain of a mixture with `theta = 1` and Hadamard matrices whose first row is all ones."""
    N = _number(groups, FIRING)
    mean = Mean(sqrt(m * N))
    reason = (
        "theta_g = u_1, and the other rows are orthogonal to it: V_g = (u_1^T u_1)^2/m = m if node 1 fires, else 0; "
        "N = number of the G groups where it fires"
    )
    chain = begin(MIXED, mean, reason).by(mean_of_binomial(mean, N, groups, FIRING, _k))
    return prove(clause.formula, chain)


_SHORTER: Box = {GAIN: (Integer(0), TARGET)}


def derive_bounds(clause: Clause) -> Proof:
    """Proof of the bounds on the mean gain, by Jensen's inequality and because a projection shortens."""
    # The gain on one input: beta projects theta orthogonally, so 0 <= ||beta|| <= ||theta||.
    pointwise = opening(GAIN, box=_SHORTER).at_least(GAIN**2 / TARGET, "||beta|| <= ||theta||")
    energy = named_moment(Mean(GAIN**2), ENERGY)
    start = begin(MEAN_GAIN, Mean(GAIN), "its mean")
    below = start.by(ordered_means(pointwise))
    lower = below.by(linearity(below.end, Mean(GAIN**2) / TARGET)).within(energy)
    upper = start.by(root_mean_square(Mean(GAIN))).within(energy)
    return prove(clause.formula, upper, lower, lemmas=(pointwise,))


def _mean_gain_at(order: Integer) -> Derivation:
    """The chain to the mean gain at the order, for as many features and the probability of the example."""
    fires = firing_series(order, _PROB)
    N = _number(_FEATURES / order, fires)
    mean = Mean(sqrt(order * N))
    reason = "as for every order: ||beta||^2 = m N, N the number of the d/m groups whose first node fires (P5)"
    return begin(MixedGain(_FEATURES, _PROB, order), mean, reason).by(
        mean_of_binomial(mean, N, _FEATURES / order, fires, _k)
    )


def derive_not_monotone(clause: Clause) -> Proof:
    """Proof that the mean gain falls from order 4 to order 8, in exact roots."""
    at_four = _mean_gain_at(Integer(4)).equals((13020 + 17298 * sqrt(2)) / 16384, "add the terms")
    at_eight = _mean_gain_at(Integer(8)).equals(_AT_EIGHT, "add the terms")
    # The sign of a - b sqrt(2) is that of a^2 - 2 b^2, which is an integer.
    gap = Rational(13020**2 - 2 * 9035**2, 16384) / (13020 + 9035 * sqrt(2))
    falls = at_four.at_least(_AT_EIGHT, "13020 > 9035 sqrt(2)", gap=gap, strict=True)
    return prove(clause.formula, falls, at_eight)


_FEATURES, _PROB = Integer(8), Rational(1, 2)
"""The example: as few features as orders 4 and 8 both divide, each active as often as not."""
_AT_EIGHT = 26333 * sqrt(2) / 16384

apart = Assumption(
    "groups apart",
    "The nodes fall into $G$ groups that share no features, and $V_g$ is the squared length of the contribution of "
    r"group $g$ to $\beta$.",
    defines=True,
)
unit_target = Assumption("unit target", r"All entries of the target have modulus one, $|\theta_i| = 1$.")
ones_target = Assumption("target of ones", r"The target is $\theta = (1, \dots, 1)$.")
row_of_ones = Assumption("row of ones", "The first row of every Hadamard matrix is all ones.")
ONES = (*GROUP, independent_features, ones_target, row_of_ones)

RISK_AT_FIT = Clause(
    name="risk",
    says="At an exact fit, an attack raises the adversarial risk by one term that grows with the label noise and the "
    "mean gain and by another that grows with the mean energy: $[[formula]]$.",
    formula=Eq(RISK, risk_at_fit(MEAN_GAIN, ENERGY)),
    over={tau: NONNEGATIVE, eps: NONNEGATIVE},
    assumes=(exact_fit, no_noise, orthogonal_dictionary, normal_labels, inside_region),
    depends_on=("P2/worst case",),
    derive=derive_risk,
)

INTEGRAL = Clause(
    name="mean gain",
    says="If the groups of nodes share no features, the mean gain is an integral over the product of the Laplace "
    "transforms of their energies: $[[formula]]$.",
    formula=Eq(MEAN_GAIN, _transform(Product(Mean(exp(-t * ENERGIES[g])), (g, 1, groups)))),
    over={groups: COUNT},
    assumes=(apart, independent_features),
    derive=derive_integral,
)

GROUP_OF_NODES = Clause(
    name="group energy",
    says="A group of a mixture contributes to the energy the squared inner products of its firing nodes with the "
    r"target, divided by the order: $[[formula]]$, where the diagonal matrix $D$ marks the firing nodes and $\sqrt "
    r"m\,O$ has the rows $u_h^\top$.",
    formula=Eq(GROUP_ENERGY, (1 / m) * _firing_pulls.T * _firing_pulls),
    over={m: COUNT},
    assumes=(mixture,),
    derive=derive_group_energy,
)

PURE = Clause(
    name="pure features",
    says="A pure feature contributes its squared target to the energy exactly while it is active: $[[formula]]$.",
    formula=Eq(PURE_TRANSFORM, 1 - p + p * exp(-t * theta[g] ** 2)),
    over={groups: COUNT, g: indices(groups), p: ACTIVE, t: POSITIVE},
    assumes=(purified, no_noise, low_threshold),
    derive=derive_pure,
)

UNIT = Clause(
    name="purified gain",
    says="For a target with unit entries, the mean gain of a purified network is the mean square root of a binomial "
    "count: $[[formula]]$.",
    formula=Eq(MEAN_GAIN, PURE_GAIN),
    over={d: COUNT, p: ACTIVE},
    assumes=(purified, unit_target, independent_features, no_noise, low_threshold),
    derive=derive_pure_gain,
)

MIXTURE = Clause(
    name="gain of a mixture",
    says="In a mixture of $G$ groups of order $m$ with the all-ones target, one node of each group carries the whole "
    "target, so the mean gain is that of a binomial count of groups: $[[formula]]$.",
    formula=Eq(MIXED, root_of_binomial(groups, FIRING, m)),
    over={m: COUNT, groups: COUNT, p: ACTIVE},
    assumes=ONES,
    depends_on=("P5/series",),
    derive=derive_mixed_gain,
)

BOUNDS = Clause(
    name="bounds",
    says="The mean gain lies between the mean energy divided by the length of the target and the square root of the "
    "mean energy: $[[formula]]$.",
    formula=And(Ge(MEAN_GAIN, ENERGY / TARGET), Le(MEAN_GAIN, sqrt(ENERGY))),
    assumes=(projecting_head, orthogonal_nodes_only),
    depends_on=("P5/projection",),
    derive=derive_bounds,
)

NOT_MONOTONE = Clause(
    name="not monotone",
    says="Under label noise, purer is not always better, because the mean gain can decrease as the order grows: for "
    "the all-ones target, $[[formula]]$.",
    formula=And(Gt(MixedGain(_FEATURES, _PROB, 4), _AT_EIGHT), Eq(MixedGain(_FEATURES, _PROB, 8), _AT_EIGHT)),
    assumes=ONES,
    depends_on=("P5/series",),
    derive=derive_not_monotone,
    resolution=Rational(1, 150),
)

P6 = Claim(
    id="P6",
    title="Adversarial risk at a fit",
    clauses=(RISK_AT_FIT, INTEGRAL, GROUP_OF_NODES, PURE, UNIT, MIXTURE, BOUNDS, NOT_MONOTONE),
    setting=(),
    source="beyond the paper",
    kind="sharpened",
)

MEAN_GAIN_FORM = ClosedForm(
    name="mean_gain",
    arguments={"d": d, "p": p, "m": m},
    expression=MIXTURE.formula.rhs.subs(groups, d / m),
    domain={"d": COUNT, "p": PROBABILITY, "m": COUNT},
    claim="P6",
    words="mean gain E||beta|| of the mixture of order m with theta = (1, ..., 1); m = 1 is purified",
    requires=(
        (Eq(Mod(d, m), 0), "m to divide d"),
        (
            HasHadamardMatrix(m),
            "m to be an order of which a Hadamard matrix is known: 1, 2 and most multiples of 4 (not 668, for example)",
        ),
    ),
)

PURIFIED_RISK = ClosedForm(
    name="purified_risk",
    arguments={"d": d, "p": p, "tau": tau, "eps": eps},
    expression=risk_at_fit(UNIT.formula.rhs, d * p),
    domain={"d": COUNT, "p": PROBABILITY, "tau": NONNEGATIVE, "eps": NONNEGATIVE},
    claim="P6",
    words="adversarial risk of the purified network in l2, |theta_i| = 1, inside the region of P2",
)
