"""Audits on data of the user: against independent attacks, closed forms, and the networks that they must tell apart."""

import json

import numpy as np
import pytest
from safetensors.numpy import save_file

import purecheck
from numerics.norms import dual_norm, vector_norm
from numerics.rounding import central_difference_bound, gamma, projection_excess, square_bound
from numerics.streams import Streams
from purecheck.auditing.data_attacks import Threat, attack_data
from purecheck.auditing.data_bounds import bounds
from purecheck.auditing.data_layer import dictionary_of, layer_facts
from purecheck.auditing.tasks import task_of
from purecheck.cli import main
from purecheck.networks.description import linear, network_of, with_unit
from purecheck.networks.evaluation import Described
from tests.purecheck.digits import digits, pgd_100, trained
from tests.purecheck.network_error import assert_within, gradient_error, output_error

EPS = 0.1
RNG = np.random.default_rng(0)


def network(net):
    return network_of([with_unit(linear("fc1", net.W, net.b), "relu"), linear("fc2", net.C, net.c)])


@pytest.fixture(scope="module")
def nets():
    return {"plain": trained(0.0), "robust": trained(EPS)}


@pytest.fixture(scope="module")
def facts(nets, tmp_path_factory):
    folder = tmp_path_factory.mktemp("digits")
    _, _, X, y = digits()
    np.save(folder / "x.npy", X)
    np.save(folder / "y.npy", y)
    told = {}
    for name, net in nets.items():
        tensors = {"0.weight": net.W.T, "0.bias": net.b, "2.weight": net.C.T, "2.bias": net.c}
        save_file({key: np.ascontiguousarray(one) for key, one in tensors.items()}, folder / f"{name}.safetensors")
        options = ("--inputs", folder / "x.npy", "--labels", folder / "y.npy", "--norm", "linf", "--eps", EPS)
        options += ("--activation", "relu", "--dictionary", "identity", "--json", folder / "facts.json")
        assert main(["audit", str(folder / f"{name}.safetensors"), *map(str, options)]) == 0
        told[name] = json.loads((folder / "facts.json").read_text())
    return told


@pytest.mark.parametrize("name", ["plain", "robust"])
def test_robust_accuracy_is_within_a_point_of_an_independent_attack_and_below(name, nets, facts):
    _, _, X, y = digits()
    other = pgd_100(nets[name], X, y, EPS)
    ours = facts[name]["accuracy"]
    assert ours["clean"] == np.mean(nets[name].logits(X).argmax(axis=1) == y)
    assert other - 0.01 <= ours["worst"] <= other + 0.01
    assert ours["worst"] <= min(ours[attack] for attack in ("fgm", "pgd", "pgd_margin", "random_search"))


def test_the_verdicts_tell_the_plain_from_the_robust_network(facts):
    assert facts["plain"]["robustness"] == "not robust"
    assert facts["robust"]["robustness"] == "robust"
    for one in facts.values():
        assert one["schema"] == "purecheck-audit/2"
        assert one["data"] == {"source": "given", "inputs": 200, "d": 64, "task": "classes"}
        assert 0 <= one["accuracy"]["certified"] <= one["accuracy"]["worst"]
        assert one["effective_map"]["cross_talk"] > 0


def test_python_and_the_command_report_the_same(tmp_path):
    np.savez(tmp_path / "n.npz", W=np.eye(4), C=RNG.standard_normal((4, 3)), b=np.full(4, 0.3))
    X, y = RNG.standard_normal((20, 4)), RNG.integers(0, 3, 20)
    np.save(tmp_path / "x.npy", X)
    np.save(tmp_path / "y.npy", y)
    options = ("--inputs", str(tmp_path / "x.npy"), "--labels", str(tmp_path / "y.npy"), "--eps", "0.1")
    assert main(["audit", str(tmp_path / "n.npz"), *options, "--json", str(tmp_path / "facts.json")]) == 0
    told, found = json.loads((tmp_path / "facts.json").read_text()), purecheck.audit(tmp_path / "n.npz", X, y, eps=0.1)
    for one in (told, found):
        del one["environment"]
    assert told == found


