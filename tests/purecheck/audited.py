"""Networks to audit, and what the command finds in them."""

import json

import numpy as np

from numerics.features import rotation
from numerics.mixtures import mixture_network
from purecheck.cli import main

D, P = 16, 0.1
R = 1 / np.sqrt(P * D)
DYADIC = ("--theta", "1", "--r", "0.5", "--sigma", "0", "--eps", "0.125")
"""Options at which the sums of `dyadic` networks are exact."""


def audit(path, *options):
    """The facts that the command writes."""
    target = path.parent / "facts.json"
    assert main(["audit", str(path), "--json", str(target), *options]) == 0
    return json.loads(target.read_text())


def mixture(folder, m):
    """The mixture network of order `m` for the target of ones, seen through a rotation."""
    M = rotation(D, np.random.default_rng(0))
    net = mixture_network(np.ones(D), m, 0.5 * R)
    path = folder / f"order{m}.npz"
    np.savez(path, W=M @ net.W, a=net.a, b=net.b, M=M, activation="gate")
    return path


def dyadic(folder, m, **changes):
    """The same without a rotation, whose sums are exact at dyadic amplitudes, without noise."""
    net = mixture_network(np.ones(D), m, 0.25)
    path = folder / f"dyadic{m}.npz"
    np.savez(path, **({"W": net.W, "a": net.a, "b": net.b} | changes))
    return path


def simulated(path, *options):
    assert main(["simulate", "supervised", "--replicas", "3", "--observations", "2", "--out", str(path), *options]) == 0
    return path
