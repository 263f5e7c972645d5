"""Attacks on the squared loss ``(y - f(z + delta))^2`` of a gated network inside an l1, l2 or linf ball.

Every attack is called ``(net, Z, y, eps, norm, ...)`` and returns ``delta`` of norm at most ``eps`` that never
lowers the loss below that of ``delta = 0``, except by rounding.
"""

from numerics.attacks.black_box import random_search
from numerics.attacks.fgm import fgm
from numerics.attacks.gate_aware import gate_aware_pgd
from numerics.attacks.gate_search import gate_search
from numerics.attacks.losses import attacked_loss
from numerics.attacks.pgd import pgd

__all__ = ["attacked_loss", "fgm", "gate_aware_pgd", "gate_search", "pgd", "random_search"]
