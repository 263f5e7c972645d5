"""The compiled step and updates against the portable ones, to a bound on the rounding errors of both."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from numerics.backend import select_backend
from numerics.compiled import ball
from numerics.compiled.lists import list_share
from numerics.compiled.workers import Workers
from numerics.features import FeatureLaw
from numerics.norms import project, steepest
from numerics.optimisers import SGD, Adam
from numerics.rounding import gamma, unit_roundoff
from numerics.streams import Streams
from numerics.training import SupervisedPlan, train_supervised
from numerics.training.engine import GatedStep, PortableStep, StepShape, choose, gated, wide
from numerics.training.engine.updates import CompiledUpdates
from numerics.training.step import TrainingAttack
from numerics.training.updates import PortableUpdates
from purecheck.bench.problem import CaseSize, make_problem

DTYPES = ["float32", "float64"]
NUMPY = select_backend("numpy")
attacks = st.one_of(
    st.none(),
    st.builds(TrainingAttack, st.sampled_from(["l1", "l2", "linf"]), st.sampled_from([0.05, 0.3]), st.integers(1, 3)),
)


@dataclass(frozen=True)
class Batch:
    """One batch of every replica, in the dtype of the step."""

    W: np.ndarray
    a: np.ndarray
    b: float
    Z: np.ndarray
    y: np.ndarray

    @property
    def parameters(self):
        return {"W": self.W, "a": self.a}

    @property
    def shape(self):
        (replicas, d, hidden), n = self.W.shape, self.Z.shape[1]
        return StepShape(replicas, d, hidden, n, self.W.dtype.name)

    def share(self, reach=0.0):
        """The share of nodes that the attack could bring to the threshold."""
        return np.mean(np.abs(self.Z @ self.W) + reach >= self.b)


@st.composite
def batches(draw, dtypes=DTYPES):
    """Gaussian networks from all nodes open to none, and nearly pure ones on sparse features."""
    replicas, d, hidden, n = (
        draw(st.integers(1, 3)),
        draw(st.integers(1, 9)),
        draw(st.integers(1, 40)),
        draw(st.integers(1, 9)),
    )
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    dtype = draw(st.sampled_from(dtypes))
    Z, W = rng.standard_normal((replicas, n, d)), rng.standard_normal((replicas, d, hidden))
    if draw(st.booleans()):
        Z = 0.02 * Z + (rng.random(Z.shape) < 0.05)
        W = 0.02 * W + np.eye(d)[:, rng.integers(0, d, hidden)]
        b = 0.5
    else:
        b = float(np.quantile(np.abs(Z @ W), draw(st.sampled_from([0.0, 0.5, 0.95, 1.0])))) * 1.01
    a, y = rng.standard_normal((replicas, hidden)), rng.standard_normal((replicas, n))
    return Batch(W.astype(dtype), a.astype(dtype), b, Z.astype(dtype), y.astype(dtype))


class Bounds:
    """How far two implementations of a step in the dtype of `batch` stray apart, computed in float64.

    Each differs from exact arithmetic on the same numbers by half of what stands here; where a gate, the sign of an
    error or of a gradient's coordinate, or the largest coordinate is within that of changing, `decided` is false.
    ``apart`` bounds the l2 distance of the two points ``z + delta``, shape ``(replicas, n, 1)``.
    """

    def __init__(self, batch, attack):
        self.dtype = batch.W.dtype
        self.W, self.a, self.Z, self.y = (x.astype(np.float64) for x in (batch.W, batch.a, batch.Z, batch.y))
        self.b = float(self.dtype.type(batch.b))
        self.d, self.n = self.W.shape[1], self.Z.shape[1]
        self.hidden = self.W.shape[2]
        self.norms = np.linalg.norm(self.W, axis=1)[:, None, :]
        self.decided = True
        self.apart = np.zeros((*self.y.shape, 1))
        self.points, delta = self.Z, np.zeros_like(self.Z)
        self.see()
        self.clean_loss = self.loss()
        for _ in range(attack.steps if attack else 0):
            delta = self.step(delta, attack)
            self.see()

    def g(self, roundings):
        """Twice the relative error of so many roundings, one for each implementation."""
        return 2 * gamma(roundings, self.dtype)

    def see(self):
        """Gates, output and its bound at the points, the gates being the same in both implementations."""
        V = self.points @ self.W
        reach = np.abs(self.points) @ np.abs(self.W)
        strays = self.apart * self.norms + self.g(self.d + 1) * (reach + self.apart * self.norms)
        self.decided &= bool(np.all(np.abs(np.abs(V) - self.b) > strays))
        self.open = (np.abs(V) >= self.b).astype(np.float64)
        self.error = np.sum(self.open * V * self.a[:, None, :], axis=-1) - self.y
        size = np.sum(self.open * np.abs(self.a)[:, None, :] * (reach + strays), axis=-1)
        own = np.sum(self.open * np.abs(self.a)[:, None, :] * self.norms, axis=-1) * self.apart[..., 0]
        # d + H roundings of a term of f, however it is summed, one for the product with a and one to take off y.
        self.error_bound = own + self.g(self.d + self.hidden + 2) * (size + np.abs(self.y))

    def loss(self):
        """The bound on the mean of squared errors: e (2 |f - y| + e), squared, summed and divided."""
        e, size = self.error_bound, np.abs(self.error)
        return np.mean(e * (2 * size + e), axis=-1) + self.g(self.n + 3) * np.mean((size + e) ** 2, axis=-1)

    def step(self, delta, attack):
        """One step of the attack; a projection brings no two points farther apart."""
        gradient = (self.open * self.a[:, None, :]) @ np.swapaxes(self.W, 1, 2)
        size = (self.open * np.abs(self.a)[:, None, :]) @ np.swapaxes(np.abs(self.W), 1, 2)
        # One product more where the weights take the head in first, and one sum more for each.
        strays = self.g(self.hidden + 2) * size
        self.decided &= bool(np.all(np.abs(self.error) > self.error_bound))
        stride = attack.eps if attack.steps == 1 else 2.5 * attack.eps / attack.steps
        turned = self.turned(gradient, strays, attack.norm)
        rounded = self.g(6 * self.d + 24) * np.sqrt(self.d) * (attack.eps + 2 * stride)
        delta = delta + stride * np.sign(self.error)[..., None] * steepest(gradient, attack.norm)
        delta = delta if attack.steps == 1 else project(delta, attack.eps, attack.norm)
        self.points = self.Z + delta
        self.apart = self.apart + stride * turned + rounded
        self.apart = self.apart + self.g(1) * np.linalg.norm(self.points, axis=-1, keepdims=True)
        return delta

    def turned(self, gradient, strays, norm):
        """How far apart two steepest directions are whose gradients differ by `strays`."""
        live = size = np.linalg.norm(gradient, axis=-1, keepdims=True)
        far = np.linalg.norm(strays, axis=-1, keepdims=True)
        if norm == "l2":
            # Both of norm 1, from vectors whose distance is `far`: at most 2 far / ||g|| apart.
            self.decided &= bool(np.all((size > 2 * far) | (far == 0)))
            return np.divide(2 * far, live, out=np.zeros_like(far), where=live > 0)
        sizes = np.abs(gradient)
        if norm == "linf":
            self.decided &= bool(np.all((sizes > strays) | (strays == 0)))
        else:
            ordered = np.sort(sizes, axis=-1)
            second = ordered[..., -2] if self.d > 1 else -np.ones_like(ordered[..., -1])
            gap = ordered[..., -1] - second
            self.decided &= bool(np.all((gap > 2 * far[..., 0]) | (far[..., 0] == 0)))
        return np.zeros_like(far)

    def gradients(self):
        """Bounds on the gradients in W and a, sums over n of products with ``(2/n) e_i``."""
        e, size = self.error_bound[..., None], np.abs(self.error)[..., None]
        z = np.abs(self.points)
        term = e * (z + self.apart) + size * self.apart
        P = (2 / self.n) * np.swapaxes(term + self.g(self.n + 6) * (size + e) * (z + self.apart), 1, 2) @ self.open
        total = (2 / self.n) * np.swapaxes((size + e) * (z + self.apart), 1, 2) @ self.open
        W = np.abs(self.a)[:, None, :] * (P + self.g(2) * total)
        return {"W": W, "a": np.sum(np.abs(self.W) * (P + self.g(self.d + 2) * total), axis=1)}


def assert_steps_agree(step, batch, attack, bounds):
    """The compiled `step` and the portable one on `batch`."""
    mine = step.gradients(batch.parameters, batch.Z, batch.y)
    theirs = PortableStep(batch.b, attack).gradients(batch.parameters, batch.Z, batch.y)
    for name, bound in bounds.gradients().items():
        assert mine.gradients[name].dtype == batch.W.dtype
        assert np.all(np.abs(mine.gradients[name] - theirs.gradients[name]) <= bound), name
    assert np.all(np.abs(mine.clean_loss - theirs.clean_loss) <= bounds.clean_loss)
    assert np.all(np.abs(mine.attacked_loss - theirs.attacked_loss) <= bounds.loss())


@given(batch=batches(), attack=attacks)
def test_the_compiled_step_is_the_portable_one(batch, attack):
    bounds = Bounds(batch, attack)
    assume(bounds.decided)
    event("lists" if batch.share() <= list_share(batch.W.shape[1]) else "matrices")
    assert_steps_agree(GatedStep(batch.shape, batch.b, attack), batch, attack, bounds)


@given(batch=batches(), attack=attacks, rows=st.integers(1, 4))
def test_tiles_do_not_change_the_step(batch, attack, rows):
    bounds = Bounds(batch, attack)
    assume(bounds.decided)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gated, "TILE_ROWS", rows)
        step = GatedStep(batch.shape, batch.b, attack)
    assert_steps_agree(step, batch, attack, bounds)


def wide_step(batch, attack, rows=wide.BLOCK_ROWS, threads=2):
    """A step whose products threads share, in blocks of so many rows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gated, "WIDE_WORK", 0)
        patch.setattr(wide, "BLOCK_ROWS", rows)
        patch.setattr(wide, "Workers", lambda _: Threads(threads))
        return GatedStep(batch.shape, batch.b, attack)


