"""`purecheck audit`: what the theory says about a network that someone hands in."""

import sys
from dataclasses import asdict, replace
from math import sqrt
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from numerics.activations import ACTIVATIONS
from numerics.dictionary import agreement, estimate_dictionary
from numerics.norms import NORMS
from numerics.streams import Streams
from purecheck.auditing.given_network import GivenNetwork, read_network, read_observations
from purecheck.auditing.json_report import facts
from purecheck.auditing.measured import NotAuditableError, measure
from purecheck.auditing.memory_estimate import audit_set, dictionary_set, rehearse
from purecheck.auditing.plan import AuditPlan
from purecheck.auditing.state_dict import Names
from purecheck.cli.audit_printing import tell
from purecheck.cli.json_output import STANDARD_OUTPUT, json_option, write_json
from purecheck.cli.memory import memory_option
from purecheck.cli.numbers import Number, Whole
from purecheck.cli.options import make_context, where_to_run
from purecheck.cli.paths import InputFile
from purecheck.cli.problems import told_as_usage
from purecheck.cli.progress import shown
from purecheck.io.untrusted import LIMIT
from purecheck.runtime.context import Profile
from purecheck.runtime.environment import describe, now
from purecheck.runtime.memory import expect_room, room

ATTACK_SHARE = 0.4
"""Default size of an l2 attack as a multiple of the amplitude."""
SMALL, EXACT = 64, 5
"""Nodes, counted for every output of every replica, up to which so many observations are attacked exactly."""

_COPIES = 4
"""Of what a file holds, while it is read: its bytes, the numbers in them, and two arrays to check these."""

_FILE = InputFile()


