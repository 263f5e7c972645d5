"""The command line: exit status, one line for every problem of usage, quiet in a pipe, nothing half-written."""

import json
import os
import pty
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import jsonschema
import numpy as np
import pytest

from numerics.backend import backend_status
from purecheck import closed_forms
from purecheck.cli import COMMANDS, cli, main
from purecheck.cli import evaluate as evaluating
from purecheck.cli.schema import SCHEMAS
from purecheck.closed_forms import QUANTITIES
from purecheck.methods.enumerated import Enumerated
from purecheck.reporting.json_report import report_schema
from purecheck.runs.ledger import Ledger, bind
from purecheck.runtime.context import Context
from purecheck.verdicts.evidence import Evidence
from tests.purecheck.small_ledger import check, claim, proved, small

ROOT = Path(__file__).parents[2]
HAS_GPU = {one.name: one.available for one in backend_status()}["cupy"]

INTERRUPTIBLE = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # `nohup` and `&` leave it ignored
"""

SLOW = (
    INTERRUPTIBLE
    + """
import sys, time
from dataclasses import replace
from tests.purecheck.small_ledger import check, claim
from purecheck.cli import main
from purecheck.runs.ledger import bind

def cases(statement):
    print("running", flush=True)
    time.sleep({seconds})
    return []

