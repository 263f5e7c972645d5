"""Group P: purification of supervised networks."""

from theory.claims import Claim, ClosedForm
from theory.purification.p3_purification_bound import P3
from theory.purification.p3c_lookup import P3C
from theory.purification.p8_gate_ratio import P8

CLAIMS: tuple[Claim, ...] = (P3, P3C, P8)
CLOSED_FORMS: tuple[ClosedForm, ...] = ()
