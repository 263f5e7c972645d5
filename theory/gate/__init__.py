"""Group G: the gate screens noise."""

from theory.gate.g1_errors import G1, GATE_FALSE_FIRE, GATE_MISS
from theory.gate.g2_optimal_threshold import G2, OPTIMAL_GATE
from theory.gate.g3_separability import G3, SEPARABILITY_THRESHOLD
from theory.gate.g4_attack_immunity import G4

CLAIMS = (G1, G2, G3, G4)
CLOSED_FORMS = (GATE_FALSE_FIRE, GATE_MISS, OPTIMAL_GATE, SEPARABILITY_THRESHOLD)
