"""What `pytest --purecheck` collects: the ledger, its claims, and two tests for each check."""

import re
from collections.abc import Iterable
from functools import cached_property
from typing import Any, Self

import pytest

from numerics.backend import select_backend
from numerics.streams import Streams
from purecheck.formal.found import found
from purecheck.pytest_plugin.failures import CheckFailure, judge_check, judge_control
from purecheck.pytest_plugin.options import mentioned_seed
from purecheck.records.reading import load_records
from purecheck.records.shipped import shipped_records
from purecheck.runs.ledger import ledger
from purecheck.runtime.context import PROFILES, Context
from purecheck.verdicts.check import Check
from purecheck.verdicts.evidence import Evidence
from theory.claims import Claim


class Ledger(pytest.Collector):
    """All claims; its name in the ids of tests is `purecheck`."""

    @classmethod
    def of(cls, session: pytest.Session) -> Self:
        """The collector of a session."""
        return cls.from_parent(session, name="purecheck", nodeid="purecheck", path=session.path)

    def collect(self) -> Iterable["ClaimTests"]:
        """The claims, in the order of the ledger."""
        for claim in ledger().claims.values():
            yield ClaimTests.from_parent(self, name=claim.id, claim=claim)

    @cached_property
    def context(self) -> Context:
        """What all checks share: the settings, and the networks that one of them trained."""
        stored = load_records(shipped_records()) if shipped_records().is_dir() else ()
        return Context(
            select_backend("auto"),
            Streams(mentioned_seed(self.config)),
            PROFILES[self.config.getoption("--purecheck-profile")],
            tuple(stored),
            None,
            found(),
        )


class ClaimTests(pytest.Collector):
    """The tests of one claim."""

    parent: Ledger

    def __init__(self, *, claim: Claim, **settings: Any) -> None:
        super().__init__(**settings)
        self.claim = claim

    def collect(self) -> Iterable["CheckTest"]:
        """Each check, followed by its control."""
        for check in ledger().checks[self.claim.id]:
            yield CheckTest.from_parent(self, name=slug(check.name), check=check)
            yield ControlTest.from_parent(self, name=f"{slug(check.name)}-control", check=check)


class CheckTest(pytest.Item):
    """A check passes if its clauses are as claimed: a theorem is upheld, an open question is answered."""

    parent: ClaimTests
    role = "check"

    def __init__(self, *, check: Check[Any], **settings: Any) -> None:
        super().__init__(**settings)
        self.check = check
        self.claim = self.parent.claim
        marks = {
            "claim": self.claim.id,
            "group": ledger().groups.get(self.claim.id, "other"),
            "kind": self.claim.clause(check.clauses[0]).kind,
            "cost": "minutes" if check.trains else "seconds",
            "role": self.role,
        }
        self.add_marker(pytest.mark.purecheck(**marks))
        if self.config.pluginmanager.hasplugin("xdist"):
            self.add_marker(pytest.mark.xdist_group(_shared_by(check)))

    def runtest(self) -> None:
        """Run the check, once for both of its tests."""
        judge_check(self.claim, self.check, self.evidence())

    def evidence(self) -> Evidence:
        """What the check finds, with its control."""
        context = self.parent.parent.context
        return context.once(f"evidence/{self.claim.id}/{self.check.name}", lambda: self.check.run(context))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The claim's sentence, the numbers and the command that repeats it; a traceback only for a fault."""
        if not isinstance(excinfo.value, CheckFailure):
            return super().repr_failure(excinfo, style)
        return f"{excinfo.value}\n{self._again()}"

    def reportinfo(self) -> tuple[Any, None, str]:
        """The heading of a failure; the place is not a file."""
        return self.config.rootpath / "purecheck", None, f"{self.claim.id}: {self.check.name}, {self.role}"

    def _again(self) -> str:
        context = self.parent.parent.context
        settings = f"seed {context.streams.seed} --profile {context.profile.name}"
        own = f"--purecheck-{settings.replace('--', '--purecheck-')}"
        return (
            f"Repeat:  pytest --purecheck {own} -k '{self.claim.id} and {slug(self.check.name)}'\n"
            f"     or  purecheck check {self.claim.id} --{settings}"
        )


class ControlTest(CheckTest):
    """A control passes if the check rejects a false variant of its statement."""

    role = "control"

    def runtest(self) -> None:
        """Judge the control of a check that was run."""
        judge_control(self.claim, self.check, self.evidence())


def slug(name: str) -> str:
    """The name of a check as `-k` can spell it.

    Examples
    --------
    >>> slug("derivation: outside of [0, 1]")
    'derivation-outside-of-0-1'
    """
    return re.sub(r"\W+", "-", name).strip("-")


def _shared_by(check: Check[Any]) -> str:
    """The tests that one worker should run, with `--dist loadgroup`: those that use the same results."""
    return "training" if check.trains else f"{check.claim}/{check.name}"
