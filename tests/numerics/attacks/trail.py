"""How far the compiled and the portable ascent may stray apart."""

import numpy as np

from numerics.training.step import TrainingAttack
from tests.numerics.test_training_engine import Bounds


class Trail(Bounds):
    """The points that FGM or PGD from ``delta = 0`` visits, the losses there, and bounds on both.

    A step of these attacks is one of training, so that `Bounds` follows them. Where `decided` is false, rounding may
    turn a gate, a sign or the largest coordinate on the way.
    """

    def __init__(self, batch, norm, eps, steps):
        self.deltas, self.errors, self.strays, self.error_bounds = [], [], [], []
        super().__init__(batch, TrainingAttack(norm, eps, steps))

    def see(self):
        super().see()
        self.deltas.append(self.points - self.Z)
        self.errors.append(np.abs(self.error))
        self.strays.append(self.apart[..., 0])
        self.error_bounds.append(self.error_bound)

    def bound(self):
        """The l2 distance of two perturbations of which each is the worst as computed, shape (replicas, n).

        Where rounding leaves open which of the points is the worst, they may be as far apart as these points are.
        """
        errors, slack = np.stack(self.errors), np.stack(self.error_bounds)
        # A loss errs by one more rounding: it is compared by its root, which errs by less than two.
        slack = slack + self.g(2) * (errors + slack)
        possible = errors + slack >= np.max(errors - slack, axis=0)
        deltas, strays = np.stack(self.deltas), np.stack(self.strays)
        apart = np.linalg.norm(deltas[:, None] - deltas[None], axis=-1)
        between = np.max(np.where(possible[:, None] & possible[None], apart, 0), axis=(0, 1))
        return between + np.max(np.where(possible, strays, 0), axis=0)
