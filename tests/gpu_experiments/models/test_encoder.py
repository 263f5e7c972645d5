import dataclasses
import tracemalloc

import numpy as np
import pytest

from gpu_experiments import chunks
from gpu_experiments.chunks import map_chunks
from gpu_experiments.models.classifier import PatchClassifier
from gpu_experiments.models.encoder import PatchEncoder
from gpu_experiments.models.patches import PatchGrid
from numerics.rounding import gamma
from tests.gpu_experiments.models.small_models import case

D = PatchGrid().dimension


def encoder(**fields):
    rng = np.random.default_rng(0)
    given = {"W": rng.standard_normal((D, 16)).astype(np.float32), "b": np.ones(16, np.float32)}
    return PatchEncoder(**(given | fields))


def test_signs_of_odd_activations_are_pooled_apart():
    one = case(0)
    model = one.model("gate").encoder
    V = model.at(one.x).V
    features = model.features(one.x).reshape(len(one.x), model.cells.cells, 2, -1)
    opened = np.where(np.abs(V) >= model.b, V, 0)
    assert np.all(features >= 0)
    averages = (model.cells.matrix @ opened, model.cells.matrix @ np.abs(opened))
    # Each average has weights of sum 1; both orders of summation err by gamma_n of the largest term.
    bound = 2 * gamma(V.shape[-2] + 3, V.dtype) * np.max(np.abs(V))
    assert np.all(np.abs(features[:, :, 0] - features[:, :, 1] - averages[0]) <= bound)
    assert np.all(np.abs(features[:, :, 0] + features[:, :, 1] - averages[1]) <= bound)


def test_memory_is_bounded_by_the_chunk(monkeypatch):
    threads = 2
    monkeypatch.setattr(chunks, "cores", lambda: threads)
    model = encoder()
    model = dataclasses.replace(model, chunk_bytes=2 * model.image_bytes)
    x = np.random.default_rng(1).random((64, 3, 32, 32), dtype=np.float32)
    few, back = model.linearise(x[:8])
    back(np.ones_like(few))  # all loops are compiled by now
    tracemalloc.start()
    features, pull = model.linearise(x)
    gradient = pull(np.ones_like(features))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # What comes out, part by part and joined, and a chunk in each thread.
    outputs = 2 * (features.nbytes + gradient.nbytes) + features.nbytes
    assert peak <= outputs + threads * model.chunk_bytes
    assert peak < len(x) * model.image_bytes / 2


def test_results_do_not_depend_on_the_number_of_cores(monkeypatch):
    model, x = encoder(chunk_bytes=1), np.random.default_rng(1).random((5, 3, 32, 32), dtype=np.float32)
    found = []
    for cores in (1, 3):
        monkeypatch.setattr(chunks, "cores", lambda cores=cores: cores)
        found.append(model.features(x))
    assert np.array_equal(*found)


def test_parts_come_in_their_order():
    n = np.arange(7)
    assert map_chunks(lambda a, b: (a.tolist(), b.tolist()), 3, n, -n) == [
        ([0, 1, 2], [0, -1, -2]),
        ([3, 4, 5], [-3, -4, -5]),
        ([6], [-6]),
    ]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"W": np.ones((5, 16), np.float32)}, "W has shape"),
        ({"b": np.ones(3, np.float32)}, "b has shape"),
        ({"activation": "cosine"}, "activation is"),
        ({"pool": 15}, "pool is 15"),
        ({"chunk_bytes": 0}, "chunk_bytes is 0"),
    ],
)
def test_fields_that_do_not_fit_are_refused(fields, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        encoder(**fields)


@pytest.mark.parametrize(("C", "c0", "name"), [((5, 2), (2,), "C"), ((288, 2), (3,), "c0")])
def test_heads_that_do_not_fit_are_refused(C, c0, name):
    with pytest.raises(ValueError, match=f"^{name} has shape"):
        PatchClassifier(encoder(), np.ones(C, np.float32), np.ones(c0, np.float32))
