"""The inheritance curve agrees with the attacked heads wherever every input is certified."""

import numpy as np
import pytest
from matplotlib.axes import Axes

from numerics.rounding import gamma
from purecheck.reporting.figures import d3_inheritance_curve
from tests.purecheck.small_ledger import context

# With |x_i|, |w_ih|, |a_h| <= 1, eps <= 0.6 and 8 features and nodes, a loss is made of numbers of at most
# 8 + 1.6 * 64 < 111; each takes part in fewer roundings than counted, those of the mean over 3^8 inputs included.
ALLOWANCE = gamma(8 * 16 + 3**8 + 100, np.float64) * 111**2 / 8


@pytest.fixture(scope="module")
def axes() -> Axes:
    shared = context()
    figure = d3_inheritance_curve.FIGURE.draw(shared)
    assert figure is not None
    return figure.axes[0]


def test_filled_points_lie_on_their_line_and_the_strongest_attack_leaves_it(axes):
    filled = 0
    for line, points in zip(axes.lines, axes.collections, strict=True):
        line_values, found = np.asarray(line.get_ydata()), np.asarray(points.get_offsets())[:, 1]
        inside = points.get_facecolors()[:, 3] > 0
        np.testing.assert_allclose(found[inside], line_values[inside], rtol=0, atol=ALLOWANCE)
        assert not inside[-1]
        assert found[-1] > line_values[-1] + ALLOWANCE
        filled += int(inside.sum())
    assert 0 < filled < sum(len(points.get_offsets()) for points in axes.collections)


def test_purer_layers_have_less_risk(axes):
    at_small_attacks = [line.get_ydata()[0] for line in axes.lines]
    assert at_small_attacks == sorted(at_small_attacks, reverse=True)