def test_the_first_line_says_which_data_are_used(tmp_path, capsys):
    np.savez(tmp_path / "n.npz", W=np.eye(4), a=np.ones(4), b=np.full(4, 0.3))
    assert main(["audit", str(tmp_path / "n.npz"), "--observations", "20"]) == 0
    assert capsys.readouterr().out.startswith("data: synthetic, from the sparse-coding model with p 0.1")
    np.save(tmp_path / "x.npy", RNG.standard_normal((30, 4)))
    np.save(tmp_path / "y.npy", RNG.standard_normal(30))
    options = ("--inputs", str(tmp_path / "x.npy"), "--labels", str(tmp_path / "y.npy"), "--eps", "0.1")
    assert main(["audit", str(tmp_path / "n.npz"), *options]) == 0
    assert capsys.readouterr().out.startswith(
        "data: your 30 inputs of 4 coordinates, regression; sizes are in their units"
    )


@pytest.mark.parametrize("norm", ["l1", "l2", "linf"])
@pytest.mark.parametrize("task", ["classes", "sign", "regression"])
def test_where_no_gate_can_move_attack_bound_and_closed_form_agree(norm, task):
    """Biases so large that all nodes stay open: the network is linear, and its worst case has a closed form."""
    d, H, q = 5, 7, 3 if task == "classes" else 1
    W, C = RNG.standard_normal((d, H)), RNG.standard_normal((H, q))
    net = network_of([with_unit(linear("a", W, np.full(H, 100.0)), "relu"), linear("b", C, -100 * C.sum(axis=0))])
    Z, A = RNG.standard_normal((40, d)), W @ C
    Y = Z @ A
    labels = {"classes": Y.argmax(axis=1), "sign": np.sign(Y[:, 0]), "regression": Y[:, 0] + 0.3}[task]
    wanted, threat = task_of(labels, q, name=task), Threat(eps=0.05, norm=norm)
    if task == "classes":
        rivals = [
            np.where(
                labels == j, -np.inf, Y[:, j] - Y.max(axis=1) + 0.05 * dual_norm((A[:, j, None] - A[:, labels]).T, norm)
            )
            for j in range(q)
        ]
        exact = np.max(rivals, axis=0)
    elif task == "sign":
        exact = -np.abs(Y[:, 0]) + 0.05 * dual_norm(A[:, 0], norm)
    else:
        exact = (0.3 + 0.05 * dual_norm(A[:, 0], norm)) ** 2
    attacked = attack_data(Described(net), Z, wanted, threat, Streams(0))
    upper = bounds(net, Z, wanted, threat)
    assert upper.fixed.all()
    # each side takes four evaluations of two outputs or less: of inputs, of attacked ones, of gradients, and of a bound
    error = 16 * np.max(output_error(net, np.abs(Z) + threat.eps), axis=1)
    error = square_bound(np.sqrt(exact), error) if task == "regression" else error
    assert_within(attacked.worst, np.broadcast_to(exact, 40), error)
    assert_within(upper.badness, np.broadcast_to(exact, 40), error)


UNITS = ("gate", "jump_relu", "relu", "biased_relu", "soft_threshold", "leaky_relu", "tanh", "sigmoid")


@pytest.mark.parametrize("activation", UNITS)
@pytest.mark.parametrize("norm", ["l1", "l2", "linf"])
def test_no_attack_exceeds_the_bound_at_any_depth(activation, norm):
    thresholded = activation in ("gate", "jump_relu", "biased_relu", "soft_threshold")
    layers = []
    for sides in ((4, 6), (6, 5)):
        affine = linear(str(sides), RNG.standard_normal(sides), 0.3 * RNG.standard_normal(sides[1]))
        layers.append(with_unit(affine, activation, np.full(sides[1], 0.4) if thresholded else 0.0))
    net = network_of([*layers, linear("head", RNG.standard_normal((5, 3)), RNG.standard_normal(3))])
    Z = RNG.standard_normal((60, 4))
    for labels, task in ((RNG.integers(0, 3, 60), "classes"), (RNG.standard_normal((60, 3)), "regression")):
        wanted, threat = task_of(labels, 3, name=task), Threat(eps=0.1, norm=norm)
        attacked = attack_data(Described(net), Z, wanted, threat, Streams(1))
        upper = bounds(net, Z, wanted, threat)
        assert np.all(attacked.worst <= upper.badness)
        assert np.all(vector_norm(attacked.points, norm) <= 0.1 * (1 + projection_excess(4, "float64")))
        outputs = Described(net).outputs(Z + attacked.points)
        error = 2 * output_error(net, Z + attacked.points)  # of the same outputs, computed beside others
        if task == "classes":
            bound = 2 * np.max(error, axis=1)
        else:
            bound = np.sum(square_bound(outputs - labels, error), axis=1)
        assert_within(wanted.badness(outputs), attacked.worst, bound)


