"""The price of a mixture: its firing probability, from the closed form and from networks (claim P5)."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from sympy import Integer, Rational

from numerics.backend import to_numpy
from numerics.features import ConstantAmplitude, FeatureLaw
from numerics.mixtures import mixture_network
from numerics.network import effective_map
from numerics.statistics import Interval, mean_interval
from purecheck.closed_forms import evaluate
from purecheck.reporting.figures.registry import ClaimFigure
from purecheck.reporting.figures.style import styled
from purecheck.runtime.context import Context
from theory.ledger import CLOSED_FORMS

_P = (Rational(1, 10), Rational(3, 10), Rational(1, 2), Rational(4, 5))
_ORDERS = (1, 2, 4, 8, 12, 16)
_LARGEST = max(_ORDERS)
_SAMPLES = 20_000


def draw(context: Context) -> Figure:
    """A figure of `pi_m` over the order `m`: the closed form, and mixture networks with their intervals."""
    orders = np.arange(1, _LARGEST + 1)
    with styled() as (figure, axes):
        for p in _P:
            line = axes.plot(orders, [_closed_form(int(m), p) for m in orders], label=f"$p = {float(p):g}$")[0]
            seen = [_simulated(m, float(p), context) for m in _ORDERS]
            middle = [(one.low + one.high) / 2 for one in seen]
            half = [(one.high - one.low) / 2 for one in seen]
            axes.errorbar(_ORDERS, middle, half, fmt="o", color=line.get_color(), capsize=3, elinewidth=1)
        axes.set(xlabel="order $m$ of the mixture", ylabel=r"firing probability $\pi_m$", ylim=(0, 1))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.legend(loc="lower right", ncols=2)
    return figure


def _closed_form(m: int, p: Rational) -> float:
    return evaluate(CLOSED_FORMS["firing_probability"], {"m": Integer(m), "p": p}).value


def _simulated(m: int, p: float, context: Context) -> Interval:
    """An interval for `E||beta||^2/||theta||^2` of one mixture network of order `m`, with one group of features."""
    rng = context.streams.generator(f"figure/{FIGURE.name}/{m}/{p}")
    theta = rng.standard_normal(m)
    X = FeatureLaw(m, p, ConstantAmplitude(1.0)).sample(rng, (_SAMPLES,))
    net = mixture_network(context.backend.asarray(theta), m, b=0.5)
    beta = to_numpy(effective_map(net, context.backend.asarray(X)))
    energy = np.sum(beta**2, axis=-1) / np.sum(theta**2)
    # `beta` projects `theta`, so its share of the energy is at most 1; rounding may leave it a few units above.
    return mean_interval(np.minimum(energy, 1.0), "bernstein", bounds=(0.0, 1.0))


FIGURE = ClaimFigure(
    name="p5_firing_probability",
    claim="P5",
    caption=r"The firing probability $\pi_m$ is what a mixture of order $m$ costs under attack: "
    r"$E\|\beta\|^2 = \pi_m \|\theta\|^2$. Lines: closed form. Points: mixture networks on "
    rf"{_SAMPLES:,} samples each, with intervals that fail with probability at most $10^{{-9}}$. "
    r"For $p < 2/3$ it increases with $m$; for $p = 0.8$ odd and even orders alternate.",
    draw=draw,
)
