"""Group N: attacks in other norms than l2."""

from theory.attack_norms.n1_absolute_norms import N1
from theory.attack_norms.n2_dense_dictionaries import LINF_RATIO, N2

CLAIMS = (N1, N2)
CLOSED_FORMS = (LINF_RATIO,)
