"""Group D: what clean downstream training inherits."""

from theory.claims import Claim, ClosedForm
from theory.inheritance.d1_pure_layers import D1
from theory.inheritance.d2_mixture_layers import D2
from theory.inheritance.d3_inheritance_curve import D3, INHERITED_GAIN
from theory.inheritance.d4_heads_alone import D4, HEAD_ONLY_RISK
from theory.inheritance.d5_robust_accuracy import D5, PURIFIED_ROBUST_ACCURACY

CLAIMS: tuple[Claim, ...] = (D1, D2, D3, D4, D5)
CLOSED_FORMS: tuple[ClosedForm, ...] = (INHERITED_GAIN, HEAD_ONLY_RISK, PURIFIED_ROBUST_ACCURACY)
