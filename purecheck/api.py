"""The functions of `import purecheck`: each does in Python what the command of its name does in a shell."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from os import PathLike
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar, overload

import numpy as np

from numerics.backend import select_backend
from numerics.contrastive.training import ContrastivePlan, ContrastiveRecord, train_contrastive
from numerics.evaluation import Effort
from numerics.norms import Norm
from numerics.streams import Streams
from numerics.training import SupervisedPlan, SupervisedRecord, train_supervised
from purecheck.auditing.data_attacks import DataAttacked, Threat, attack_data
from purecheck.auditing.dictionary import with_dictionary
from purecheck.auditing.facade import as_differentiable, audit_given, network_behind
from purecheck.auditing.given_data import inputs_of, require_one_label_each
from purecheck.auditing.given_network import GivenNetwork, read_for_data, read_network, read_observations
from purecheck.auditing.json_report import audit_to_dict, settings_to_dict
from purecheck.auditing.measured import measure
from purecheck.auditing.monitor import PurityMonitor
from purecheck.auditing.plan import plan_for
from purecheck.auditing.tasks import TaskName, task_of
from purecheck.closed_forms import QUANTITIES, Value, find_form, parse_arguments
from purecheck.closed_forms import evaluate as evaluate_form
from purecheck.formal.found import found
from purecheck.networks.evaluation import Described
from purecheck.networks.state_dict import Names
from purecheck.networks.units import UnitName
from purecheck.records.reading import load_records
from purecheck.records.shipped import shipped_records
from purecheck.reporting.writing import write_report
from purecheck.runs.ledger import ledger
from purecheck.runs.runner import Run, reads_records, run_checks, selection
from purecheck.runtime.context import PROFILES, Context
from purecheck.runtime.environment import describe, now
from purecheck.runtime.memory import parse_size
from purecheck.simulation.contrastive import PairSummary, summarise_pairs
from purecheck.simulation.sizes import tested_sizes
from purecheck.simulation.supervised import Summary, summarise
from theory.claims import Claim

__all__ = ["PurityMonitor", "attack", "audit", "check", "claims", "evaluate", "report", "simulate"]

BackendName = Literal["auto", "numpy", "cupy"]
ProfileName = Literal["quick", "full"]

Trained = TypeVar("Trained")
Found = TypeVar("Found")


@dataclass(frozen=True, eq=False)
class Simulation(Generic[Trained, Found]):
    """Networks that `simulate` trained, and what it measured on them.

    Attributes
    ----------
    record
        The trained networks with the history of their training.
    summary
        Purity of their nodes and their risk or loss under attack, with intervals over replicas.
    """

    record: Trained
    summary: Found


def claims() -> tuple[Claim, ...]:
    """All claims of the theory, in the order of the ledger.

    Returns
    -------
    tuple of Claim
        Each with its id, title, clauses, assumptions and dependencies.

    Examples
    --------
    >>> import purecheck
    >>> [claim.id for claim in purecheck.claims()][:4]
    ['G1', 'G2', 'G3', 'G4']
    """
    return tuple(ledger().claims.values())


def evaluate(quantity: str, /, **arguments: int | float | str | Fraction) -> Value:
    """The value of a quantity of the theory at a point.

    Parameters
    ----------
    quantity
        Name of the quantity; `purecheck evaluate --help` lists them.
    **arguments
        The point. Numbers are taken exactly as they are written: `0.07` and `"7/100"` are the same number.

    Returns
    -------
    Value
        The value as a float with a certified bound on its error, and as a fraction where it is rational.

    Raises
    ------
    ValueError
        If there is no such quantity, or the point is outside its domain.
    NotEnclosedError
        If ball arithmetic does not enclose the value.

    Examples
    --------
    >>> import purecheck
    >>> purecheck.evaluate("firing_probability", m=2, p="3/10").exact
    '93/200'
    """
    form = find_form(QUANTITIES, quantity)
    return evaluate_form(form, parse_arguments(form, [f"{name}={value}" for name, value in arguments.items()]))


def check(
    *ids: str,
    profile: ProfileName = "quick",
    backend: BackendName = "auto",
    seed: int = 0,
    records: str | PathLike[str] | None = None,
    memory: int | str | None = None,
) -> Run:
    """What the checks of some claims, and of all claims that these depend on, find.

    Networks are trained in a second process. A script that checks a claim on training has to call this function under
    `if __name__ == "__main__":`, as for any use of `multiprocessing`.

    Parameters
    ----------
    *ids
        Ids of claims; all claims if there are none.
    profile
        Effort: `quick` or `full`.
    backend
        Array library; `auto` uses a GPU if there is one.
    seed
        Root of all random streams.
    records
        Folder of recorded runs on real data; None for the records that come with purecheck.
    memory
        Upper limit on memory, in bytes or as `"2GiB"`; None for half of what is free.

    Returns
    -------
    Run
        For each claim its evidence, and the standing that follows from it.

    Raises
    ------
    ValueError
        If an id is unknown, the memory is too little, or a record is broken.

    Examples
    --------
    >>> import purecheck
    >>> run = purecheck.check("N1")
    >>> run.is_as_claimed
    True
    >>> print(run.results["N1"].standing.outcome, run.results["N1"].standing.level)
    upheld proved
    """
    run, _ = _checked(ids, profile, backend, seed, records, memory)
    return run


def report(
    *ids: str,
    out: str | PathLike[str] = "report",
    profile: ProfileName = "quick",
    backend: BackendName = "auto",
    seed: int = 0,
    records: str | PathLike[str] | None = None,
    memory: int | str | None = None,
) -> Path:
    """Write a report on some claims and all that they depend on: one page that any browser opens without a network.

    Parameters
    ----------
    *ids
        Ids of claims; all claims if there are none.
    out
        Folder for `report.html`, `report.json` and `figures/`; made if it does not exist.
    profile, backend, seed, records, memory
        As in `check`.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    ValueError
        As in `check`.
    OSError
        If the folder cannot be written.

    Examples
    --------
    >>> import purecheck, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = purecheck.report("N1", out=folder)
    ...     print(page.name, page.stat().st_size > 10_000)
    report.html True
    """
    run, context = _checked(ids, profile, backend, seed, records, memory)
    return write_report(run, context, Path(out))


@overload
def simulate(
    plan: SupervisedPlan,
    *,
    replicas: int = 20,
    sizes: Sequence[float] = (),
    draws: int = 200,
    seed: int = 0,
    backend: BackendName = "auto",
    effort: Effort = "quick",
    bounded: int = 5,
) -> Simulation[SupervisedRecord, Summary]: ...


@overload
def simulate(
    plan: ContrastivePlan,
    *,
    replicas: int = 20,
    sizes: Sequence[float] = (),
    draws: int = 200,
    seed: int = 0,
    backend: BackendName = "auto",
) -> Simulation[ContrastiveRecord, PairSummary]: ...


def simulate(
    plan: SupervisedPlan | ContrastivePlan,
    *,
    replicas: int = 20,
    sizes: Sequence[float] = (),
    draws: int = 200,
    seed: int = 0,
    backend: BackendName = "auto",
    effort: Effort = "quick",
    bounded: int = 5,
) -> Simulation[Any, Any]:
    """Train replicas of a network, and measure the purity of their nodes and their risk under attack.

    Parameters
    ----------
    plan
        What to train: a `SupervisedPlan`, or a `ContrastivePlan` with a `Gated` encoder.
    replicas
        Number of networks, each with random streams of its own.
    sizes
        Sizes of the attacks after training; chosen from the plan if there are none.
    draws
        Fresh observations (or pairs of either kind) for each replica.
    seed
        Root of all random streams.
    backend
        Array library; `auto` uses a GPU if there is one.
    effort, bounded
        Of supervised networks: the suite of attacks, `quick` or `strong`, and the number of observations of each
        replica whose worst case is bounded.

    Returns
    -------
    Simulation
        The trained networks, and what was measured on them.

    Raises
    ------
    ValueError
        If a number is outside its range, or the encoders of a contrastive plan are linear.
    DivergedError
        If training diverged.

    Examples
    --------
    >>> import purecheck
    >>> from numerics.features import FeatureLaw
    >>> from numerics.training import SupervisedPlan
    >>> plan = SupervisedPlan(law=FeatureLaw.unit_energy(4, 0.25), hidden=8, b=0.1, steps=20, batch=16)
    >>> done = purecheck.simulate(plan, replicas=3, draws=20)
    >>> done.record.net.W.shape
    (3, 4, 8)
    >>> 1 <= done.summary.purity["participation_ratio"].median <= 4
    True
    """
    selected = select_backend(backend)
    streams = Streams(seed).child("simulate")
    tested = tested_sizes(sizes, plan)
    test = streams.child("test")
    if isinstance(plan, SupervisedPlan):
        record = train_supervised(plan, streams, replicas, selected)
        return Simulation(record, summarise(record, tested, draws, test, selected, effort=effort, bounded=bounded))
    pairs = train_contrastive(plan, streams, replicas, selected)
    return Simulation(pairs, summarise_pairs(pairs, tested, draws, test, selected))


def audit(
    network: Any,
    inputs: Any = None,
    labels: Any = None,
    *,
    norm: Norm = "l2",
    eps: float | None = None,
    task: TaskName | None = None,
    layer: str | None = None,
    dictionary: str | Any = None,
    box: tuple[float, float] | None = None,
    names: Names | None = None,
    data: str | PathLike[str] | None = None,
    activation: UnitName | None = None,
    b: float | None = None,
    p: float = 0.1,
    r: float | None = None,
    sigma: float = 0.02,
    theta: Sequence[float] | None = None,
    observations: int = 200,
    exact: int | None = None,
    seconds: float = 5.0,
    seed: int = 0,
    backend: BackendName = "auto",
) -> dict[str, Any]:
    """What the theory says about a network: its purity, its effective map, and its accuracy or risk under attack.

    With `inputs` and `labels` the network is attacked on those, in their units. Without them it is attacked on data
    drawn from the sparse-coding model.

    Parameters
    ----------
    network
        A file: `.npz`, `.safetensors`, `.pt`, `.onnx` or `.skops`. With `inputs` also a PyTorch module, a fitted
        perceptron of scikit-learn, or a function that returns its outputs `(n, q)` at inputs `(n, d)` and their
        pullback, as `jax.vjp` does.
    inputs, labels
        Arrays `(n, ...)` and `(n,)`: numbers of classes, signs, or targets `(n, q)`. An autoencoder needs no labels.
    norm, eps
        Norm and size of the attacks, in the units of the inputs; for synthetic data the size follows from `r` if None.
    task
        `classes`, `sign` or `regression`; inferred from the labels if None.
    layer
        Name of the hidden layer that is audited, where there are several.
    dictionary
        Of the inputs of that layer: `none`, `identity`, `estimated` or an orthogonal matrix; that of the file if None.
    box
        Least and largest value of a coordinate of an attacked input.
    names
        Names of tensors in a state dict; they follow from names and shapes if None.
    data
        `.npz` with observations `Z` `(n, d)` from which to estimate a dictionary, for synthetic data.
    activation, b
        Activation and threshold of the nodes if the file does not hold them; the default activation is the gate.
    p, r, sigma
        Probability and amplitude of an active feature, and noise of synthetic observations; `r` is `1 / sqrt(p d)` if
        None.
    theta
        Target on synthetic data: one number for each feature, or one for all; inferred from the network if None.
    observations
        Number of synthetic observations for each measurement.
    exact, seconds
        How many observations to attack exactly as well, and the limit for one exact attack.
    seed
        Root of all random streams.
    backend
        Array library for synthetic data; `auto` uses a GPU if there is one.

    Returns
    -------
    dict
        The object that `purecheck audit --json` writes: verdicts, the numbers behind them, and why a number is missing.

    Raises
    ------
    ValueError
        If the network is not understood, or a number or a shape is not as expected.
    NotAuditableError
        If the network gives nothing to measure, such as one that never fires.

    Examples
    --------
    A layer of pure nodes, one for each of eight features:

    >>> import numpy as np, purecheck, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.savez(f"{folder}/pure.npz", W=np.eye(8), a=np.ones(8), b=np.full(8, 0.3))
    ...     found = purecheck.audit(f"{folder}/pure.npz", observations=50)
    >>> found["purified"], found["structure"]
    (True, 'pure')
    """
    selected, started = select_backend(backend), now()
    streams = Streams(seed).child("audit")
    given = names or Names(layer=layer)
    if inputs is not None:
        file = isinstance(network, str | PathLike)
        model = read_for_data(Path(network), names=given, b=b, activation=activation) if file else network
        found = audit_given(
            model,
            np.asarray(inputs),
            None if labels is None else np.asarray(labels),
            norm=norm,
            eps=eps,
            streams=streams,
            task=task,
            layer=layer,
            dictionary=dictionary,
            box=box,
            activation=activation or "relu",
        )
        return found | {"environment": asdict(describe(selected, seed, "custom", started))}
    if labels is not None or task is not None or dictionary is not None or box is not None:
        raise ValueError("labels, task, dictionary or box were given without inputs; expected inputs beside them")
    weights = read_network(Path(network), names=given, b=b, activation=activation)
    weights, origin = _with_dictionary(weights, data, streams)
    plan = plan_for(
        weights,
        p=p,
        r=r,
        sigma=sigma,
        eps=eps,
        norm=norm,
        observations=observations,
        exact=exact,
        seconds=seconds,
        theta=None if theta is None else tuple(theta),
    )
    measured = measure(weights, plan, streams, selected, lambda _done, _total, _what: None)
    settings = settings_to_dict(weights, plan) | origin
    environment = asdict(describe(selected, seed, "custom", started))
    return audit_to_dict(measured, plan, weights) | {"settings": settings, "environment": environment}


def _with_dictionary(
    weights: GivenNetwork, data: str | PathLike[str] | None, streams: Streams
) -> tuple[GivenNetwork, dict[str, Any]]:
    """The network with the dictionary that the observations in the file `data` determine, and where it comes from."""
    if data is None:
        return weights, {"dictionary": "identity" if weights.M is None else "given"}
    Z = read_observations(Path(data), weights.W.shape[1])
    return with_dictionary(weights, Path(data).name, Z, streams)


def attack(
    model: Any,
    inputs: Any,
    labels: Any,
    *,
    norm: Norm,
    eps: float,
    task: TaskName | None = None,
    box: tuple[float, float] | None = None,
    seed: int = 0,
) -> DataAttacked:
    """What the attacks alone do to a model at given inputs.

    Parameters
    ----------
    model
        A PyTorch module, a fitted perceptron of scikit-learn, or a function that returns its outputs `(n, q)` at inputs
        `(n, d)` and a function from their cotangents `(n, q)` to gradients in the inputs `(n, d)`, as `jax.vjp` does.
    inputs, labels
        Arrays `(n, ...)` and `(n,)`: numbers of classes, signs, or targets `(n, q)`.
    norm, eps
        Norm and size of the attacks, in the units of the inputs.
    task
        `classes`, `sign` or `regression`; inferred from the labels if None.
    box
        Least and largest value of a coordinate of an attacked input.
    seed
        Root of all random streams.

    Returns
    -------
    DataAttacked
        Margins or squared errors of every input under every attack, the worst perturbation, and
        `under("worst")`, the accuracy or the mean squared error.

    Raises
    ------
    ValueError
        If a number or a shape is not as expected.

    Examples
    --------
    Two classes of a linear model, which an attack of size `eps` in l_inf fools where the margin is at most `eps` times
    the l1 norm of the difference of both rows, here 2:

    >>> import numpy as np, purecheck
    >>> C = np.array([[1.0, 0.0], [0.0, 1.0]])
    >>> Z = np.array([[1.0, 0.0], [0.5, 0.0], [0.0, 0.3]])
    >>> found = purecheck.attack(lambda z: (z @ C, lambda g: g @ C.T), Z, [0, 0, 1], norm="linf", eps=0.2)
    >>> [float(round(margin, 6)) for margin in found.worst]
    [-0.6, -0.1, 0.1]
    >>> round(found.under("worst"), 3)
    0.667
    """
    known = network_behind(model)
    Z = inputs_of(np.asarray(inputs), None if known is None else known.inputs)
    function = Described(known) if known is not None else as_differentiable(model, np.shape(inputs)[1:])
    given = np.asarray(labels)
    require_one_label_each(given, len(Z))
    outputs = function.outputs(Z[:2]).shape[1]
    wanted = task_of(given, outputs, None if known is None else known.classes, task)
    return attack_data(function, Z, wanted, Threat(eps=eps, norm=norm, box=box), Streams(seed).child("attack"))


def _checked(
    ids: Sequence[str],
    profile: ProfileName,
    backend: BackendName,
    seed: int,
    records: str | PathLike[str] | None,
    memory: int | str | None,
) -> tuple[Run, Context]:
    """The run that `check` and `report` share, and its context, which keeps what figures show."""
    if profile not in PROFILES:
        raise ValueError(f"profile is {profile!r}; expected one of {', '.join(PROFILES)}")
    book = ledger()
    requested = selection(book, ids)
    folder = shipped_records() if records is None else Path(records)
    stored = load_records(folder) if reads_records(book, requested) and folder.is_dir() else ()
    limit = parse_size(memory) if isinstance(memory, str) else memory
    context = Context(select_backend(backend), Streams(seed), PROFILES[profile], stored, limit, found())
    return run_checks(book, requested, context), context