@pytest.mark.parametrize("activation", [*UNITS, "silu", "gelu"])
def test_gradients_are_those_of_central_differences(activation):
    layers = [with_unit(linear("a", RNG.standard_normal((4, 6)), RNG.standard_normal(6)), activation, 0.2)]
    net = Described(network_of([*layers, linear("b", RNG.standard_normal((6, 2)))]))
    # multiples of a power of two: a step is computed without rounding
    Z, g, h = np.round(RNG.standard_normal((50, 4)) * 2**10) / 2**10, RNG.standard_normal(2), 2.0**-18
    first, head = net.network.layers
    if first.opening is not None:
        # inputs whose steps cross no jump or kink, on either side
        V = np.abs(Z @ first.W + first.bias) if activation in ("gate", "soft_threshold") else Z @ first.W + first.bias
        Z = Z[np.all(np.abs(V - first.threshold) > 2 * h * np.max(np.abs(first.W)), axis=1)]
        assert len(Z)
    exact = net.linearise(Z)[1](np.broadcast_to(g, (len(Z), 2)))
    steps = h * np.eye(4)
    central = np.stack([(net.outputs(Z + one) - net.outputs(Z - one)) @ g / (2 * h) for one in steps], axis=1)
    # no third derivative of an activation exceeds 2
    curved = 2 * np.abs(first.W) ** 3 @ np.abs(head.W @ g)
    evaluation = max(np.max(output_error(net.network, Z + one)) for one in (*steps, *-steps)) * np.sum(np.abs(g))
    bound = [central_difference_bound(h, evaluation, float(one)) for one in curved]
    assert_within(central, exact, bound + gradient_error(net.network, np.broadcast_to(g, (len(Z), 2))))


def test_an_attack_through_gates_finds_what_gradients_do_not_see():
    """A node just below its threshold: FGM sees no slope, and opening it costs 10."""
    net = network_of([with_unit(linear("a", np.eye(2)), "jump_relu", 1.0), linear("b", np.array([[10.0], [0.0]]))])
    Z, y = np.array([[0.875, 0.0], [0.25, 0.0]]), np.array([-1.0, -1.0])
    attacked = attack_data(
        Described(net), Z, task_of(y, 1, name="regression"), Threat(eps=0.25, norm="linf"), Streams(0)
    )
    assert attacked.badness["fgm"].tolist() == [1, 1]
    assert attacked.badness["gate_aware"][0] == (1 + 10 * 1.125) ** 2
    assert attacked.worst[1] == 1


def test_a_box_keeps_attacked_inputs_inside():
    net = network_of([with_unit(linear("a", np.eye(2)), "relu"), linear("b", np.ones((2, 1)))])
    Z = np.array([[0.9375, 0.5], [0.0, 1.0]])
    task = task_of(np.zeros(2), 1, name="regression")
    attacked = attack_data(Described(net), Z, task, Threat(eps=0.125, norm="linf", box=(0.0, 1.0)), Streams(0))
    assert attacked.worst.tolist() == [(1 + 0.625) ** 2, (0.125 + 1) ** 2]
    with pytest.raises(ValueError, match="inputs are 0 to 1; expected all in the box"):
        attack_data(Described(net), Z, task, Threat(eps=0.125, norm="linf", box=(0.0, 0.875)), Streams(0))


def three_layers():
    layers = [with_unit(linear(f"{at}.weight", RNG.standard_normal((6, 6))), "relu") for at in (0, 2)]
    return network_of([*layers, linear("4.weight", RNG.standard_normal((6, 3)))])


