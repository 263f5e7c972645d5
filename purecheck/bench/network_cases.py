"""The cases on networks: the training step, and attacks after training."""

from functools import partial

import numpy as np

from numerics.certificate import certified, certified_worst_case
from numerics.network import GatedNetwork, forward
from numerics.rounding import attacked_residual_bound, gamma, rounding_excess, unit_roundoff
from purecheck.bench import floor, ours
from purecheck.bench.agreement import DisagreementError, expect_agreement
from purecheck.bench.case import Case, Check, Match
from purecheck.bench.contestant import Computed, Contestant
from purecheck.bench.problem import CaseSize, Kind, Problem, make_problem
from purecheck.bench.settings import Settings

PRODUCTS = {"fgm": 4, "pgd": 42, "gate_aware": 83}
"""The number of matrix products of an attack, forward passes and gradients together.

FGM: the clean pass, its gradient, the attacked pass, and one more for an even number. PGD: 21 of either kind for 20
steps. Gate-aware: for each sign 20 steps with a pass and a gradient and one last pass, and the clean pass.
"""


def step_case(kind: Kind, size: CaseSize, *, alone: bool = False) -> Case:
    """The case of a training step on the attacked loss; `alone` leaves out the peers."""
    return Case(f"step, {kind}", size, floor.STEP, partial(_step_match, kind, size, alone))


def attack_case(name: str, size: CaseSize) -> Case:
    """The case of the attack called `name` on purified networks, for which claim P2 gives the worst case."""
    words = f"{PRODUCTS[name]} matrix products: forward passes and attack gradients"
    return Case(name.replace("_", "-"), size, words, partial(_attack_match, name, size))


def _step_match(kind: Kind, size: CaseSize, alone: bool, settings: Settings) -> Match:
    problem = make_problem(kind, size, settings.streams.generator(f"{kind}/{size}"))
    mine, least = ours.step(problem, settings.backend), floor.step_floor(problem, settings.backend)

    def check(name: str, outcome: Computed) -> None:
        expect_agreement(name, outcome, problem.gradients)

    peers = [] if alone else _peers("step", problem, settings)
    return Match([mine, least, *peers], _unless_coarse(check, settings))


def _attack_match(name: str, size: CaseSize, settings: Settings) -> Match:
    problem = make_problem("purified", size, settings.streams.generator(f"attack/{size}"))
    mine = ours.attack(name, problem, settings.backend, settings.streams)
    least = floor.attack_floor(problem, settings.backend, PRODUCTS[name])
    check = partial(expect_worst_case, problem, exactly=name != "gate_aware")
    return Match([mine, least, *_peers(name, problem, settings)], _unless_coarse(check, settings))


def _peers(work: str, problem: Problem, settings: Settings) -> list[Contestant]:
    return [makers[work](problem) for makers in settings.field.present.values() if work in makers]


def _unless_coarse(check: Check, settings: Settings) -> Check | None:
    """The check in float32; None at a coarser precision, whose rounding changes gates, so that no bound holds."""
    return check if settings.precision == "float32" else None


def expect_worst_case(problem: Problem, name: str, outcome: Computed, *, exactly: bool) -> None:
    """Compare an attack with the worst case that claim P2 derives where no attack of this size moves a gate.

    Parameters
    ----------
    problem
        Purified networks and observations.
    name
        Name of the contestant.
    outcome
        Perturbations `delta`, shape (replicas, n, d).
    exactly
        Whether the attack must reach the worst case, besides staying in the ball and not exceeding the worst case.

    Raises
    ------
    DisagreementError
        If it leaves the ball, exceeds the worst case, lowers the loss, or should reach the worst case and does not.
    """
    Z, y, eps, delta = problem.Z, problem.y, problem.eps, np.asarray(outcome["delta"])
    net = GatedNetwork(problem.W, problem.a, problem.b)
    safe = certified(net, Z, eps * (1 + rounding_excess(Z, eps)), "l2")
    if not safe.any():
        raise DisagreementError(f"{name} cannot be checked: claim P2 certifies none of the observations")
    reached = np.abs(y - forward(net, Z + delta))
    worst = np.sqrt(certified_worst_case(net, Z, y, eps, "l2"))
    bound = attacked_residual_bound(net, Z, y, delta, eps, "l2") + 2 * unit_roundoff("float32") * worst
    longest = np.linalg.norm(delta.astype(np.float64), axis=-1)
    failures = {
        "leaves the ball": longest > eps * (1 + gamma(problem.size.d + 8, "float32")),
        "exceeds the worst case of claim P2": safe & (reached > worst + bound),
        "lowers the loss": safe & (reached < np.abs(y - forward(net, Z)) - bound),
        "misses the worst case of claim P2": safe & (reached < worst - bound) if exactly else np.zeros_like(safe),
    }
    for failure, where in failures.items():
        if where.any():
            raise DisagreementError(f"{name} {failure} at {int(where.sum())} of {int(safe.sum())} observations")