sys.exit(main(sys.argv[1:], obj=bind([claim("T1")], [replace(check("T1"), cases=cases)])))
"""
)


def run(*arguments: str, **settings: Any) -> subprocess.CompletedProcess[str]:
    """`python -m purecheck` with these arguments."""
    command = [sys.executable, "-m", "purecheck", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, timeout=120, **settings)  # noqa: S603


USAGE = [
    ([], "Missing command; expected purecheck [OPTIONS] COMMAND [ARGS]..."),
    (
        ["frobnicate"],
        "COMMAND was 'frobnicate'; expected one of claims, check, report, evaluate, falsify, simulate, audit, bench,",
    ),
    (["--frobnicate"], "No such option '--frobnicate'; expected purecheck [OPTIONS] COMMAND [ARGS]..."),
    (["check", "T9"], "CLAIM was 'T9'; expected some of T1, T2, T3, Q1"),
    (["report", "T9"], "CLAIM was 'T9'; expected some of T1, T2, T3, Q1"),
    (["check", "--profile", "fast"], "'--profile': 'fast' is not one of 'quick', 'full'; expected one of quick, full"),
    (["check", "--backend", "gpu"], "'--backend': 'gpu' is not one of 'auto', 'numpy', 'cupy'; expected one of auto,"),
    (["check", "--seed", "-1"], "'--seed': -1 is not in the range x>=0; expected an integer of at least 0"),
    (["check", "--seed", "x"], "'--seed': 'x' is not a valid integer range; expected an integer of at least 0"),
    (["check", "--seed"], "Option '--seed' requires an argument; expected it as 'purecheck COMMAND --help' shows it"),
    (["check", "--frobnicate"], "No such option '--frobnicate'; expected purecheck check [OPTIONS] [CLAIM]..."),
    (
        ["check", "--json", "no/such/folder.json"],
        "lies in no existing folder; expected a file in one, or -",
    ),
    (["check", "--json", "."], "'--json': File '.' is a directory; expected purecheck check"),
    (["report", "--out", __file__], "is a file; expected purecheck report"),
    (["claims", "T9"], "CLAIM was 'T9'"),
    (
        ["schema", "run"],
        "'NAME': 'run' is not one of 'purecheck-run/1', 'purecheck-sparse-coding/1', 'purecheck-report",
    ),
    (["doctor", "T1"], "Got unexpected extra argument (T1); expected purecheck doctor [OPTIONS]"),
    (["evaluate"], "Missing argument 'QUANTITY'; expected purecheck evaluate [OPTIONS] QUANTITY NAME=VALUE ..."),
    (["evaluate", "nope"], "QUANTITY was 'nope'; expected one of gate_false_fire, gate_miss"),
    (["evaluate", "gate_false_fire"], "omega was not given; expected omega=VALUE, a number > 0"),
    (["evaluate", "gate_false_fire", "omega"], "argument was 'omega'; expected NAME=VALUE with omega, sigma, b"),
    (["evaluate", "gate_false_fire", "x=1"], "argument was 'x=1'; expected NAME=VALUE with omega, sigma, b"),
    (["evaluate", "gate_false_fire", "omega=0"], "omega was 0; expected a number > 0"),
    (["evaluate", "contrastive_scale", "d=1", "p=0"], "p was 0; expected a number > 0 and <= 1"),
    (["evaluate", "gate_false_fire", "omega=1", "omega=1"], "omega was given twice; expected once"),
    *(
        (["evaluate", "gate_false_fire", f"omega={text}"], f"omega was '{text}'; expected a number such as 7/100")
        for text in ("nan", "inf", "abc", "", "1/0")
    ),
]


@pytest.mark.parametrize(("arguments", "message"), USAGE, ids=[" ".join(arguments) for arguments, _ in USAGE])
def test_bad_usage_is_told_in_one_line(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(arguments, obj=small())
    out, err = capsys.readouterr()
    assert status == 2
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("purecheck: ")
    assert message in err


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_schema_is_printed_under_its_name(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", name]) == 0
    printed = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator.check_schema(printed)
    assert printed["$id"] == name


def test_bad_usage_ends_the_process_with_status_2() -> None:
    done = run("evaluate", "gate_false_fire", "omega=nan")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "expected" in done.stderr


@pytest.mark.skipif(HAS_GPU, reason="a CUDA device is available, so the backend can run")
def test_a_backend_that_cannot_run_is_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--backend", "cupy"], obj=small()) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("purecheck: --backend was 'cupy'; expected auto or numpy: ")


def test_check_prints_the_seed_and_writes_the_same_facts(tmp_path: Path) -> None:
    done = run("check", "P8", "--seed", "5", "--json", str(tmp_path / "facts.json"))
    facts = json.loads((tmp_path / "facts.json").read_text("utf-8"))
    jsonschema.validate(facts, report_schema())
    assert (done.returncode, done.stderr) == (0, "")
    assert "seed 5, profile quick, backend " in done.stdout
    for evidence in facts["claims"][0]["evidence"]:
        assert evidence["check"] in done.stdout
        assert evidence["control"]["mutation"] in done.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["facts.json"]


def test_an_interrupted_check_leaves_the_evidence_that_had_arrived(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    book, runs = small(), Enumerated.run

    def run_but_t2(check: Enumerated[int], context: Context) -> Evidence:
        if check.claim == "T2":
            raise KeyboardInterrupt
        return runs(check, context)

    monkeypatch.setattr(Enumerated, "run", run_but_t2)
    assert main(["check", "T3"], obj=book) == 130
    out, err = capsys.readouterr()
    assert re.fullmatch(r"T1 +upheld +enumerated count the sum: .*\n", out)
    assert err == "purecheck: interrupted\n"


def test_json_on_standard_output_stands_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "T1", "--json", "-"], obj=small()) == 0
    out, err = capsys.readouterr()
    assert [one["id"] for one in json.loads(out)["claims"]] == ["T1"]
    assert err == ""


def test_claims_lists_the_ledger(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["claims", "--json"], obj=small()) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [(one["id"], one["depends_on"]) for one in listed] == [
        ("T1", []),
        ("T2", ["T1"]),
        ("T3", ["T2"]),
        ("Q1", []),
    ]
    assert main(["claims"], obj=small()) == 0
    assert "T3   Sums, as T3 says" in capsys.readouterr().out


def failing(**settings: Any) -> Ledger:
    """A ledger whose only check is not upheld."""
    return bind([claim("T1")], [check("T1", **settings)])


@pytest.mark.parametrize(
    ("ledger", "identifier", "status"),
    [
        (small(), "T3", 0),
        (small(), "Q1", 0),
        (failing(says=2, control=3), "T1", 1),
        (failing(control=1), "T1", 1),
        (failing(declared=9), "T1", 1),
    ],
    ids=["upheld", "answered", "refuted", "void", "undecided"],
)
def test_the_status_tells_whether_everything_is_as_claimed(
    ledger: Ledger, identifier: str, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", identifier], obj=ledger) == status
    assert identifier in capsys.readouterr().out


def test_a_refuted_theorem_of_an_open_question_fails(capsys: pytest.CaptureFixture[str]) -> None:
    filed = bind([claim("Q1", kind="open question")], [check("Q1", says=2, control=3)])
    assert main(["check", "Q1"], obj=filed) == 1
    assert "Q1   refuted" in capsys.readouterr().out


def test_an_answer_is_told_as_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"], obj=small()) == 0
    out = capsys.readouterr().out
    assert "Q1   answer: no" in out
    assert "answer: no  enumerated open question: sum" in out
    for counted in ("claims", "clauses"):
        assert f"{counted}: 3 upheld, 0 refuted, 0 undecided, 0 void, 0 not run, 1 answer: no" in out


def test_a_theorem_that_is_proved_and_refuted_is_a_contradiction(capsys: pytest.CaptureFixture[str]) -> None:
    refuted = replace(check("Q1", says=2, control=3), name="a second count")
    both = bind([claim("Q1", kind="open question")], [proved("Q1"), refuted])
    assert main(["check", "Q1"], obj=both) == 1
    out = capsys.readouterr().out
    assert "Q1   contradiction" in out
    assert "theorem: sum (count the sum, against a second count)" in out
    assert "one check proves it and another refutes it" in out


def test_a_refutation_shows_its_counterexample(capsys: pytest.CaptureFixture[str]) -> None:
    main(["check"], obj=failing(says=2, control=3))
    out = capsys.readouterr().out
    assert "2 == 4" in out
    assert "n = 1" in out


def test_report_writes_page_facts_and_tells_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "new" / "report"
    assert main(["report", "--out", str(out)], obj=small()) == 0
    assert f"report: {out / 'report.html'}" in capsys.readouterr().out
    assert {path.name for path in out.iterdir()} == {"report.html", "report.json"}


def test_an_error_of_the_program_is_not_told_as_bad_usage() -> None:
    def broken(_statement: int) -> Any:
        raise ValueError("a mistake in a check")

    with pytest.raises(ValueError, match="a mistake in a check"):
        main(["check"], obj=bind([claim("T1")], [replace(check("T1"), cases=broken)]))


def test_evaluate_prints_one_object() -> None:
    done = run("evaluate", "gate_false_fire", "omega=1", "sigma=1/4", "b=1e-1", "--json")
    value = json.loads(done.stdout)
    assert set(value) == {"quantity", "arguments", "value", "exact", "error_bound"}
    assert value["arguments"] == {"omega": 1, "sigma": 0.25, "b": 0.1}
    assert value["exact"] is None
    assert 0 < value["error_bound"] < 1e-15
    assert (done.returncode, done.stderr) == (0, "")


def test_evaluate_is_exact_where_it_is_rational(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "gate_false_fire", "omega=1", "sigma=1", "b=0"]) == 0
    assert "gate_false_fire(omega = 1, sigma = 1, b = 0) = 1.0 (exactly 1)" in capsys.readouterr().out


def test_the_help_of_evaluate_lists_every_quantity(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--help"]) == 0
    printed = capsys.readouterr().out
    for name in QUANTITIES:
        assert f"  {name} " in printed
    assert "contrastive_scale d p r eps" in printed


def test_evaluate_finds_roots(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "contrastive_scale", "d=1", "p=1", "r=1", "eps=1/2"]) == 0
    assert "contrastive_scale(d = 1, p = 1, r = 1, eps = 1/2) = 0.0 (exactly 0)" in capsys.readouterr().out


def test_doctor_tells_why_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    assert "backend numpy: CPU" in capsys.readouterr().out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"Usage: purecheck {command}")


def leaves(group: click.Group, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command below a group with the words that call it."""
    ctx = click.Context(group)
    for name in group.list_commands(ctx):
        found = group.get_command(ctx, name)
        assert found is not None
        if isinstance(found, click.Group):
            yield from leaves(found, (*words, name))
        else:
            yield (*words, name), found


