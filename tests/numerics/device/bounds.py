"""What rounding may do to a training step in any norm, after any number of attack steps."""

from dataclasses import dataclass

import numpy as np

from numerics.norms import project
from numerics.rounding import gamma
from numerics.training.step import TrainingAttack
from purecheck.bench import step_bounds
from purecheck.bench.step_bounds import AttackedPass, ProblemNetwork, Uncertain, weight_gradients


@dataclass(frozen=True, eq=False)
class StepBounds:
    """Bounds on the errors of gradients and losses as computed.

    `decided` tells whether rounding leaves every gate of the clean passes, the signs of their residuals and the
    directions of ascent as they are: only then do the bounds hold.
    """

    gradients: dict[str, np.ndarray]
    clean_loss: np.ndarray
    attacked_loss: np.ndarray
    decided: bool


def bounds_of_step(
    net: ProblemNetwork, Z: np.ndarray, y: np.ndarray, attack: TrainingAttack | None, dtype: str
) -> StepBounds:
    """Bounds for arithmetic of `dtype` at float64 arrays."""
    points = Uncertain(Z, np.zeros_like(Z))
    delta, decided, clean = Uncertain(np.zeros_like(Z), np.zeros_like(Z)), True, None
    # Without an attack there are no steps, and nothing asks for its norm.
    for _ in range(attack.steps if attack else 0):
        assert attack is not None
        gates = step_bounds._gates(net, points, dtype)
        residual = step_bounds._residual(net, points, gates, y, dtype)
        clean = clean or residual
        signed = np.abs(residual.value) > residual.error
        ascent, directed = _ascent(net, gates.computed, np.sign(residual.value), attack.norm, dtype)
        decided = decided and bool(signed.all() and directed.all() and not gates.undecided.any())
        delta = _moved(delta, ascent, attack, dtype)
        points = Uncertain(Z + delta.value, delta.error + gamma(2, dtype) * (np.abs(Z) + delta.largest))
    gates = step_bounds._gates(net, points, dtype)
    residual = step_bounds._residual(net, points, gates, y, dtype)
    found = AttackedPass(np.ones(y.shape, bool), points, gates, residual)
    gradients = weight_gradients(net, found, np.full(y.shape, 1 / y.shape[-1]), y.shape[-1], dtype)
    errors = {name: x.error for name, x in gradients.items()}
    return StepBounds(errors, _loss_bound(clean or residual, dtype), _loss_bound(residual, dtype), decided)


def _ascent(net: ProblemNetwork, gates, signs, norm: str, dtype: str) -> tuple[Uncertain, np.ndarray]:
    """The direction of ascent, and whether rounding leaves its sign, its coordinate or its length.

    A coordinate of the gradient sums H products of 2 factors: fewer than H + 6 roundings.
    """
    if norm == "l2":
        with np.errstate(invalid="ignore"):
            found, directed = step_bounds._perturbation(net, gates, signs, dtype)
        return found, directed | ~gates.any(axis=-1)
    rows = np.swapaxes(net.a[..., None, :] * net.W, -1, -2)
    g, error = gates @ rows, gamma(rows.shape[-2] + 6, dtype) * (gates @ np.abs(rows))
    exact = np.zeros_like(g)
    if norm == "linf":
        clear = (np.abs(g) > error) | (error == 0)
        return Uncertain(signs[..., None] * np.sign(g), exact), clear.all(axis=-1)
    largest = np.argmax(np.abs(g), axis=-1)[..., None]
    chosen = np.arange(g.shape[-1]) == largest
    rivals = np.where(chosen, 0, np.abs(g) + error).max(axis=-1)
    least = np.take_along_axis(np.abs(g) - error, largest, -1)[..., 0]
    return Uncertain(signs[..., None] * np.where(chosen, np.sign(g), 0), exact), (least > rivals) | ~gates.any(axis=-1)


def _moved(delta: Uncertain, ascent: Uncertain, attack: TrainingAttack, dtype: str) -> Uncertain:
    """The next perturbation.

    A step costs fewer than 4 roundings with those of its length. A projection moves no two points apart (in l_inf
    coordinate by coordinate) and costs fewer than 6 d + 24 roundings of numbers below the sizes that go in (l1: a
    threshold from at most d + 1 sums; l2: d squares, a root, two divisions, a product).
    """
    single = attack.steps == 1
    stride = attack.eps if single else 2.5 * attack.eps / attack.steps
    value = delta.value + stride * ascent.value
    error = delta.error + stride * ascent.error
    error = error + gamma(4, dtype) * (np.abs(delta.value) + error + stride * np.abs(ascent.value))
    if single:
        return Uncertain(value, error)
    inside = project(value, attack.eps, attack.norm)
    if attack.norm != "linf":
        size = np.abs(value).sum(axis=-1, keepdims=True) + attack.eps
        error = np.linalg.norm(error, axis=-1, keepdims=True) + gamma(6 * value.shape[-1] + 24, dtype) * size
    return Uncertain(inside, np.broadcast_to(error, inside.shape) + gamma(1, dtype) * attack.eps)


def _loss_bound(residual: Uncertain, dtype: str) -> np.ndarray:
    """A mean of n squares: n + 2 roundings, of squares whose roots err."""
    n = residual.value.shape[-1]
    spread = residual.largest**2 - residual.value**2
    return (spread + gamma(n + 2, dtype) * residual.largest**2).mean(axis=-1)
