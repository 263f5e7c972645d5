"""The inheritance curve: predicted and attacked downstream risk of layers of several degrees of purity (claim D3)."""

from fractions import Fraction

import numpy as np
from matplotlib.figure import Figure
from sympy import Integer, Rational

from numerics.attacks.fgm import fgm
from numerics.attacks.gate_aware import gate_aware_pgd
from numerics.attacks.losses import attacked_loss
from numerics.certificate import certified
from numerics.exact import fractions
from numerics.network import GatedNetwork
from purecheck.closed_forms import evaluate
from purecheck.models.exact_heads import FrozenLayer, partly_pure_layer
from purecheck.reporting.figures.registry import ClaimFigure
from purecheck.reporting.figures.style import styled
from purecheck.runtime.context import Context
from theory.ledger import CLOSED_FORMS

_D, _M, _P = 8, 4, Fraction(1, 5)
_PURE = (0, 4, 8)
_THETA = ("1", "-1", "1", "1", "1", "-1", "1", "1")
_SIZES = (0.1, 0.2, 0.3, 0.4, 0.6)


def draw(context: Context) -> Figure:
    """A figure of the risk over the size of the attack.

    Lines show the closed form, and points show least-squares heads under attack.
    """
    with styled() as (figure, axes):
        for pure in _PURE:
            layer = partly_pure_layer(pure, _D - pure, _M, _P, Fraction(1))
            line = axes.plot(_SIZES, _gain(pure) * np.square(_SIZES), label=f"{pure} of {_D} features pure")[0]
            risk, inside = zip(*(_attacked(layer, eps, context) for eps in _SIZES), strict=True)
            colours = [line.get_color() if certain else "none" for certain in inside]
            axes.scatter(_SIZES, risk, s=26, facecolors=colours, edgecolors=line.get_color())
        axes.set(xlabel=r"size $\epsilon$ of the attack, over $r$", ylabel=r"risk over $\|\theta'\|^2$", yscale="log")
        axes.legend(loc="lower right")
    return figure


def _gain(pure: int) -> float:
    shares = {"pure_sq": Rational(pure, _D), "mixed_sq": Rational(_D - pure, _D)}
    return evaluate(CLOSED_FORMS["inherited_gain"], {"p": Rational(1, 5), "m": Integer(_M), **shares}).value


def _attacked(layer: FrozenLayer, eps: float, context: Context) -> tuple[float, bool]:
    """The mean loss over every input under the worse of two attacks, and whether all inputs are certified."""
    theta = fractions(_THETA)
    heads = theta @ layer.W / np.sum(layer.W**2, axis=0)
    net = GatedNetwork(layer.W.astype(float), heads.astype(float), layer.b.astype(float))
    X, P = layer.inputs.astype(float), layer.probabilities.astype(float)
    y = X @ theta.astype(float)
    rng = context.streams.generator(f"figure/{FIGURE.name}/{eps}")
    attacks = (fgm(net, X, y, eps, "l2"), gate_aware_pgd(net, X, y, eps, "l2", rng=rng, steps=10, restarts=1))
    worst = np.maximum(*(attacked_loss(net, X, y, delta) for delta in attacks))
    return float(P @ worst) / _D, bool(np.all(certified(net, X, eps, "l2")))


FIGURE = ClaimFigure(
    name="d3_inheritance_curve",
    claim="D3",
    caption=r"What a clean head inherits, $\tau = 0$: lines are the predicted adversarial risk "
    r"$\epsilon^2 (p\,\|\theta'_{pure}\|^2 + \pi_m\,\|\theta'_{mixed}\|^2)$ of layers whose other features are mixed "
    rf"in groups of {_M} ($p = {float(_P):g}$, thresholds $r/2$); points are least-squares heads under the worse of "
    "FGM and the gate-aware attack, averaged over every input. Filled: every input is certified, and prediction and "
    "attack agree. Hollow: some gates can be moved; the prediction no longer bounds the risk.",
    draw=draw,
)
