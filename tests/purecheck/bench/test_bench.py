"""`purecheck bench`: what it measures, writes and says about who takes no part."""

import importlib.util
import json
from dataclasses import replace

import jsonschema
import numpy as np
import pytest

from numerics.backend import select_backend
from numerics.rounding import gamma
from numerics.streams import Streams
from purecheck.bench import peers, suite
from purecheck.bench.case import Row
from purecheck.bench.contestant import Contestant
from purecheck.bench.exponents import fit_exponent
from purecheck.bench.goals import HOST, MANY, judge
from purecheck.bench.json_report import bench_schema
from purecheck.bench.memory_use import NotMeasuredError, Peak, measure_peaks
from purecheck.bench.network_cases import attack_case, step_case
from purecheck.bench.problem import CaseSize
from purecheck.bench.sampler_case import sampler_case
from purecheck.bench.settings import Settings
from purecheck.bench.timing import FEWEST_ROUNDS, MOST_ROUNDS, Times, time_alternately
from purecheck.cli import main

TINY = CaseSize(1, 20, 40, 16)
CASES = (
    step_case("dense", TINY),
    step_case("purified", TINY),
    attack_case("pgd", TINY),
    sampler_case(CaseSize(1, 100, 0, 500)),
)


@pytest.fixture(scope="module")
def monkeypatch_module():
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def _tiny(monkeypatch_module):
    """A plan of tiny cases in place of the quick one, without peers."""
    monkeypatch = monkeypatch_module
    plan = suite.Plan(CASES, 0.0, 0.0, 0.05, memory=True)
    monkeypatch.setattr("purecheck.cli.bench.quick_plan", lambda: plan)
    monkeypatch.setattr("purecheck.cli.bench.hold_cores", lambda: 1)
    bases = {name: CaseSize(1, 16, 16, 16) for name in ("d", "hidden", "n", "replicas")}
    monkeypatch.setattr(suite, "measure_exponents", lambda *plan: MEASURE(*plan[:-1], bases))
    monkeypatch.setattr(suite, "measure_peaks", lambda: PEAKS)
    monkeypatch.setattr(peers, "find_spec", lambda _package: None)


PEAKS = tuple(Peak("purecheck simulate", replicas, 2**29, 2**28) for replicas in (20, 200))
MEASURE = suite.measure_exponents


@pytest.fixture(scope="module")
def facts(_tiny, tmp_path_factory):
    target = tmp_path_factory.mktemp("bench") / "bench.json"
    assert main(["bench", "--quick", "--json", str(target), "--backend", "numpy"]) == 0
    return json.loads(target.read_text("utf-8"))


def test_the_facts_follow_the_schema_that_ships_with_the_package(facts):
    jsonschema.Draft202012Validator.check_schema(bench_schema())
    jsonschema.validate(facts, bench_schema())
    assert [row["case"] for row in facts["rows"]] == [case.name for case in CASES]
    assert all(row["floor_seconds"] > 0 and row["checked"] for row in facts["rows"])
    assert [one["variable"] for one in facts["exponents"]] == ["d", "hidden", "n", "replicas"]


def test_absent_peers_are_named_and_never_guessed(facts):
    assert facts["absent"] == {
        "PyTorch eager": "not installed",
        "torch.compile": "not installed",
        "JAX jit": "not installed",
    }
    assert all(row["peers"] == {} for row in facts["rows"])


@pytest.mark.usefixtures("_tiny")
def test_the_table_tells_the_same(capsys):
    assert main(["bench", "--quick", "--backend", "numpy"]) == 0
    printed = capsys.readouterr().out
    for part in ("step, dense", "1 x (20, 40) x 16", "cores for everyone: 1", "JAX jit: not installed", "four matrix"):
        assert part in printed
    for part in ("step, dense 16 x (100, 200) x 512: time relative to JAX jit", "not measured", "power of replicas"):
        assert part in printed


def test_goals_are_judged_by_what_the_run_found(facts):
    goals = {one["what"]: one for one in facts["goals"]}
    assert len(goals) == len(facts["goals"]) == len(HOST) + len(facts["exponents"]) + len(PEAKS)
    unmeasured = goals["step, dense 16 x (100, 200) x 512: time relative to JAX jit"]
    assert (unmeasured["found"], unmeasured["met"]) == (None, None)
    for one in facts["exponents"]:
        goal = goals[f"power of {one['variable']} in the cost of a step"]
        assert (goal["found"], goal["met"]) == (one["exponent"], one["as_expected"])
    for one in facts["memory"]:
        goal = goals[f"peak memory of simulate at {one['replicas']} replicas relative to --memory"]
        assert (goal["found"], goal["met"]) == (0.5, True)


@pytest.mark.parametrize(("seconds", "met"), [(0.7, True), (0.8, False)])
def test_a_goal_is_met_up_to_its_ratio(seconds, met):
    case = step_case("dense", MANY)
    times = {"purecheck": Times(np.full(3, seconds)), "JAX jit": Times(np.ones(3)), "floor": Times(np.ones(3))}
    goals = {one.what: one for one in judge("numpy", [Row(case, times, checked=True)], [], [])}
    goal = goals["step, dense 16 x (100, 200) x 512: time relative to JAX jit"]
    assert (goal.found, goal.most, goal.met) == (seconds, 0.75, met)
    assert goals["step, dense 16 x (100, 200) x 512: time relative to PyTorch eager"].met is None


