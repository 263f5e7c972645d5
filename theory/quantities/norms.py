"""Norms of the effective map, which say how much an attack gains."""

from sympy import Symbol

from theory.quantities import quantity
from theory.theorems.fits import AbsoluteNorm

quantity(AbsoluteNorm, "Norm of the vector with that entry, an absolute norm where the clause assumes one.")
NORM = quantity(Symbol(r"\|\beta\|"), "Norm of the effective map at the input, the same norm as that of the target.")
