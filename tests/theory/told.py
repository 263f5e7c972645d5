"""Links that a test takes for granted, and numbers that it declares to be random."""

from sympy import Basic

from theory.assumptions import Assumption
from theory.derivation import Relation, Step

TOLD = Assumption("told", "Taken for granted by the test.")


def told(left: Basic, relation: Relation, right: Basic) -> Step:
    """The link as an assumption."""
    return Step(left, relation, right, "a lemma", "assumption", given=(TOLD,))
