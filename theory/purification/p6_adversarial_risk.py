"""P6: the adversarial risk at a fit, and the mean gain that label noise makes of it."""

from sympy import (
    Abs,
    And,
    Eq,
    Expr,
    Function,
    Ge,
    Gt,
    IndexedBase,
    Integer,
    Integral,
    Le,
    Lt,
    MatrixSymbol,
    Mod,
    Or,
    Product,
    Rational,
    Sum,
    Symbol,
    binomial,
    exp,
    oo,
    pi,
    sqrt,
)

from theory.algebra import Box
from theory.claims import Claim, Clause, ClosedForm, Mutation
from theory.derivation import Proof, begin, prove
from theory.model import Phi, d, eps, m, named, p, phi, tau
from theory.purification.p5_firing_probability import FIRING
from theory.quantities.firing import FiringProbability
from theory.ranges import COUNT, NONNEGATIVE, PROBABILITY
from theory.theorems.averages import (
    exponential_of_sum,
    half_line,
    mean_of_binomial,
    mean_under_integral,
    over_label_noise,
    root_as_integral,
    root_mean_square,
)
from theory.theorems.expectation import ordered_means
from theory.theorems.indicators import Mean
from theory.theorems.support import independent_product, of_indicator, termwise_mean

RISK = named(r"\mathrm{Risk}(\epsilon)")
GAIN = Symbol(r"\|\beta\|", nonnegative=True)
TARGET = Symbol(r"\|\theta\|", positive=True)
MEAN_GAIN = named(r"\mathbb{E}\|\beta\|")
_n = Symbol("n", real=True)
_t = Symbol("t", positive=True)
_k = Symbol("k", integer=True, nonnegative=True)
_g = Symbol("g", integer=True, positive=True)
_groups = Symbol("G", integer=True, positive=True)
_N = Symbol("N", integer=True, nonnegative=True)
_V = IndexedBase("V", nonnegative=True)


def risk_at_fit(mean_gain: Expr, mean_energy: Expr) -> Expr:
    """Adversarial risk at a fit with `E||beta||` and `E||beta||^2`."""
    return tau**2 + 2 * eps * tau * sqrt(2 / pi) * mean_gain + eps**2 * mean_energy


def root_of_binomial(trials: Expr, probability: Expr, scale: Expr) -> Expr:
    """The mean of `sqrt(scale N)` for `N ~ Bin(trials, probability)`, a finite sum."""
    weight = binomial(trials, _k) * probability**_k * (1 - probability) ** (trials - _k)
    return Sum(sqrt(scale * _k) * weight, (_k, 0, trials))


PURE_GAIN = root_of_binomial(d, p, Integer(1))
MIXED_GAIN = root_of_binomial(d / m, FIRING, m)


class MixedGain(Function):  # type: ignore[misc]
    r"""The mean gain of a mixture with `theta = 1`: `MixedGain(d, p, m)`."""

    nargs = 3

    def doit(self, **hints: object) -> Expr:
        """Its closed form, summed where the arguments are numbers."""
        return MIXED_GAIN.subs(dict(zip((d, p, m), self.args, strict=True))).doit(**hints)

    def _latex(self, printer: object, exp: object = None) -> str:
        features, prob, order = (printer._print(x) for x in self.args)  # type: ignore[attr-defined]
        return rf"\mathbb{{E}}\|\beta_{{{order}}}\|\left({features}, {prob}\right)"


MIXED = MixedGain(d, p, m)


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
    return prove(clause.formula, averaged.by(termwise_mean(averaged.end, form, {GAIN})))


def _transform(factor: Expr) -> Expr:
    return Integral((1 - factor) * _t ** Rational(-3, 2), (_t, 0, oo)) / (2 * sqrt(pi))


def derive_integral(clause: Clause) -> Proof:
    """Proof of the integral for the mean gain, for groups with independent energies."""
    total = Sum(_V[_g], (_g, 1, _groups))
    power = exp(-_t * total)
    whole = begin(
        MEAN_GAIN, Mean(sqrt(total)), "groups share no coordinate, so ||beta||^2 is the sum of their energies V_g"
    ).within(root_as_integral(total, _t))
    split = whole.by(mean_under_integral(whole.end, _t, power)).within(exponential_of_sum(power))
    return prove(clause.formula, split.within(independent_product(Mean(exponential_of_sum(power).right), _V)))


_O = MatrixSymbol("O", m, m)
_D = MatrixSymbol("D", m, m)
_target = MatrixSymbol("theta_g", m, 1)
GROUP_ENERGY = MatrixSymbol("V_g", 1, 1)
_FIRING_PULLS = _D * (sqrt(m) * _O) * _target


def derive_group_energy(clause: Clause) -> Proof:
    """Proof of the energy of one group, from the orthogonality of Hadamard rows."""
    beta = (1 / m) * (sqrt(m) * _O).T * _FIRING_PULLS
    chain = begin(
        GROUP_ENERGY,
        beta.T * beta,
        "beta_g = U D a with a = U^T theta_g/m, U^T = sqrt(m) O with O orthogonal (Hadamard), D = diag(h fires)",
        orthogonal=(_O,),
    ).equals((1 / m) * _FIRING_PULLS.T * _FIRING_PULLS, "O O^T = I")
    return prove(clause.formula, chain)


