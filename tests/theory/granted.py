"""Links that a test takes for granted, and numbers that it declares to be random."""

from sympy import Basic

from theory.assumptions import Assumption
from theory.derivation import Relation, Step

GRANTED = Assumption("granted", "Taken for granted by the test.")


def granted(left: Basic, relation: Relation, right: Basic) -> Step:
    """The link as an assumption."""
    return Step(left, relation, right, "a lemma", "assumption", given=(GRANTED,))
