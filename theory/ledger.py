"""All claims and closed forms, in the order of the ledger."""

from theory.claims import Claim, ClosedForm
from theory.gate import CLAIMS as GATE
from theory.gate import CLOSED_FORMS as GATE_FORMS

CLAIMS: tuple[Claim, ...] = (*GATE,)

CLOSED_FORMS: dict[str, ClosedForm] = {form.name: form for form in (*GATE_FORMS,)}
