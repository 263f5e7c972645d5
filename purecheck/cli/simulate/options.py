"""Options that both kinds of simulation share, and their values."""

from math import sqrt
from typing import Any

import click

from numerics.activations import THRESHOLDED
from numerics.features import ConstantAmplitude, FeatureLaw, UniformAmplitude, rotation
from numerics.norms import NORMS
from numerics.optimisers import SGD, Adam
from numerics.streams import Streams
from purecheck.cli.json_output import json_option
from purecheck.cli.memory import memory_option
from purecheck.cli.numbers import LARGEST, Number, Whole
from purecheck.cli.options import F, where_to_run
from purecheck.cli.paths import OutputFile
from purecheck.cli.simulate.values import Interval, Uniform
from purecheck.simulation.sizes import ATTACK_SHARE
from purecheck.simulation.supervised import amplitude_of


def shared_options(command: F) -> F:
    """Add the options for data, optimiser, attack, files and backend."""
    command = json_option(memory_option(where_to_run(command)))
    for option in (
        click.option("--out", type=OutputFile(suffix=".npz"), metavar="FILE.npz", help="Save the trained weights."),
        click.option(
            "--replicas",
            type=Whole(1),
            default=20,
            show_default=True,
            help="Number of networks, each with its own seed.",
        ),
        click.option("--batch", type=Whole(), default=128, show_default=True, help="Fresh samples in each update."),
        click.option(
            "--schedule", type=click.Choice(["constant", "cosine", "linear"]), default="cosine", show_default=True
        ),
        click.option("--optimiser", type=click.Choice(["adam", "sgd"]), default="adam", show_default=True),
        click.option(
            "--test-eps", type=Number(), multiple=True, help="Size of an attack after training; can be repeated."
        ),
        click.option("--eps", type=Number(), help="Size of the attack in training. Default: 0.4 r in l2 and l1."),
        click.option(
            "--norm", type=click.Choice(list(NORMS)), default="l2", show_default=True, help="Norm of all attacks."
        ),
        click.option(
            "--attack",
            type=click.Choice(["none", "fgm", "pgd"]),
            default="none",
            show_default=True,
            help="Attack in training.",
        ),
        click.option(
            "--dictionary", type=click.Choice(["identity", "rotation"]), default="identity", show_default=True
        ),
        click.option(
            "--sigma",
            type=Number(),
            default=0.02,
            show_default=True,
            help="Standard deviation of the noise of observations.",
        ),
        click.option("--r", type=Number(), help="Amplitude of an active feature. Default: 1/sqrt(p d)."),
        click.option(
            "--amplitude",
            type=Uniform(),
            metavar="uniform:LO..HI",
            help="Law of the amplitude in place of the constant r.",
        ),
    ):
        command = option(command)
    return command


def shared_settings(
    streams: Streams,
    law: FeatureLaw,
    *,
    attack: Any,
    norm: Any,
    eps: float | None,
    dictionary: str,
    optimiser: str,
    **others: Any,
) -> dict[str, Any]:
    """The arguments of every plan, from these options; `others` are passed on."""
    return {
        "law": law,
        "M": rotation(law.d, streams.generator("dictionary")) if dictionary == "rotation" else None,
        "attack": attack,
        "norm": norm,
        "eps": attack_size(eps, attack, norm, law),
        "optimiser": Adam() if optimiser == "adam" else SGD(),
        **others,
    }


def threshold(given: float | None, activation: str, share: float, law: FeatureLaw) -> float:
    """The threshold of the nodes; by default `share` of the amplitude if the activation has a threshold, else 0."""
    if given is not None:
        return given
    return share * amplitude_of(law) if activation in THRESHOLDED else 0.0


def feature_law(d: int, p: float, r: float | None, amplitude: Interval | None = None) -> FeatureLaw:
    """The law with constant amplitude `r`, `1/sqrt(p d)` if None, or with an amplitude that is uniform on an interval.

    Raises
    ------
    ValueError
        If an argument is outside its range, or both `r` and `amplitude` are given.
    """
    if d < 1:
        raise ValueError(f"d is {d}; expected a whole number of at least 1")
    if not 0 < p <= 1:
        raise ValueError(f"p is {p}; expected a probability above 0 and at most 1")
    if r is not None and not 1 / LARGEST <= r <= LARGEST:
        raise ValueError(f"r is {r}; expected a number from {1 / LARGEST:g} to {LARGEST:g}")
    if amplitude is not None:
        if r is not None:
            raise ValueError(f"r is {r} beside an amplitude; expected one of them")
        if not amplitude.low > 0:
            raise ValueError(f"amplitude is {amplitude}; expected an interval above 0")
        return FeatureLaw(d, p, UniformAmplitude(amplitude.low, amplitude.high))
    return FeatureLaw(d, p, ConstantAmplitude(1 / sqrt(p * d) if r is None else r))


def attack_size(given: float | None, attack: str, norm: str, law: FeatureLaw) -> float:
    """The size of the training attack; by default 0.4 r in l2 and l1, and 0.4 r / sqrt(d) in l_inf."""
    if given is not None:
        return given
    share = ATTACK_SHARE * amplitude_of(law)
    return 0.0 if attack == "none" else share / sqrt(law.d) if norm == "linf" else share
