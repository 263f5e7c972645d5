"""Group A: other activations than the gate."""

from theory.activations.a1_leak import A1, LEAK
from theory.activations.a2_noise_energy import A2, NOISE_ENERGY

CLAIMS = (A1, A2)
CLOSED_FORMS = (LEAK, NOISE_ENERGY)
