from fractions import Fraction

import numpy as np
import pytest
import sympy
from array_api_compat import array_namespace
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from numerics.backend import to_numpy
from numerics.heads import least_squares_head
from numerics.rounding import gamma
from tests.numerics.assertions import assert_array_equals

WORST_CONDITION = 1e3

integers = st.integers(-4, 4).map(float)


def matrices(n, nodes):
    return hnp.arrays(np.float64, (n, nodes), elements=integers)


def error_bound(G, y, head):
    """Bounds the error of a backward stable least-squares solution (Higham, theorem 20.1).

    With condition number k and backward error e, it is e k (2 + (k + 1) |r|/(|G| |a|)) |a| / (1 - k e). The
    backward error of the SVD is a small multiple of n H u: 10 n H roundings here.
    """
    e = gamma(10 * G.size, "float64")
    values = np.linalg.svd(G, compute_uv=False)
    k = values[0] / values[-1]
    residual = np.linalg.norm(G @ head - y)
    return e * k * (2 * np.linalg.norm(head) + (k + 1) * residual / values[0]) / (1 - k * e)


def exact_head(G, y, ridge=Fraction(0)):
    """The rational solution of (G^T G + n ridge I) a = G^T y."""
    G, y = sympy.Matrix(G.astype(int)), sympy.Matrix(y.astype(int))
    gram = G.T * G + sympy.Rational(ridge) * G.rows * sympy.eye(G.cols)
    return np.array(gram.LUsolve(G.T * y).evalf(30), dtype=np.float64)[:, 0]


def has_full_rank(G):
    values = np.linalg.svd(G, compute_uv=False)
    return values[-1] * WORST_CONDITION > values[0] > 0


@given(data=st.data(), nodes=st.integers(1, 3), extra=st.integers(0, 3))
def test_the_head_solves_the_normal_equations(backend, xp, data, nodes, extra):
    n = nodes + extra
    G, y = data.draw(matrices(n, nodes)), data.draw(matrices(n, 1))[:, 0]
    assume(has_full_rank(G))
    expected = exact_head(G, y)
    head = least_squares_head(backend.asarray(G), backend.asarray(y))
    assert_array_equals(head, expected, bound=error_bound(G, y, expected), xp=xp)


@given(data=st.data(), nodes=st.integers(1, 3), extra=st.integers(0, 2), ridge=st.sampled_from([0.25, 1.0, 8.0]))
def test_a_ridge_is_as_many_zero_observations(data, nodes, extra, ridge):
    """mean (G a - y)^2 + ridge ||a||^2 is least squares with sqrt(n ridge) I below G, for every G."""
    n = nodes + extra
    G, y = data.draw(matrices(n, nodes)), data.draw(matrices(n, 1))[:, 0]
    expected = exact_head(G, y, Fraction(ridge))
    augmented = np.vstack([G, np.sqrt(n * ridge) * np.eye(nodes)])
    bound = error_bound(augmented, np.concatenate([y, np.zeros(nodes)]), expected)
    assert np.all(np.abs(least_squares_head(G, y, ridge) - expected) <= bound)


@given(data=st.data(), nodes=st.integers(1, 3), copies=st.integers(2, 3))
def test_of_all_minimisers_it_is_the_shortest(data, nodes, copies):
    """Copies of a node share its weight equally."""
    G, y = data.draw(matrices(nodes + 1, nodes)), data.draw(matrices(nodes + 1, 1))[:, 0]
    assume(has_full_rank(G))
    expected = exact_head(G, y) / copies
    head = least_squares_head(np.hstack([G] * copies), y)
    # The copies have the condition number of G; they scale its singular values by sqrt(copies).
    bound = copies * error_bound(G, y, expected)
    assert np.all(np.abs(head - np.tile(expected, copies)) <= bound)


def test_heads_of_replicas_are_solved_one_by_one(backend):
    rng = np.random.default_rng(0)
    G, y = rng.integers(-4, 5, (2, 3, 6, 2)).astype(float), rng.integers(-4, 5, (2, 3, 6)).astype(float)
    heads = to_numpy(least_squares_head(backend.asarray(G), backend.asarray(y)))
    assert heads.shape == (2, 3, 2)
    for index in np.ndindex(2, 3):
        expected = exact_head(G[index], y[index])
        assert np.all(np.abs(heads[index] - expected) <= error_bound(G[index], y[index], expected))


def test_silent_nodes_get_no_head(xp):
    head = least_squares_head(xp.zeros((3, 2)), xp.ones((3,)))
    assert_array_equals(head, np.zeros(2), bound=0, xp=xp)


def test_a_negative_ridge_is_refused():
    with pytest.raises(ValueError, match=r"ridge is -1\.0"):
        least_squares_head(np.ones((1, 1)), np.ones(1), ridge=-1.0)


def test_no_replicas_have_no_heads_and_whole_numbers_are_features_too():
    assert least_squares_head(np.zeros((0, 4, 2)), np.zeros((0, 4))).shape == (0, 2)
    head = least_squares_head(2 * np.eye(3, dtype=int), np.array([2, 4, 8]))
    assert_array_equals(head, [1.0, 2.0, 4.0], bound=4 * gamma(9, "float64"), xp=array_namespace(head))


def test_targets_of_one_layer_share_its_features():
    G = np.vstack([np.eye(2), np.eye(2)])
    assert least_squares_head(G, np.ones((5, 4))).shape == (5, 2)
