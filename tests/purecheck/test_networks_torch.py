"""PyTorch: files, sequences, modules and the monitor, against PyTorch itself."""

import numpy as np
import pytest

import purecheck
from purecheck.networks.description import Network, linear
from purecheck.networks.evaluation import Described
from purecheck.networks.modules import Module, described, observed
from purecheck.networks.reading import read_described
from purecheck.networks.state_dict import Names
from tests.purecheck.network_error import assert_within, gradient_error, output_error

pytestmark = pytest.mark.deep
torch = pytest.importorskip("torch")
nn = torch.nn
RNG = np.random.default_rng(0)
X = RNG.standard_normal((40, 6))


def sequence(unit=nn.ReLU, width=8):
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(6, width), unit(), nn.Dropout(0.5), nn.Linear(width, 3)).double()


class Convolutional(torch.nn.Module):  # type: ignore[name-defined]
    """A convolution, and a hidden layer behind it."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.conv = nn.Conv2d(1, 2, 2)
        self.hidden = nn.Linear(8, 7)
        self.head = nn.Linear(7, 3)
        self.double()

    def forward(self, x):
        return self.head(torch.relu(self.hidden(torch.relu(self.conv(x)).flatten(1))))


def evaluated(module, Z):
    with torch.no_grad():
        return module.eval()(torch.tensor(Z)).numpy()


@pytest.mark.parametrize("unit", [nn.ReLU, nn.LeakyReLU, nn.Tanh, nn.Sigmoid, nn.SiLU, nn.GELU])
def test_a_sequence_is_read_whole(unit):
    module = sequence(unit)
    assert module.training
    network = described(module)
    assert_within(Described(network).outputs(X), evaluated(module, X), 2 * output_error(network, X))


@pytest.mark.parametrize("part", [nn.BatchNorm1d(8), nn.GELU(approximate="tanh"), nn.Softplus(), nn.LayerNorm(8)])
def test_a_sequence_with_another_part_is_a_function_not_a_network(part):
    assert described(nn.Sequential(nn.Linear(6, 8), part, nn.Linear(8, 3))) is None


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("wrap", [lambda s: s, lambda s: {"state_dict": s, "epoch": 3}, lambda s: {"model": s}])
def test_a_state_dict_is_read_from_a_file(dtype, wrap, tmp_path):
    module = sequence().to(dtype)
    torch.save(wrap(module.state_dict()), tmp_path / "n.pt")
    network = read_described(tmp_path / "n.pt", names=Names(), activation="relu")
    assert_within(Described(network).outputs(X), evaluated(module.double(), X), 2 * output_error(network, X))


def test_a_file_that_would_have_to_be_executed_is_refused(tmp_path):
    torch.save(sequence(), tmp_path / "whole.pt")
    with pytest.raises(ValueError, match="expected a state_dict, as"):
        read_described(tmp_path / "whole.pt", names=Names(), activation="relu")
    torch.save({"state_dict": sequence().state_dict(), "mask": torch.ones(8)}, tmp_path / "more.pt")
    with pytest.raises(ValueError, match="holds mask beside 'state_dict'"):
        read_described(tmp_path / "more.pt", names=Names(), activation="relu")


def test_gradients_of_a_module_are_those_of_the_network_behind_it():
    module, g = sequence(), RNG.standard_normal((40, 3))
    network = described(module)
    ours, theirs = (one.linearise(X) for one in (Described(network), Module(module)))
    assert_within(ours[0], theirs[0], 2 * output_error(network, X))
    assert_within(ours[1](g), theirs[1](g), 2 * gradient_error(network, g))
    assert module.training


def test_the_same_network_as_a_sequence_a_module_and_a_function_is_attacked_alike():
    module, y = sequence(), RNG.integers(0, 3, 40)

    class Wrapped(nn.Module):
        def __init__(self):
            super().__init__()
            self.inside = module

        def forward(self, x):
            return self.inside(x)

    network = Described(described(module))
    given = {"norm": "linf", "eps": 0.1}
    found = [purecheck.attack(one, X, y, **given).under("worst") for one in (module, Wrapped(), network.linearise)]
    assert len(set(found)) == 1


def test_a_hidden_layer_of_any_module_is_audited_with_what_is_below_it():
    module, Z, y = Convolutional(), RNG.standard_normal((40, 1, 3, 3)), RNG.integers(0, 3, 40)
    facts = purecheck.audit(module, Z, y, norm="l2", eps=0.1, layer="hidden", dictionary="identity")
    with torch.no_grad():
        below = torch.relu(module.conv(torch.tensor(Z))).flatten(1)
        fires = np.mean(module.hidden(below).numpy() > 0, axis=0)
    assert facts["nodes"]["firing_rate"] == fires.tolist()
    assert facts["accuracy"]["clean"] == np.mean(evaluated(module, Z).argmax(axis=1) == y)
    seen = observed(module, "hidden", "relu", Z)
    upper = (seen.below @ seen.layer.W + seen.layer.bias > 0) * module.head.weight[0].detach().numpy()
    upper_to_below = Network((linear("hidden", seen.layer.W),))
    assert_within(seen.gradients[0], upper @ seen.layer.W.T, 2 * gradient_error(upper_to_below, upper))
    with pytest.raises(ValueError, match="layer is 'conv'; expected one of the linear layers, hidden, head"):
        purecheck.audit(module, Z, y, norm="l2", eps=0.1, layer="conv")


def test_the_monitor_records_what_an_audit_measures_and_leaves_the_training_alone(tmp_path):
    module = sequence()
    monitor = purecheck.PurityMonitor(module, "0", X, every=2, dictionary="identity")
    plain, optimiser = sequence(), torch.optim.SGD(module.parameters(), lr=0.1)
    other = torch.optim.SGD(plain.parameters(), lr=0.1)
    for step in range(5):
        for net, steps in ((module, optimiser), (plain, other)):
            torch.manual_seed(step)
            steps.zero_grad()
            net(torch.tensor(X)).square().mean().backward()
            steps.step()
        monitor()
        assert module.training
    for ours, theirs in zip(module.parameters(), plain.parameters(), strict=True):
        assert torch.equal(ours, theirs)
    assert [one.step for one in monitor.history] == [0, 2, 4]
    facts = purecheck.audit(module, X, np.zeros(40, int), norm="l2", eps=0.1, dictionary="identity")
    last = monitor.history[-1].values
    for name in ("firing_rate", "gate_ratio", "participation_ratio"):
        assert last[name] == facts[name]
    assert last["cross_talk"] == facts["effective_map"]["cross_talk"]
    monitor.plot(tmp_path / "purity.png")
    assert (tmp_path / "purity.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"module": 7}, "module is int"),
        ({"layer": "9"}, "layer is '9'; expected one of the linear layers, 0, 3"),
        ({"every": 0}, "every is 0"),
        ({"activation": "swish"}, "activation is 'swish'"),
        ({"dictionary": "wavelets"}, "dictionary is 'wavelets'"),
    ],
)
def test_a_monitor_that_would_fail_is_refused_before_the_training(change, named):
    with pytest.raises(ValueError, match="expected") as refusal:
        purecheck.PurityMonitor(**{"module": sequence(), "layer": "0", "inputs": X} | change)
    assert named in str(refusal.value)