def test_the_help_of_every_command_has_an_example_that_it_understands() -> None:
    found = dict(leaves(cli, ("purecheck",)))
    assert ("purecheck", "cifar10", "inheritance") in found
    for words, command in found.items():
        (example,) = re.findall("Example: (.*)", command.help or "")
        given = tuple(shlex.split(example))
        assert given[: len(words)] == words
        ctx = click.Context(command)
        _, further, _ = command.make_parser(ctx).parse_args([*given[len(words) :]])  # an unknown option is an error
        assert further == []


def test_a_reader_that_leaves_early_causes_no_noise() -> None:
    command = f"{sys.executable} -m purecheck claims | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=ROOT, check=False, timeout=120)  # noqa: S603, S607
    assert done.stdout.startswith("G1 ")
    assert done.stderr == ""


def test_an_interruption_ends_with_130_and_one_line_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text("old")
    command = [sys.executable, "-c", SLOW.format(seconds=60), "report", "--out", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:  # noqa: S603
        assert process.stdout is not None
        assert process.stdout.readline() == "running\n"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "purecheck: interrupted\n")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("report.html", "old")]


def test_progress_is_shown_on_a_terminal_alone() -> None:
    command = [sys.executable, "-c", SLOW.format(seconds=0.3), "check"]
    reader, terminal = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=terminal, cwd=ROOT, check=False, env=environment)  # noqa: S603
    os.close(terminal)
    shown = os.read(reader, 65536).decode()
    os.close(reader)
    assert done.returncode == 1
    assert "T1: count the sum" in shown


