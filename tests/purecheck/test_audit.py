"""`purecheck audit`: four kinds of layer, four verdicts, and numbers that the theory knows."""

import json

import numpy as np
import pytest
from safetensors.numpy import save_file

from numerics.backend import select_backend
from numerics.features import ConstantAmplitude, FeatureLaw, observe, rotation
from numerics.mixtures import mixture_network
from numerics.statistics import FALSE_ALARM, sample_size
from numerics.streams import Streams
from purecheck.auditing.given_network import read_network
from purecheck.auditing.measured import measure
from purecheck.auditing.plan import AuditPlan
from purecheck.auditing.verdict import CROSS_TALK, MASKED, SPREAD, Verdict, overall
from purecheck.auditing.verdict import facts as facts_of
from purecheck.cli import main

D, P = 16, 0.1
R = 1 / np.sqrt(P * D)
VERDICTS = ("purified", "gradient_masked", "fits_linear_target", "inherits_robustness")


def audit(path, *options):
    """The facts that the command writes."""
    target = path.parent / "facts.json"
    assert main(["audit", str(path), "--json", str(target), *options]) == 0
    return json.loads(target.read_text())


def mixture(folder, m):
    """The mixture network of order `m` for the target of ones, seen through a rotation."""
    M = rotation(D, np.random.default_rng(0))
    net = mixture_network(np.ones(D), m, 0.5 * R)
    path = folder / f"order{m}.npz"
    np.savez(path, W=M @ net.W, a=net.a, b=net.b, M=M, activation="gate")
    return path


