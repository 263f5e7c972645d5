"""The functions of `import purecheck`: each does in Python what the command of its name does in a shell."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from os import PathLike
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar, overload

from numerics.activations import ActivationName
from numerics.backend import select_backend
from numerics.contrastive.training import ContrastivePlan, ContrastiveRecord, train_contrastive
from numerics.evaluation import Effort
from numerics.norms import Norm
from numerics.streams import Streams
from numerics.training import SupervisedPlan, SupervisedRecord, train_supervised
from purecheck.auditing.dictionary import with_dictionary
from purecheck.auditing.given_network import read_network, read_observations
from purecheck.auditing.json_report import audit_to_dict, settings_to_dict
from purecheck.auditing.measured import measure
from purecheck.auditing.plan import plan_for
from purecheck.auditing.state_dict import Names
from purecheck.closed_forms import QUANTITIES, Value, find_form, parse_arguments
from purecheck.closed_forms import evaluate as evaluate_form
from purecheck.formal.found import found
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
    weights: str | PathLike[str],
    *,
    names: Names | None = None,
    data: str | PathLike[str] | None = None,
    activation: ActivationName | None = None,
    b: float = 0.0,
    p: float = 0.1,
    r: float | None = None,
    sigma: float = 0.02,
    theta: Sequence[float] | None = None,
    norm: Norm = "l2",
    eps: float | None = None,
    observations: int = 200,
    exact: int | None = None,
    seconds: float = 5.0,
    seed: int = 0,
    backend: BackendName = "auto",
) -> dict[str, Any]:
    """What the theory says about a hidden layer in a file: its purity, its effective map, and its risk under attack.

    Parameters
    ----------
    weights
        `.npz` with `W` `(d, H)` or `(replicas, d, H)`, a head `a` or `C`, and optionally `b`, `M` and `activation`; or
        a `.safetensors` file with a `state_dict`.
    names
        Names of tensors in a `state_dict`; they follow from the shapes if None.
    data
        `.npz` with observations `Z` `(n, d)` from which to estimate a dictionary.
    activation, b
        Activation and threshold of the nodes if the file does not hold them; the default activation is the gate.
    p, r, sigma
        Probability and amplitude of an active feature, and noise of the observations; `r` is `1 / sqrt(p d)` if None.
    theta
        Target: one number for each feature, or one for all; inferred from the network if None.
    norm, eps
        Norm and size of the attacks; the size follows from `r` if None.
    observations
        Number of fresh observations for each measurement.
    exact, seconds
        How many observations to attack exactly as well, and the limit for one exact attack.
    seed
        Root of all random streams.
    backend
        Array library; `auto` uses a GPU if there is one.

    Returns
    -------
    dict
        The object that `purecheck audit --json` writes: verdicts, the numbers behind them, and why a number is missing.

    Raises
    ------
    ValueError
        If the file holds no such network, or a number is outside its range.
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
    network = read_network(Path(weights), names=names or Names(), b=b, activation=activation)
    origin: dict[str, Any] = {"dictionary": "identity" if network.M is None else "given"}
    if data is not None:
        Z = read_observations(Path(data), network.W.shape[1])
        network, origin = with_dictionary(network, Path(data).name, Z, streams)
    plan = plan_for(
        network,
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
    measured = measure(network, plan, streams, selected, lambda _done, _total, _what: None)
    settings = settings_to_dict(network, plan) | origin
    environment = asdict(describe(selected, seed, "custom", started))
    return audit_to_dict(measured, plan, network) | {"settings": settings, "environment": environment}


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
