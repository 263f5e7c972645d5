"""The tutorials run from their first line to their last, in an empty folder."""

import re
import shlex
import warnings
from pathlib import Path

import pytest

from purecheck.cli import main

TUTORIALS = Path(__file__).parent.parent / "docs" / "tutorials"
NEEDS = {
    "digits": ("torch", pytest.mark.deep),
    "pytorch-file": ("torch", pytest.mark.deep),
    "scikit-learn": ("skops", pytest.mark.slow),
    "onnx": ("onnx", pytest.mark.slow),
    "sparse-autoencoder": ("numpy", pytest.mark.slow),
}
"""The package that each tutorial needs, and how long it takes."""


def test_every_tutorial_is_run():
    assert {path.stem for path in TUTORIALS.glob("*.md")} == set(NEEDS)


@pytest.mark.parametrize("name", [pytest.param(name, marks=mark) for name, (_, mark) in NEEDS.items()])
def test_a_tutorial_runs(name, tmp_path, monkeypatch):
    pytest.importorskip(NEEDS[name][0])
    monkeypatch.chdir(tmp_path)
    page = (TUTORIALS / f"{name}.md").read_text()
    blocks = re.findall(r"^```(python|sh)\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)
    assert blocks
    variables = {"__name__": "tutorial"}
    for language, text in blocks:
        if language == "sh":
            assert main(shlex.split(text)[1:]) == 0
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # those of other libraries are not what a tutorial is about
            exec(compile(text, f"{name}.md", "exec"), variables)  # noqa: S102 - the pages of this repository
