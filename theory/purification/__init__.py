"""Group P: purification of supervised networks."""

from theory.claims import Claim, ClosedForm
from theory.purification.p1_effective_map import P1
from theory.purification.p2_region_certificate import P2
from theory.purification.p3_purification_bound import P3
from theory.purification.p3c_lookup import P3C
from theory.purification.p4_mixtures_fit import P4
from theory.purification.p5_firing_probability import FIRING_PROBABILITY, P5
from theory.purification.p6_adversarial_risk import MEAN_GAIN_FORM, P6, PURIFIED_RISK
from theory.purification.p7_forces import P7
from theory.purification.p8_gate_ratio import P8
from theory.purification.p9_mixing_nodes import P9

CLAIMS: tuple[Claim, ...] = (P1, P2, P3, P3C, P4, P5, P6, P7, P8, P9)
CLOSED_FORMS: tuple[ClosedForm, ...] = (FIRING_PROBABILITY, MEAN_GAIN_FORM, PURIFIED_RISK)
