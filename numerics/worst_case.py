"""The worst case of the squared loss in an l_inf or l1 ball, by mixed-integer programming.

Where ``f`` is largest and where it is smallest in the ball the loss is largest. A gate splits what a node sees into
at most three pieces (fires above ``b``, silent, fires below ``-b``) on each of which the output is linear; a binary
variable chooses the piece. For small networks: time grows exponentially with the gates within reach.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array

from numerics.arrays import Floats
from numerics.attacks.losses import attacked_loss
from numerics.network import GatedNetwork, forward
from numerics.norms import Norm, dual_norm, project, steepest
from numerics.rounding import forward_bound, gamma, preactivation_bound
from numerics.standard_output import silenced

DUAL_TOLERANCE = 1e-7
"""By how much HiGHS lets a reduced cost have the wrong sign (its default, which SciPy leaves as it is)."""
GAP_TOLERANCE = 2e-6
"""What HiGHS may leave undecided when it stops: an absolute gap and an integrality tolerance of 1e-6 each."""
MARGINS = (2.0**-30, 2.0**-20)
"""How far from its gate, as parts of its reach, the polished perturbation keeps every node."""
_PRIMAL_TOLERANCE = 1e-10  # of the polishing linear programme, well below the margins


@dataclass(frozen=True, eq=False)
class WorstCase:
    """The largest loss in the ball lies between `value` and `bound`.

    Attributes
    ----------
    delta : array, shape (..., n, d)
        Perturbations.
    value : array, shape (..., n)
        Their losses, from the network itself.
    bound : array, shape (..., n)
        What no perturbation exceeds: the solver's dual bound with slack for its tolerances and for rounding. The
        largest loss may be a supremum that no perturbation attains, where a gate must stay just shut.
    """

    delta: Floats
    value: Floats
    bound: Floats


def worst_case(net: GatedNetwork, Z: Floats, y: Floats, eps: float, norm: Norm, *, seconds: float = 10.0) -> WorstCase:
    """Return the worst perturbation of every observation, with what it reaches and a bound on what any can reach.

    Parameters
    ----------
    net : GatedNetwork
        Parameters on the host in float64.
    Z, y : array
        Observations ``(..., n, d)`` and regression targets ``(..., n)``.
    eps : float
        Size of the attack, at least 0.
    norm : {"l1", "linf"}
        Norm of the attack; an l2 ball is no polyhedron.
    seconds : float
        Limit for one programme, of two for each observation; when it runs out `bound` holds but is not tight.

    Raises
    ------
    ValueError
        If `norm` is another norm or `eps` is negative.

    References
    ----------
    V. Tjeng, K. Xiao and R. Tedrake, "Evaluating robustness of neural networks with mixed integer programming",
    ICLR 2019. The slack of the dual bound: A. Neumaier and O. Shcherbina, "Safe bounds in linear and mixed-integer
    linear programming", Mathematical Programming 99 (2004).
    """
    if norm not in ("l1", "linf"):
        raise ValueError(f"norm is {norm!r}; expected 'l1' or 'linf'")
    if not eps >= 0:
        raise ValueError(f"eps is {eps}; expected at least 0")
    if net.activation != "gate":
        raise ValueError(f"activation is {net.activation!r}; expected 'gate', the only one that the program encodes")
    lead = np.broadcast_shapes(net.W.shape[:-2], Z.shape[:-2])
    Z = np.broadcast_to(Z, (*lead, *Z.shape[-2:]))
    delta, value, bound = np.zeros(Z.shape), np.empty(Z.shape[:-1]), np.empty(Z.shape[:-1])
    targets = np.broadcast_to(y, value.shape)
    W, a, b = (np.broadcast_to(part, lead + part.shape[len(net.W.shape) - 2 :]) for part in (net.W, net.a, net.b))
    for at in np.ndindex(value.shape):
        one = GatedNetwork(W[at[:-1]], a[at[:-1]], b[at[:-1]])
        delta[at], value[at], bound[at] = _worst_at(one, Z[at], float(targets[at]), eps, norm, seconds)
    return WorstCase(delta, value, bound)


def _worst_at(
    net: GatedNetwork, z: Floats, y: float, eps: float, norm: Norm, seconds: float
) -> tuple[Floats, float, float]:
    """Return perturbation, loss and bound at one observation `z` `(d,)`."""
    candidates = [np.zeros_like(z)]
    output = float(forward(net, z[None])[0])
    rounding = float(forward_bound(net, z[None])[0])
    highest, lowest = output + rounding, output - rounding
    if eps > 0:
        pieces = _Pieces.of(net, z, eps, norm)
        for sign in (1.0, -1.0):
            programme = _Programme(pieces, sign)
            points, reached = programme.solve(seconds)
            candidates += [eps * project(x, 1.0, norm) for x in points]
            highest, lowest = (reached, lowest) if sign > 0 else (highest, -reached)
    deltas = np.stack(candidates)
    losses = attacked_loss(net, z[None], np.asarray(y), deltas)
    best = int(np.argmax(losses))
    residual = max(abs(highest - y), abs(y - lowest))
    largest = residual**2 * (1 + gamma(4, "float64"))
    return deltas[best], float(losses[best]), max(float(losses[best]), largest)


@dataclass(frozen=True, eq=False)
class _Pieces:
    """The output near one observation, in ``x = delta/eps`` of the unit ball and ``t_h = w_h^T delta/rho_h``.

    ``rho_h = eps ||w_h||_*`` is the reach of node ``h``, so ``|t_h| <= 1``. Nodes that no attack can move between
    pieces are summed in `constant` and `slope`; node ``j`` of the others contributes ``a (v + rho t)`` where it fires.

    Attributes
    ----------
    norm : {"l1", "linf"}
        Norm of the ball.
    constant, slope : float and array, shape (d,)
        Output of the settled nodes, ``constant + slope^T x``.
    rows : array, shape (m, d)
        ``eps w/rho`` of the `m` movable nodes.
    a, v, rho : array, shape (m,)
        Their heads, preactivations and reaches.
    blur : array, shape (m,)
        Bound on the rounding error of their ``t``; intervals are widened by it.
    node, low, high, fires, gate_low, gate_high : array, shape (k,)
        The `k` pieces: the node, the interval of its ``t``, whether it fires, which ends are gates.
    rounding : float
        Bound on the rounding error of the output anywhere in the ball.
    """

    norm: Norm
    constant: float
    slope: Floats
    rows: Floats
    a: Floats
    v: Floats
    rho: Floats
    blur: Floats
    node: npt.NDArray[np.intp]
    low: Floats
    high: Floats
    fires: npt.NDArray[np.bool_]
    gate_low: npt.NDArray[np.bool_]
    gate_high: npt.NDArray[np.bool_]
    rounding: float

    @classmethod
    def of(cls, net: GatedNetwork, z: Floats, eps: float, norm: Norm) -> _Pieces:
        """Return the pieces of `net` near `z` `(d,)`."""
        d, H = net.W.shape
        W, a, b, v = net.W, net.a, net.b, z @ net.W
        rho = eps * dual_norm(W.T, norm)
        gated = (b > 0) & (rho > 0)
        safe = np.where(rho > 0, rho, 1.0)
        # t = (eps w / rho)^T x: quotient, norm and product, and the preactivation it starts from
        blur = gamma(2 * d + 8, "float64") * (1 + (np.abs(v) + b) / safe) + preactivation_bound(net, z[None])[0] / safe
        up, down, end = (b - v) / safe, (-b - v) / safe, 1 + blur
        # the pieces above the gate, silent, and below it
        low = np.stack([np.maximum(up - blur, -end), np.maximum(down - blur, -end), -end])
        high = np.stack([end, np.minimum(up + blur, end), np.minimum(down + blur, end)])
        possible = low <= high
        movable = gated & (possible.sum(axis=0) > 1)
        fires = np.array([True, False, True])[:, None]
        settled = ~movable & np.where(gated, np.any(possible & fires, axis=0), np.abs(v) >= b)
        index = np.flatnonzero(movable)
        which, node = np.nonzero(possible[:, index])
        at = which, index[node]
        sizes = np.abs(a) * (np.abs(z) @ np.abs(W) + rho)
        return cls(
            norm=norm,
            constant=float(np.sum((a * v)[settled])),
            slope=eps * (W[:, settled] @ a[settled]),
            rows=(eps * W[:, index] / rho[index]).T,
            a=a[index],
            v=v[index],
            rho=rho[index],
            blur=blur[index],
            node=node,
            low=low[at],
            high=high[at],
            fires=which != 1,
            gate_low=(low > -end)[at],
            gate_high=(high < end)[at],
            rounding=2 * gamma(d + H + 12, "float64") * float(np.sum(sizes)) + float(np.sum(np.abs(a) * rho * blur)),
        )


class _Programme:
    """Maximises ``sign f`` over the unit ball; variables are the ball's, then ``t`` and the choice of each piece."""

    def __init__(self, pieces: _Pieces, sign: float) -> None:
        d, k = len(pieces.slope), len(pieces.node)
        self._pieces = pieces
        self._sign = sign
        # l1: x = x+ - x-, whose entries sum to at most 1
        self._split = np.hstack([np.eye(d), -np.eye(d)]) if pieces.norm == "l1" else np.eye(d)
        self._balls = self._split.shape[1]
        heads = np.where(pieces.fires, pieces.a[pieces.node], 0.0)
        gain = np.concatenate(
            [pieces.slope @ self._split, heads * pieces.rho[pieces.node], heads * pieces.v[pieces.node]]
        )
        self._scale = float(np.sum(np.abs(gain))) or 1.0
        self._cost = -sign * gain / self._scale
        low = 0.0 if pieces.norm == "l1" else -1.0
        self._low = np.concatenate([np.full(self._balls, low), np.minimum(pieces.low, 0), np.zeros(k)])
        self._high = np.concatenate([np.ones(self._balls), np.maximum(pieces.high, 0), np.ones(k)])

    def solve(self, seconds: float) -> tuple[list[Floats], float]:
        """Return points of the unit ball that may attain the maximum, and a bound on ``sign f``."""
        k = len(self._pieces.node)
        if k == 0:
            return [steepest(self._sign * self._pieces.slope, self._pieces.norm)], self._bound(self._relaxed())
        matrix, least, most = self._constraints()
        with silenced():  # HiGHS prints where it repairs a solution, whatever its display option says
            result = milp(
                self._cost,
                integrality=np.repeat([0, 1], [len(self._cost) - k, k]),
                bounds=Bounds(self._low, self._high),
                constraints=LinearConstraint(matrix, least, most),
                options={"time_limit": seconds, "mip_rel_gap": 0.0},
            )
        dual = -np.inf if result.mip_dual_bound is None else float(result.mip_dual_bound) - self._tolerance(matrix)
        bound = self._bound(max(dual, self._relaxed()))
        if result.x is None:
            return [], bound
        return [self._split @ result.x[: self._balls], *self._polished(result.x)], bound

    def _bound(self, cost: float) -> float:
        """Return what ``sign f`` does not exceed where no point has a lower cost than `cost`."""
        return self._sign * self._pieces.constant - self._scale * cost + self._pieces.rounding

    def _constraints(self) -> tuple[csr_array, Floats, Floats]:
        """Return matrix, lower and upper sides: one piece a node, its ``t`` in the interval, the l1 ball."""
        pieces, k, m = self._pieces, len(self._pieces.node), len(self._pieces.a)
        member = np.zeros((m, k))
        member[pieces.node, np.arange(k)] = 1.0
        eye, zeros = np.eye(k), np.zeros((m, k))
        rows = [
            np.hstack([pieces.rows @ self._split, -member, zeros]),
            np.hstack([np.zeros((m, self._balls)), zeros, member]),
            np.hstack([np.zeros((k, self._balls)), eye, -np.diag(pieces.low)]),
            np.hstack([np.zeros((k, self._balls)), eye, -np.diag(pieces.high)]),
            np.repeat([[1.0, 0.0]], [self._balls, 2 * k], axis=1),
        ]
        ball = float(self._balls) if pieces.norm == "linf" else 1.0
        least = np.repeat([0.0, 1.0, 0.0, -np.inf, -np.inf], [m, m, k, k, 1])
        most = np.repeat([0.0, 1.0, np.inf, 0.0, ball], [m, m, k, k, 1])
        return csr_array(np.vstack(rows)), least, most

    def _tolerance(self, matrix: csr_array) -> float:
        """Return by how much wrong signs of reduced costs and an open gap can falsify the dual bound.

        A multiplier or reduced cost beyond its sign by at most `DUAL_TOLERANCE` costs at most that times the range of
        its row or variable.
        """
        ranges = self._high - self._low
        return GAP_TOLERANCE + DUAL_TOLERANCE * float(np.sum(ranges) + np.sum(abs(matrix) @ ranges))

    def _relaxed(self) -> float:
        """Return the least cost where every node moves on its own: a bound that needs no solver."""
        pieces, k = self._pieces, len(self._pieces.node)
        ball, t, choice = np.split(self._cost, [self._balls, self._balls + k])
        slope = -float(dual_norm(ball[: len(pieces.slope)], pieces.norm))
        ends = choice + np.minimum(t * pieces.low, t * pieces.high)
        least = np.full(len(pieces.a), np.inf)
        np.minimum.at(least, pieces.node, ends)
        return slope + float(np.sum(least))

    def _polished(self, solution: Floats) -> Iterator[Floats]:
        """Yield the best points for the chosen pieces that keep a margin to every gate."""
        pieces, k = self._pieces, len(self._pieces.node)
        # one piece a node: that of the largest choice, wherever integrality was met within a tolerance alone
        chosen = solution[-k:] > 0.5
        node = pieces.node[chosen]
        heads = np.where(pieces.fires[chosen], pieces.a[node] * pieces.rho[node], 0.0)
        cost = -self._sign * ((pieces.slope + heads @ pieces.rows[node]) @ self._split) / self._scale
        for margin in MARGINS:
            keep = margin + 2 * pieces.blur[node]
            low = np.where(pieces.gate_low[chosen], pieces.low[chosen] + keep, -np.inf)
            high = np.where(pieces.gate_high[chosen], pieces.high[chosen] - keep, np.inf)
            result = self._linear(cost, pieces.rows[node] @ self._split, low, high)
            if result.x is not None:
                yield self._split @ result.x

    def _linear(self, cost: Floats, rows: Floats, low: Floats, high: Floats) -> Any:
        finite_low, finite_high = np.isfinite(low), np.isfinite(high)
        matrix = [rows[finite_high], -rows[finite_low], np.ones((1, self._balls))]
        ball = float(self._balls) if self._pieces.norm == "linf" else 1.0
        return linprog(
            cost,
            A_ub=np.vstack(matrix),
            b_ub=np.concatenate([high[finite_high], -low[finite_low], [ball]]),
            bounds=list(zip(self._low[: self._balls], self._high[: self._balls], strict=True)),
            method="highs",
            options={"primal_feasibility_tolerance": _PRIMAL_TOLERANCE},
        )