class Threads(Workers):
    """As many threads as a test asks for, however many cores there are."""

    def __init__(self, count):
        self.count = count
        self._others = ThreadPoolExecutor(count)


@given(batch=batches(), attack=attacks, rows=st.integers(1, 9), threads=st.integers(2, 4))
def test_shares_and_blocks_of_a_large_product_do_not_change_the_step(batch, attack, rows, threads):
    bounds = Bounds(batch, attack)
    assume(bounds.decided)
    event("lists" if batch.share() <= list_share(batch.W.shape[1]) else "matrices")
    assert_steps_agree(wide_step(batch, attack, rows, threads), batch, attack, bounds)


@given(batch=batches(), attack=attacks, threads=st.integers(2, 4))
def test_a_step_does_not_depend_on_the_threads(batch, attack, threads):
    with pytest.MonkeyPatch.context() as patch:
        steps = []
        for count in (1, threads):
            patch.setattr(gated, "Workers", lambda most, count=count: Threads(min(most, count)))
            steps.append(GatedStep(batch.shape, batch.b, attack))
    assert_same_bits(*steps, batch)


def assert_same_bits(step, other, batch):
    one, two = (each.gradients(batch.parameters, batch.Z, batch.y) for each in (step, other))
    assert all(np.array_equal(one.gradients[name], two.gradients[name]) for name in ("W", "a"))
    assert np.array_equal(one.clean_loss, two.clean_loss)
    assert np.array_equal(one.attacked_loss, two.attacked_loss)


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("kind", ["dense", "purified"])
def test_shared_products_of_a_replica_do_not_depend_on_the_other_replicas(kind, threads):
    problem = make_problem(kind, CaseSize(2, 40, 70, 65), np.random.default_rng(0))
    both = Batch(problem.W, problem.a, problem.b, problem.Z, problem.y)
    attack = TrainingAttack("l2", problem.eps)
    together = wide_step(both, attack, threads=threads).gradients(both.parameters, both.Z, both.y)
    for r in range(2):
        one = Batch(*(x[r : r + 1] if isinstance(x, np.ndarray) else x for x in vars(both).values()))
        alone = wide_step(one, attack, threads=threads).gradients(one.parameters, one.Z, one.y)
        assert all(np.array_equal(together.gradients[name][r], alone.gradients[name][0]) for name in ("W", "a"))
        assert together.attacked_loss[r] == alone.attacked_loss[0]


