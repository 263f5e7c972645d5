"""Derivations: chains of equations and inequalities, each link checked when it is built.

A link leads from one expression to a different one by exact algebra, or by a textbook theorem whose hypotheses
are checked on the spot (`theory.theorems`), or introduces a name for an expression of the model, or restates an
assumption of the claim. A link that does none of these is *cited*, and keeps its claim below "proved".

One file does one job: `steps` makes links, `chains` joins them, `theorems` turns what a textbook theorem concludes
into a link, and `proofs` holds chains against a statement. `names`, `binding` and `direction` hold the rules that
keep a chain sound: the meaning of a name, what a sum or an integral binds, and which way a bound on a part goes.
"""

from theory.derivation.chains import Derivation, begin, opening
from theory.derivation.proofs import Proof, prove
from theory.derivation.steps import Kind, Relation, Step, StepError, definition
from theory.derivation.theorems import THEOREMS, Conclusion, theorem

__all__ = [
    "THEOREMS",
    "Conclusion",
    "Derivation",
    "Kind",
    "Proof",
    "Relation",
    "Step",
    "StepError",
    "begin",
    "definition",
    "opening",
    "prove",
    "theorem",
]
