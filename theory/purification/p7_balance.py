"""P7, balance: what gradient steps keep of a node's head and weights while its gates are held fixed."""

from sympy import Eq, IndexedBase, Sum, Symbol

from theory.assumptions import Assumption
from theory.claims import Clause
from theory.derivation import Proof, begin, definition, opening, prove
from theory.laws import constant
from theory.model import d
from theory.quantities.forces import BALANCE_CHANGE, HEAD_SLOPE, WEIGHT_SLOPES
from theory.ranges import COUNT, POSITIVE

_i = Symbol("i", integer=True, positive=True)
_a = Symbol("a_h", real=True)
_w, _slopes = IndexedBase("w", real=True), IndexedBase("G", real=True)
rate = constant(Symbol("eta", positive=True))
"""Size of a step."""
_RANGE = (_i, 1, d)


def derive_balance(clause: Clause) -> Proof:
    """Proof of what a step changes, from a loss that depends on the products of head and weights alone."""
    # With the slopes G_i in the products a w_i, the chain rule gives sum G_i w_i in the head and a G_i in a weight.
    in_head = definition(HEAD_SLOPE, Sum(_slopes[_i] * _w[_i], _RANGE), "the chain rule in the head")
    in_weight = definition(WEIGHT_SLOPES[_i], _a * _slopes[_i], "the chain rule in a weight")
    shared = Sum(_w[_i] * WEIGHT_SLOPES[_i], _RANGE)
    euler = opening(shared).within(in_weight).equals(_a * in_head.right, "a is a factor").within(in_head.turned())
    before = _a**2 - Sum(_w[_i] ** 2, _RANGE)
    after = (_a - rate * HEAD_SLOPE) ** 2 - Sum((_w[_i] - rate * WEIGHT_SLOPES[_i]) ** 2, _RANGE)
    second = rate**2 * (HEAD_SLOPE**2 - Sum(WEIGHT_SLOPES[_i] ** 2, _RANGE))
    chain = begin(BALANCE_CHANGE, after - before, "one step down the gradient of the loss")
    chain = chain.equals(second - 2 * rate * _a * HEAD_SLOPE + 2 * rate * shared, "by powers of the step")
    # With this link the terms of first order cancel.
    chain = chain.within(euler.as_step("both are the slope in the products times the products"))
    return prove(clause.formula, chain, lemmas=(euler,))


plain_steps = Assumption(
    "plain gradient steps",
    r"Head and weights of the nodes that fire move against the gradient of the squared error at a fixed attacked "
    r"observation, with one step size $\eta$, with the gates held fixed, and without momentum, weight decay or "
    "rescaling.",
    defines=True,
)

BALANCE = Clause(
    name="balance",
    says="A gradient step changes the balance $a_h^2 - \\|w_h\\|^2$ of a node only in second order of its size, so "
    "gradient flow leaves it where the initialisation put it: $[[formula]]$.",
    formula=Eq(BALANCE_CHANGE, rate**2 * (HEAD_SLOPE**2 - Sum(WEIGHT_SLOPES[_i] ** 2, _RANGE))),
    over={d: COUNT, rate: POSITIVE},
    assumes=(plain_steps,),
    derive=derive_balance,
)
