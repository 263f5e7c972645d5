"""Group A: other activations than the gate."""

from theory.activations.a1_leak import A1, LEAK
from theory.activations.a2_noise_energy import A2, NOISE_ENERGY
from theory.activations.a3_trained import A3

CLAIMS = (A1, A2, A3)
CLOSED_FORMS = (LEAK, NOISE_ENERGY)
