"""The steps of `make formal`: generate, compile, audit, compare, confirm."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sympy import Basic

from purecheck.formal.audit import Audited, audit, unproved
from purecheck.formal.hypotheses import goals, range_of, terms_of, vetted
from purecheck.formal.installed import version
from purecheck.formal.instances import Compared, compare, instances
from purecheck.formal.links import algebra_links, confirm
from purecheck.formal.result import FormalResult, Links, Theorem
from purecheck.formal.rocq import Compiled, accepted, build
from purecheck.formal.sources import compile_order, digest, header, needed_by, sources, tracked_axioms, with_generated
from purecheck.formal.statements import Statement, relation_after, relation_before, statements
from theory.claims import Claim, Clause
from theory.formal.bindings import BINDINGS, Binding
from theory.formal.export import real_term
from theory.formal.generated import side_name
from theory.formal.names import Names, NotExportedError, identifiers

Say = Callable[[str], None]


@dataclass(frozen=True)
class Bound:
    """A binding with the clause and the statement that it binds.

    Attributes
    ----------
    binding, clause, statement
        The binding, the clause that it names, and the statement that it names.
    """

    binding: Binding
    clause: Clause
    statement: Statement


def statements_of(texts: Mapping[str, str]) -> dict[str, Statement]:
    """The statements of all files whose names begin with `Statements`."""
    found: dict[str, Statement] = {}
    for name, text in texts.items():
        if name.startswith("Statements"):
            found.update(statements(text))
    return found


def bound_theorems(claims: Iterable[Claim], stated: Mapping[str, Statement]) -> list[Bound]:
    """Every binding with its clause and its statement.

    Raises
    ------
    ValueError
        If a binding names a statement that does not exist.
    """
    by_id = {claim.id: claim for claim in claims}
    missing = [one.theorem for one in BINDINGS if one.theorem not in stated]
    if missing:
        raise ValueError(f"the statement {missing[0]} was not found; expected it in theory/formal/rocq/Statements_*.v")
    return [Bound(one, by_id[one.claim].clause(one.clause), stated[one.theorem]) for one in BINDINGS]


def formal(claims: Iterable[Claim], folder: Path, say: Say, *, with_links: bool = True) -> FormalResult:
    """What the Rocq kernel accepts of the development, and how it is bound to the ledger.

    Parameters
    ----------
    claims
        The ledger.
    folder
        The folder in which files are generated and compiled; files that have not changed are not compiled again.
    say
        Called with a line of text before each step.
    with_links
        Whether links of algebra are tried too.

    Raises
    ------
    purecheck.formal.rocq.RocqMissingError
        If Rocq or a library is not installed.
    ValueError
        If the development cannot be bound to the ledger at all.
    """
    started, listed = time.perf_counter(), list(claims)
    rocq, axioms = version(), tracked_axioms()
    texts = with_generated(sources(), listed)
    bound = bound_theorems(listed, statements_of(texts))
    say(f"compiling {len(texts)} files with Rocq {rocq}")
    compiled = build(texts, folder)
    for name, one in compiled.items():
        say(f"  {name + '.v':<22} {'accepted' if one.accepted else 'REFUSED'} {one.seconds:6.1f} s")
    say("definitions against the evaluators of the model")
    computed = compare(instances(), folder)
    say("statements, axioms and controls of every theorem")
    problems, theorems = judge(bound, texts, compiled, folder, axioms, computed)
    say("links of exact algebra")
    links = confirm(algebra_links(listed), folder) if with_links else Links()
    seconds = {
        "compilation": round(sum(one.seconds for one in compiled.values()), 1),
        "all": round(time.perf_counter() - started, 1),
    }
    return FormalResult(digest(texts, axioms), rocq, seconds, problems, theorems, links)


def judge(
    bound: Sequence[Bound],
    texts: Mapping[str, str],
    compiled: Mapping[str, Compiled],
    folder: Path,
    axioms: Iterable[str],
    computed: Mapping[str, Compared],
) -> tuple[tuple[str, ...], tuple[Theorem, ...]]:
    """The problems of the compiled sources as a whole, and the verdict on each bound theorem.

    Parameters
    ----------
    bound
        The theorems.
    texts, compiled, folder
        The sources, the results of compiling them, and the folder.
    axioms
        The axioms that a proof may use.
    computed
        The results of computing definitions.
    """
    refused = [f"{name}.v: {_last_words(one)}" for name, one in compiled.items() if not one.accepted]
    order = [name for name in compile_order(texts) if compiled[name].accepted and name != "Tactics"]
    audited = audit([(one.binding, one.clause, one.statement) for one in bound], header(order), folder)
    proofs = [name for name in texts if name.startswith("Proofs")]
    before_proofs = [name for name in order if not set(proofs) & needed_by(name, texts) and name not in proofs]
    assumed = _assumptions(bound, header(before_proofs), folder)
    theorems = tuple(_theorem(one, audited[one.binding.theorem], assumed, computed, axioms) for one in bound)
    return (*unproved(texts), *refused), theorems


def _last_words(compiled: Compiled) -> str:
    return " ".join(compiled.output.split())[-400:]


def _assumptions(
    bound: Iterable[Bound], beginning: str, folder: Path
) -> dict[str, tuple[list[tuple[str, str]], list[str]]]:
    """For each theorem, the hypotheses that are vetted with their descriptions, and those that nothing justifies."""
    known = vetted()
    lemmas: dict[str, str] = {}
    where: dict[str, tuple[str, str]] = {}
    found: dict[str, tuple[list[tuple[str, str]], list[str]]] = {}
    for one in bound:
        ranges = range_of(one.clause, terms_of(one.binding, one.clause, one.statement))
        named = [(h, known[h]) for h in one.statement.hypotheses if h in known]
        found[one.binding.theorem] = (named, [])
        for name, text in goals(one.statement, ranges, known).items():
            lemmas[name] = text
            where[name] = (one.binding.theorem, one.statement.hypotheses[int(name.split("_")[1])])
    follow = accepted(lemmas, beginning, folder)
    for name, (theorem, hypothesis) in where.items():
        if name not in follow:
            found[theorem][1].append(hypothesis)
    return found


def _theorem(
    bound: Bound,
    audited: Audited,
    assumed: Mapping[str, tuple[list[tuple[str, str]], list[str]]],
    computed: Mapping[str, Compared],
    axioms: Iterable[str],
) -> Theorem:
    binding, statement = bound.binding, bound.statement
    named, unvetted = assumed[binding.theorem]
    used = [name for name in computed if statement.mentions(name)]
    problems = list(_problems(bound, audited, axioms))
    problems += [f"assumes more than the clause: {hypothesis}" for hypothesis in unvetted]
    problems += [f"{name} differs: {wrong}" for name in used if (wrong := computed[name].disagreement)]
    return Theorem(
        claim=binding.claim,
        clause=binding.clause,
        name=binding.theorem,
        law=binding.law,
        of_clause=binding.of_clause,
        accepted=not problems,
        problems=tuple(" ".join(problem.split()) for problem in problems),
        statement=tuple((audited.unfolded or statement.body).splitlines()),
        says=statement.says,
        assumptions=tuple(named),
        axioms=audited.axioms,
        computed=tuple(used),
        mutation=audited.mutation,
        rejected=audited.rejected,
    )


def _problems(bound: Bound, audited: Audited, axioms: Iterable[str]) -> Iterable[str]:
    if not audited.proved:
        yield "the kernel did not accept a proof of it"
        return
    for axiom in sorted(set(audited.axioms) - set(axioms)):
        yield f"rests on {axiom}, which theory/formal/axioms.txt does not list"
    if audited.rejected is None:
        yield "its control could not be stated"
    elif not audited.rejected:
        yield f"its control was accepted too: {audited.mutation}"
    if bound.binding.of_clause:
        yield from _relations(bound)


_WRITTEN = {"==": "=", "<=": "<=", "<": "<", ">=": ">=", ">": ">"}


def _relations(bound: Bound) -> Iterable[str]:
    """The places where a statement relates its sides differently from the clause."""
    binding, clause, statement = bound.binding, bound.clause, bound.statement
    conjuncts = clause.conjuncts
    for number, relation in enumerate(conjuncts, start=1):
        suffix = str(number) if len(conjuncts) > 1 else ""
        wanted = _WRITTEN[relation.rel_op]
        right = next((kind + suffix for kind in ("rhs", "mean") if kind + suffix in binding.sides), None)
        left = f"lhs{suffix}" if f"lhs{suffix}" in binding.sides else None
        if right is not None:
            found = relation_before(statement, side_name(clause, binding.claim, right, binding))
        elif left is not None:
            found = relation_after(statement, side_name(clause, binding.claim, left, binding))
        else:
            found = wanted if _states(statement, wanted, relation.rhs, binding.written.get(suffix)) else None
        if found != wanted:
            yield f"states {found or 'another relation'} where the clause states {relation}"
        if right is None and left is not None and not _states(statement, wanted, relation.rhs):
            yield f"states another right side than {relation.rhs}"


def _states(statement: Statement, relation: str, right: Basic, written: str | None = None) -> bool:
    """Whether the conclusion contains the relation with this right side, written out."""
    try:
        text = written or real_term(right, Names(identifiers(sorted(right.free_symbols, key=str))))
    except NotExportedError:
        return False
    return f"{relation} {text}" in statement.conclusion
