"""Group P: purification of supervised networks."""

from theory.claims import Claim, ClosedForm

CLAIMS: tuple[Claim, ...] = ()
CLOSED_FORMS: tuple[ClosedForm, ...] = ()
