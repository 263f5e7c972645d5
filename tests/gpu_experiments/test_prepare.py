"""`purecheck cifar10 prepare`: the same facts printed and written, one line where there is nothing to prepare."""

import json
import subprocess
import sys

import pytest

from gpu_experiments.data.published import BINARY, CLASSES, PAGE
from purecheck.cli import main
from tests.gpu_experiments.manufactured import batches, binary_files, python_files, write_folder

LISTED = """
import sys
from purecheck.cli import main
main(["doctor", "--help"])
print("gpu_experiments" in sys.modules)
"""


def test_what_was_found_is_told_and_written(tmp_path, capsys):
    folder = write_folder(tmp_path / BINARY.folder, binary_files(batches(0)))
    target = tmp_path / "facts.json"
    assert main(["cifar10", "prepare", "--data", str(folder), "--json", str(target)]) == 0
    message, found = capsys.readouterr().out, json.loads(target.read_text())
    assert found["schema"] == "purecheck-data/1"
    assert found["dataset"] == "CIFAR-10, MD5 not checkable, 9 training and 4 test images"
    assert f"dataset: {found['dataset']}\n" in message
    assert "MD5: not checkable" in message
    assert [one["name"] for one in found["files"]] == sorted((BINARY.meta, *BINARY.batches))
    for one in found["files"]:
        assert one["verdict"] == "not checkable: no published sum"
        assert one["name"] in message
        assert one["md5"] in message
    for part in ("train", "test"):
        assert list(found[part]["images_per_class"]) == list(CLASSES)
        for mean in found[part]["channel_means"]:
            assert f"{mean:.4f}" in message


def test_json_on_standard_output_stands_alone(tmp_path, capsys):
    folder = write_folder(tmp_path, python_files(batches(1)))
    options = ["--data", str(folder), "--dataset-name", "mine", "--json", "-"]
    assert main(["cifar10", "prepare", *options]) == 0
    assert json.loads(capsys.readouterr().out)["dataset"] == "mine"


def test_sums_that_differ_are_told_with_their_files(tmp_path, capsys):
    assert main(["cifar10", "prepare", "--data", str(write_folder(tmp_path, python_files(batches(2))))]) == 0
    message = " ".join(capsys.readouterr().out.split())
    assert "test_batch differs from what is published" in message
    assert "not by the name CIFAR-10" in message


@pytest.mark.parametrize("options", [[], ["--data", "no/such/folder"], ["--data", __file__], ["--data", "{}"]])
def test_bad_usage_is_told_in_one_line(options, tmp_path, capsys):
    assert main(["cifar10", "prepare", *(one.format(tmp_path) for one in options)]) == 2
    message = capsys.readouterr()
    assert message.out == ""
    assert message.err.count("\n") == 1
    assert "data" in message.err
    assert "expected" in message.err


def test_where_nothing_is_the_page_of_the_data_is_named(tmp_path, capsys):
    assert main(["cifar10", "prepare", "--data", str(tmp_path)]) == 2
    assert PAGE in capsys.readouterr().err


def test_the_command_is_listed_and_imported_when_it_is_named_alone(capsys):
    assert main(["--help"]) == 0
    assert "  cifar10 " in capsys.readouterr().out
    done = subprocess.run([sys.executable, "-c", LISTED], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.endswith("False\n")
    assert main(["cifar10", "--help"]) == 0
    assert "  prepare " in capsys.readouterr().out


def test_an_unknown_command_of_the_group_is_told_with_those_that_exist(capsys):
    assert main(["cifar10", "perpare"]) == 2
    assert "COMMAND was 'perpare' (did you mean prepare?); expected one of prepare" in capsys.readouterr().err
