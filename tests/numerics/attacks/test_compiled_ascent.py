"""The compiled ascent against the portable one, to a bound on the rounding errors of both."""

import numpy as np
import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from numerics.attacks import attacked_loss, choose, compiled, fgm, gate_aware_pgd, pgd
from numerics.compiled import workers
from numerics.compiled.lists import list_share
from numerics.network import GatedNetwork, forward, preactivations
from numerics.norms import NORMS, vector_norm
from numerics.replica_streams import ReplicaNormals
from numerics.rounding import forward_bound, gamma, preactivation_bound, square_bound
from tests.numerics.attacks.trail import Trail
from tests.numerics.test_training_engine import DENSE, PURE, batches

norms = st.sampled_from(NORMS)
radii = st.sampled_from([0.05, 0.3])
ATTACKS = {
    "fgm": lambda net, Z, y, eps, norm, rng: fgm(net, Z, y, eps, norm),  # noqa: ARG005
    "pgd": lambda net, Z, y, eps, norm, rng: pgd(net, Z, y, eps, norm, rng=rng, steps=5),
    "gate aware": lambda net, Z, y, eps, norm, rng: gate_aware_pgd(net, Z, y, eps, norm, rng=rng, steps=8),
}


def network(batch):
    return GatedNetwork(batch.W, batch.a, batch.W.dtype.type(batch.b))


def attack(batch, norm, eps, steps):
    """FGM for one step, PGD from the origin for more."""
    net = network(batch)
    if steps == 1:
        return fgm(net, batch.Z, batch.y, eps, norm)
    return pgd(net, batch.Z, batch.y, eps, norm, rng=np.random.default_rng(0), steps=steps, restarts=1)


def assert_ascents_agree(batch, norm, eps, steps, trail):
    mine = attack(batch, norm, eps, steps)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(choose, "compiles_for", lambda *_: False)
        theirs = attack(batch, norm, eps, steps)
    assert mine.dtype == theirs.dtype == batch.W.dtype
    apart = np.linalg.norm(mine.astype(np.float64) - theirs.astype(np.float64), axis=-1)
    assert np.all(apart <= trail.bound())


@given(batch=batches(), norm=norms, eps=radii, steps=st.integers(1, 4))
def test_the_compiled_ascent_is_the_portable_one(batch, norm, eps, steps):
    trail = Trail(batch, norm, eps, steps)
    assume(trail.decided)
    event("one worst point" if np.all(trail.bound() < eps * 2.0**-10) else "rounding chooses")
    assert_ascents_agree(batch, norm, eps, steps, trail)


@given(batch=batches(), norm=norms, eps=radii, steps=st.integers(1, 3))
def test_tiles_do_not_change_the_ascent(batch, norm, eps, steps):
    trail = Trail(batch, norm, eps, steps)
    assume(trail.decided)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled, "_FEWEST_ROWS", 2)
        assert_ascents_agree(batch, norm, eps, steps, trail)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("steps", [1, 4])
@pytest.mark.parametrize(
    ("batch", "eps"), [(PURE, 0.05), (PURE, 0.55), (DENSE, 0.05)], ids=["lists", "in reach", "dense"]
)
def test_lists_serve_where_few_nodes_could_fire(batch, eps, norm, steps):
    """With a small attack no silent node of the pure network can come to fire, with a large one each could."""
    assert (batch.share(eps) <= list_share(100)) == (batch is PURE and eps < PURE.b)
    trail = Trail(batch, norm, eps, steps)
    assert trail.decided
    assert np.any(trail.bound() < eps * 2.0**-10)
    assert_ascents_agree(batch, norm, eps, steps, trail)


MUTATIONS = {
    "wrong sign": lambda rule: rule._replace(strides=-rule.strides),
    "no projection": lambda rule: rule._replace(eps=rule.eps * 10),
    "short steps": lambda rule: rule._replace(strides=rule.strides * 0.1),
    "another norm": lambda rule: rule._replace(norm=2),
    "one step": lambda rule: rule._replace(strides=rule.strides[:1]),
}


@pytest.mark.parametrize("batch", [PURE, DENSE], ids=["lists", "dense"])
@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_mutated_ascent_is_told_apart(batch, mutation, monkeypatch):
    trail = Trail(batch, "l2", 0.05, 5)
    assert_ascents_agree(batch, "l2", 0.05, 5, trail)
    right = compiled._rule
    monkeypatch.setattr(compiled, "_rule", lambda *plan: MUTATIONS[mutation](right(*plan)))
    with pytest.raises(AssertionError):
        assert_ascents_agree(batch, "l2", 0.05, 5, trail)


@given(batch=batches(), norm=norms, eps=radii, name=st.sampled_from(list(ATTACKS)))
def test_perturbations_stay_in_the_ball_and_never_lower_the_loss(batch, norm, eps, name):
    net, Z, y = network(batch), batch.Z, batch.y
    delta = ATTACKS[name](net, Z, y, eps, norm, np.random.default_rng(0))
    d = Z.shape[-1]
    # Roundings of a step and a projection as `norm_excess` counts them, and those of measuring; eps in this precision.
    assert np.all(vector_norm(delta.astype(np.float64), norm) <= eps * (1 + gamma(6 * d + 26, Z.dtype)))
    decided = settled(net, Z) & settled(net, Z + delta)
    clean, attacked = (attacked_loss(net, Z, y, x) for x in (np.zeros_like(delta), delta))
    # The network and the attack judge each point, each with rounding errors of its own.
    bound = 2 * sum(loss_bound(net, Z + x, y) for x in (np.zeros_like(delta), delta))
    assert np.all((attacked >= clean - bound) | ~decided)


