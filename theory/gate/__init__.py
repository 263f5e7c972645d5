"""Group G: the gate screens noise."""

from theory.gate.g1_errors import G1, GATE_FALSE_FIRE, GATE_MISS
from theory.gate.g2_optimal_threshold import G2, OPTIMAL_GATE

CLAIMS = (G1, G2)
CLOSED_FORMS = (GATE_FALSE_FIRE, GATE_MISS, OPTIMAL_GATE)
