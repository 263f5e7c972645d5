"""The checks of all clauses that a theorem of the Rocq development states."""

from purecheck.methods.accepted import accepted
from theory.formal.bindings import BINDINGS
from theory.ledger import CLAIMS

_BY_ID = {claim.id: claim for claim in CLAIMS}

CHECKS = tuple(
    accepted(_BY_ID[one.claim], _BY_ID[one.claim].clause(one.clause), one.theorem) for one in BINDINGS if one.of_clause
)
