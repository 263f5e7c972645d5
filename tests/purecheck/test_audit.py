"""`purecheck audit`: four kinds of layer, four verdicts, and numbers that the theory knows."""

import json
import subprocess
import sys

import numpy as np
import pytest

from numerics.activations import ACTIVATIONS
from numerics.backend import select_backend, to_numpy
from numerics.features import ConstantAmplitude, FeatureLaw, observe, rotation
from numerics.mixtures import mixture_network
from numerics.network import GatedNetwork
from numerics.rounding import attacked_residual_bound, gamma, square_bound
from numerics.statistics import FALSE_ALARM, sample_size
from numerics.streams import Streams
from purecheck.auditing.attacked import Data, attacked
from purecheck.auditing.given_network import GivenNetwork
from purecheck.auditing.heads import Heads
from purecheck.auditing.linearity import linear_part
from purecheck.auditing.plan import AuditPlan
from purecheck.auditing.structure import MOST
from purecheck.auditing.verdict import MASKED, Verdict, least_mixture_cross_talk, overall
from purecheck.cli import main

D, P = 16, 0.1
R = 1 / np.sqrt(P * D)
VERDICTS = ("structure", "purified", "computes_linear_function", "gradient_masked", "inherits_robustness")


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


def dyadic(folder, m, **changes):
    """The same without a rotation, whose sums are exact at dyadic amplitudes, without noise."""
    net = mixture_network(np.ones(D), m, 0.25)
    path = folder / f"dyadic{m}.npz"
    np.savez(path, **({"W": net.W, "a": net.a, "b": net.b} | changes))
    return path


DYADIC = ("--theta", "1", "--r", "0.5", "--sigma", "0", "--eps", "0.125")