@click.command("audit")
@click.argument("weights", type=_FILE, metavar="WEIGHTS")
@click.option("--p", type=Number(), default=0.1, show_default=True, help="Probability that a feature is active.")
@click.option("--r", type=Number(), help="Amplitude of an active feature; 1/sqrt(p d) when left out.")
@click.option("--sigma", type=Number(), default=0.02, show_default=True, help="Noise of the observations.")
@click.option("--theta", metavar="NUMBERS", help="Target, d numbers or one for all, by commas; inferred when left out.")
@click.option(
    "--eps", type=Number(), help="Size of the attacks; 0.4 r in l2 and l1, 0.4 r/sqrt(d) in l_inf when left out."
)
@click.option("--norm", type=click.Choice(list(NORMS)), default="l2", show_default=True, help="Of the attacks.")
@click.option("--observations", type=Whole(2), default=200, show_default=True)
@click.option("--exact", type=Whole(0), help="Observations to attack exactly; 5 on small networks, not l2.")
@click.option("--seconds", type=Number(), default=5.0, show_default=True, help="Limit for one exact attack, each sign.")
@click.option("--b", type=Number(), default=0.0, show_default=True, help="Threshold where the file holds none.")
@click.option("--activation", type=click.Choice(list(ACTIVATIONS)), help="Where the file names none; else the gate.")
@click.option("--layer", metavar="NAME", help="Weights of the layer in a state_dict, (H, d).")
@click.option("--head", metavar="NAME", help="Weights of the head in a state_dict, (q, H).")
@click.option("--threshold", metavar="NAME", help="Thresholds in a state_dict, (H,).")
@click.option("--data", type=_FILE, metavar="FILE.npz", help="Observations Z (n, d) to estimate a dictionary from.")
@click.option("--max-mib", type=Whole(1), default=LIMIT // 2**20, show_default=True, help="Limit of sizes.")
@json_option
@memory_option
@where_to_run
def command(
    weights: Path,
    data: Path | None,
    max_mib: int,
    json_file: Path | None,
    seed: int,
    backend: str,
    memory: int | None,
    **options: Any,
) -> int:
    """Audits a hidden layer: WEIGHTS is .npz (W, a or C, b, M, activation) or a .safetensors state_dict.

    Risks are relative to the energy of the target, E (theta^T X)^2. With replicas every number is their median.
    """
    context, started = make_context(Profile("custom", 0, 1, 1.0), backend, seed), now()
    streams = context.streams.child("audit")
    limit = min(max_mib * 2**20, sys.maxsize if memory is None else memory // _COPIES)
    names = Names(*(options.pop(name) for name in ("layer", "head", "threshold")))
    with told_as_usage():
        network = read_network(
            weights, names=names, b=options.pop("b"), activation=options.pop("activation"), limit=limit
        )
        origin: dict[str, Any] = {"dictionary": "identity" if network.M is None else "given"}
        if data is not None:
            Z = read_observations(data, network.W.shape[1], limit)
            expect_room(room(memory, context.backend, lambda: None), memory, 0, dictionary_set(Z))
            network, origin = _with_dictionary(network, data.name, Z, streams)
        plan = _plan(network, **options)
        work, outputs = audit_set(network, plan), network.heads.shape[0] * network.heads.shape[1]
        left = room(memory, context.backend, lambda: rehearse(context.backend))
        expect_room(left, memory, outputs, work)
        left -= work.shared + outputs * work.kept
    try:
        with shown() as progress:
            measured = measure(network, plan, streams, context.backend, progress, left)
    except NotAuditableError as problem:
        raise click.UsageError(str(problem)) from problem
    found = facts(measured, plan, network)
    settings = _settings(network, plan) | origin
    if json_file is not None:
        write_json(json_file, found | {"settings": settings, "environment": asdict(describe(context, started))})
    if json_file != STANDARD_OUTPUT:
        tell(found, settings)
    return 0


def _plan(
    network: GivenNetwork,
    *,
    r: float | None,
    eps: float | None,
    norm: Any,
    exact: int | None,
    theta: str | None,
    **rest: Any,
) -> AuditPlan:
    _, d, H = network.W.shape
    amplitude = r if r is not None else 1 / sqrt(rest["p"] * d) if rest["p"] > 0 else 1.0
    gated = network.activation == "gate"
    if exact and not gated:
        raise ValueError(
            f"exact is {exact}; expected 0: the exact attack is on the gate, and this is {network.activation}"
        )
    small = gated and norm != "l2" and network.heads.shape[0] * network.heads.shape[1] * H <= SMALL
    return AuditPlan(
        r=amplitude,
        eps=eps if eps is not None else ATTACK_SHARE * amplitude / (sqrt(d) if norm == "linf" else 1),
        kind=norm,
        exact=exact if exact is not None else EXACT * small,
        theta=None if theta is None else _numbers(theta),
        **rest,
    )


def _with_dictionary(
    network: GivenNetwork, file: str, Z: NDArray[np.float64], streams: Streams
) -> tuple[GivenNetwork, dict[str, Any]]:
    """The network with the dictionary estimated from `Z`, and how well two halves of it agree."""
    if network.M is not None:
        raise ValueError(f"--data is {file}; expected none for weights that come with a dictionary M")
    names = ("dictionary", "first half", "second half")
    M, *halves = (
        estimate_dictionary(part, streams.generator(name))
        for name, part in zip(names, (Z, Z[::2], Z[1::2]), strict=True)
    )
    return replace(network, M=M), {"dictionary": "estimated", "dictionary_agreement": agreement(*halves)}


def _numbers(given: str) -> tuple[float, ...]:
    try:
        return tuple(Number().convert(one.strip(), None, None) for one in given.split(","))
    except click.BadParameter:
        raise ValueError(f"theta is {given[:40]!r}; expected numbers separated by commas") from None


def _settings(network: GivenNetwork, plan: AuditPlan) -> dict[str, Any]:
    replicas, d, H = network.W.shape
    return {
        "replicas": replicas,
        "d": d,
        "hidden": H,
        "outputs": network.heads.shape[1],
        "activation": network.activation,
        "target": "inferred" if plan.theta is None else "given",
        **{name: value for name, value in asdict(plan).items() if name not in ("kind", "theta")},
        "norm": plan.kind,
    }