def test_a_layer_of_a_deeper_network_is_audited_by_name_and_never_cut_out():
    net, Z, y = three_layers(), RNG.standard_normal((50, 6)), RNG.integers(0, 3, 50)
    with pytest.raises(ValueError, match=r"2 hidden layers; expected --layer, one of 0.weight, 2.weight"):
        purecheck.audit(net, Z, y, norm="l2", eps=0.1)
    whole = [purecheck.audit(net, Z, y, norm="l2", eps=0.1, layer=name) for name in ("0.weight", "2.weight")]
    assert whole[0]["accuracy"] == whole[1]["accuracy"]  # of the whole network, whichever layer is looked at
    below = np.maximum(Z @ net.layers[0].W, 0)
    fires = np.mean(below @ net.layers[1].W > 0, axis=0)
    assert whole[1]["nodes"]["firing_rate"] == fires.tolist()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"labels": np.zeros(7)}, "labels have shape (7,) for 50 inputs"),
        ({"labels": np.full(50, 3)}, "expected the numbers of the 3 outputs, 0 to 2"),
        ({"labels": np.full(50, np.nan)}, "labels are not all finite numbers"),
        ({"labels": None}, "labels are not given"),
        ({"inputs": np.zeros((50, 5))}, "expected 6 coordinates each"),
        ({"inputs": np.full((50, 6), np.inf)}, "inputs has entries that are not finite"),
        ({"eps": None}, "eps is not given"),
        ({"eps": np.inf}, "eps is inf"),
        ({"norm": "l3"}, "norm is 'l3'"),
        ({"box": (1.0, 0.0)}, "box is (1.0, 0.0)"),
        ({"layer": "7.weight"}, "layer is '7.weight'; expected one of the hidden layers, 0.weight, 2.weight"),
        ({"dictionary": "wavelets"}, "dictionary is 'wavelets'"),
        ({"dictionary": np.ones((6, 6))}, "expected an orthogonal M"),
        ({"task": "ranking"}, "task is 'ranking'"),
        ({"network": 7}, "the model is int"),
    ],
)
def test_what_does_not_fit_is_named(change, named):
    given = {"network": three_layers(), "inputs": RNG.standard_normal((50, 6)), "labels": RNG.integers(0, 3, 50)}
    given |= {"norm": "l2", "eps": 0.1, "layer": "2.weight"} | change
    with pytest.raises(ValueError, match="expected") as refusal:
        purecheck.audit(**given)
    assert named in str(refusal.value)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--labels", "y.npy"), "--labels is about data of your own; expected --inputs"),
        (("--inputs", "x.npy", "--labels", "y.npy", "--eps", "1", "--p", "0.2"), "--p is about synthetic data"),
        (("--inputs", "x.npy", "--labels", "y.npy"), "eps is not given"),
        (("--inputs", "x.npy", "--labels", "y.npy", "--eps", "1", "--box", "0"), "box is '0'"),
        (("--inputs", "x.npy", "--labels", "y.npy", "--eps", "1", "--memory", "2MiB"), "memory was 2MiB"),
        (("--inputs", "x.npy", "--labels", "y.npy", "--eps", "1", "--dictionary", "no.npy"), "dictionary is 'no.npy'"),
    ],
)
def test_options_that_nothing_would_read_are_refused_in_one_line(options, named, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savez("n.npz", W=np.eye(4), a=np.ones(4), b=np.full(4, 0.3))
    np.save("x.npy", RNG.standard_normal((30, 4)))
    np.save("y.npy", RNG.standard_normal(30))
    assert main(["audit", "n.npz", *options]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert named in told.err


def test_purity_on_data_is_that_of_the_dictionary_given_or_estimated():
    d, n = 8, 6000
    M = np.linalg.qr(RNG.standard_normal((d, d)))[0]
    X = (RNG.random((n, d)) < 0.1) * RNG.choice([-1.0, 1.0], (n, d))
    Z, y = X @ M.T + 0.01 * RNG.standard_normal((n, d)), X.sum(axis=1)
    layer = with_unit(linear("W", M), "gate", 0.5)
    for name, kinds in (("estimated", ("pure", "purified")), ("identity", ("unstructured", "mixed", "mixture"))):
        dictionary = dictionary_of(name, Z, Streams(0))
        assert layer_facts(layer, np.ones(d), Z, dictionary.M).structure.name in kinds
    net = network_of([layer, linear("head", np.ones((d, 1)))])
    few = purecheck.audit(net, Z[:50], y[:50], norm="l2", eps=0.1, task="regression", dictionary=M)
    assert (few["structure"], few["purified"]) == ("pure", True)
    # Noise of a fiftieth of the threshold opens no node, and without rounding an absent feature adds nothing.
    miss = np.max(np.abs(M.T @ M - np.eye(d))) + gamma(3 * d, "float64")
    assert few["effective_map"]["cross_talk"] <= (d * miss) ** 2
    assert purecheck.audit(net, Z[:20], y[:20], norm="l2", eps=0.1, task="regression")["purified"] is None
