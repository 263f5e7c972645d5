"""`import purecheck`: what it offers, that its examples hold, and that it takes no time."""

import doctest
import subprocess
import sys
from pathlib import Path

import pytest

import purecheck
from purecheck import api

HEAVY = ("numpy", "sympy", "scipy", "click", "matplotlib")


@pytest.mark.parametrize("name", ["audit", "check", "claims", "evaluate", "report", "simulate"])
def test_the_examples_of_each_function_hold(name):
    (examples,) = doctest.DocTestFinder(recurse=False).find(getattr(purecheck, name), name, module=api)
    assert examples.examples
    assert doctest.DocTestRunner().run(examples).failed == 0


def test_functions_read_what_rocq_accepted_as_the_commands_do(monkeypatch):
    seen = []
    monkeypatch.setattr(api, "found", lambda: "the result of this test")
    monkeypatch.setattr(api, "run_checks", lambda _book, _ids, context: seen.append(context.formal))
    purecheck.check("N1")
    assert seen == ["the result of this test"]


def test_importing_the_package_imports_no_library():
    program = f"import sys, purecheck; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == "[]"


def test_the_package_lists_what_it_offers_and_refuses_what_it_does_not():
    assert set(purecheck.__all__) <= set(dir(purecheck))
    assert purecheck.__version__.count(".") == 2
    with pytest.raises(AttributeError, match="has no attribute 'prove'"):
        _ = purecheck.prove


def test_no_room_takes_the_name_of_a_function():
    rooms = {path.stem for path in Path(purecheck.__file__).parent.iterdir()}
    assert not rooms & set(purecheck.__all__)


def test_an_unknown_claim_profile_or_quantity_is_refused_by_name():
    with pytest.raises(ValueError, match="'Z9'"):
        purecheck.check("Z9")
    with pytest.raises(ValueError, match="profile is 'slow'; expected one of quick, full"):
        purecheck.check("N1", profile="slow")
    with pytest.raises(ValueError, match="'price'"):
        purecheck.evaluate("price", m=1)
    with pytest.raises(ValueError, match="p was"):
        purecheck.evaluate("firing_probability", m=2, p=1.5)


def test_a_float_is_the_decimal_that_is_written():
    assert purecheck.evaluate("firing_probability", m=8, p=0.07) == purecheck.evaluate(
        "firing_probability", m=8, p="7/100"
    )