def test_every_goal_on_the_host_is_a_case_of_the_quick_plan():
    measured = {(case.name, case.size) for case in suite.quick_plan().cases}
    assert measured >= {(goal.case, goal.size) for goal in HOST}


def test_a_command_whose_memory_cannot_be_measured_says_why(monkeypatch):
    monkeypatch.setattr("purecheck.bench.memory_use.BUDGET", 2**20)
    with pytest.raises(NotMeasuredError, match=r"failed: .*memory was 1MiB"):
        measure_peaks()


@pytest.mark.usefixtures("_tiny")
def test_a_wrong_contestant_ends_the_run_with_one_line(monkeypatch, capsys):
    right = suite.ours.step

    def wrong(problem, backend):
        mine = right(problem, backend)
        return replace(mine, outcome=lambda found: {k: 2 * x for k, x in mine.outcome(found).items()})

    monkeypatch.setattr("purecheck.bench.ours.step", wrong)
    assert main(["bench", "--quick", "--backend", "numpy"]) == 1
    out, printed = capsys.readouterr()
    assert (out, printed.count("\n")) == ("", 1)
    assert printed.startswith("purecheck: purecheck computes W[")


def test_quick_leaves_out_what_compiles_and_says_so(monkeypatch):
    monkeypatch.setattr(peers, "find_spec", lambda package: package)
    monkeypatch.setattr(peers, "PEERS", (replace(peers.PEERS[0], package="json", compiles=True),))
    field = peers.assemble(1, quick=True)
    assert field.present == {}
    assert field.absent["PyTorch eager"].startswith("left out by --quick")


@pytest.mark.parametrize("exponent", [0.5, 1.0, 2.0])
def test_the_fit_recovers_a_manufactured_exponent(exponent):
    sizes = (100, 200, 400, 800)
    drift = np.array([1.0, 3.0, 0.7, 2.0, 1.1, 1.3, 0.9])
    seconds = 1e-3 * np.asarray(sizes)[:, None] ** exponent * drift
    found = fit_exponent("n", sizes, seconds)
    # Logarithms below 10 round in at most 60 operations; a slope is a mean of them with weights of modulus sum 1.2.
    assert found.exponent == pytest.approx(exponent, rel=0, abs=1.2 * 10 * gamma(60, "float64"))
    assert found.low <= found.exponent <= found.high
    assert found.as_expected == (exponent == 1.0)


def test_the_fit_asks_for_four_sizes():
    with pytest.raises(ValueError, match=r"^sizes is \[1, 2, 4\]; expected at least four$"):
        fit_exponent("n", (1, 2, 4), np.ones((3, 5)))


def test_every_round_begins_with_another_contestant(monkeypatch):
    order = []
    monkeypatch.setattr("purecheck.bench.timing._seconds", lambda one, _repeats: order.append(one.name) or 0.2)
    times = time_alternately(
        [Contestant(name, lambda: None, share=share) for name, share in (("a", 1.0), ("b", 0.5))], 0.0, 0.0
    )
    # one look at each, then in each turn the untimed half and the timed one
    assert "".join(order) == "ab" + "aabb" + "bbaa" + "aabb"
    assert (times["a"].median, times["b"].median) == (0.2, 0.4)


def test_work_longer_than_a_turn_is_done_once_a_turn(monkeypatch):
    order = []
    monkeypatch.setattr(
        "purecheck.bench.timing._seconds", lambda one, repeats: order.extend(repeats * [one.name]) or 1.0
    )
    time_alternately([Contestant("a", lambda: None), Contestant("b", lambda: None)], 0.0, 0.0)
    assert "".join(order) == "ab" + "ab" + "ba" + "ab"


def test_rounds_fill_the_budget_within_limits(monkeypatch):
    monkeypatch.setattr("purecheck.bench.timing._seconds", lambda _one, repeats: 0.01 * repeats)
    monkeypatch.setattr("purecheck.bench.timing.sleep", lambda _seconds: None)
    work = [Contestant("a", lambda: None)]
    turn = 0.05 + 2 * 15 * 0.01
    rounds = [len(time_alternately(work, budget, rest=0.05)["a"].seconds) for budget in (0.0, 10.5 * turn, 100.0)]
    assert rounds == [FEWEST_ROUNDS, 10, MOST_ROUNDS]


def test_ratios_are_paired_by_round():
    slow, fast = Times(np.array([2.0, 20.0, 2.2])), Times(np.array([1.0, 10.0, 1.0]))
    assert slow.ratio_to(fast) == 2.0
    assert slow.quartiles == (2.1, 11.1)


@pytest.mark.deep
@pytest.mark.parametrize("name", ["torch_peer", "jax_peer"])
@pytest.mark.parametrize("case", [*CASES, suite.head_case(CaseSize(2, 0, 20, 100))], ids=lambda case: case.name)
def test_peers_do_the_same_work(name, case):
    package = name.removesuffix("_peer")
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    module = importlib.import_module(f"purecheck.bench.peers.{name}")
    makers = (module.eager if package == "torch" else module.jitted)(package, 1)
    settings = Settings(select_backend("numpy"), Streams(0), peers.Field({package: makers}, {}), 1, "float32", None)
    match = case.assemble(settings)
    (peer,) = (one for one in match.contestants if one.name == package)
    match.check(peer.name, peer.outcome(peer.run()))
