"""The report as one HTML page that loads nothing else."""

import re
import shlex
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from sympy import Basic, default_sort_key, latex, preorder_traversal

from purecheck.enclosures.links import chains_of, links_of
from purecheck.formal.result import FormalResult
from purecheck.methods.derived import counted, proof_of
from purecheck.reporting.comparison import Past, changes
from purecheck.reporting.figures.registry import ClaimFigure
from purecheck.reporting.mathematics import mathml, with_mathml
from purecheck.reporting.svg import inlined
from purecheck.reporting.tables.cells import shown
from purecheck.reporting.tables.registry import ClaimTable, Table
from purecheck.runs.runner import Run
from purecheck.runtime.context import Context
from purecheck.verdicts.evidence import Level, Outcome
from purecheck.verdicts.standing import claims_below, reading
from theory.claims import Claim, Clause
from theory.derivation import Derivation, StepError
from theory.ledger import CLAIMS
from theory.quantities import Quantity, named_in

_NO_WORD = re.compile(r"[^A-Za-z0-9]+")

LEVELS: Mapping[Level, str] = {
    Level.FORMAL: "the kernel of a proof assistant (Rocq) accepted the statement, over a range and laws that contain "
    "those of the clause, with the axioms that are listed, and the formula agreed with the model's own evaluators",
    Level.PROVED: "every step of the derivation reduced to zero by exact algebra, which ball arithmetic confirmed at "
    "random points, or follows by a theorem; for all parameters under the assumptions",
    Level.CERTIFIED: "an inequality or a value enclosed by ball arithmetic, or decided exactly",
    Level.ENUMERATED: "exact rational enumeration of every case of a small model",
    Level.SAMPLED: "the statement held on Hypothesis examples drawn from the assumptions, or on a grid within them",
    Level.SIMULATED: "Monte Carlo agreed with the closed form, with a declared false-alarm rate and a declared "
    "smallest detectable error",
    Level.TRAINED: "a statement about training, decided by confidence intervals over many seeds",
    Level.MEASURED: "a statement about runs on real data, decided by confidence intervals",
}

OUTCOMES: Mapping[str, str] = {
    Outcome.UPHELD: "everything that was examined holds",
    Outcome.REFUTED: "a counterexample was found",
    Outcome.UNDECIDED: "neither shown nor refuted, or fewer cases decided than declared; this is never a pass",
    Outcome.VOID: "the check did not reject its control, a false variant of the statement, so it shows nothing",
    Outcome.NOT_RUN: "there are no records on which to decide it; this is neither a pass nor a failure",
    Outcome.CONTRADICTION: "one check proves the clause and another refutes it: one of the two is wrong",
    "answer: yes": "an open question: everything that was examined holds",
    "answer: no": "an open question: there is a counterexample, or a measurement that refutes it",
}


@dataclass(frozen=True)
class ShownDerivation:
    """The derivation of one clause as the page shows it.

    Attributes
    ----------
    clause
        The clause.
    chains
        Chains with their headings: those that end in the statement, each after the lemmas that it uses.
    links
        The number of links, by kind.
    failure
        The reason why the derivation does not build; None if it does.
    """

    clause: Clause
    chains: tuple[tuple[str, Derivation], ...]
    links: str = ""
    failure: str | None = None


