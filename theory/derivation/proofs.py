"""Proofs: the chains that together give a statement."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import InitVar, dataclass

from sympy import And, Basic

from theory.algebra import Box
from theory.assumptions import Assumption
from theory.derivation.chains import Derivation
from theory.derivation.names import definitions_about, merge_definitions, refuse_capture
from theory.derivation.steps import _SEAL, Kind, Step, StepError, meet_all, union_of


@dataclass(frozen=True)
class Proof:
    """The derivations that together give a statement, one for each of its conjuncts.

    Attributes
    ----------
    statement
        The statement in the form that the ledger prints.
    chains
        The chains in which the conjuncts of the statement end.
    lemmas
        Chains on which the others rest.
    """

    statement: Basic
    chains: tuple[Derivation, ...]
    lemmas: tuple[Derivation, ...] = ()
    seal: InitVar[object] = None

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise StepError("a proof is made by `prove`", self.statement)

    @property
    def is_complete(self) -> bool:
        """Whether no link of any chain is merely cited."""
        return all(chain.is_complete for chain in (*self.chains, *self.lemmas))

    @property
    def steps(self) -> int:
        """Number of links in all chains."""
        return sum(len(chain.steps) for chain in (*self.chains, *self.lemmas))

    @property
    def given(self) -> tuple[Assumption, ...]:
        """The assumptions of the claim that any link uses."""
        return union_of(chain.given for chain in (*self.chains, *self.lemmas))

    @property
    def box(self) -> Box:
        """The ranges on which all chains hold.

        Raises
        ------
        StepError
            If two chains hold on ranges of which neither is shown to lie in the other.
        """
        return meet_all((chain.box for chain in self.chains), "proof")

    def counts(self) -> Mapping[Kind, int]:
        """Number of distinct links of each kind.

        A link that only restates a whole chain is not counted: the links of that chain are.
        """
        links = dict.fromkeys(_links((*self.chains, *self.lemmas)))
        return Counter(step.kind for step in links if step.cites or step.kind != "theorem")


def _links(chains: Iterable[Derivation]) -> Iterator[Step]:
    """Every link of the chains and of the chains on which these rest."""
    for chain in chains:
        for step in chain.steps:
            yield step
            yield from _links(step.rests_on)


def prove(statement: Basic, *chains: Derivation, lemmas: Iterable[Derivation] = ()) -> Proof:
    """The proof of `statement` by chains that end in its conjuncts.

    Raises
    ------
    StepError
        If a conjunct follows from none of the chains, or a name has two meanings.
    """
    supporting = tuple(lemmas)
    definitions: dict[Basic, Basic] = {}
    used = [statement, *(step.right for chain in (*supporting, *chains) for step in chain.steps)]
    for chain in (*supporting, *chains):
        merge_definitions(definitions, definitions_about(chain.definitions, used))
    refuse_capture(definitions, *used)
    for conjunct in And.make_args(statement):
        failures = [failure for chain in chains if (failure := _failure(chain, conjunct)) is not None]
        if len(failures) == len(chains):
            last = failures[-1] if failures else StepError("no chain", conjunct)
            raise StepError(last.reason, last.residue, definitions)
    return Proof(statement, chains, supporting, seal=_SEAL)


def _failure(chain: Derivation, conjunct: Basic) -> StepError | None:
    """Why a chain does not show a conjunct; None if it does."""
    try:
        chain.concludes(conjunct)
    except StepError as failure:
        return failure
    return None
