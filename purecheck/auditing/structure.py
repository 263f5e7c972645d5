"""Which kind of layer it is: pure, purified, a mixture, or like random directions; by the patterns of the theory.

The theory knows two kinds of node: pure, and flat, of equal weight on `n` features (claims P4 and D2). Every node has
a nearest one, `n = 1` being pure, and an angle to it. A random direction is not far from some flat node either, so how
near one comes by chance is bounded first.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, gammaln
from scipy.stats import chi2

from numerics.arrays import Floats

StructureName: TypeAlias = Literal["pure", "purified", "partly purified", "mixture", "mixed", "unstructured"]

CHANCE = 1e-3
"""Upper bound on the false-positive rate: how often a layer of random directions is classified as structured."""
MOST, LEAST = 0.75, 0.25
"""A share counts as all, half or nothing, whichever it is nearest to: above 3/4, between, below 1/4."""


@dataclass(frozen=True, eq=False)
class Patterns:
    """The nearest node of the theory for every node, arrays `(H,)`.

    Attributes
    ----------
    order
        Number `n` of features on which the nearest node weighs; 1 is pure.
    fit
        Squared cosine of the angle to it.
    exact
        Whether it is that node, up to the rounding of the weights.
    support
        Its features, `(d, H)`.
    log_chance
        Logarithm of a bound on the probability that a random direction comes as near to a flat node on at most half
        of the features.
    """

    order: NDArray[np.intp]
    fit: Floats
    exact: NDArray[np.bool_]
    support: NDArray[np.bool_]
    log_chance: Floats


@dataclass(frozen=True)
class Structure:
    """What a layer is, and why.

    Attributes
    ----------
    name
        The kind.
    pure_share
        Share of the energy `a_h^2 ||u_h||^2` on nodes whose nearest node is pure.
    order
        Mean order of the nearest nodes, by energy.
    sharing
        Of the pairs of nodes that have a feature in common, by energy, the share that has all in common: 1 in the
        mixture family.
    fit
        Mean squared cosine to the nearest nodes, by energy.
    chance
        Bound on the probability that nodes of random directions come as near.
    """

    name: StructureName
    pure_share: float
    order: float
    sharing: float
    fit: float
    chance: float


def structure(U: Floats, output_norms: Floats, resolution: Floats) -> Structure:
    """The kind of one layer.

    Parameters
    ----------
    U
        Feature weights `(d, H)`.
    output_norms
        `|a_h| ||u_h||`, the root of a node's energy, `(H,)`. A node with 0 does not count; at least one node has more.
    resolution
        Bound on the error of every entry of a column of `U`, `(H,)`.
    """
    counted = output_norms > 0
    found = patterns(U[:, counted], resolution[counted])
    energy = (output_norms[counted] / np.max(output_norms)) ** 2
    weights = energy / np.sum(energy)
    chance = chance_of_layer(found.log_chance)
    pure_share, sharing = float(weights @ (found.order == 1)), _sharing(found.support, weights)
    if np.all(found.exact & (found.order == 1)):
        name: StructureName = "pure"
    elif chance > CHANCE:
        name = "unstructured"
    elif pure_share > MOST:
        name = "purified"
    elif pure_share >= LEAST:
        name = "partly purified"
    else:
        name = "mixture" if sharing > MOST else "mixed"
    return Structure(name, pure_share, float(weights @ found.order), sharing, float(weights @ found.fit), chance)


def patterns(U: Floats, resolution: Floats) -> Patterns:
    """The nearest node of the theory for every column of `U` `(d, H)`, none of them 0.

    The nearest flat node on `n` features weighs on the `n` largest, with their signs: its squared cosine is
    `(sum of their |u|)^2 / (n ||u||^2)`.
    """
    d, H = U.shape
    sizes = np.abs(U)
    scaled = sizes / np.max(sizes, axis=0)
    ranking = np.argsort(-scaled, axis=0, kind="stable")
    sums = np.cumsum(np.take_along_axis(scaled, ranking, axis=0), axis=0)
    orders = np.arange(1, d + 1)[:, None]
    cosines = np.minimum(sums**2 / (orders * np.sum(scaled**2, axis=0)), 1.0)
    best = np.argmax(cosines, axis=0)
    rank = np.empty_like(ranking)
    np.put_along_axis(rank, ranking, np.broadcast_to(np.arange(d)[:, None], (d, H)), axis=0)
    support = rank <= best
    level = np.sum(np.where(support, sizes, 0.0), axis=0) / (best + 1)
    # entries and their mean err by the resolution each; the mean itself by d roundings more
    allowed = 2 * resolution + d * np.finfo(np.float64).eps * np.where(best > 0, level, 0.0)
    exact = np.max(np.abs(sizes - np.where(support, level, 0.0)), axis=0) <= allowed
    return Patterns(best + 1, np.max(cosines, axis=0), exact, support, np.where(exact, -np.inf, log_chance(cosines)))


def log_chance(cosines: Floats) -> Floats:
    """Logarithm of a bound on the probability that a random direction has as large a cosine, `(H,)`.

    There are `C(d, n) 2^(n-1)` flat nodes on `n` features up to sign, and the squared cosine of a random direction to
    each has the law `Beta(1/2, nu)`, `nu = (d - 1)/2`, whose upper tail is at most
    `(1 - c)^nu / (sqrt(c) nu B(1/2, nu))`. The union over them, times the number of orders tried, bounds the
    probability of the least of these bounds. Orders above `d/2` are left out: nodes flat on most features are not
    sparse, and weights drawn from a cube are near to them.

    Parameters
    ----------
    cosines
        Largest squared cosine to a flat node of each order, `(d, H)`.
    """
    d = len(cosines)
    if d == 1:
        return np.zeros(cosines.shape[1])
    tried, nu = max(1, d // 2), (d - 1) / 2
    n = np.arange(1, tried + 1)[:, None]
    c = cosines[:tried]
    count = gammaln(d + 1) - gammaln(n + 1) - gammaln(d - n + 1) + (n - 1) * np.log(2)
    with np.errstate(divide="ignore"):  # log 0 where the cosine is 1
        tail = nu * np.log1p(-c) - np.log(c) / 2 - np.log(nu) - betaln(0.5, nu)
    return np.asarray(np.minimum(np.min(count + tail, axis=0) + np.log(tried), 0.0))


def chance_of_layer(logs: Floats) -> float:
    """A bound on the probability that independent random nodes are as near to the theory's.

    Twice the smaller of two: one node stands out (Bonferroni), or all do together (Fisher: minus twice the sum of the
    logarithms is at most a chi-square of `2 H` degrees).

    Parameters
    ----------
    logs
        Logarithms of the probabilities of the nodes, `(H,)`.

    References
    ----------
    R. A. Fisher, "Statistical Methods for Research Workers", 4th edition (1932), section 21.1.
    """
    one = len(logs) * float(np.exp(np.min(logs)))
    together = float(chi2.sf(-2 * np.sum(logs), 2 * len(logs)))
    return min(1.0, 2 * min(one, together))


def _sharing(support: NDArray[np.bool_], weights: Floats) -> float:
    member = support.astype(np.float64)
    common = member.T @ member
    sizes = np.sum(member, axis=0)
    pairs = weights[:, None] * weights[None, :]
    same = (common == sizes[:, None]) & (common == sizes[None, :])
    return float(np.sum(pairs[same]) / np.sum(pairs[common > 0]))
