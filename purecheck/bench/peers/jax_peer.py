"""JAX as a peer: the loss as written, differentiated and compiled as a whole."""

import itertools
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from numerics.features import FeatureLaw
from purecheck.bench.contestant import Contestant
from purecheck.bench.peers import Maker
from purecheck.bench.problem import Problem, Single

Work = Callable[..., tuple[jax.Array, ...]]


def jitted(name: str, _cores: int) -> dict[str, Maker]:
    """The makers that use `jax.jit`, compiled once for each shape; JAX uses the cores on which the process may run."""
    return {
        "step": lambda problem: _contestant(name, _step, problem, ("W", "a")),
        "fgm": lambda problem: _contestant(name, _fgm, problem, ("delta",)),
        "pgd": lambda problem: _contestant(name, _pgd, problem, ("delta",)),
        "head": lambda features, y: _head(name, features, y),
        "sampler": lambda law, shape: _sampler(name, law, shape),
    }


def _contestant(name: str, work: Work, problem: Problem, parts: tuple[str, ...]) -> Contestant:
    compiled: Any = jax.jit(partial(work, b=problem.b, eps=problem.eps))
    arrays = [jnp.asarray(x) for x in (problem.W, problem.a, problem.Z, problem.y)]

    def run() -> Any:
        return jax.block_until_ready(compiled(*arrays))

    return Contestant(name, run, lambda found: {p: np.asarray(x) for p, x in zip(parts, found, strict=True)})


def _head(name: str, features: Single, y: Single) -> Contestant:
    solve = jax.jit(jax.vmap(lambda G, labels: jnp.linalg.lstsq(G, labels)[0]))
    G, labels = jnp.asarray(features), jnp.asarray(y)
    return Contestant(name, lambda: jax.block_until_ready(solve(G, labels)), lambda head: {"head": np.asarray(head)})


def _sampler(name: str, law: FeatureLaw, shape: tuple[int, ...]) -> Contestant:
    r = law.amplitude.second_moment**0.5

    def draw(key: jax.Array) -> jax.Array:
        u = jax.random.uniform(key, shape)
        return jnp.where(u < law.p / 2, -r, jnp.where(u < law.p, r, 0.0))

    keys, compiled = itertools.count(), jax.jit(draw)

    def run() -> jax.Array:
        return jax.block_until_ready(compiled(jax.random.key(next(keys))))

    return Contestant(name, run, lambda X: {"X": np.asarray(X)})


def _squared(W: jax.Array, a: jax.Array, b: float, Z: jax.Array, y: jax.Array) -> jax.Array:
    V = Z @ W
    gated = jnp.where(jnp.abs(V) >= b, V, 0.0)
    return ((gated @ a[..., None])[..., 0] - y) ** 2


def _ascent(W: jax.Array, a: jax.Array, b: float, Z: jax.Array, y: jax.Array) -> jax.Array:
    gradient = jax.grad(lambda at: _squared(W, a, b, at, y).sum())(Z)
    return gradient / jnp.linalg.norm(gradient, axis=-1, keepdims=True)


def _step(W: jax.Array, a: jax.Array, Z: jax.Array, y: jax.Array, *, b: float, eps: float) -> tuple[jax.Array, ...]:
    """Gradients of the mean attacked loss in the weights and the head."""
    attacked = Z + eps * _ascent(W, a, b, Z, y)

    def loss(W: jax.Array, a: jax.Array) -> jax.Array:
        return _squared(W, a, b, attacked, y).mean(axis=-1).sum()

    found: tuple[jax.Array, ...] = jax.grad(loss, argnums=(0, 1))(W, a)
    return found


def _fgm(W: jax.Array, a: jax.Array, Z: jax.Array, y: jax.Array, *, b: float, eps: float) -> tuple[jax.Array]:
    """One step to the sphere, which is kept where it raises the loss."""
    delta = eps * _ascent(W, a, b, Z, y)
    raised = _squared(W, a, b, Z + delta, y) > _squared(W, a, b, Z, y)
    return (jnp.where(raised[..., None], delta, 0.0),)


def _pgd(
    W: jax.Array, a: jax.Array, Z: jax.Array, y: jax.Array, *, b: float, eps: float, steps: int = 20
) -> tuple[jax.Array]:
    """The worst of 20 projected steps from the clean observation."""

    def move(_: int, state: tuple[jax.Array, jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array, jax.Array]:
        delta, worst, highest = state
        delta = delta + 2.5 * eps / steps * _ascent(W, a, b, Z + delta, y)
        delta = delta * jnp.minimum(eps / jnp.linalg.norm(delta, axis=-1, keepdims=True), 1.0)
        loss = _squared(W, a, b, Z + delta, y)
        raised = loss > highest
        return delta, jnp.where(raised[..., None], delta, worst), jnp.where(raised, loss, highest)

    origin = jnp.zeros_like(Z)
    _, worst, _ = jax.lax.fori_loop(0, steps, move, (origin, origin, _squared(W, a, b, Z, y)))
    return (worst,)