def tied(dtype):
    """Half of all preactivations lie on the threshold, exactly: numbers are multiples of 1/2, products of 1/4."""
    rng = np.random.default_rng(5)
    Z, W = (rng.integers(-1, 2, shape).astype(dtype) / 2 for shape in ((2, 8, 3), (2, 3, 30)))
    batch = Batch(W, np.ones((2, 30), dtype), 0.25, Z, np.ones((2, 8), dtype))
    assert np.mean(np.abs(Z @ W) == batch.b) > 0.3
    return batch


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_node_fires_on_its_threshold(dtype):
    """Without rounding, so that implementations agree to the last bit: 2/n is a power of two as well."""
    batch = tied(dtype)
    mine = GatedStep(batch.shape, batch.b, None).gradients(batch.parameters, batch.Z, batch.y)
    theirs = PortableStep(batch.b, None).gradients(batch.parameters, batch.Z, batch.y)
    assert all(np.array_equal(mine.gradients[name], theirs.gradients[name]) for name in ("W", "a"))


FIXED = np.random.default_rng(1)
PURE = Batch(
    W=np.eye(100) + 0.002 * FIXED.standard_normal((1, 100, 100)),
    a=np.ones((1, 100)),
    b=0.5,
    Z=(FIXED.random((1, 24, 100)) < 0.05) + 0.01 * FIXED.standard_normal((1, 24, 100)),
    y=FIXED.standard_normal((1, 24)),
)
DENSE = replace(PURE, W=FIXED.standard_normal((1, 100, 100)))


