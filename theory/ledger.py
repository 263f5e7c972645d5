"""All claims and closed forms, in the order of the ledger."""

from theory.activations import CLAIMS as ACTIVATIONS
from theory.activations import CLOSED_FORMS as ACTIVATION_FORMS
from theory.attack_norms import CLAIMS as ATTACK_NORMS
from theory.attack_norms import CLOSED_FORMS as ATTACK_NORM_FORMS
from theory.claims import Claim, ClosedForm, ImplicitForm
from theory.contrastive import CLAIMS as CONTRASTIVE
from theory.contrastive import CLOSED_FORMS as CONTRASTIVE_FORMS
from theory.contrastive import IMPLICIT_FORMS as CONTRASTIVE_ROOTS
from theory.contrastive_training import CLAIMS as CONTRASTIVE_TRAINING
from theory.gate import CLAIMS as GATE
from theory.gate import CLOSED_FORMS as GATE_FORMS
from theory.inheritance import CLAIMS as INHERITANCE
from theory.inheritance import CLOSED_FORMS as INHERITANCE_FORMS
from theory.purification import CLAIMS as PURIFICATION
from theory.purification import CLOSED_FORMS as PURIFICATION_FORMS
from theory.real_data import CLAIMS as REAL_DATA
from theory.training import CLAIMS as TRAINING

GROUPS: dict[str, tuple[Claim, ...]] = {
    "gate": GATE,
    "purification": PURIFICATION,
    "attack_norms": ATTACK_NORMS,
    "contrastive": CONTRASTIVE,
    "inheritance": INHERITANCE,
    "activations": ACTIVATIONS,
    "training": tuple(sorted((*TRAINING, *CONTRASTIVE_TRAINING), key=lambda claim: claim.id)),
    "real_data": REAL_DATA,
}
"""The claims of each group, in the order of the ledger."""

CLAIMS: tuple[Claim, ...] = tuple(claim for group in GROUPS.values() for claim in group)

CLOSED_FORMS: dict[str, ClosedForm] = {
    form.name: form
    for form in (
        *GATE_FORMS,
        *PURIFICATION_FORMS,
        *CONTRASTIVE_FORMS,
        *ATTACK_NORM_FORMS,
        *ACTIVATION_FORMS,
        *INHERITANCE_FORMS,
    )
}

IMPLICIT_FORMS: dict[str, ImplicitForm] = {form.name: form for form in (*CONTRASTIVE_ROOTS,)}
