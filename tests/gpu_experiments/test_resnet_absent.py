"""Without PyTorch the ResNet is refused with one line."""

import importlib.util

from purecheck.cli import main

FOUND = importlib.util.find_spec


def without_torch(name: str, *rest: str | None):
    return None if name == "torch" else FOUND(name, *rest)


def test_without_pytorch_one_line_tells_it(tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", without_torch)
    assert main(["cifar10", "inheritance", "--encoder", "resnet18", "--data", str(tmp_path)]) == 2
    message = capsys.readouterr()
    assert message.out == ""
    assert message.err.count("\n") == 1
    assert "torch is not installed" in message.err
    assert "expected" in message.err