@pytest.mark.parametrize("norm", ["l1", "l2", "linf"])
@pytest.mark.parametrize("eps", [0.05, 0.55], ids=["certified", "not certified"])
def test_lists_serve_where_few_nodes_fire(norm, eps):
    """With a small attack no node can come to fire, with a large one each could."""
    assert PURE.share() <= list_share(100)
    assert (PURE.share(eps) <= list_share(100)) == (eps < PURE.b)
    for steps in (1, 3):
        attack = TrainingAttack(norm, eps, steps)
        bounds = Bounds(PURE, attack)
        assert bounds.decided
        assert_steps_agree(GatedStep(PURE.shape, PURE.b, attack), PURE, attack, bounds)


@pytest.mark.parametrize("batch", [PURE, DENSE], ids=["lists", "matrices"])
@pytest.mark.parametrize("change", [{"eps": 0.1001}, {"norm": "linf"}])
def test_another_attack_is_told_apart(batch, change):
    attack = TrainingAttack("l2", 0.1)
    bounds = Bounds(batch, attack)
    assert bounds.decided
    assert_steps_agree(GatedStep(batch.shape, batch.b, attack), batch, attack, bounds)
    with pytest.raises(AssertionError):
        assert_steps_agree(GatedStep(batch.shape, batch.b, replace(attack, **change)), batch, attack, bounds)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("scale", ["tiny", "max"])
def test_directions_survive_squares_that_under_or_overflow(dtype, scale):
    size = getattr(np.finfo(dtype), scale)
    gradient = (np.array([0.3, -0.4, 0.0]) * size).astype(dtype)
    row = np.zeros(3, dtype)
    ball.add_unit(np.dtype(dtype).type(2.0), gradient, row)
    # The least normal number has all digits, 0.3 of it two fewer; then a division, squares, a root, two products.
    bound = 2 * (gamma(12, dtype) + 4 * unit_roundoff(dtype))
    assert np.all(np.abs(row - [1.2, -1.6, 0.0]) <= bound)


