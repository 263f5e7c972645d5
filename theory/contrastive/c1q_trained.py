"""Trained clauses of C1q: bottleneck encoders go from mixtures to pure features as the attack grows."""

from sympy import Rational

from theory.claims import Clause
from theory.contrastive_training import bottleneck
from theory.relations import above, below
from theory.statistics import Statistic

SPAN = Statistic(
    "subspace participation",
    "the subspace participation of the rows (1 if they span as many pure features, at most $d/q$)",
)
_PURE = Rational(1001, 1000)
"""Close enough to 1 to count as pure after finitely many updates."""

ONE_OUTPUT = tuple(bottleneck(1, eps) for eps in (Rational(0), Rational(1, 5), Rational(3, 10)))
THREE_OUTPUTS = tuple(bottleneck(3, eps) for eps in (Rational(0), Rational(3, 10)))

TRAINED_ONE = Clause(
    name="trained, one output",
    says="Trained encoders with one output follow the predicted transition from a mixture to a pure feature: "
    "[[relations]].",
    relations=(
        above(SPAN(ONE_OUTPUT[0]), 10),
        below(SPAN(ONE_OUTPUT[1]), 4),
        below(SPAN(ONE_OUTPUT[2]), _PURE),
    ),
)

TRAINED_THREE = Clause(
    name="trained, three outputs",
    says="Trained encoders with several outputs also pass from mixtures to pure features, as conjectured: "
    "[[relations]].",
    relations=(above(SPAN(THREE_OUTPUTS[0]), 3), below(SPAN(THREE_OUTPUTS[1]), _PURE)),
    kind="conjecture",
)
