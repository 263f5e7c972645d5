"""Group P: purification of supervised networks."""

from theory.claims import Claim, ClosedForm
from theory.purification.p8_gate_ratio import P8

CLAIMS: tuple[Claim, ...] = (P8,)
CLOSED_FORMS: tuple[ClosedForm, ...] = ()
