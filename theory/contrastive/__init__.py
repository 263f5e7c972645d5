"""Group C: purification of contrastive networks."""

from theory.claims import Claim, ClosedForm, ImplicitForm
from theory.contrastive.c1_gram_matrix import C1
from theory.contrastive.c1q_bottleneck import C1Q
from theory.contrastive.c2_scale import C2
from theory.contrastive.c3_collapse import C3, COLLAPSE_RADIUS, CONTRASTIVE_SCALE
from theory.contrastive.c4_dissimilar_pairs import C4
from theory.contrastive.c5_mixture_family import C5
from theory.contrastive.c6_attack_modes import C6

CLAIMS: tuple[Claim, ...] = (C1, C1Q, C2, C3, C4, C5, C6)
CLOSED_FORMS: tuple[ClosedForm, ...] = (COLLAPSE_RADIUS,)
IMPLICIT_FORMS: tuple[ImplicitForm, ...] = (CONTRASTIVE_SCALE,)