LOST = (
    INTERRUPTIBLE
    + """
import gc, sys, time
from purecheck import cli

def lose(phase, info):
    gc.callbacks.clear()
    raise KeyboardInterrupt

def interrupted_in_a_callback(*_):
    gc.callbacks.append(lose)
    gc.collect()
    time.sleep(20)

cli.cli.invoke = interrupted_in_a_callback
sys.argv = ["purecheck", "doctor"]
sys.exit(cli.run())
"""
)


def test_an_interrupt_that_python_drops_in_a_callback_is_repeated() -> None:
    ended = subprocess.run([sys.executable, "-c", LOST], capture_output=True, text=True, cwd=ROOT, check=False)  # noqa: S603
    assert (ended.returncode, ended.stderr) == (130, "purecheck: interrupted\n")


def test_a_folder_that_cannot_be_made_is_told_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ended = run("report", "P5", "--out", str(tmp_path / "file" / "report"))
    assert ended.returncode == 2
    assert "expected a folder to write in" in ended.stderr


def test_a_check_leaves_nothing_in_the_folder_it_runs_in(tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("purecheck")
    ended = subprocess.run([program, "check", "P8"], capture_output=True, cwd=tmp_path, check=False)  # noqa: S603
    assert ended.returncode == 0
    assert list(tmp_path.iterdir()) == []


def full(*arguments: str, **settings: Any) -> subprocess.CompletedProcess[bytes]:
    """`purecheck` with these arguments in bytes and out of the box, in a folder of its own."""
    command = [sys.executable, "-m", "purecheck", *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | settings.pop("env", {})
    return subprocess.run(command, check=False, timeout=120, env=environment, **settings)  # noqa: S603


def is_one_line(done: subprocess.CompletedProcess[bytes]) -> bool:
    return done.stderr.startswith(b"purecheck: ") and done.stderr.count(b"\n") == 1


def test_a_full_disk_behind_standard_output_is_told_in_one_line() -> None:
    with Path("/dev/full").open("wb") as stream:
        done = full("claims", stdout=stream, stderr=subprocess.PIPE)
    assert (done.returncode, is_one_line(done)) == (2, True)
    assert b"no space left" in done.stderr


def test_a_closed_standard_output_is_told_in_one_line() -> None:
    command = f"{sys.executable} -m purecheck claims >&-"
    done = subprocess.run(["bash", "-c", command], capture_output=True, cwd=ROOT, check=False, timeout=120)  # noqa: S603, S607
    assert (done.returncode, is_one_line(done)) == (2, True)


FAULTY = """
import sys
from purecheck import cli

def broken(*_):
    raise AssertionError("a mistake of ours")

cli.cli.invoke = broken
sys.argv = ["purecheck", "doctor"]
sys.exit(cli.run())
"""


@pytest.mark.parametrize("there", [True, False])
def test_a_fault_of_the_suite_is_one_line_with_status_70_and_a_file_with_the_traceback(
    tmp_path: Path, there: bool
) -> None:
    environment = os.environ | {"TMPDIR": str(tmp_path if there else tmp_path / "missing")}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", FAULTY], capture_output=True, cwd=ROOT, check=False, env=environment
    )
    assert (done.returncode, done.stdout, is_one_line(done)) == (70, b"", True)
    assert b"AssertionError: a mistake of ours" in done.stderr
    if there:
        (kept,) = tmp_path.glob("purecheck-fault-*.txt")
        assert str(kept).encode() in done.stderr
        assert "Traceback" in kept.read_text()
    else:
        assert not (tmp_path / "missing").exists()


# Settings that different libraries read stand together, since each report takes seconds.
ENVIRONMENTS = [
    {"COLUMNS": "0", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"COLUMNS": "1", "TERM": "dumb"},
    {"COLUMNS": "\u00b2", "PYTHONIOENCODING": "ascii"},
    {"COLUMNS": "9" * 5000, "TMPDIR": "/nonexistent"},
    {"MPLBACKEND": "module://matplotlib_inline.backend_inline"},
    {"HOME": "/nonexistent", "XDG_CACHE_HOME": "/proc/none", "XDG_CONFIG_HOME": "/proc/none"},
]


DRAWING = {"MPLBACKEND", "HOME", "TMPDIR"}
"""What matplotlib reads."""


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda one: ",".join(f"{k}={v[:9]}" for k, v in one.items()))
def test_a_report_is_drawn_in_any_environment(environment: dict[str, str], tmp_path: Path) -> None:
    claim = "P8" if environment.keys() & DRAWING else "G1"  # P8 has a figure, and takes longer
    done = full("report", claim, "--out", str(tmp_path), capture_output=True, env=environment)
    assert (done.returncode, done.stderr) == (0, b"")
    assert claim.encode() in done.stdout
    assert (tmp_path / "report.html").exists()


