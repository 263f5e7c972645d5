"""What an audit needs of the memory, counted before it starts; a test holds the counts against what is allocated."""

import numpy as np

from numerics.arrays import Floats
from numerics.backend import Backend
from numerics.memory import MemoryEstimate
from numerics.memory_estimates import attack_memory, head_memory
from numerics.streams import Streams
from purecheck.auditing.attacked import BLOCK
from purecheck.auditing.given_network import GivenNetwork
from purecheck.auditing.heads import ENTRIES
from purecheck.auditing.linearity import linear_observations
from purecheck.auditing.measured import fit_observations, measure
from purecheck.auditing.plan import AuditPlan

_ROWS = 44
"""Numbers kept of every observation and network: losses and map under own and new heads, before and after sums."""


def audit_memory(network: GivenNetwork, plan: AuditPlan) -> MemoryEstimate:
    """The memory that `measure` takes, for each output of each replica.

    Largest numbers of arrays alive at a time. Data of the fit, of the test and of linearity, with the pseudo-inverse of
    the larger of these; outputs of all networks on them, some at a time; weights with their features, copies and random
    layers; one layer on all test observations; and the fit of a head.
    """
    replicas, d, H = network.W.shape
    fitted, drawn, n = fit_observations(d, H), linear_observations(d), plan.observations
    data = 4 * d * (fitted + n + drawn) + 8 * (d + 1) * max(fitted, drawn)
    total, points = replicas * network.heads.shape[1], max(fitted, drawn)
    outputs = 8 * total * points + 4 * max((points + d) * H, min(ENTRIES, total * (points + d) * H))
    shared = 8 * (data + outputs + 12 * replicas * d * H + 6 * n * H) + head_memory(d, H, fitted).each
    return MemoryEstimate(shared, attack_memory(d, H, min(n, BLOCK)).each, 8 * _ROWS * n)


def dictionary_memory(Z: Floats) -> MemoryEstimate:
    """The memory of estimating a dictionary from observations `(n, d)`: features, their cubes, and square arrays."""
    n, d = Z.shape
    return MemoryEstimate(8 * (6 * n * d + 10 * d * d), 0, 0)


def warm_up(backend: Backend) -> None:
    """Audits a network of two nodes, so that libraries are loaded."""
    network = GivenNetwork(np.eye(2)[None], np.ones((1, 1, 2)), np.full((1, 2), 0.1), None, "gate", np.zeros((1, 1)), 0)
    plan = AuditPlan(p=0.5, r=1.0, sigma=0.02, eps=0.1, norm="l2", observations=2)
    measure(network, plan, Streams(0), backend, lambda _done, _total, _what: None)
