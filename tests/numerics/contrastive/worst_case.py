"""The largest loss of a pair that claim C3 predicts, from scores and pulls."""

from numerics.backend import Array
from numerics.contrastive.encoder import Encoder
from numerics.contrastive.loss import embed, softplus
from numerics.contrastive.pairs import Pairs
from numerics.norms import Norm, dual_norm


def predicted_worst_case(encoder: Encoder, pairs: Pairs, eps: float, norm: Norm) -> Array:
    """Return ``sp(-y g(z)^T g(z') + eps ||J(z)^T g(z')||_*)``, shape (..., n).

    For a linear encoder, where the norm is that of ``G z'``, this is the largest loss that an attack of size
    `eps` on ``z`` reaches (claim C3); for a gated one as long as no gate moves.
    """
    embedded = embed(encoder, pairs)
    growth = eps * dual_norm(embedded.first.pull(embedded.second.g), norm)
    return softplus(growth - pairs.y * embedded.score)