def simulated(path, *options):
    assert main(["simulate", "supervised", "--replicas", "3", "--observations", "2", "--out", str(path), *options]) == 0
    return path


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A pure layer, a mixture layer, random weights, and layers trained cleanly and under attack."""
    folder, rng = tmp_path_factory.mktemp("audit"), np.random.default_rng(1)
    random = folder / "random.npz"
    np.savez(random, W=rng.standard_normal((D, 32)) / 4, a=rng.standard_normal(32), b=np.full(32, 0.4 * R))
    return {
        "pure": mixture(folder, 1),
        "mixture": mixture(folder, 4),
        "random": random,
        "clean": simulated(folder / "clean.npz"),
        "fgm": simulated(folder / "fgm.npz", "--attack", "fgm"),
    }


@pytest.fixture(scope="module")
def found(files):
    """Their facts, by the command alone: no option says what a network is for."""
    return {name: audit(path) for name, path in files.items()}


def test_the_verdicts_are_right_and_tell_all_kinds_of_layer_apart(found):
    told = {name: tuple(facts[verdict] for verdict in VERDICTS) for name, facts in found.items()}
    assert told["pure"] == ("pure", True, True, False, True)
    assert told["mixture"] == ("mixture", False, True, True, False)
    assert told["random"] == ("unstructured", False, False, True, False)
    assert told["clean"][:3] == ("mixed", False, True)
    assert told["fgm"] == ("purified", True, True, True, True)
    # Trained cleanly the inherited risk is near that of the constant 0: above it, or that cannot be told.
    assert told["clean"][4] is not True
    assert len(set(told.values())) == len(told)


def test_the_command_tells_four_layers_apart_by_itself(files):
    """As a person runs it, with nothing but the file."""
    paths = [str(files[name]) for name in ("pure", "mixture", "random", "clean")]
    command = "import sys; from purecheck.cli import main; sys.exit(max(main(['audit', one]) for one in sys.argv[1:]))"
    told = subprocess.run(  # noqa: S603 - this interpreter
        [sys.executable, "-c", command, *paths], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    layers = [line.split(",")[0] for line in told if line.startswith("layer: ")]
    assert layers == ["layer: pure", "layer: mixture", "layer: unstructured", "layer: mixed"]
    linear = [line.split(" linear")[0] for line in told if line.startswith("computes ")]
    assert linear == ["computes a", "computes a", "computes no", "computes a"]
    purified = [line.split(":")[0] for line in told if "such a layer" in line]
    assert purified == ["purified", "not purified", "not purified", "not purified"]


def test_random_weights_compute_no_linear_function_and_a_fit_does(found):
    for name, facts in found.items():
        linearity = facts["linearity"]
        missed = facts["networks"][0]["linearity"]["r2"]
        assert missed["low"] <= missed["mean"] <= missed["high"]
        assert (linearity["r2"] > linearity["random"]) == (name != "random")


def test_a_random_layer_without_gates_is_a_linear_function_of_no_structure(tmp_path):
    rng = np.random.default_rng(2)
    np.savez(tmp_path / "open.npz", W=rng.standard_normal((D, 32)), a=rng.standard_normal(32))
    facts = audit(tmp_path / "open.npz")
    assert (facts["structure"], facts["computes_linear_function"]) == ("unstructured", True)
    # No gate can move, so P2's bound is the prediction, and gradients find all there is.
    assert (facts["certified_fraction"], facts["gradient_masked"]) == (1, False)


def test_clean_training_and_a_mixture_differ_in_how_much_their_nodes_share(found):
    assert found["mixture"]["layer"]["sharing"] == 1
    assert found["clean"]["layer"]["sharing"] < MOST
    assert 1.5 < found["clean"]["layer"]["order"] < 4


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
            # medians over replicas of what holds of each
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
        # Feature weights err by fewer than 2 D roundings each (M^T M U), outputs of m nodes by as many again.
        assert facts["risk"]["clean"] <= (4 * m * D * gamma(4 * D, "float64")) ** 2


def test_a_dictionary_is_estimated_from_observations(tmp_path):
    with np.load(mixture(tmp_path, 1)) as kept:
        arrays = dict(kept)
    M, rng = arrays.pop("M"), np.random.default_rng(5)
    np.savez(tmp_path / "plain.npz", **arrays)
    Z = observe(FeatureLaw(D, P, ConstantAmplitude(R)).sample(rng, (8000,)), M, 0.02, rng)
    np.savez(tmp_path / "data.npz", Z=Z)
    assert audit(tmp_path / "plain.npz")["structure"] == "unstructured"
    facts = audit(tmp_path / "plain.npz", "--data", str(tmp_path / "data.npz"))
    assert facts["settings"]["dictionary"] == "estimated"
    assert facts["purified"]
    # Angles of one half err by sqrt(E X^6 E X^2 / n) / |E X^4 - 3 (E X^2)^2| = 1/(sqrt(n) (1 - 3 p)); five of it, for
    # the two halves together; a column meets D - 1 others.
    angle = 5 * np.sqrt(2) / (np.sqrt(4000) * (1 - 3 * P))
    assert facts["settings"]["dictionary_agreement"] >= 1 - D * angle**2 / 2


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


def test_dead_nodes_have_no_purity_and_count_nowhere(tmp_path):
    W, a = np.eye(4, 6), np.array([1.0, 1, 1, 1, 1, 0])
    W[:, 5] = 1.0
    np.savez(tmp_path / "dead.npz", W=W, a=a, b=np.full(6, 0.3))
    facts = audit(tmp_path / "dead.npz", "--p", "0.3", "--r", "1")
    assert facts["participation_ratio"] == 1
    assert facts["networks"][0]["nodes"]["participation_ratio"][4] is None


def gated(network, backend):
    arrays = map(backend.asarray, (network.W[0], network.heads[0, 0], network.b[0]))
    return GatedNetwork(*arrays)


def a_mixture(backend):
    """A network with its target, data and plan, and what the audit measures on a backend."""
    M = rotation(D, np.random.default_rng(0))
    net = mixture_network(np.ones(D), 4, 0.5 * R)
    network = GivenNetwork((M @ net.W)[None], net.a[None, None], net.b[None], M, "gate", np.zeros((1, 1)), 0.0)
    plan = AuditPlan(p=P, r=R, sigma=0.02, eps=0.05, kind="l2", observations=50)
    rng, law = np.random.default_rng(3), plan.law(D)
    X = law.sample(rng, (plan.observations,)).astype(np.float64)
    data = Data(X, np.asarray(observe(X, M, plan.sigma, rng)))
    heads = Heads(network, network.heads, np.ones((1, 1, D)), np.zeros((1, 1)))
    return network, plan, data, law.second_moment * D, attacked(heads, data, law, plan, Streams(0), backend)[0]


def test_inside_the_certificate_fgm_finds_what_is_predicted():
    backend = select_backend("numpy")
    network, plan, data, energy, losses = a_mixture(backend)
    net, y = gated(network, backend), data.X @ np.ones(D)
    bound = attacked_residual_bound(net, data.Z, y, np.zeros_like(data.Z), plan.eps, plan.kind)
    # the perturbation moves |Z| by at most eps a coordinate: twice the bound at Z covers it, as eps is below r
    allowed = square_bound(np.sqrt(losses.predicted[0] * energy), 2 * bound + gamma(D, "float64") * plan.eps) / energy
    assert np.all(np.abs(losses.losses["fgm"][0] - losses.predicted[0]) <= allowed)
    assert np.all(losses.worst[0] <= losses.universal[0] + allowed)


def test_every_backend_measures_the_same(backend):
    reference = select_backend("numpy")
    network, plan, data, energy, expected = a_mixture(reference)
    *_, found = a_mixture(backend)
    net, y = gated(network, reference), data.X @ np.ones(D)
    error = 2 * attacked_residual_bound(net, data.Z, y, np.zeros_like(data.Z), plan.eps, plan.kind)
    for got, want in (
        (found.losses["none"], expected.losses["none"]),
        (found.losses["fgm"], expected.losses["fgm"]),
        (found.predicted, expected.predicted),
    ):
        allowed = square_bound(np.sqrt(want * energy), 2 * error) / energy
        assert np.all(np.abs(to_numpy(got) - want) <= allowed)


def test_pure_nodes_without_a_gate_leave_the_effective_map_full_of_cross_talk(tmp_path):
    np.savez(tmp_path / "linear.npz", W=np.eye(D), a=np.ones(D))
    facts = audit(tmp_path / "linear.npz", "--theta", "1")
    assert facts["participation_ratio_by_energy"] == 1
    assert facts["effective_map"]["energy"] == 1
    assert (facts["structure"], facts["purified"]) == ("pure", False)
    assert facts["leak"]["slope"] == 1


@pytest.mark.parametrize("p", [0.05, 0.3, 0.6, 0.9])
def test_the_cross_talk_of_the_least_mixture_is_that_of_order_two(p):
    """Nine supports and signs, enumerated: `(1, 1)` and `(1, -1)` at `theta = (1, 1)` have heads 1 and 0."""
    total = off = 0.0
    for x in np.ndindex(3, 3):
        signs = np.array(x) - 1.0
        weight = np.prod(np.where(signs == 0, 1 - p, p / 2))
        beta = np.ones(2) * (abs(signs.sum()) >= 0.5)
        total, off = total + weight * np.sum(beta**2), off + weight * np.sum(beta[signs == 0] ** 2)
    assert abs(off / total - least_mixture_cross_talk(p)) <= gamma(80, "float64")


def test_the_linear_part_is_found_with_its_constant():
    """Orthogonal columns of signs: the condition number is 1, and LAPACK's backward error below 16 m n roundings."""
    n, d = 64, 6
    columns = np.array([[(-1) ** bin(i & (1 << j)).count("1") for j in range(d)] for i in range(n)], dtype=float)
    theta = np.arange(1.0, d + 1)
    part = linear_part(columns, (columns @ theta + 2)[None, None])
    error = gamma(16 * n * d, "float64") * np.sqrt(np.sum(theta**2) + 4)
    assert np.max(np.abs(part.theta[0, 0] - theta)) <= error
    assert abs(part.offset[0, 0] - 2) <= error