def settled(net, Z):
    """Whether rounding decides no gate."""
    V = preactivations(net, Z)
    return np.all(np.abs(np.abs(V) - net.b[..., None, :]) > 2 * preactivation_bound(net, Z), axis=-1)


def loss_bound(net, Z, y):
    error = forward(net, Z) - y
    return square_bound(error, 2 * forward_bound(net, Z) + gamma(2, Z.dtype) * (np.abs(error) + np.abs(y)))


SHAPES = {"W": (3, 6, 9), "a": (3, 9), "b": (3, 9), "Z": (3, 20, 6), "y": (3, 20)}


def parts(dtype="float64"):
    """Dense networks whose nodes have thresholds of their own."""
    rng = np.random.default_rng(8)
    drawn = {name: rng.standard_normal(shape).astype(dtype) for name, shape in SHAPES.items()}
    return GatedNetwork(drawn["W"], drawn["a"], np.abs(drawn["b"])), drawn["Z"], drawn["y"]


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("name", ATTACKS)
def test_random_starts_are_those_of_the_portable_ascent(name, norm, monkeypatch):
    """Precision ladder: what float32 does to the portable attack, scaled by 2^-29, is what float64 does.

    A factor 2^6 allows for one sum of roundings being lucky.
    """
    run = lambda dtype: ATTACKS[name](*parts(dtype), 0.2, norm, np.random.default_rng(5))  # noqa: E731
    mine = run("float64")
    monkeypatch.setattr(choose, "compiles_for", lambda *_: False)
    theirs, coarse = run("float64"), run("float32")
    stray = np.linalg.norm(coarse - theirs, axis=-1)
    apart = np.linalg.norm(mine - theirs, axis=-1)
    assert np.max(apart) <= 2.0**-29 * 2**6 * np.max(stray)


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_does_not_depend_on_the_threads(name, monkeypatch):
    net, Z, y = parts()
    monkeypatch.setattr(compiled, "_FEWEST_ROWS", 3)
    monkeypatch.setattr(compiled, "_WORK_FOR_A_THREAD", 1)
    found = []
    for threads in (1, 3):
        monkeypatch.setattr(compiled, "lasting_workers", lambda _, count=threads: fixed_workers(count))
        found.append(ATTACKS[name](net, Z, y, 0.2, "l2", np.random.default_rng(5)))
    assert np.array_equal(*found)


def fixed_workers(threads):
    """As many threads, however many BLAS may use."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workers, "_count", lambda most: most)
        return workers.Workers(threads)


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_does_not_depend_on_other_replicas(name):
    net, Z, y = parts()
    together = ATTACKS[name](net, Z, y, 0.2, "l2", ReplicaNormals([np.random.default_rng(k) for k in range(3)]))
    for k in range(3):
        alone = GatedNetwork(net.W[k], net.a[k], net.b[k])
        assert np.array_equal(together[k], ATTACKS[name](alone, Z[k], y[k], 0.2, "l2", np.random.default_rng(k)))


@pytest.mark.parametrize("name", ATTACKS)
@pytest.mark.parametrize("shared", ["network", "observations", "targets"])
def test_what_replicas_share_is_as_if_each_had_it(name, shared):
    net, Z, y = parts()
    if shared == "network":
        net = GatedNetwork(net.W[0], net.a[0], net.b[0])
    elif shared == "observations":
        Z = Z[:1]
    else:
        y = y[0, :1]
    found = ATTACKS[name](net, Z, y, 0.2, "l2", np.random.default_rng(5))
    own = [np.broadcast_to(x, SHAPES[key]) for key, x in zip(SHAPES, (net.W, net.a, net.b, Z, y), strict=True)]
    again = GatedNetwork(*own[:3])
    assert np.array_equal(found, ATTACKS[name](again, *own[3:], 0.2, "l2", np.random.default_rng(5)))


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize(("dtype", "size"), [("float32", 1e-39), ("float64", 1e-310)])
def test_a_node_with_next_to_no_weights_does_not_blind_the_gate_aware_attack(norm, dtype, size):
    """It cannot fire, and its gradient is too small to round another one: the attack is that without it."""
    W, a = DENSE.W.astype(dtype), DENSE.a.astype(dtype)
    Z, y = DENSE.Z.astype(dtype), DENSE.y.astype(dtype)
    found = []
    for scale in (size, 0.0):
        W[..., 3] = scale
        net = GatedNetwork(W, a, W.dtype.type(DENSE.b))
        found.append(gate_aware_pgd(net, Z, y, 0.2, norm, rng=np.random.default_rng(0), steps=8))
    np.testing.assert_array_equal(*found)
    assert np.all(np.any(found[0] != 0, axis=-1))
