"""One supervised training step with hand-derived gradients: forward pass, attack, attacked pass, gradients.

A step attacked once costs four products: the gates of the forward pass are used for the attack gradient, whose product
with ``z`` is the prediction (claim P1), and the gates of the attacked pass for the weight gradient. Gates are held
fixed in every gradient (straight-through). Other activations use their own slopes; unless ``act(v) = v act'(v)``, their
values cost one more pass.
"""

from __future__ import annotations

from dataclasses import dataclass

from array_api_compat import array_namespace

from numerics.activations import THROUGH_ORIGIN, ActivationName, activation
from numerics.attacks.losses import sign_or_one
from numerics.backend import Array
from numerics.ball import Ball
from numerics.norms import Norm
from numerics.optimisers import Parameters
from numerics.projected_ascent import pgd_lengths, projected_ascent


@dataclass(frozen=True)
class TrainingAttack:
    """The attack inside a training step: ``steps`` projected gradient steps; one step is FGM.

    Parameters
    ----------
    norm : {"l1", "l2", "linf"}
        Norm of the ball.
    eps : float
        Radius of the ball, positive.
    steps : int
        Number of gradient steps. One step goes to the sphere; several go ``2.5 eps / steps`` each and are
        projected on the ball (Madry et al. 2018).
    """

    norm: Norm
    eps: float
    steps: int = 1

    @property
    def lengths(self) -> tuple[float, ...]:
        """The lengths of the steps."""
        return (self.eps,) if self.steps == 1 else pgd_lengths(self.eps, self.steps)


@dataclass(frozen=True)
class ForwardPass:
    """The results of a forward pass that an attack step needs.

    Attributes
    ----------
    gradient : array
        ``grad f``, shape ``(..., n, d)``.
    error : array
        ``f - y``, shape ``(..., n)``.
    """

    gradient: Array
    error: Array


@dataclass(frozen=True)
class StepGradients:
    """Gradients of the mean attacked loss, and both losses, of one batch for each replica.

    Attributes
    ----------
    gradients : dict
        One array for each parameter and of its shape, such as ``W`` ``(replicas, d, H)``.
    clean_loss, attacked_loss : array
        Mean losses, shape ``(replicas,)``.
    """

    gradients: Parameters
    clean_loss: Array
    attacked_loss: Array


def open_gates(V: Array, b: float | Array) -> Array:
    """Return ``1{|V| >= b}`` as numbers of the dtype of `V`, ready for matrix products."""
    xp = array_namespace(V)
    return xp.astype(xp.abs(V) >= b, V.dtype)


def forward_pass(
    parameters: Parameters, b: float | Array, Z: Array, y: Array, act: ActivationName = "gate"
) -> ForwardPass:
    """Return input gradients and errors at `Z`; if possible, the prediction is ``grad f . z`` (claim P1)."""
    xp = array_namespace(Z)
    W, a = parameters["W"], parameters["a"]
    slopes, values = _layer(Z @ W, b, act)
    gradient = slopes @ xp.matrix_transpose(a[..., None, :] * W)
    prediction = xp.vecdot(gradient, Z) if values is None else _output(values, a)
    return ForwardPass(gradient, prediction - y)


def training_perturbation(
    parameters: Parameters,
    b: float | Array,
    Z: Array,
    y: Array,
    clean: ForwardPass,
    attack: TrainingAttack,
    act: ActivationName = "gate",
) -> Array:
    """Return the perturbation ``delta`` of FGM or PGD started at the clean points, shape ``(..., n, d)``.

    Where the error is 0 its sign is taken as +1, so that a perfect fit is attacked too (claim P2). The
    perturbation is what training uses: the last point, even where it does not raise the loss.
    """
    ball = Ball(attack.eps, attack.norm)

    def gradient(k: int, delta: Array) -> Array:
        here = clean if k == 0 else forward_pass(parameters, b, Z + delta, y, act)
        return sign_or_one(here.error)[..., None] * here.gradient

    start = array_namespace(Z).zeros_like(Z)
    if attack.steps == 1:
        return ball.farthest(gradient(0, start))  # projected, it would only be rounded once more
    return projected_ascent(start, attack.lengths, gradient, ball.step)


def squared_loss_step(
    parameters: Parameters,
    b: float | Array,
    Z: Array,
    y: Array,
    attack: TrainingAttack | None,
    act: ActivationName = "gate",
) -> StepGradients:
    """Return gradients of the mean of ``(y - f(Z + delta))^2`` with ``delta`` held fixed, and both losses.

    Parameters
    ----------
    parameters : dict
        ``W`` of shape ``(replicas, d, H)``, ``a`` of shape ``(replicas, H)``.
    b : float
        Threshold of the nodes; an activation without one does not use it.
    Z, y : array
        Observations ``(replicas, n, d)`` and targets ``(replicas, n)``.
    attack : TrainingAttack or None
        The attack in training; None trains on the clean loss.
    act : str
        Name of the activation.

    Notes
    -----
    Holding ``delta`` fixed is the envelope theorem (Danskin): the gradient of a maximum is the gradient at
    the maximiser.
    """
    if attack is None:
        layer, error = _layer_and_error(parameters, b, Z, y, act)
        clean_loss = _mean_square(error)
        return StepGradients(_parameter_gradients(parameters, Z, *layer, error), clean_loss, clean_loss)
    clean = forward_pass(parameters, b, Z, y, act)
    attacked = Z + training_perturbation(parameters, b, Z, y, clean, attack, act)
    layer, error = _layer_and_error(parameters, b, attacked, y, act)
    gradients = _parameter_gradients(parameters, attacked, *layer, error)
    return StepGradients(gradients, _mean_square(clean.error), _mean_square(error))


def _layer(V: Array, b: float | Array, act: ActivationName) -> tuple[Array, Array | None]:
    """Return slopes and values of the nodes; the values are None where they are ``v act'(v)``."""
    if act == "gate":
        return open_gates(V, b), None
    nodes = activation(act, b)
    if act in THROUGH_ORIGIN:
        return nodes.derivative(V), None
    values, slopes = nodes.both(V)
    return slopes, values


def _layer_and_error(
    parameters: Parameters, b: float | Array, Z: Array, y: Array, act: ActivationName
) -> tuple[tuple[Array, Array | None], Array]:
    """Return the layer and errors if no input gradient is needed: two passes cost less than the product of P1."""
    V = Z @ parameters["W"]
    slopes, values = _layer(V, b, act)
    error = _output(V * slopes if values is None else values, parameters["a"]) - y
    return (slopes, values), error


def _parameter_gradients(
    parameters: Parameters, Z: Array, slopes: Array, values: Array | None, error: Array
) -> Parameters:
    """Return the gradients of the mean squared error at the points `Z`.

    With ``P_h = (2/n) sum_i e_i act'(v_ih) z_i`` both are small products: ``dL/dw_h = a_h P_h`` and, where
    ``act(v) = v act'(v)``, ``dL/da_h = w_h . P_h``.
    """
    xp = array_namespace(Z)
    W, a = parameters["W"], parameters["a"]
    scaled = (2 / Z.shape[-2]) * error
    P = xp.matrix_transpose(Z * scaled[..., None]) @ slopes
    head = xp.sum(W * P, axis=-2) if values is None else (scaled[..., None, :] @ values)[..., 0, :]
    return {"W": a[..., None, :] * P, "a": head}


def _output(values: Array, a: Array) -> Array:
    return (values @ a[..., None])[..., 0]


def _mean_square(error: Array) -> Array:
    return array_namespace(error).mean(error * error, axis=-1)