def render(
    run: Run,
    context: Context,
    figures: Mapping[ClaimFigure, str],
    tables: Mapping[ClaimTable, Table],
    past: Past | None = None,
) -> str:
    """The whole page.

    Parameters
    ----------
    run
        The results.
    context
        The context of the run, which keeps its derivations.
    figures
        The figures with their SVG documents.
    tables
        The tables with their contents.
    past
        An older report; the page says what changed since.
    """
    environment = Environment(
        loader=PackageLoader("purecheck", "reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(prose=with_mathml, math=lambda latex: mathml(latex, "block"), shown=shown)
    # The style sheet ships with the package and each SVG document comes from Matplotlib: both are trusted.
    style = Markup(files("purecheck.reporting").joinpath("report.css").read_text("utf-8"))  # noqa: S704
    return environment.get_template("report.html").render(
        run=run,
        style=style,
        counts=Counter(result.reading for result in run.results.values()),
        reading=reading,
        headline=_headline(run),
        anchor=_anchor,
        named_in=named_in,
        name=_name,
        needs={
            key: {
                clause.name: {
                    need.assumption: need.witness
                    for line in result.evidence
                    if clause.name in line.clauses
                    for need in line.needs
                }
                for clause in result.claim.clauses
            }
            for key, result in run.results.items()
        },
        below={key: claims_below(result.claim) for key, result in run.results.items()},
        derivations={key: shown_derivations(result.claim, context) for key, result in run.results.items()},
        figures={
            key: [(one, Markup(inlined(svg, one.name))) for one, svg in figures.items() if one.claim == key]  # noqa: S704
            for key in run.results
        },
        tables={key: [(one, table) for one, table in tables.items() if one.claim == key] for key in run.results},
        formal=context.formal if isinstance(context.formal, FormalResult) else None,
        formal_reason=context.formal if isinstance(context.formal, str) else None,
        past=past,
        changes=None if past is None else changes(past, run),
        levels=LEVELS,
        outcomes=OUTCOMES,
    )


@dataclass(frozen=True)
class Headline:
    """The answer that the page begins with.

    Attributes
    ----------
    upheld, open, not_run
        Ids of the claims that are upheld, that stand otherwise, and that were not run.
    proved
        The number of those upheld that are proved, or formal.
    command
        The command that repeats the run.
    """

    upheld: tuple[str, ...]
    open: tuple[str, ...]
    not_run: tuple[str, ...]
    proved: int
    command: str


def _headline(run: Run) -> Headline:
    standing = {key: result.standing for key, result in run.results.items()}
    upheld = tuple(key for key, one in standing.items() if one.outcome is Outcome.UPHELD)
    not_run = tuple(key for key, one in standing.items() if one.outcome is Outcome.NOT_RUN)
    claims = [] if set(run.requested) >= {claim.id for claim in CLAIMS} else [*run.requested]
    settings = run.environment
    return Headline(
        upheld,
        tuple(key for key in standing if key not in (*upheld, *not_run)),
        not_run,
        sum(standing[key].level in (Level.PROVED, Level.FORMAL) for key in upheld),
        shlex.join(["purecheck", "report", *claims, "--profile", settings.profile, "--seed", str(settings.seed)]),
    )


def _anchor(claim: str, clause: str) -> str:
    """The id of a clause on the page: it has a dot, which no other id has."""
    return f"{claim}.{_NO_WORD.sub('-', clause)}"


def _name(quantity: Quantity, formula: Basic) -> str:
    """The name of a quantity as LaTeX; for a class of functions, its first occurrence in the formula."""
    name = quantity.name
    if isinstance(name, Basic):
        return str(latex(name))
    nodes = preorder_traversal(formula, keys=default_sort_key)
    return str(latex(next(node for node in nodes if node.func is name)))


def shown_derivations(claim: Claim, context: Context) -> list[ShownDerivation]:
    """The derivations of a claim's clauses, in order; clauses without a derivation are left out."""
    return [_shown(claim, clause, context) for clause in claim.clauses if clause.derive is not None]


def _shown(claim: Claim, clause: Clause, context: Context) -> ShownDerivation:
    try:
        proof = proof_of(claim.id, clause, context)
    except StepError as failure:
        return ShownDerivation(clause, (), failure=str(failure))
    ends = {id(chain) for chain in proof.chains}
    chains = tuple(("Derivation" if id(chain) in ends else "Lemma", chain) for chain in chains_of(proof))
    return ShownDerivation(clause, chains, counted(links_of(proof)))