_fires = IndexedBase("B")
_theta = IndexedBase("theta", real=True)
PURE_TRANSFORM = named(r"\mathbb{E}e^{-tV_i}")


def derive_pure(clause: Clause) -> Proof:
    """Proof of the transform of a pure feature's energy."""
    mean = Mean(exp(-_t * _theta[_g] ** 2 * _fires[_g]))
    chain = begin(PURE_TRANSFORM, mean, "V_i = theta_i^2 B_i, B_i = 1 when feature i is active").by(
        of_indicator(mean, _fires[_g], p, {_fires})
    )
    return prove(clause.formula, chain)


def derive_pure_gain(clause: Clause) -> Proof:
    """Proof of the mean gain of a purified network with unit targets."""
    chain = begin(MEAN_GAIN, Mean(sqrt(_N)), "|theta_i| = 1: ||beta||^2 = N, the number of active features").by(
        mean_of_binomial(Mean(sqrt(_N)), _N, d, p, _k)
    )
    return prove(clause.formula, chain)


def derive_mixed_gain(clause: Clause) -> Proof:
    """Proof of the mean gain of a mixture with `theta = 1` and Hadamard matrices whose first row is all ones."""
    mean = Mean(sqrt(m * _N))
    reason = (
        "theta_g = u_1, and the other rows are orthogonal to it: V_g = (u_1^T u_1)^2/m = m if node 1 fires, else 0; "
        "N = number of the d/m groups where it fires"
    )
    chain = begin(MIXED, mean, reason).by(mean_of_binomial(mean, _N, d / m, FIRING, _k))
    return prove(clause.formula, chain)


_SHORTER: Box = {GAIN: (Integer(0), TARGET)}


def derive_bounds(clause: Clause) -> Proof:
    """Proof of the bounds on the mean gain, by Jensen's inequality and because a projection shortens."""
    pointwise = begin(
        Symbol("s", nonnegative=True),
        GAIN,
        "the gain on one input; beta projects theta orthogonally, so 0 <= ||beta|| <= ||theta||",
        box=_SHORTER,
    ).at_least(GAIN**2 / TARGET, "||beta|| <= ||theta||")
    start = begin(MEAN_GAIN, Mean(GAIN), "its mean")
    below = start.by(ordered_means(pointwise))
    lower = below.by(termwise_mean(below.end, Mean(GAIN**2) / TARGET, {GAIN}))
    return prove(clause.formula, start.by(root_mean_square(Mean(GAIN))), lower, lemmas=(pointwise,))


RISK_AT_FIT = Clause(
    name="risk",
    says="The adversarial risk is "
    r"$\tau^2 + 2\epsilon\tau\sqrt{2/\pi}\,\mathbb{E}\|\beta\| + \epsilon^2\,\mathbb{E}\|\beta\|^2$.",
    formula=Eq(RISK, risk_at_fit(Mean(GAIN), Mean(GAIN**2))),
    derive=derive_risk,
    mutation=Mutation(
        "the root of the mean energy for the mean gain",
        Eq(RISK, risk_at_fit(sqrt(Mean(GAIN**2)), Mean(GAIN**2))),
        {d: Integer(8), p: Rational(3, 10)},
        consequence=Eq(sqrt(d * p), PURE_GAIN),
    ),
)

INTEGRAL = Clause(
    name="mean gain",
    says=r"For groups with independent energies $V_g$ the mean gain is an integral over their transforms.",
    formula=Eq(MEAN_GAIN, _transform(Product(Mean(exp(-_t * _V[_g])), (_g, 1, _groups)))),
    derive=derive_integral,
    mutation=Mutation(
        "strictly less than the integral (one group of constant energy: a root less than itself)",
        Lt(MEAN_GAIN, _transform(Product(Mean(exp(-_t * _V[_g])), (_g, 1, _groups)))),
        {TARGET: Integer(1)},
        consequence=Lt(sqrt(TARGET), TARGET),
    ),
)

GROUP = Clause(
    name="group energy",
    says=r"The energy of a group of a mixture is $V_g = \sum_{h \text{ fires in } g} (u_h^\top\theta)^2/m$; "
    r"$D$ marks the nodes that fire, $\sqrt m\,O$ has the rows $u_h^\top$.",
    formula=Eq(GROUP_ENERGY, (1 / m) * _FIRING_PULLS.T * _FIRING_PULLS),
    derive=derive_group_energy,
    mutation=Mutation(
        "not divided by m (all nodes fire: the energy is that of the target)",
        Eq(GROUP_ENERGY, _FIRING_PULLS.T * _FIRING_PULLS),
        {m: Integer(2), TARGET: Integer(1)},
        consequence=Eq(m * TARGET**2, TARGET**2),
    ),
)