def test_targets_given_are_used(tmp_path):
    """One feature, always active, and dyadic: `f - theta x` is `2 x` for `theta = -1`, so the risk is 4."""
    path = tmp_path / "one.npz"
    np.savez(path, W=np.eye(1), a=np.ones(1), b=np.full(1, 0.25))
    for theta, risk in (("1", 0), ("-1", 4), ("2", 0.25)):
        facts = audit(path, "--p", "1", "--r", "0.5", "--sigma", "0", "--theta", theta)
        assert (facts["settings"]["target"], facts["risk"]["clean"]) == ("given", risk)


def test_outputs_are_audited_one_by_one_and_summed(tmp_path):
    one = audit(dyadic(tmp_path, 1), *DYADIC)
    with np.load(tmp_path / "dyadic1.npz") as kept:
        arrays = dict(kept)
    a = arrays.pop("a")
    np.savez(tmp_path / "two.npz", C=np.stack([a, a], axis=-1), **arrays)
    two = audit(tmp_path / "two.npz", *DYADIC)
    for name in ("clean", "fgm", "predicted", "universal_bound"):
        assert two["risk"][name] == one["risk"][name]
    assert two["settings"]["outputs"] == 2
    assert two["structure"] == "pure"


@pytest.mark.parametrize("norm", ["l1", "linf"])
def test_on_a_small_network_the_exact_attack_is_the_strongest(tmp_path, norm):
    rng = np.random.default_rng(2)
    np.savez(tmp_path / "w.npz", W=rng.standard_normal((6, 10)) / 2, a=rng.standard_normal(10), b=np.full(10, 0.5))
    risk = audit(tmp_path / "w.npz", "--norm", norm, "--observations", "20")["risk"]
    assert risk["gradients_where_exact"] <= risk["worst_where_exact"] <= risk["exact_bound"]
    assert risk["exact"] <= risk["exact_bound"]