def simulated(folder, *options):
    path = folder / "trained.npz"
    assert main(["simulate", "supervised", "--replicas", "2", "--observations", "2", "--out", str(path), *options]) == 0
    return path


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Facts of a pure layer, a mixture layer, random weights, and layers trained cleanly and under attack."""
    folder, rng = tmp_path_factory.mktemp("audit"), np.random.default_rng(1)
    random = folder / "random.npz"
    np.savez(random, W=rng.standard_normal((D, 32)) / 4, a=rng.standard_normal(32), b=np.full(32, 0.4 * R))
    return {
        "pure": audit(mixture(folder, 1), "--theta", "1"),
        "mixture": audit(mixture(folder, 4), "--theta", "1"),
        "random": audit(random, "--theta", "1"),
        "clean": audit(simulated(folder), "--theta", "1"),
        "fgm": audit(simulated(folder, "--attack", "fgm"), "--theta", "1"),
    }


def test_the_verdicts_are_right_and_tell_four_kinds_of_layer_apart(found):
    told = {name: tuple(facts[verdict] for verdict in VERDICTS) for name, facts in found.items()}
    assert told["pure"] == (True, False, True, True)
    assert told["fgm"] == (True, True, True, True)
    assert told["mixture"] == (False, True, True, False)
    # Trained cleanly the factor is near that of the criterion: masked, or it cannot be told.
    for name, fits in (("clean", True), ("random", False)):
        purified, masked, *rest = told[name]
        assert not purified
        assert masked is not False
        assert rest == [fits, False]


def test_clean_training_and_a_mixture_differ_in_how_much_their_nodes_mix(found):
    assert found["mixture"]["participation_ratio_by_energy"] == pytest.approx(4, rel=1e-12)
    assert SPREAD < found["clean"]["participation_ratio_by_energy"] < 4


def test_every_field_of_the_contract_is_there(found):
    for facts in found.values():
        assert facts["schema"] == "purecheck-audit/1"
        assert {"participation_ratio", "largest_share", "firing_rate", "gate_ratio", "certified_fraction"} <= set(facts)
        assert {"clean", "predicted", "fgm", "pgd", "gate_aware"} <= set(facts["risk"])
        assert facts["settings"]["norm"] == "l2"
        assert facts["environment"]["seed"] == 0


def test_every_risk_lies_between_that_without_attack_and_the_universal_bound(found):
    for facts in found.values():
        risk = facts["risk"]
        for attack in ("fgm", "pgd", "gate_aware", "random_search", "worst"):
            assert risk["clean"] <= risk[attack] <= risk["universal_bound"]


def test_the_effective_map_of_a_mixture_weighs_its_firing_probability(tmp_path):
    """P5 without noise: `pi_m` of ||theta||^2, within the error of its sample at the rate of the suite."""
    n = 1100
    assert n >= sample_size(detectable := 0.2)
    pi = 1 - ((1 - P) ** 4 + 6 * 2 * (P / 2) ** 2 * (1 - P) ** 2 + 6 * (P / 2) ** 4)
    for m, expected in ((1, P), (4, pi)):
        facts = audit(mixture(tmp_path, m), "--theta", "1", "--sigma", "0", "--eps", "0", "--observations", str(n))
        # The share of firing nodes is in [0, 1]: Hoeffding's inequality.
        assert (
            abs(facts["effective_map"]["energy"] - expected) <= np.sqrt(np.log(2 / FALSE_ALARM) / (2 * n)) < detectable
        )
        assert facts["risk"]["clean"] <= D * 2.0**-90


def test_inside_the_certificate_prediction_and_attack_agree(found):
    certified = found["pure"]["certified"]
    assert found["pure"]["certified_fraction"] > 0.9
    # On fewer than 200 roundings each: sums of d H products, the mean of 200 losses.
    assert certified["worst"] == pytest.approx(certified["predicted"], rel=2.0**-40)


def test_pure_nodes_without_a_gate_leave_the_effective_map_full_of_cross_talk(tmp_path):
    np.savez(tmp_path / "linear.npz", W=np.eye(D), a=np.ones(D))
    facts = audit(tmp_path / "linear.npz", "--theta", "1")
    assert facts["participation_ratio_by_energy"] == 1
    assert facts["effective_map"]["energy"] == pytest.approx(1, rel=2.0**-30)
    assert facts["effective_map"]["cross_talk"] > CROSS_TALK
    assert not facts["purified"]


def test_the_target_of_a_fit_is_inferred_and_given_ones_are_used(tmp_path):
    path = mixture(tmp_path, 1)
    given, inferred = audit(path, "--theta", "1"), audit(path)
    assert (given["settings"]["target"], inferred["settings"]["target"]) == ("given", "inferred")
    assert inferred["risk"]["clean"] == pytest.approx(given["risk"]["clean"], abs=1e-2)
    assert audit(path, "--theta", "-1")["risk"]["clean"] == pytest.approx(4, abs=2)


def test_a_state_dict_says_the_same_as_the_arrays(tmp_path):
    with np.load(mixture(tmp_path, 4)) as kept:
        arrays = {name: kept[name] for name in ("W", "a", "b", "M")}
    tensors = {"fc1.weight": arrays["W"].T, "fc2.weight": arrays["a"][None], "t": arrays["b"], "M": arrays["M"]}
    save_file({name: np.ascontiguousarray(value) for name, value in tensors.items()}, tmp_path / "m.safetensors")
    expected = audit(tmp_path / "order4.npz")
    # W is square, as M is, so the layer has to be named
    facts = audit(tmp_path / "m.safetensors", "--layer", "fc1.weight", "--head", "fc2.weight", "--threshold", "t")
    assert facts["participation_ratio"] == expected["participation_ratio"]
    # the same numbers in another order in memory: sums of fewer than 2^12 terms
    for name in ("risk", "effective_map"):
        assert facts[name] == pytest.approx(expected[name], rel=2.0**-40)


def test_a_dictionary_is_estimated_from_observations(tmp_path):
    with np.load(mixture(tmp_path, 1)) as kept:
        arrays = dict(kept)
    M, rng = arrays.pop("M"), np.random.default_rng(5)
    np.savez(tmp_path / "plain.npz", **arrays)
    Z = observe(FeatureLaw(D, P, ConstantAmplitude(R)).sample(rng, (8000,)), M, 0.02, rng)
    np.savez(tmp_path / "data.npz", Z=Z)
    assert audit(tmp_path / "plain.npz")["participation_ratio"] > SPREAD
    facts = audit(tmp_path / "plain.npz", "--data", str(tmp_path / "data.npz"))
    assert facts["settings"]["dictionary"] == "estimated"
    assert facts["purified"]
    # Halves of such data err by angles of order .01 (see the test of the estimate), so cosines miss 1 by D 1e-4.
    assert facts["settings"]["dictionary_agreement"] > 0.98


@pytest.mark.parametrize(
    ("arrays", "named"),
    [
        ({"X": np.ones((40, D))}, "data.npz holds X; expected one array, Z"),
        ({"Z": np.ones((40, 3))}, "Z has shape (40, 3)"),
        ({"Z": np.ones((20, D))}, "n at least 32"),
        ({"Z": np.full((40, D), np.nan)}, "Z has entries that are not finite"),
    ],
)
def test_data_that_give_no_dictionary_are_told_in_one_line(arrays, named, tmp_path, capsys):
    np.savez(tmp_path / "plain.npz", W=np.eye(D), a=np.ones(D))
    np.savez(tmp_path / "data.npz", **arrays)
    assert main(["audit", str(tmp_path / "plain.npz"), "--data", str(tmp_path / "data.npz")]) == 2
    assert named in capsys.readouterr().err


def test_a_dictionary_that_is_there_is_not_estimated(tmp_path, capsys):
    np.savez(tmp_path / "data.npz", Z=np.ones((40, D)))
    assert main(["audit", str(mixture(tmp_path, 1)), "--data", str(tmp_path / "data.npz")]) == 2
    assert "expected none" in capsys.readouterr().err


def test_outputs_are_audited_one_by_one_and_summed(tmp_path):
    with np.load(mixture(tmp_path, 1)) as kept:
        arrays = dict(kept)
    a = arrays.pop("a")
    np.savez(tmp_path / "two.npz", C=np.stack([a, a], axis=-1), **arrays)
    one, two = audit(tmp_path / "order1.npz", "--eps", "0.1"), audit(tmp_path / "two.npz", "--eps", "0.1")
    for name in ("clean", "fgm", "predicted"):
        assert two["risk"][name] == pytest.approx(one["risk"][name], rel=2.0**-40)


def test_dead_nodes_have_no_purity_and_count_nowhere(tmp_path):
    W, a = np.eye(4, 6), np.array([1.0, 1, 1, 1, 1, 0])
    W[:, 5] = 1.0
    np.savez(tmp_path / "dead.npz", W=W, a=a, b=np.full(6, 0.3))
    facts = audit(tmp_path / "dead.npz", "--p", "0.3", "--r", "1")
    assert facts["participation_ratio"] == 1
    assert facts["networks"][0]["nodes"]["participation_ratio"][4] is None


@pytest.mark.parametrize("norm", ["l1", "linf"])
def test_on_a_small_network_the_exact_attack_is_the_strongest(tmp_path, norm):
    rng = np.random.default_rng(2)
    np.savez(tmp_path / "w.npz", W=rng.standard_normal((6, 10)) / 2, a=rng.standard_normal(10), b=np.full(10, 0.5))
    risk = audit(tmp_path / "w.npz", "--norm", norm, "--observations", "20")["risk"]
    assert risk["gradients_where_exact"] <= risk["worst_where_exact"] <= risk["exact_bound"]
    assert risk["exact"] <= risk["exact_bound"]
    assert risk["worst_where_exact"] <= risk["exact"] + (risk["exact_bound"] - risk["exact"])


def test_no_attack_leaves_nothing_to_tell_of_masking(tmp_path):
    facts = audit(mixture(tmp_path, 1), "--eps", "0", "--sigma", "0")
    assert facts["risk"]["worst"] == facts["risk"]["clean"]
    assert not facts["gradient_masked"]


def test_replicas_give_the_verdict_of_more_than_half():
    yes, no, open_ = (Verdict(one is True, one, True, None) for one in (True, False, None))
    assert overall((yes, yes, no)).gradient_masked is True
    assert overall((yes, no)).gradient_masked is None
    assert overall((open_, open_, yes)).gradient_masked is None
    assert overall((yes, no)).purified is False


def test_every_backend_measures_the_same(backend, tmp_path):
    network = read_network(mixture(tmp_path, 4), layer=None, head=None, threshold=None, b=0.0)
    plan = AuditPlan(p=P, r=R, sigma=0.02, eps=0.1, kind="linf", observations=5)
    found, expected = (
        facts_of(measure(network, plan, Streams(0), one, lambda *_: None), plan)
        for one in (backend, select_backend("numpy"))
    )
    # sums of fewer than 2^12 terms in another order; no observation lies so near a gate
    for name in ("risk", "effective_map"):
        assert found[name] == pytest.approx(expected[name], rel=2.0**-40)


@pytest.mark.parametrize("norm", ["l1", "l2", "linf"])
@pytest.mark.parametrize("size", [1e-30, 1e30])
def test_the_unit_of_the_input_changes_nothing(size, norm, tmp_path):
    """Amplitude, noise, thresholds and attack scaled together: relative risks are the same, up to rounding."""
    W = np.random.default_rng(4).standard_normal((4, 6))
    found = []
    for unit in (1.0, size):
        np.savez(tmp_path / "w.npz", W=W, a=np.full(6, unit), b=np.full(6, 0.1 * unit))
        options = {"--r": unit, "--sigma": 0.01 * unit, "--eps": 0.1 * unit, "--norm": norm, "--observations": 10}
        found.append(audit(tmp_path / "w.npz", *(str(one) for pair in options.items() for one in pair), "--exact", "0"))
    for name in ("clean", "fgm", "predicted", "universal_bound"):
        assert found[1]["risk"][name] == pytest.approx(found[0]["risk"][name], rel=2.0**-30)


def test_the_same_seed_gives_the_same_facts(tmp_path):
    first, second = (audit(mixture(tmp_path, 4), "--seed", "3") for _ in range(2))
    for facts in (first, second):
        facts.pop("environment")
    assert first == second


def test_words_and_facts_say_the_same(tmp_path, capsys):
    assert main(["audit", str(mixture(tmp_path, 4))]) == 0
    told = capsys.readouterr().out
    assert "not purified: nodes weigh 4.000 features each" in told
    assert f"gradient-masked: at l2 {0.4 * R:.3g}" in told
    assert f"(masked: above {MASKED} times)" in told
    assert "target: inferred" in told
    assert main(["audit", str(mixture(tmp_path, 4)), "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["purified"] is False


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--p", "0"], "p is 0.0"),
        (["--r", "-1"], "r is -1.0"),
        (["--sigma", "nan"], "sigma is nan"),
        (["--eps", "inf"], "eps is inf"),
        (["--eps", "1e300"], "eps is 1e+300"),
        (["--r", "1e-300"], "r is 1e-300"),
        (["--theta", "1,x"], "theta is '1,x'"),
        (["--theta", "1,2"], "theta has 2 entries; expected 1 or 16"),
        (["--theta", "0"], "theta is (0.0,)"),
        (["--observations", "1"], "--observations"),
        (["--exact", "3"], "exact is 3 in l2"),
        (["--norm", "l3"], "--norm"),
        (["--b", "-1"], "expected"),
        (["--seconds", "-1"], "seconds is -1.0"),
    ],
)
def test_a_wrong_option_is_told_in_one_line(options, named, tmp_path, capsys):
    path = tmp_path / "plain.npz"
    np.savez(path, W=np.eye(D), a=np.ones(D))
    assert main(["audit", str(path), *options]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert named in told
    assert "expected" in told