PURE = Clause(
    name="pure features",
    says=r"A pure feature has the transform $\mathbb{E}e^{-tV_i} = 1 - p + p e^{-t\theta_i^2}$.",
    formula=Eq(PURE_TRANSFORM, 1 - p + p * exp(-_t * _theta[_g] ** 2)),
    derive=derive_pure,
    mutation=Mutation(
        "the silent case forgotten (a transform is 1 at t = 0)",
        Eq(PURE_TRANSFORM, p * exp(-_t * _theta[_g] ** 2)),
        {p: Rational(1, 2)},
        consequence=Eq(p, 1),
    ),
)

UNIT = Clause(
    name="purified gain",
    says=r"Purified, $|\theta_i| = 1$: the mean gain is $\mathbb{E}\sqrt{\mathrm{Bin}(d, p)}$.",
    formula=Eq(MEAN_GAIN, PURE_GAIN),
    derive=derive_pure_gain,
    mutation=Mutation(
        "the root of the mean energy for the mean gain",
        Eq(MEAN_GAIN, sqrt(d * p)),
        {d: Integer(8), p: Rational(3, 10)},
        consequence=Eq(sqrt(d * p), PURE_GAIN),
    ),
)

MIXTURE = Clause(
    name="gain of a mixture",
    says=r"A mixture of order $m$ with $\theta = (1, \dots, 1)$ and Hadamard matrices whose first row is all ones has "
    r"the mean gain $\mathbb{E}\sqrt{m\,\mathrm{Bin}(d/m, \pi_m)}$.",
    formula=Eq(MIXED, MIXED_GAIN),
    derive=derive_mixed_gain,
    mutation=Mutation(
        "the root of the mean energy for the mean gain",
        Eq(MIXED, sqrt(d * FIRING)),
        {d: Integer(4), m: Integer(2), p: Rational(1, 2)},
        consequence=Eq(MixedGain(4, Rational(1, 2), 2), sqrt(4 * FiringProbability(2, Rational(1, 2)))),
    ),
)

BOUNDS = Clause(
    name="bounds",
    says=r"$\pi_m\|\theta\| \le \mathbb{E}\|\beta\| \le \sqrt{\pi_m}\,\|\theta\|$, "
    r"with $\mathbb{E}\|\beta\|^2 = \pi_m\|\theta\|^2$ of P5.",
    formula=And(Ge(MEAN_GAIN, Mean(GAIN**2) / TARGET), Le(MEAN_GAIN, sqrt(Mean(GAIN**2)))),
    box=_SHORTER,
    derive=derive_bounds,
    mutation=Mutation(
        "the lower bound as an upper bound",
        Le(MEAN_GAIN, Mean(GAIN**2) / TARGET),
        {d: Integer(8), p: Rational(3, 10)},
        consequence=Le(PURE_GAIN, d * p / sqrt(d)),
    ),
)

NOT_MONOTONE = Clause(
    name="not monotone",
    says=r"The mean gain is not monotone in $m$: for $\theta = (1, \dots, 1)$, $d = 8$, $p = 1/2$ it falls "
    "from order 4 to order 8.",
    formula=Gt(MixedGain(8, Rational(1, 2), 4), MixedGain(8, Rational(1, 2), 8)),
)

P6 = Claim(
    id="P6",
    title="Adversarial risk at a fit",
    clauses=(RISK_AT_FIT, INTEGRAL, GROUP, PURE, UNIT, MIXTURE, BOUNDS, NOT_MONOTONE),
    setting=(
        r"A fit, $f(Mx) = \theta^\top x$, attacked in $l_2$ inside the region of P2",
        r"No observation noise; label noise $\eta \sim N(0, \tau^2)$ independent of $X$",
        "Groups of a mixture share no feature, so their energies are independent",
        r"Mixtures: constant amplitude, $0 < b < r$, $m$ a Hadamard order that divides $d$",
        r"Bounds: $\beta$ projects $\theta$ (P5), so $\|\beta\|^2 = \theta^\top\beta \le \|\theta\|\|\beta\|$",
    ),
    source="beyond the paper",
    kind="sharpened",
    depends_on=("P2", "P4", "P5"),
)

_LARGEST_KNOWN = 664

MEAN_GAIN_FORM = ClosedForm(
    name="mean_gain",
    arguments={"d": d, "p": p, "m": m},
    expression=MIXTURE.formula.rhs,
    domain={"d": COUNT, "p": PROBABILITY, "m": COUNT},
    claim="P6",
    words="mean gain E||beta|| of the mixture of order m with theta = (1, ..., 1); m = 1 is purified",
    requires=(
        (Eq(Mod(d, m), 0), "m to divide d"),
        (
            Or(Le(m, 2), And(Eq(Mod(m, 4), 0), Le(m, _LARGEST_KNOWN))),
            f"m to be a Hadamard order: 1, 2 or a multiple of 4 up to {_LARGEST_KNOWN} (the next is not known)",
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
