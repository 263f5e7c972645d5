"""Group E: what training does. Every clause is a set of relations between named statistics, decided by many seeds."""

from theory.training.e1_mixtures import E1
from theory.training.e2_purification import E2
from theory.training.e3_inheritance import E3
from theory.training.e6_prediction import E6
from theory.training.e8_masking import E8

CLAIMS = (E1, E2, E3, E6, E8)
