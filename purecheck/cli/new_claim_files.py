"""The files that `purecheck new-claim` writes."""

from string import Template

_PROJECT = Template("""\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "$project"
version = "0.1.0"
description = "Further claims on feature purification"
dependencies = ["purecheck"]

[project.entry-points."purecheck.claims"]
$id = "$package.$module"

[tool.setuptools]
packages = ["$package"]
""")

_PACKAGE = '"""Further claims on feature purification; each module states one and checks it."""\n'

_CLAIM = Template('''\
"""$id: how often a node that holds two features fires."""

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
    says="A node that holds two features fires with the probability $$[[rhs]]$$.",
    formula=Eq(FiringProbability(2, p), p),  # TODO: replace it; this formula is false
    over={p: ACTIVE},  # TODO: replace it by the range on which the formula holds
    assumes=GROUP,
)

CLAIMS = (
    Claim(
        id="$id",
        title="How often a node that holds two features fires",
        clauses=(CLAUSE,),
        setting=(),
        source="beyond the paper",
        kind="sharpened",
    ),
)

# The check evaluates both sides on instances of the model. Its control is the formula off by one percent.
CHECKS = (agrees("$id", CLAUSE, at_points(24, lambda _clause: Group()), 24),)
''')

_TEST = Template('''\
"""$id is upheld, and its check rejects the control."""

from purecheck.runs.ledger import with_further
from purecheck.runs.runner import run_checks
from purecheck.runtime.context import quick

from $package.$module import CHECKS, CLAIMS


def test_the_claim_is_upheld_and_its_controls_rejected():
    run = run_checks(with_further(CLAIMS, CHECKS), ("$id",), quick())
    for evidence in run.results["$id"].evidence:
        assert evidence.outcome == "upheld", evidence.counterexample
        assert evidence.control.rejected
    assert run.is_as_claimed
''')


def claim_files(identifier: str, package: str) -> dict[str, str]:
    """The content of each file, by its path in the folder of the package.

    Parameters
    ----------
    identifier
        Id of the claim: letters and digits.
    package
        Name of the Python package.
    """
    module = identifier.lower()
    names = {"id": identifier, "module": module, "package": package, "project": package.replace("_", "-")}
    return {
        f"{package}/{module}.py": _CLAIM.substitute(names),
        f"tests/test_{module}.py": _TEST.substitute(names),
        f"{package}/__init__.py": _PACKAGE,
        "pyproject.toml": _PROJECT.substitute(names),
    }
