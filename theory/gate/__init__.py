"""Group G: the gate screens noise."""

from theory.gate.g1_errors import G1, GATE_FALSE_FIRE, GATE_MISS

CLAIMS = (G1,)
CLOSED_FORMS = (GATE_FALSE_FIRE, GATE_MISS)
