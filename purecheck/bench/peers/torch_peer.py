"""PyTorch as a peer: the loss as written, with gradients by automatic differentiation."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor

from numerics.features import FeatureLaw
from purecheck.bench.contestant import Contestant
from purecheck.bench.peers import Maker
from purecheck.bench.problem import Problem, Single

Gradient = Callable[..., tuple[Tensor, ...]]
"""`gradient(function, *at)` returns the gradient of a scalar function in each of its arguments."""


def eager(name: str, cores: int) -> dict[str, Maker]:
    """The makers that run operation by operation, with autograd."""
    return _makers(name, cores, lambda work: work, _recorded)


def compiled(name: str, cores: int) -> dict[str, Maker]:
    """The makers that use `torch.compile`, once for each shape, with gradients by `torch.func`."""
    return _makers(name, cores, _compile, _transformed)


def _compile(work: Any) -> Any:
    """The work compiled anew: PyTorch falls back to eager execution after eight shapes."""
    torch.compiler.reset()
    return torch.compile(work, dynamic=False)


def _recorded(function: Callable[..., Tensor], *at: Tensor) -> tuple[Tensor, ...]:
    leaves = tuple(x.detach().requires_grad_() for x in at)
    found: tuple[Tensor, ...] = torch.autograd.grad(function(*leaves), leaves)
    return found


def _transformed(function: Callable[..., Tensor], *at: Tensor) -> tuple[Tensor, ...]:
    found: tuple[Tensor, ...] = torch.func.grad(function, argnums=tuple(range(len(at))))(*at)
    return found


def _makers(name: str, cores: int, prepare: Callable[[Any], Any], gradient: Gradient) -> dict[str, Maker]:
    torch.set_num_threads(cores)
    return {
        "step": lambda problem: _contestant(name, prepare(partial(_step, gradient)), problem, ("W", "a")),
        "fgm": lambda problem: _contestant(name, prepare(partial(_fgm, gradient)), problem, ("delta",)),
        "pgd": lambda problem: _contestant(name, prepare(partial(_pgd, gradient)), problem, ("delta",)),
        "head": lambda features, y: _head(name, prepare(_solve), features, y),
        "sampler": lambda law, shape: _sampler(name, prepare(_sample), law, shape),
    }


def _contestant(name: str, work: Any, problem: Problem, parts: tuple[str, ...]) -> Contestant:
    W, a, Z, y = (_tensor(x) for x in (problem.W, problem.a, problem.Z, problem.y))
    return _named(name, lambda: work(W, a, problem.b, Z, y, problem.eps), parts)


def _head(name: str, work: Any, features: Single, y: Single) -> Contestant:
    G, labels = _tensor(features), _tensor(y)
    return _named(name, lambda: (work(G, labels),), ("head",))


def _sampler(name: str, work: Any, law: FeatureLaw, shape: tuple[int, ...]) -> Contestant:
    r = law.amplitude.second_moment**0.5
    return _named(name, lambda: (work(shape, law.p, r, _device()),), ("X",))


def _device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"


def _tensor(x: Single) -> Tensor:
    return torch.as_tensor(x, device=_device())


def _named(name: str, work: Callable[[], tuple[Tensor, ...]], parts: tuple[str, ...]) -> Contestant:
    """The contestant that runs `work`, whose results are named `parts`."""

    def run() -> tuple[Tensor, ...]:
        found = work()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        return found

    return Contestant(name, run, lambda found: {part: x.cpu().numpy() for part, x in zip(parts, found, strict=True)})


def _output(W: Tensor, a: Tensor, b: float, Z: Tensor) -> Tensor:
    V = Z @ W
    return (torch.where(V.abs() >= b, V, 0.0) @ a[..., None])[..., 0]


def _squared(W: Tensor, a: Tensor, b: float, Z: Tensor, y: Tensor) -> Tensor:
    return (_output(W, a, b, Z) - y) ** 2


def _ascent(gradient: Gradient, W: Tensor, a: Tensor, b: float, Z: Tensor, y: Tensor) -> Tensor:
    (steepest,) = gradient(lambda at: _squared(W, a, b, at, y).sum(), Z)
    return steepest / steepest.norm(dim=-1, keepdim=True)


def _step(gradient: Gradient, W: Tensor, a: Tensor, b: float, Z: Tensor, y: Tensor, eps: float) -> tuple[Tensor, ...]:
    """Gradients of the mean attacked loss in the weights and the head."""
    attacked = Z + eps * _ascent(gradient, W, a, b, Z, y)
    return gradient(lambda W, a: _squared(W, a, b, attacked, y).mean(dim=-1).sum(), W, a)


def _fgm(gradient: Gradient, W: Tensor, a: Tensor, b: float, Z: Tensor, y: Tensor, eps: float) -> tuple[Tensor]:
    """One step to the sphere, which is kept where it raises the loss."""
    delta = eps * _ascent(gradient, W, a, b, Z, y)
    raised = _squared(W, a, b, Z + delta, y) > _squared(W, a, b, Z, y)
    return (torch.where(raised[..., None], delta, 0.0),)


def _pgd(
    gradient: Gradient, W: Tensor, a: Tensor, b: float, Z: Tensor, y: Tensor, eps: float, steps: int = 20
) -> tuple[Tensor]:
    """The worst of 20 projected steps from the clean observation."""
    delta = torch.zeros_like(Z)
    worst, highest = delta, _squared(W, a, b, Z, y)
    for _ in range(steps):
        delta = delta + 2.5 * eps / steps * _ascent(gradient, W, a, b, Z + delta, y)
        delta = delta * torch.clamp(eps / delta.norm(dim=-1, keepdim=True), max=1.0)
        loss = _squared(W, a, b, Z + delta, y)
        raised = loss > highest
        worst = torch.where(raised[..., None], delta, worst)
        highest = torch.where(raised, loss, highest)
    return (worst,)


def _solve(G: Tensor, y: Tensor) -> Tensor:
    return torch.linalg.lstsq(G, y[..., None]).solution[..., 0]


def _sample(shape: tuple[int, ...], p: float, r: float, device: str) -> Tensor:
    u = torch.rand(shape, device=device)
    return torch.where(u < p / 2, -r, torch.where(u < p, r, 0.0))
