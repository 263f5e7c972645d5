"""Projections on balls at the edges of floating point: they end, and land in the ball."""

from threading import Thread

import numpy as np
import pytest

from numerics.compiled import ball
from numerics.rounding import gamma

ULPS = [0, -3, 4, 1, 4, -2, -1, -1, 4, 1, 3, 2, -4, 1, -4, 1, -1, -4, -4, -4, -1, 4, -3, 0, 0, 4, -3, 1, 0, 2]


def test_projecting_on_l1_ends_where_rounding_lowers_the_level_again() -> None:
    row = np.float32(1) + np.array(ULPS, np.float32) * np.finfo(np.float32).eps
    ball.project(ball.L1, np.float32(0.5), row.copy())  # compiled before the clock runs
    projection = Thread(target=ball.project, args=(ball.L1, np.float32(8.687277e-06), row), daemon=True)
    projection.start()
    projection.join(30)
    assert not projection.is_alive()


RANGES = [("float32", 1e-24), ("float32", 1e20), ("float64", 1e-170), ("float64", 1e160)]


@pytest.mark.parametrize(("dtype", "eps"), RANGES)
def test_steps_in_l2_stay_in_a_ball_whose_squares_leave_the_range(dtype: str, eps: float) -> None:
    """Four steps of 0.6 eps, all upwards, which end on the sphere: each is scaled by some ten roundings."""
    rng = np.random.default_rng(0)
    number = np.dtype(dtype).type
    delta, lengths = np.zeros((3, 5), dtype), np.full(3, 0.6 * eps, dtype)
    for _ in range(4):
        G = np.abs(rng.standard_normal((3, 5))).astype(dtype)
        ball.step(ball.L2, lengths, number(eps), G, delta)
    assert np.all(np.abs(sizes_of(delta, eps) - 1) <= gamma(20, dtype))
    ball.add_steepest(ball.L2, lengths[0], G[0], delta[0])
    assert sizes_of(delta, eps)[0] > 1.5  # what a step leaves without the projection


def sizes_of(delta: np.ndarray, eps: float) -> np.ndarray:
    """Norms of the rows relative to `eps`, in double precision."""
    return np.linalg.norm(delta.astype(np.float64) / float(delta.dtype.type(eps)), axis=1)
