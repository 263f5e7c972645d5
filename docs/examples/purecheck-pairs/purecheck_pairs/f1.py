"""F1: how often a node that holds two features fires."""

from sympy import Eq

from purecheck.evaluators.firing import Group
from purecheck.evaluators.points import at_points
from purecheck.methods.agrees import agrees
from theory.claims import Claim, Clause
from theory.model import p
from theory.purification.p5_firing_probability import GROUP
from theory.quantities.firing import FiringProbability
from theory.ranges import ACTIVE

# The statement. The sentence, the check, the control and the tables follow from the formula and its range.
CLAUSE = Clause(
    name="pair",
    says="A node that holds two features fires with the probability $[[rhs]]$.",
    formula=Eq(FiringProbability(2, p), 2 * p - 3 * p**2 / 2),
    over={p: ACTIVE},
    assumes=GROUP,
)

CLAIMS = (
    Claim(
        id="F1",
        title="How often a node that holds two features fires",
        clauses=(CLAUSE,),
        setting=(),
        source="beyond the paper",
        kind="sharpened",
    ),
)

# The check evaluates both sides on instances of the model. Its control is the formula off by one percent.
CHECKS = (agrees("F1", CLAUSE, at_points(24, lambda _clause: Group()), 24),)
