"""Whether a statement assumes more than its clause: hypotheses that do not follow from its ranges must be vetted."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from importlib.resources import files

from sympy import Basic, Symbol, oo, preorder_traversal

from purecheck.formal.statements import Statement, arguments_of
from theory.claims import Clause
from theory.formal.bindings import Binding
from theory.formal.export import natural_term, real_term
from theory.formal.generated import side_name
from theory.formal.names import NAT, Names, NotExportedError, identifiers, type_of
from theory.ranges import Range

_CALLED = {"epsilon": "eps", r"\|w_{h}\|_*": "D"}
"""The names in the development of some symbols of the ledger."""

_PROOF = (
    "intros; repeat split; try lia; "
    "repeat match goal with |- context [ / (2 * ?x) ] => replace (/ (2 * x)) with (1 / 2 / x) by (field; lra) end; "
    "first [ assumption | lra | lia | solve [ left; lra ] | nra "
    "| solve [ unfold Rdiv in *; rewrite ?Rinv_mult in *; lra ] ]"
)


def vetted() -> dict[str, str]:
    """Hypotheses that correspond to assumptions of clauses, with their descriptions, from `assumptions.txt`."""
    lines = files("theory.formal").joinpath("assumptions.txt").read_text("utf-8").splitlines()
    pairs = (line.split(" # ", 1) for line in lines if " # " in line and not line.startswith("#"))
    return {hypothesis.strip(): words.strip() for hypothesis, words in pairs}


def terms_of(binding: Binding, clause: Clause, statement: Statement) -> dict[str, str]:
    """The terms of the statement for parts of the clause's ranges, from its sides, the binding, or their names."""
    found: dict[str, str] = {}
    binders = set(statement.binders.replace("(", " ").replace(")", " ").split())
    for symbol in clause.over:
        name = _CALLED.get(str(symbol), next(iter(identifiers([symbol]).values())))
        if name in binders:
            found[str(symbol)] = name
    for side, arguments in binding.sides.items():
        applied = arguments_of(statement, side_name(clause, binding.claim, side, binding)) or ()
        found.update({name: term for name, term in zip(arguments, applied, strict=False) if term not in binders})
        found.update({name: term for name, term in zip(arguments, applied, strict=False) if term in binders})
    return {**found, **binding.terms}


def range_of(clause: Clause, terms: Mapping[str, str]) -> list[str]:
    """The ranges of a clause as Rocq propositions, for the symbols that occur in the statement."""
    parts = {
        str(node): node for r in clause.over.values() for end in (r.low, r.high) for node in preorder_traversal(end)
    }
    parts.update({str(symbol): symbol for symbol in clause.over})
    named = {parts[name]: _in_parentheses(term) for name, term in terms.items() if name in parts}
    symbols = {x: name for x, name in named.items() if isinstance(x, Symbol)}
    names = Names(symbols, {x: name for x, name in named.items() if not isinstance(x, Symbol)})
    return [
        proposition
        for symbol, ends in clause.over.items()
        if symbol in symbols
        for proposition in _bounds(symbol, ends, names)
    ]


def _in_parentheses(term: str) -> str:
    return term if term.isidentifier() or term.startswith("(") else f"({term})"


def _bounds(symbol: Basic, ends: Range, names: Names) -> Iterable[str]:
    natural = type_of(symbol) == NAT
    write, scope = (natural_term, "%nat") if natural else (real_term, "")
    x = names.symbols[symbol]
    for bound, is_open, text in (
        (ends.low, ends.open_low, "{bound} {order} {x}"),
        (ends.high, ends.open_high, "{x} {order} {bound}"),
    ):
        if bound in (oo, -oo):
            continue
        try:
            yield f"({text.format(bound=write(bound, names), order='<' if is_open else '<=', x=x)}){scope}"
        except NotExportedError:
            continue  # the statement does not speak of this end, so that nothing in it can follow from the bound


def goals(statement: Statement, ranges: Iterable[str], known: Mapping[str, str]) -> dict[str, str]:
    """A lemma for each hypothesis that is not vetted: it follows from the ranges and from the vetted ones."""
    given = [h for h in statement.hypotheses if h in known]
    lemmas: dict[str, str] = {}
    for number, hypothesis in enumerate(statement.hypotheses):
        if hypothesis in known:
            continue
        name = f"follows_{number}_{statement.name}"
        proved = replace(statement, hypotheses=(*given, *ranges), conclusion=f"({hypothesis})").body
        # The types of the variables are those of the whole statement, which is mentioned and not assumed.
        _, _, implication = proved.partition(", ") if statement.binders else ("", "", proved)
        whole = statement.body.partition(", ")[2] if statement.binders else statement.body
        binders = f"forall {statement.binders}, " if statement.binders else ""
        lemmas[name] = (
            f"Lemma {name} : {binders}(fun _ : Prop => {implication}) ({whole}).\n"
            f"Proof. cbv beta; timeout 20 ({_PROOF}). Qed."
        )
    return lemmas