def test_the_exact_attack_decides_masking_where_bounds_do_not(tmp_path):
    """No attack finds much more than gradients do; P2's bound is too loose to exclude it, the exact one is not."""
    rng = np.random.default_rng(2)
    np.savez(tmp_path / "w.npz", W=rng.standard_normal((6, 10)) / 2, a=rng.standard_normal(10), b=np.full(10, 0.5))
    options = ("--norm", "linf", "--observations", "300", "--eps", "0.02", "--exact")
    undecided, decided = (audit(tmp_path / "w.npz", *options, exact) for exact in ("0", "300"))
    assert (undecided["gradient_masked"], decided["gradient_masked"]) == (None, False)
    assert "gradient_masked" in undecided["unavailable"]
    risk = decided["risk"]
    assert risk["exact_bound"] < MASKED * risk["gradients_where_exact"] < undecided["risk"]["universal_bound"]


def test_no_attack_leaves_nothing_to_tell_of_masking(tmp_path):
    facts = audit(dyadic(tmp_path, 1), "--eps", "0", "--sigma", "0", "--r", "0.5", "--theta", "1")
    assert facts["risk"]["worst"] == facts["risk"]["clean"] == 0
    assert facts["gradient_masked"] is False


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_is_audited_and_tells_what_it_has_no_number_for(name, tmp_path):
    rng = np.random.default_rng(3)
    arrays = {"W": np.kron([1.0, -1.0], np.eye(6)), "a": np.repeat([1.0, -1.0], 6), "b": np.full(12, 0.3)}
    np.savez(tmp_path / "w.npz", **arrays, activation=name)
    facts = audit(tmp_path / "w.npz", "--r", "1", "--p", "0.2", "--observations", "30", "--seed", str(rng.integers(9)))
    assert facts["structure"] == "pure"
    assert facts["settings"]["activation"] == name
    assert (facts["certified_fraction"] is None) == (name != "gate") == ("certified_fraction" in facts["unavailable"])
    assert (facts["gate_ratio"] is None) == ("gate_ratio" in facts["unavailable"])
    thresholded = name in ("gate", "soft_threshold", "biased_relu")
    assert (facts["gate_ratio"] is None) == (not thresholded)
    # A1: a layer that leaks is pure and yet not purified; a pair of ReLUs is the identity.
    assert (facts["leak"]["energy"] == 0) == facts["purified"] == thresholded