PLAN = SupervisedPlan(law=FeatureLaw.unit_energy(6, 0.3), hidden=9, b=0.1, steps=20, learning_rate=0.05)
OPTIMISERS = {"SGD": SGD(), "momentum": SGD(0.9), "Adam": Adam()}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("unit_norm", [False, True], ids=["free", "unit norm"])
@pytest.mark.parametrize("optimiser", OPTIMISERS.values(), ids=OPTIMISERS)
def test_compiled_updates_are_the_portable_ones(optimiser, unit_norm, dtype):
    """An update that starts anywhere: both take the same numbers and round each a few times."""
    plan = replace(PLAN, optimiser=optimiser, unit_norm=unit_norm, dtype=dtype)
    rng = np.random.default_rng(3)
    W, a = rng.standard_normal((3, 6, 9)), rng.standard_normal((3, 9))
    start = {"W": (W / np.linalg.norm(W, axis=1, keepdims=True)).astype(dtype), "a": a.astype(dtype)}
    gradients = [{name: rng.standard_normal(x.shape).astype(dtype) for name, x in start.items()} for _ in range(4)]
    ran = []
    for updates in (CompiledUpdates, PortableUpdates):
        parameters = {name: x.copy() for name, x in start.items()}
        one = updates(plan, parameters)
        for step, gradient in enumerate(gradients):
            parameters = one.apply(parameters, {name: x.copy() for name, x in gradient.items()}, step)
        ran.append(parameters)
    mine, theirs = ran
    for name in start:
        assert mine[name].dtype == dtype
        assert np.all(np.abs(mine[name] - theirs[name]) <= update_bound(plan, gradients, name))


def update_bound(plan, gradients, name):
    """Twice the rounding errors of the updates: gradients of modulus `g`, moves of at most `rate` times that.

    A coordinate of the sphere's tangent takes ``2 d`` products of numbers below 1 with ``g``; a moment keeps less
    than the sum of all ``|g|`` so far, in three roundings an update. Adam's move is below ``rate m/sqrt(v)``, where
    ``v`` is all positive, so no more than ``rate sqrt(1/(1 - second))`` in the first updates, in ten roundings. One
    update carries the errors of the last one on, to the sphere by a factor below two.
    """
    d, u = 6, gamma(40, plan.dtype)
    total = sum(np.abs(one[name]).max() for one in gradients) * (2 * d if plan.unit_norm else 1)
    adam = isinstance(plan.optimiser, Adam)
    moved = plan.learning_rate * (np.sqrt(1 / (1 - plan.optimiser.second)) if adam else total)
    return 2 * u * sum(2.0**step * (4 + moved) for step in range(len(gradients)))


@pytest.mark.parametrize("attack", ["none", "fgm", "pgd"])
@pytest.mark.parametrize("unit_norm", [False, True], ids=["free", "unit norm"])
def test_a_run_is_that_of_the_portable_path(attack, unit_norm, monkeypatch):
    """Precision ladder: what float32 does to the curve of a run, scaled by 2^-29, is what float64 does.

    A factor 2^6 allows for one sum of roundings being lucky.
    """
    eps = 0.1 * (attack != "none")
    plan = replace(PLAN, attack=attack, eps=eps, unit_norm=unit_norm, batch=32, record_every=1, dtype="float64")
    run = lambda one: train_supervised(one, Streams(3), 3, NUMPY).history.attacked_loss  # noqa: E731
    mine = run(plan)
    monkeypatch.setattr(choose, "compiles_for", lambda _: False)
    theirs, coarse = run(plan), run(replace(plan, dtype="float32"))
    stray = np.max(np.abs(coarse - theirs))
    assert stray > 0
    assert np.max(np.abs(mine - theirs)) <= 2.0**-29 * 2**6 * stray
