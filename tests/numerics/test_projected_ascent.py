"""Projected ascent on a loss whose largest value in a ball is known, and the worst of what a run visits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.ball import Ball
from numerics.norms import NORMS, dual_norm, vector_norm
from numerics.projected_ascent import Worst, pgd_lengths, projected_ascent, worst_of_run
from numerics.rounding import gamma

D = 5
norms = st.sampled_from(NORMS)
radii = st.floats(0.01, 10)
seeds = st.integers(0, 10_000)


@given(norm=norms, eps=radii, seed=seeds, steps=st.integers(1, 6))
def test_a_linear_loss_is_raised_to_its_largest_value(norm, eps, seed, steps):
    """Every step goes the same way, and together they are longer than the radius: the run ends on the sphere."""
    g = np.random.default_rng(seed).standard_normal((3, D))
    end = projected_ascent(np.zeros_like(g), pgd_lengths(eps, steps), lambda *_: g, Ball(eps, norm).step)
    # a step rounds its direction, its length, the point and the projection: fewer than 4 d + 20 roundings each
    slack = gamma(steps * (4 * D + 20), "float64")
    largest = eps * dual_norm(g, norm)
    assert np.all(np.abs(np.sum(g * end, axis=-1) - largest) <= slack * eps * np.sum(np.abs(g), axis=-1))
    assert np.all(vector_norm(end, norm) <= eps * (1 + slack))


def test_without_steps_the_run_ends_where_it_starts():
    start = np.ones((2, D))
    assert projected_ascent(start, (), lambda *_: pytest.fail("no gradient is needed"), Ball(1.0, "l2").step) is start


def visited_values(values, before):
    """Run along the `values` of a loss, one a step, and return the number of the worst point with its loss."""

    def loss_and_gradient(k, _):
        return np.array([values[k]]), np.array([[1.0]])

    worst = Worst(np.array([[-1.0]]), np.array([before]))
    found = worst_of_run(
        worst,
        np.zeros((1, 1)),
        [1.0] * (len(values) - 1),
        loss_and_gradient,
        lambda _: np.array([values[-1]]),
        lambda point, direction, length: point + length * direction,
    )
    return found.point.item(), found.loss.item()


@pytest.mark.parametrize(
    ("values", "before", "expected"),
    [
        ([1.0, 3.0, 2.0], 0.0, (1.0, 3.0)),  # in the middle of the run
        ([5.0, 3.0, 2.0], 0.0, (0.0, 5.0)),  # at its start
        ([1.0, 3.0, 4.0], 0.0, (2.0, 4.0)),  # at its end
        ([1.0, 3.0, 3.0], 0.0, (1.0, 3.0)),  # of equal losses the first
        ([1.0, 3.0, 2.0], 7.0, (-1.0, 7.0)),  # known before
    ],
)
def test_the_worst_point_of_a_run_is_kept(values, before, expected):
    assert visited_values(values, before) == expected


def test_the_lengths_of_pgd_cross_the_ball():
    assert sum(pgd_lengths(0.5, 7)) > 2 * 0.5
    assert len(pgd_lengths(0.5, 7)) == 7