def test_the_leak_of_pure_pairs_is_the_slope_at_rest(tmp_path):
    """Six features with heads 1 and -1 on `+-e_i`: `sum_h a_h act'(0) u_jh = 2 act'(0)`; silent with 1 - p."""
    W, a = np.kron([1.0, -1.0], np.eye(6)), np.repeat([1.0, -1.0], 6)
    for name, slope in (("silu", 0.5), ("gelu", 0.5), ("relu", 0.5), ("tanh", 1.0), ("sigmoid", 0.25)):
        np.savez(tmp_path / "w.npz", W=W, a=a, activation=name)
        leak = audit(tmp_path / "w.npz", "--p", "0.25", "--theta", "1", "--observations", "4")["leak"]
        assert (leak["slope"], leak["energy"]) == (slope, 0.75 * (2 * slope) ** 2)


@pytest.mark.parametrize("norm", ["l1", "l2", "linf"])
@pytest.mark.parametrize("size", [2.0**-98, 2.0**98])
def test_the_unit_of_the_input_changes_nothing(size, norm, tmp_path):
    """Amplitude, noise, thresholds and attack scaled by a power of two together: relative risks are the same."""
    W = np.random.default_rng(4).standard_normal((4, 6))
    found = []
    for unit in (1.0, size):
        np.savez(tmp_path / "w.npz", W=W, a=np.full(6, 0.5), b=np.full(6, 0.1 * unit))
        options = {"--r": unit, "--sigma": 0.01 * unit, "--eps": 0.1 * unit, "--norm": norm, "--observations": 10}
        given = (str(one) for pair in options.items() for one in pair)
        found.append(audit(tmp_path / "w.npz", *given, "--exact", "0", "--theta", "1"))
    for name in ("clean", "fgm", "predicted", "universal_bound"):
        assert found[1]["risk"][name] == found[0]["risk"][name]
    assert found[1]["structure"] == found[0]["structure"]


def test_replicas_give_the_verdict_of_more_than_half():
    yes, no, open_ = (Verdict("pure", one is True, one, True, None) for one in (True, False, None))
    assert overall((yes, yes, no)).gradient_masked is True
    assert overall((yes, no)).gradient_masked is None
    assert overall((open_, open_, yes)).gradient_masked is None
    assert overall((yes, no)).purified is False
    assert overall((yes, Verdict("mixed", False, None, True, None))).structure is None


def test_words_and_facts_say_the_same(tmp_path, capsys):
    path = mixture(tmp_path, 4)
    assert main(["audit", str(path)]) == 0
    told = capsys.readouterr().out
    facts = audit(path)
    assert f"layer: mixture, the nodes mix several features, in groups that share them: {0:.3f} of the energy" in told
    assert f"R^2 {facts['linearity']['r2']:.5f}" in told
    assert f"gradient-masked: at l2 {0.4 * R:.3g}" in told
    assert f"(masked: above {MASKED} times)" in told
    assert "target: inferred" in told
    capsys.readouterr()
    assert main(["audit", str(path), "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["purified"] is False


def test_what_is_not_known_is_told_with_its_reason(tmp_path, capsys):
    np.savez(tmp_path / "w.npz", W=np.eye(D), a=np.ones(D), activation="silu")
    assert main(["audit", str(tmp_path / "w.npz")]) == 0
    told = capsys.readouterr().out
    assert "certified fraction: not known, claim P2 speaks of the gate; the activation is silu" in told
    assert "gate ratio: not known, the silu has no threshold" in told


def test_the_same_seed_gives_the_same_facts(tmp_path):
    first, second = (audit(mixture(tmp_path, 4), "--seed", "3") for _ in range(2))
    for facts in (first, second):
        facts.pop("environment")
    assert first == second


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
        (["--activation", "gelu", "--exact", "3", "--norm", "linf"], "exact is 3; expected 0"),
        (["--activation", "swish"], "--activation"),
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
