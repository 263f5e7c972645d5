"""The device's step, its kernels emulated on the host, against the portable step."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from numerics.optimisers import SGD
from numerics.training.engine import PortableStep, StepShape
from numerics.training.engine.device import DeviceStep, DeviceUpdates
from numerics.training.engine.device.source import kernel_source
from numerics.training.step import TrainingAttack
from purecheck.bench.step_bounds import ProblemNetwork
from tests.numerics.device.bounds import bounds_of_step
from tests.numerics.device.host import DivergedError, HostDevice, OutOfBoundsError
from tests.numerics.device.test_updates import make_arrays, make_plan, updated

DTYPES = ("float32", "float64")
NORMS = ("l1", "l2", "linf")


@dataclass(frozen=True, eq=False)
class Task:
    """A step, in float64 numbers that float32 holds as well."""

    net: ProblemNetwork
    Z: np.ndarray
    y: np.ndarray
    attack: TrainingAttack | None

    @property
    def shape(self):
        return (*self.net.W.shape, self.y.shape[-1])

    def run(self, device, dtype):
        replicas, d, nodes, n = self.shape
        step = DeviceStep(device, StepShape(replicas, d, nodes, n, dtype), self.net.b, self.attack)
        W, a, Z, y = (device.asarray(x.astype(dtype)) for x in (self.net.W, self.net.a, self.Z, self.y))
        return step.gradients({"W": W, "a": a}, Z, y)

    def expected(self):
        return PortableStep(self.net.b, self.attack).gradients({"W": self.net.W, "a": self.net.a}, self.Z, self.y)

    def bounds(self, dtype):
        """Bounds on the distance of two steps, one in `dtype` and one in float64."""
        ours, theirs = (bounds_of_step(self.net, self.Z, self.y, self.attack, name) for name in (dtype, "float64"))
        errors = [{**x.gradients, "clean": x.clean_loss, "attacked": x.attacked_loss} for x in (ours, theirs)]
        return {name: x + errors[1][name] for name, x in errors[0].items()}, ours.decided


def make_task(seed, replicas, d, nodes, n, attack):
    rng = np.random.default_rng(seed)
    W, a, Z, y = (
        rng.standard_normal(shape, dtype=np.float32).astype(np.float64)
        for shape in ((replicas, d, nodes), (replicas, nodes), (replicas, n, d), (replicas, n))
    )
    return Task(ProblemNetwork(W / 4, a, 0.25), Z, y, attack)


attacks = st.one_of(
    st.none(),
    st.builds(TrainingAttack, st.sampled_from(NORMS), st.integers(1, 64).map(lambda k: k / 32), st.integers(1, 3)),
)
tasks = st.builds(
    make_task,
    st.integers(0, 2**32),
    st.integers(1, 3),
    st.integers(1, 20),
    st.integers(1, 40),
    st.integers(1, 5),
    attacks,
)


def distances(found, expected):
    """Absolute distances of gradients and losses."""
    pairs = {name: (found.gradients[name], expected.gradients[name]) for name in ("W", "a")}
    pairs["clean"] = found.clean_loss, expected.clean_loss
    pairs["attacked"] = found.attacked_loss, expected.attacked_loss
    return {name: np.abs(x.astype(np.float64) - y) for name, (x, y) in pairs.items()}


def check(task, device, dtype, *, allowed):
    for name, distance in distances(task.run(device, dtype), task.expected()).items():
        assert np.all(distance <= allowed[name]), f"{name}: {distance.max():.3g}, allowed {allowed[name].max():.3g}"


@pytest.mark.parametrize("dtype", DTYPES)
@settings(max_examples=25)
@given(task=tasks)
def test_emulated_kernels_compute_the_portable_step(dtype, task):
    allowed, decided = task.bounds(dtype)
    assume(decided)
    check(task, HostDevice(dtype), dtype, allowed=allowed)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("steps", [1, 3])
def test_rows_longer_than_a_warp_are_summed_whole(norm, steps):
    """Rows of 300 and 140 numbers, which three and two warps share out."""
    task = make_task(1, 1, 300, 140, 2, TrainingAttack(norm, 0.5, steps))
    allowed, decided = task.bounds("float64")
    assert decided
    check(task, HostDevice("float64"), "float64", allowed=allowed)


@pytest.mark.parametrize("attack", [None, TrainingAttack("l2", 0.5), TrainingAttack("l1", 0.5, 3)])
def test_no_result_depends_on_the_order_of_threads(attack):
    """A missing barrier would let a thread read what another has not yet, or has already, written."""
    task = make_task(2, 2, 40, 70, 3, attack)
    ascending = task.run(HostDevice("float32", more_threads=3), "float32")
    descending = task.run(HostDevice("float32", more_threads=3, descending=True), "float32")
    assert all(np.all(distance == 0) for distance in distances(ascending, descending).values())


BARRIERS = {
    "before a value of a warp is written": "  __syncthreads();  // what an earlier call left has been read\n  if",
    "before the values of all warps are read": "  __syncthreads();\n  x = parts[0];",
    "before a value of a thread is written": "  __syncthreads();  // what an earlier call left has been read\n  parts",
    "before the values of a column are read": "  __syncthreads();\n  Real total",
}


@pytest.mark.parametrize("name", BARRIERS)
def test_a_missing_barrier_is_noticed(name):
    """Two sums in a row, a step attacked by PGD, and an update on the sphere, which sums over columns twice."""
    whole, barrier = kernel_source(), BARRIERS[name]
    assert whole.count(barrier) == 1
    torn = whole.replace(barrier, barrier.replace("__syncthreads();", ""))
    assert not torn_apart(whole)
    assert torn_apart(torn)


def torn_apart(source):
    """Whether any result of the kernels of a `source` depends on the order of warps."""
    task = make_task(2, 2, 40, 70, 3, TrainingAttack("l2", 0.5, 2))
    plan = make_plan(SGD(), unit_norm=True, dtype="float32")
    parameters, gradients = make_arrays(1, 2, 40, 70, 1)
    found = []
    for descending in (False, True):
        device = HostDevice("float32", source=source, more_threads=3, descending=descending)
        moved = updated(DeviceUpdates(device, plan, parameters), parameters, gradients, "float32")
        sums = device.empty((96, 2))
        device.launch("two_sums", 1, 32, sums)
        step = task.run(device, "float32")
        found.append((*step.gradients.values(), step.attacked_loss, moved["W"], sums))
    return not all(np.array_equal(one, other) for one, other in zip(*found, strict=True))


def test_a_barrier_that_some_threads_skip_is_noticed():
    torn = kernel_source().replace("  if (warps == 1) return x;", "  if (threadIdx.x == 0) return x;")
    with pytest.raises(DivergedError):
        make_task(2, 1, 4, 4, 1, None).run(HostDevice("float32", source=torn), "float32")


def test_a_write_beside_an_array_is_noticed():
    edge = "  if (h < H && threadIdx.x < 32) da["
    assert kernel_source().count(edge) == 1
    torn = kernel_source().replace(edge, "  if (threadIdx.x < 32) da[")
    with pytest.raises(OutOfBoundsError):
        make_task(2, 1, 4, 5, 1, None).run(HostDevice("float32", source=torn), "float32")


MUTANTS = {
    "a closed gate weighs": ("modulus(v[h]) >= b ? head[h]", "modulus(v[h]) < b ? head[h]"),
    "an attack descends": ("error >= 0 ? stride : -stride", "error >= 0 ? -stride : stride"),
    "a sign is flipped": ("x < 0 ? Real(-1) : x;", "x < 0 ? Real(1) : x;"),
    "a smaller coordinate is taken": ("modulus(g[j]) == size && d - j > before", "d - j > before"),
    "a closed gate passes": ("(modulus(v[h]) >= b ? Real(1) : Real(0))", "(modulus(v[h]) <= b ? Real(1) : Real(0))"),
    "a residual is a sum": (
        "over_block(f, Sum()) - y[row];\n  if (threadIdx.x == 0)",
        "over_block(f, Sum()) + y[row];\n  if (threadIdx.x == 0)",
    ),
    "a head is forgotten": ("P[at] = head * p", "P[at] = p"),
    "a ball is left": ("x[j] > eps ? eps", "x[j] < eps ? eps"),
    "a short vector is projected": ("size * outward.length > eps", "size * outward.length < eps"),
    "a threshold is too low": ("total - kept * level <= eps", "total - kept * level >= eps"),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutated_kernel_is_told_apart(name):
    """One attack of each kind suffices to tell each mutant from the source."""
    old, new = MUTANTS[name]
    whole = kernel_source()
    assert whole.count(old) == 1
    device = HostDevice("float64", source=whole.replace(old, new))
    attacks = [TrainingAttack(norm, 0.5, steps) for norm in NORMS for steps in (1, 3)]
    differs = False
    for attack in attacks:
        task = make_task(3, 2, 9, 12, 4, attack)
        allowed, decided = task.bounds("float64")
        assert decided
        found = distances(task.run(device, "float64"), task.expected())
        differs = differs or any(not np.all(distance <= allowed[key]) for key, distance in found.items())
    assert differs


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_a_diverged_network_does_not_look_healthy(broken):
    task = make_task(4, 1, 5, 6, 2, TrainingAttack("linf", 0.5))
    task.net.W[0, 1, 2] = broken
    with np.errstate(invalid="ignore"):
        assert not np.isfinite(task.expected().attacked_loss).any()
    assert not np.isfinite(task.run(HostDevice("float32"), "float32").attacked_loss).any()


def whole_numbers(*shape):
    return hnp.arrays(np.int64, shape, elements=st.integers(-2, 2)).map(lambda k: k.astype(np.float64))


@st.composite
def exact_tasks(draw):
    """Whole numbers, on the gates and off, with ties and perfect fits, whose attacked step is free of rounding."""
    d, nodes, n = draw(st.integers(1, 4)), draw(st.integers(1, 4)), draw(st.sampled_from([1, 2, 4]))
    exact_attacks = [None, *(TrainingAttack(*which) for which in (("l1", 0.5), ("linf", 0.5), ("linf", 0.5, 2)))]
    net = ProblemNetwork(
        draw(whole_numbers(1, d, nodes)), draw(whole_numbers(1, nodes)), draw(st.sampled_from([0.0, 1.0, 1.5]))
    )
    return Task(net, draw(whole_numbers(1, n, d)), draw(whole_numbers(1, n)), draw(st.sampled_from(exact_attacks)))


@given(task=exact_tasks())
def test_gates_ties_and_perfect_fits_are_decided_as_in_the_portable_step(task):
    found = distances(task.run(HostDevice("float32"), "float32"), task.expected())
    assert all(np.all(distance == 0) for distance in found.values())


TIES = {
    "a node at its gate is shut": ("modulus(v[h]) >= b ? scale * error", "modulus(v[h]) > b ? scale * error"),
    "a perfect fit is attacked downwards": ("error >= 0 ? stride : -stride", "error > 0 ? stride : -stride"),
    "the last of equals is taken": ("d - over_block(before, Largest())", "over_block(before, Largest()) - 1"),
}


@pytest.mark.parametrize("name", TIES)
def test_a_tie_decided_otherwise_is_told_apart(name):
    old, new = TIES[name]
    whole = kernel_source()
    assert whole.count(old) == 1
    device = HostDevice("float32", source=whole.replace(old, new))
    ones = np.ones((1, 2, 1))
    # One node at its gate, a gradient of equal coordinates, and a perfect fit.
    task = Task(
        ProblemNetwork(ones, ones[:, 0], 2.0), ones[:, :, 0][:, None], np.full((1, 1), 2.0), TrainingAttack("l1", 0.5)
    )
    shut = Task(ProblemNetwork(ones, ones[:, 0], 2.0), ones[:, :, 0][:, None], np.zeros((1, 1)), None)
    found = [distances(one.run(device, "float32"), one.expected()) for one in (task, shut)]
    assert any(np.any(distance != 0) for one in found for distance in one.values())
