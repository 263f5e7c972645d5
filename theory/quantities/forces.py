"""What single features do to a node, and what training does to cross-talk."""

from typing import ClassVar

from sympy import Function, IndexedBase, Symbol

from theory.model import named
from theory.quantities import quantity
from theory.theorems.norms import Norm

COUNT_ALONE = quantity(named(r"n_h"), "Number of features that fire the node when they act alone, with either sign.")
W_NORM = quantity(Symbol(r"\|w_{h}\|", positive=True), r"Length $\|w_h\|_2$ of the weights of the node.")
V_ALONE = quantity(named("v_1"), "Pre-activation of the node while the first feature acts alone.")
V_PAIR = quantity(named("v_2"), "Pre-activation of the node while the first two features act with equal signs.")

CLEAN_CHANGE = quantity(
    named(r"\Delta_{u_{jh}} L_{clean}"),
    r"Change of the squared loss on one clean sample as the weight $u_{jh}$ moves, in feature coordinates.",
)
ERROR = quantity(Symbol("e", real=True), "Error $y - f(z)$ on one sample.")
NORM = quantity(Symbol(r"\|\beta\|", positive=True), r"Length $\|\beta\|_2$ of the effective map on one sample.")
BETA_J = quantity(Symbol("beta_j", real=True), r"Entry $\beta_j$ of the effective map on one sample.")
ACTIVE_HEADS = quantity(IndexedBase("a", real=True), "Heads of the nodes that are active on one sample.")
FLOW = quantity(
    named(r"\dot\beta_j"),
    r"Velocity of $\beta_j$ as the weights follow the negative gradient of the largest loss that an $l_2$ attack of "
    r"size $\epsilon$ can cause on the sample, with gates and heads held fixed.",
)
RATE = quantity(
    Symbol(r"-\dot{\beta}_j/\beta_j"),
    r"Rate at which $\beta_j$ shrinks as the weights follow the negative gradient of the largest loss under attack.",
)
SLOPE = quantity(
    Symbol(r"\partial \mathrm{Risk}"),
    "One-sided derivative of the adversarial risk as weights and heads move in a direction, with gates held fixed.",
)
BETWEEN = quantity(
    Symbol("L_t"),
    r"Largest loss that an $l_2$ attack of size $\epsilon$ can cause on a sample for the products $(1 - t)\,P + "
    r"t\,P'$ of heads and weights, with gates held fixed.",
)
ERRORS = tuple(
    quantity(Symbol(f"e_{end}", real=True), f"Error on the sample for the products ${products}$.")
    for end, products in enumerate(("P", "P'"))
)
MAPS = tuple(
    quantity(Symbol(f"beta_{end}", real=True), f"Effective map on the sample for the products ${products}$.")
    for end, products in enumerate(("P", "P'"))
)
quantity(Norm, "Length of a vector in $l_2$.")


class FitFreedom(Function):  # type: ignore[misc]
    r"""Free dimensions of the exact fits beside the square mixture of order `m` on `d` features: `FitFreedom(d, m)`."""

    nargs = 2
    is_extended_real = True

    def _latex(self, printer: object, exp: object = None) -> str:
        d, m = (printer._print(x) for x in self.args)  # type: ignore[attr-defined]
        return rf"\dim F_{{{d},{m}}}"


class SteepestDescent(Function):  # type: ignore[misc]
    r"""Steepest descent of the risk from the square mixture of order `m` on `d` features: `SteepestDescent(d, m)`."""

    nargs = 2
    is_extended_real = True

    def _latex(self, printer: object, exp: object = None) -> str:
        d, m = (printer._print(x) for x in self.args)  # type: ignore[attr-defined]
        return rf"\delta_{{{d},{m}}}"


quantity(
    FitFreedom,
    r"Dimension $\dim F_{d,m}$ of the set of exact fits in the gate cell of the square mixture of order $m$ on $d$ "
    "features, in the products $a_h u_h$ of heads and weights.",
)
quantity(
    SteepestDescent,
    r"Minimum $\delta_{d,m}$ of the linear program for the steepest first-order descent of the adversarial risk from "
    "the square mixture of order $m$ on $d$ features, inside the region of P2.",
)


class MeanError(Function):  # type: ignore[misc]
    r"""The mean of $|\delta + \tau n|$ over a standard normal $n$: `MeanError(delta, tau)`."""

    nargs = 2

    def _latex(self, printer: object, exp: object = None) -> str:
        shift, scale = (printer._print(x) for x in self.args)  # type: ignore[attr-defined]
        return rf"\mathbb{{E}}\left|{shift} + {scale} n\right|"


quantity(MeanError, "Mean absolute error of a network whose output is off by a shift, under normal label noise.")


class OfExample(Function):  # type: ignore[misc]
    """A number that belongs to the example network, as a function of the size of the attack."""

    nargs = 1
    is_number = False
    name_in_latex: ClassVar[str]

    def _latex(self, printer: object, exp: object = None) -> str:
        return rf"{self.name_in_latex}\left({printer._print(self.args[0])}\right)"  # type: ignore[attr-defined]


class FirstParticipation(OfExample):
    """Participation ratio of the first node."""

    name_in_latex = r"\mathrm{PR}_1"


class SecondParticipation(OfExample):
    """Participation ratio of the second node."""

    name_in_latex = r"\mathrm{PR}_2"


class LeastMixedRisk(OfExample):
    """Least risk in the gate cell of the mixture."""

    name_in_latex = r"\min_{mixed} \mathrm{Risk} - \tau^2"


class LeastPureRisk(OfExample):
    """Least risk in the gate cell of the purified network."""

    name_in_latex = r"\min_{pure} \mathrm{Risk} - \tau^2"


class SilentPull(OfExample):
    """Pre-activation of the second node where its gate cell requires it to be silent."""

    name_in_latex = r"|v_2(1, 1)|"


class FiringPull(OfExample):
    """Pre-activation of the second node where its gate cell requires it to be active."""

    name_in_latex = r"|v_2(1, 0)|"


_AT_LEAST_RISK = (
    "at the least risk under the gate equations of the mixture of two features, for attacks of the given size"
)
quantity(FirstParticipation, f"Participation ratio of the first node {_AT_LEAST_RISK}.")
quantity(SecondParticipation, f"Participation ratio of the second node {_AT_LEAST_RISK}.")
quantity(
    LeastMixedRisk, "Least adversarial risk in excess of the label noise, under the gate equations of the mixture."
)
quantity(
    LeastPureRisk,
    "Least adversarial risk in excess of the label noise, under the gate equations of the purified network.",
)
quantity(
    SilentPull,
    f"Modulus of the pre-activation of the second node at the input $(1, 1)$, which it ignores, {_AT_LEAST_RISK}.",
)
quantity(
    FiringPull,
    f"Modulus of the pre-activation of the second node at the input $(1, 0)$, which fires it, {_AT_LEAST_RISK}.",
)

BALANCE_CHANGE = quantity(
    Symbol(r"\Delta_{\mathrm{balance}}"),
    r"Change of $a_h^2 - \|w_h\|^2$ for one node in one gradient step of size $\eta$.",
)
HEAD_SLOPE = quantity(Symbol("L_{a}", real=True), r"Derivative of the loss with respect to the head $a_h$ of the node.")
WEIGHT_SLOPES = quantity(
    IndexedBase("L_{w}", real=True), r"Derivatives of the loss with respect to the weights $w_h$ of the node."
)