@pytest.mark.parametrize("name", ["OMP_NUM_THREADS", "NUMBA_NUM_THREADS"])
@pytest.mark.parametrize("value", ["0", "-1", "x", "9" * 50, ""])
def test_a_number_of_threads_that_is_none_is_told_in_one_line(name: str, value: str) -> None:
    done = full("doctor", capture_output=True, env={name: value})
    assert (done.returncode, is_one_line(done)) == (2, True)
    assert name.encode() in done.stderr


def test_an_output_takes_the_place_of_no_input_and_no_other_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights, link, records = tmp_path / "w.npz", tmp_path / "link", tmp_path / "records"
    np.savez(weights, W=np.eye(4), a=np.ones(4))
    link.symlink_to(weights)
    records.mkdir()
    (records / "r.json").write_text("{}")
    before = weights.read_bytes()
    new = str(tmp_path / "new.npz")
    for arguments in (
        ["audit", str(weights), "--json", str(weights)],
        ["audit", "--json", str(link), str(weights)],
        ["audit", str(tmp_path / "records" / ".." / "w.npz"), "--json", str(weights)],
        ["simulate", "supervised", "--out", new, "--json", new],
        ["simulate", "contrastive", "--json", new, "--out", str(tmp_path / "records" / ".." / "new.npz")],
        ["check", "R1", "--records", str(records), "--json", str(records / "r.json")],
        ["check", "R1", "--json", str(records / "r.json"), "--records", str(records)],
    ):
        assert main(arguments) == 2
        printed = capsys.readouterr().err
        assert "as well; expected another file" in printed
        assert printed.count("\n") == 1
    assert weights.read_bytes() == before
    assert not Path(new).exists()


def test_arguments_that_a_terminal_would_obey_are_refused_and_spelled_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "\x1b]0;title\x07"]) == 2
    printed = capsys.readouterr().err
    assert "\x1b" not in printed
    assert "\\x1b" in printed


NUMBERS = ["nan", "inf", "-inf", "1e999", "1e31", "1_000", "\u0661", " 1", "0x10", "", "1" * 5000, "1e" + "9" * 5000]


@pytest.mark.parametrize("text", NUMBERS, ids=lambda text: repr(text[:9]))
def test_numbers_are_finite_and_spelled_in_ascii(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.savez(tmp_path / "w.npz", W=np.eye(4), a=np.ones(4))
    audit = ["audit", str(tmp_path / "w.npz")]
    for command in (
        *([*audit, f"--{name}", text] for name in ("p", "r", "sigma", "eps", "seconds", "b", "observations", "seed")),
        *(["simulate", "supervised", f"--{name}", text] for name in ("d", "tau", "learning-rate", "steps", "test-eps")),
        *(["simulate", "contrastive", f"--{name}", text] for name in ("rho", "outputs", "pairs", "r", "batch")),
        ["check", "P8", "--memory", f"{text}B"],
        [*audit, "--theta", f"1,{text}e"],
    ):
        assert main(command) == 2, command
        printed = capsys.readouterr()
        assert (printed.out, printed.err.count("\n"), "expected" in printed.err) == ("", 1, True)
        assert len(printed.err) < 500


def test_a_value_that_takes_too_long_is_undecided(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def endless(*_: Any) -> Any:
        while True:
            pass

    monkeypatch.setattr(closed_forms, "evaluate", endless)
    monkeypatch.setattr(evaluating, "_SECONDS", 0.1)
    assert main(["evaluate", "linf_ratio", "t=1/2"]) == 1
    assert "no value within 0.1 s" in capsys.readouterr().err
