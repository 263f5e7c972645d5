"""D1, where nodes share a feature: the minimum-norm head is robust everywhere, other heads need not be."""

from sympy import And, Eq, Expr, Ge, IndexedBase, Integer, Le, Rational, Sum, Symbol, true

from theory.claims import Clause, Mutation
from theory.derivation import Proof, begin, prove
from theory.model import named
from theory.theorems.counting import scaled_sum
from theory.theorems.duality import termwise_by_cases
from theory.theorems.fits import least_norm
from theory.theorems.gates import Gate

HEAD_NORM = named(r"\|a\|^2")
SHARE = Symbol(r"\frac{\beta_i(z)}{\theta'_i} \sum_h \omega_h^2", real=True)
CLEAN = Symbol("f(e_1)", real=True)
PULLED_DOWN = Symbol(r"f(\frac{4}{5} e_1)", real=True)
PUSHED_UP = Symbol(r"f(\frac{6}{5} e_1)", real=True)
_nodes = Symbol("n", integer=True, positive=True)
_h = Symbol("h", integer=True, positive=True)
_theta_1 = Symbol("theta'_1", real=True)
_t = Symbol("t", real=True)
_a = IndexedBase("a", real=True)
_omega = IndexedBase("omega", real=True)
_fires = IndexedBase("F", nonnegative=True)

_WEIGHTS = Sum(_omega[_h] ** 2, (_h, 1, _nodes))
_MULTIPLE = _t * _omega[_h]
"""Heads in proportion to the weights: `t = theta_i / sum of omega^2` fits."""


def derive_least_norm(clause: Clause) -> Proof:
    """Proof that no least-squares head is shorter than the one in proportion to the weights."""
    energy = Sum(_a[_h] ** 2, (_h, 1, _nodes))
    reason = (
        "heads on the n nodes of one feature; those of least-squares heads have one sum of a_h omega_h, as t omega has"
    )
    chain = begin(HEAD_NORM, energy, reason).by(least_norm(_a[_h], _MULTIPLE, _omega[_h], (_h, 1, _nodes)))
    output = Sum(_MULTIPLE * _omega[_h], (_h, 1, _nodes))
    return prove(clause.formula, chain.within(scaled_sum(output, _t, _omega[_h] ** 2)))


def derive_share(clause: Clause) -> Proof:
    """Proof that the effective map of the minimum-norm head never exceeds its target."""
    total = Sum(_fires[_h] * _omega[_h] ** 2, (_h, 1, _nodes))
    reason = "beta_i(z) adds a_h omega_h over the nodes that fire at z, any z; a_h = theta_i omega_h/sum of omega^2"
    chain = begin(SHARE, total, reason).by(termwise_by_cases(total, _omega[_h] ** 2, {_fires[_h]: (true, true)}))
    return prove(clause.formula, chain)


_B = (Rational(1, 2), Rational(9, 10), Rational(21, 20))
"""Thresholds of the three nodes of unit weight on feature 1 whose heads change."""


def _output(v: Expr) -> Expr:
    """The network at `v e_1`, with the head `(theta_1 + t, -t, 0, theta_2, t)`."""
    return sum((head * Gate(v, b) for head, b in zip((_theta_1 + _t, -_t, _t), _B, strict=True)), Integer(0))


def derive_beyond(clause: Clause) -> Proof:
    """Proof that a least-squares head can break down beyond P2's region."""
    reason = "three of the nodes on feature 1 have weight 1, thresholds .5, .9, 1.05 and heads theta_1 + t, -t, t"
    points = {CLEAN: (Integer(1), _theta_1), **_ATTACKED}
    chains = (begin(name, _output(v), reason).equals(value, "gates") for name, (v, value) in points.items())
    return prove(clause.formula, *chains)


_DOWN, _UP = Rational(4, 5), Rational(6, 5)
_ATTACKED = {PULLED_DOWN: (_DOWN, _DOWN * (_theta_1 + _t)), PUSHED_UP: (_UP, _UP * (_theta_1 + _t))}

SHORTEST = Clause(
    name="minimum-norm head",
    says=r"Where nodes share a feature, the least-squares head of least norm is in proportion to their weights: "
    r"$a_h = t\omega_h$, $t = \theta'_i/\sum \omega_h^2$.",
    formula=Ge(HEAD_NORM, _t**2 * _WEIGHTS),
    derive=derive_least_norm,
    mutation=Mutation(
        "every least-squares head has that norm (two nodes: heads (2, 0) for (1, 1))",
        Eq(HEAD_NORM, _t**2 * _WEIGHTS),
        {_t: Integer(1)},
        consequence=Eq(Integer(4), 2 * _t**2),
    ),
)

BOUNDED = Clause(
    name="robust everywhere",
    says=r"Its effective map has $|\beta_i(z)| \le |\theta'_i|$ at every $z$, attacked beyond P2's region or not.",
    formula=Le(SHARE, _WEIGHTS),
    derive=derive_share,
    mutation=Mutation(
        "half of the target (one node, which fires)",
        Le(SHARE, _WEIGHTS / 2),
        {_omega[_h]: Integer(1), _fires[_h]: Integer(1)},
        consequence=Le(_fires[_h] * _omega[_h] ** 2, _omega[_h] ** 2 / 2),
    ),
)

BEYOND = Clause(
    name="beyond the region",
    says=r"Heads equal in clean risk and effective map can differ beyond P2's region: nodes $(1,0), (1,0), (.7,0), "
    r"(0,1), "
    r"(1,0)$ with thresholds $.5, .9, .5, .5, 1.05$, $r = 1$; $t(1,-1,0,0,1)$ added to the head leaves "
    r"$f(e_1) = \theta'_1$ and, under an attack of size $.2$, moves $f$ without bound.",
    formula=And(Eq(CLEAN, _theta_1), *(Eq(name, value) for name, (_, value) in _ATTACKED.items())),
    derive=derive_beyond,
    mutation=Mutation(
        "every minimiser is robust at any size of the attack",
        And(Eq(CLEAN, _theta_1), *(Eq(name, value.subs(_t, 0)) for name, (_, value) in _ATTACKED.items())),
        {_theta_1: Integer(1), _t: Integer(100)},
        consequence=And(*(Eq(value, value.subs(_t, 0)) for _, value in _ATTACKED.values())),
    ),
)
