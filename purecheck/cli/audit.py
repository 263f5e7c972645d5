"""`purecheck audit`: what the theory says about a network of the user."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from numerics.norms import NORMS
from numerics.streams import Streams
from purecheck.auditing.dictionary import with_dictionary
from purecheck.auditing.facade import audit_files
from purecheck.auditing.given_network import read_network, read_observations
from purecheck.auditing.json_report import audit_to_dict, settings_to_dict
from purecheck.auditing.measured import NotAuditableError, measure
from purecheck.auditing.memory_estimate import audit_memory, dictionary_memory, warm_up
from purecheck.auditing.plan import plan_for
from purecheck.auditing.tasks import TASKS
from purecheck.cli.audit_data_printing import print_audit_on_data
from purecheck.cli.audit_printing import print_audit
from purecheck.cli.json_output import STANDARD_OUTPUT, json_option, write_json
from purecheck.cli.memory import memory_option
from purecheck.cli.numbers import Number, Whole
from purecheck.cli.options import selected_backend, where_to_run
from purecheck.cli.paths import InputFile
from purecheck.cli.problems import as_usage_error
from purecheck.cli.progress import shown
from purecheck.io.untrusted import LIMIT
from purecheck.networks.state_dict import Names
from purecheck.networks.units import UNITS
from purecheck.runtime.environment import describe, now
from purecheck.runtime.memory import remaining_memory, require_memory

_COPIES = 4
"""Copies of a file in memory while it is read: its bytes, the numbers in them, and two arrays to check them."""

_FILE = InputFile()


@click.command("audit")
@click.argument("weights", type=_FILE, metavar="WEIGHTS")
@click.option("--p", type=Number(), default=0.1, show_default=True, help="Probability that a feature is active.")
@click.option("--r", type=Number(), help="Amplitude of an active feature. Default: 1/sqrt(p d).")
@click.option(
    "--sigma", type=Number(), default=0.02, show_default=True, help="Standard deviation of the noise of observations."
)
@click.option(
    "--theta", metavar="NUMBERS", help="Target: one number, or d numbers separated by commas. Default: inferred."
)
@click.option("--eps", type=Number(), help="Size of the attacks. Default: 0.4 r in l2 and l1, 0.4 r/sqrt(d) in l_inf.")
@click.option("--norm", type=click.Choice(list(NORMS)), default="l2", show_default=True, help="Norm of the attacks.")
@click.option(
    "--observations", type=Whole(2), default=200, show_default=True, help="Fresh observations for each measurement."
)
@click.option(
    "--exact",
    type=Whole(0),
    help="Observations to attack exactly. Default: 5 for small gated networks in l1 and l_inf, else 0.",
)
@click.option(
    "--seconds", type=Number(), default=5.0, show_default=True, help="Time limit for one exact attack, for each sign."
)
@click.option("--b", type=Number(), help="Threshold of the nodes if the file holds none. Default: 0.")
@click.option(
    "--activation",
    type=click.Choice([name for name in UNITS if name != "identity"]),
    help="Activation if the file names none. Default: gate.",
)
@click.option(
    "--inputs",
    type=_FILE,
    metavar="X.npy",
    help="Inputs (n, d) of your own, on which to audit instead of synthetic data.",
)
@click.option("--labels", type=_FILE, metavar="Y.npy", help="Their labels (n,): numbers of classes, signs or targets.")
@click.option("--task", type=click.Choice(list(TASKS)), help="What the outputs are for. Default: from the labels.")
@click.option(
    "--dictionary",
    metavar="NAME|FILE.npy",
    help="Dictionary of the inputs: none, identity, estimated, or an orthogonal matrix. Default: that of the file.",
)
@click.option("--box", metavar="LO,HI", help="Least and largest value of a coordinate of an attacked input.")
@click.option("--layer", metavar="NAME", help="Name of the weights of the layer that is audited.")
@click.option("--head", metavar="NAME", help="Name of the weights of the head (q, H) in a state_dict.")
@click.option("--threshold", metavar="NAME", help="Name of the thresholds (H,) in a state_dict.")
@click.option(
    "--data", type=_FILE, metavar="FILE.npz", help="Observations Z (n, d) from which to estimate a dictionary."
)
@click.option(
    "--max-mib",
    type=Whole(1),
    default=LIMIT // 2**20,
    show_default=True,
    help="Upper limit on the size of an input file.",
)
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
    """Audit a network: WEIGHTS is .npz, .safetensors, .pt, .onnx or .skops.

    With --inputs and --labels it is attacked on your own data, in your units. Without them it is attacked on data
    drawn from the sparse-coding model, and risks are relative to the energy of the target, E (theta^T X)^2; if the file
    holds replicas, every number is their median.

    Example: purecheck audit net.onnx --inputs X.npy --labels y.npy --eps 0.1
    """
    selected, started = selected_backend(backend), now()
    streams = Streams(seed).child("audit")
    limit = min(max_mib * 2**20, sys.maxsize if memory is None else memory // _COPIES)
    names = Names(*(options.pop(name) for name in ("layer", "head", "threshold")))
    _require_one_kind_of_data()
    own = {name: options.pop(name) for name in ("inputs", "labels", "task", "dictionary", "box")}
    if own["inputs"] is not None:
        with as_usage_error():
            found = audit_files(
                weights,
                own["inputs"],
                own["labels"],
                names=names,
                activation=options["activation"],
                b=options["b"],
                dictionary=own["dictionary"],
                limit=limit,
                require=lambda work: require_memory(remaining_memory(memory, selected, lambda: None), memory, 0, work),
                norm=options["norm"],
                eps=options["eps"],
                streams=streams,
                task=own["task"],
                box=_box(own["box"]),
            )
        _write(json_file, found, asdict(describe(selected, seed, "custom", started)))
        if json_file != STANDARD_OUTPUT:
            print_audit_on_data(found)
        return 0
    with as_usage_error():
        network = read_network(
            weights, names=names, b=options.pop("b"), activation=options.pop("activation"), limit=limit
        )
        origin: dict[str, Any] = {"dictionary": "identity" if network.M is None else "given"}
        if data is not None:
            Z = read_observations(data, network.W.shape[1], limit)
            require_memory(remaining_memory(memory, selected, lambda: None), memory, 0, dictionary_memory(Z))
            network, origin = with_dictionary(network, data.name, Z, streams)
        plan = plan_for(network, **options | {"theta": _numbers(options["theta"])})
        work, outputs = audit_memory(network, plan), network.heads.shape[0] * network.heads.shape[1]
        left = remaining_memory(memory, selected, lambda: warm_up(selected))
        require_memory(left, memory, outputs, work)
        left -= work.shared + outputs * work.kept
    try:
        with shown() as progress:
            measured = measure(network, plan, streams, selected, progress, left)
    except NotAuditableError as problem:
        raise click.UsageError(str(problem)) from problem
    found = audit_to_dict(measured, plan, network)
    settings = settings_to_dict(network, plan) | origin
    _write(json_file, found | {"settings": settings}, asdict(describe(selected, seed, "custom", started)))
    if json_file != STANDARD_OUTPUT:
        print_audit(found, settings)
    return 0


_SYNTHETIC = ("p", "r", "sigma", "theta", "observations", "exact", "seconds", "data")
_OWN = ("labels", "task", "dictionary", "box")


def _require_one_kind_of_data() -> None:
    """Refuse options that are about the other kind of data than the one that is used: nothing would read them."""
    ctx = click.get_current_context()
    given = {name for name in (*_SYNTHETIC, *_OWN) if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE}
    inputs = ctx.params["inputs"] is not None
    if strange := sorted(given & set(_SYNTHETIC if inputs else _OWN)):
        why = "is about synthetic data; expected none of it beside" if inputs else "is about data of your own; expected"
        raise click.UsageError(f"--{strange[0]} {why} --inputs")


def _write(json_file: Path | None, found: dict[str, Any], environment: dict[str, Any]) -> None:
    if json_file is not None:
        write_json(json_file, found | {"environment": environment})


def _box(given: str | None) -> tuple[float, float] | None:
    if given is None:
        return None
    numbers = given.split(",")
    try:
        low, high = (Number().convert(one.strip(), None, None) for one in numbers)
    except (click.BadParameter, ValueError):
        raise ValueError(f"box is {given[:40]!r}; expected two numbers separated by a comma") from None
    return low, high


def _numbers(given: str | None) -> tuple[float, ...] | None:
    if given is None:
        return None
    try:
        return tuple(Number().convert(one.strip(), None, None) for one in given.split(","))
    except click.BadParameter:
        raise ValueError(f"theta is {given[:40]!r}; expected numbers separated by commas") from None
