import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from numerics.backend import to_numpy
from numerics.norms import NORMS, dual_norm, project, steepest, vector_norm
from numerics.rounding import gamma
from tests.numerics.assertions import assert_array_equals

DUALS = {"l1": "linf", "l2": "l2", "linf": "l1"}
ORDERS = {"l1": 1, "l2": 2, "linf": np.inf}

norms = st.sampled_from(NORMS)
entries = st.one_of(st.just(0.0), st.floats(1e-3, 1e3), st.floats(-1e3, -1e-3))
vectors = hnp.arrays(np.float64, hnp.array_shapes(min_dims=1, max_dims=3, max_side=5), elements=entries)
shares = st.floats(0, 2)  # of the largest norm, so that vectors lie on either side of the sphere


def relative(d):
    """Bounds the relative error of a norm of d entries, or of a vector scaled to norm one.

    Squares, d - 1 sums, a root, and in a scaled vector two divisions more: fewer than 2 d + 8 roundings.
    """
    return gamma(2 * d + 8, "float64")


@given(x=vectors, norm=norms)
def test_norms_are_those_of_numpy_and_duals_pair_up(backend, xp, x, norm):
    expected = np.linalg.norm(x, ORDERS[norm], axis=-1)
    bound = 2 * relative(x.shape[-1]) * expected
    assert_array_equals(vector_norm(backend.asarray(x), norm), expected, bound=bound, xp=xp)
    assert_array_equals(dual_norm(backend.asarray(x), DUALS[norm]), expected, bound=bound, xp=xp)


@given(g=vectors, norm=norms)
def test_steepest_attains_the_dual_norm_in_the_unit_ball(backend, xp, g, norm):
    u = relative(g.shape[-1])
    direction = steepest(backend.asarray(g), norm)
    assert np.all(to_numpy(vector_norm(direction, norm)) <= 1 + 2 * u)
    value = xp.sum(backend.asarray(g) * direction, axis=-1)
    dual = np.linalg.norm(g, ORDERS[DUALS[norm]], axis=-1)
    assert_array_equals(value, dual, bound=3 * u * dual, xp=xp)


@given(data=st.data(), g=vectors, norm=norms)
def test_no_direction_in_the_unit_ball_beats_the_dual_norm(data, g, norm):
    other = data.draw(hnp.arrays(np.float64, g.shape, elements=entries))
    size = vector_norm(other, norm)
    dual = dual_norm(g, norm)
    # Hoelder's inequality; the errors are relative to the sum of moduli, itself at most dual * size.
    assert np.all(np.abs(np.sum(g * other, axis=-1)) <= dual * size * (1 + 3 * relative(g.shape[-1])))


@given(g=vectors, norm=norms, power=st.sampled_from([-700, -300, 300, 700]))
def test_steepest_does_not_depend_on_the_scale(g, norm, power):
    """Not even where the squares of the entries under- or overflow."""
    assert np.array_equal(steepest(np.ldexp(g, power), norm), steepest(g, norm))


@pytest.mark.parametrize("norm", NORMS)
def test_steepest_of_zero_is_zero(xp, norm):
    assert_array_equals(steepest(xp.zeros((2, 3)), norm), np.zeros((2, 3)), bound=0, xp=xp)


def projection_error(delta, eps):
    """Bounds the error of each entry of a projection.

    In l1 the level t is a sum of d moduli less eps, over a count: d + 2 roundings relative to their sum; the
    entry adds one. In l2 an entry is at most ||delta||_1 and errs by `relative`.
    """
    total = np.sum(np.abs(delta), axis=-1) + eps
    return relative(delta.shape[-1]) * total


@given(delta=vectors, share=shares, norm=norms)
def test_projections_lie_in_the_ball_and_leave_it_alone(backend, delta, share, norm):
    eps = share * float(np.max(vector_norm(delta, norm)))
    point = to_numpy(project(backend.asarray(delta), eps, norm))
    assert point.shape == delta.shape
    d = delta.shape[-1]
    slack = d * projection_error(delta, eps)
    assert np.all(np.linalg.norm(point, ORDERS[norm], axis=-1) <= eps + slack)
    inside = np.linalg.norm(delta, ORDERS[norm], axis=-1) <= eps * (1 - 2 * relative(d))
    assert np.array_equal(point[inside], delta[inside])


@given(delta=vectors, share=shares, norm=norms)
def test_projections_are_nearest_points(backend, delta, share, norm):
    """P is nearest to delta in a convex set iff (delta - P)^T (x - P) <= 0 for every x in it.

    Over the ball the left side is at most eps ||delta - P||_* - (delta - P)^T P. With e the error of an entry
    of P it errs by at most e (||delta - P||_1 + ||P||_1 + d (e + eps)), and by rounding by less than
    `relative` times eps ||delta - P||_1 + ||delta||_1 ||P||_1 + ||P||_1^2.
    """
    eps = share * float(np.max(vector_norm(delta, norm)))
    P = to_numpy(project(backend.asarray(delta), eps, norm))
    d = delta.shape[-1]
    gap = eps * dual_norm(delta - P, norm) - np.sum((delta - P) * P, axis=-1)
    size, left, whole = (np.sum(np.abs(x), axis=-1) for x in (P, delta - P, delta))
    e = projection_error(delta, eps)
    bound = e * (left + size + d * (e + eps)) + relative(d) * (eps * left + (whole + size) * size)
    assert np.all(gap <= bound)


def test_optimality_rejects_a_feasible_point_that_is_not_nearest():
    """The check above can fail: rescaling delta is no projection onto the l1 ball."""
    delta = np.array([3.0, 1.0])
    rescaled = delta / 4
    assert vector_norm(rescaled, "l1") == 1
    gap = dual_norm(delta - rescaled, "l1") - np.sum((delta - rescaled) * rescaled)
    assert gap > 0.3
    assert np.array_equal(project(delta, 1.0, "l1"), [1.0, 0.0])


@pytest.mark.parametrize("function", [vector_norm, dual_norm, steepest, lambda x, norm: project(x, 1.0, norm)])
def test_unknown_norms_are_refused(function):
    with pytest.raises(ValueError, match="norm is 'l3'; expected 'l1', 'l2' or 'linf'"):
        function(np.ones(2), "l3")


@pytest.mark.parametrize("eps", [-1.0, float("nan")])
def test_negative_sizes_are_refused(eps):
    with pytest.raises(ValueError, match="eps is"):
        project(np.ones(2), eps, "l2")


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e200])
def test_projections_lie_in_the_ball_at_every_scale(norm, scale):
    delta = np.random.default_rng(3).standard_normal((50, 6))
    point = project(delta * scale, 0.5 * scale, norm) / scale
    assert np.max(np.linalg.norm(point, ORDERS[norm], axis=-1)) <= 0.5 + 6 * np.max(projection_error(delta, 0.5))
