"""Checks of D5: purified networks under attack in exact fractions, every input in integers, an attacked network."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from sympy import Eq, Integer, Rational

from numerics.backend import to_numpy
from numerics.exact import fractions, signed_supports, support_probabilities
from numerics.features import ConstantAmplitude, FeatureLaw
from numerics.mixtures import mixture_network
from numerics.network import GatedNetwork, effective_map, forward, input_gradient
from numerics.norms import steepest
from purecheck.evaluators.model import constant_law
from purecheck.evaluators.numbers import fraction
from purecheck.evaluators.points import at_points, points
from purecheck.evaluators.registry import Scene
from purecheck.evaluators.risk import AttackedNetwork
from purecheck.methods.agrees import agrees
from purecheck.methods.enumerated import Enumerated
from purecheck.methods.simulated import Simulated, prediction
from purecheck.models.attacked import Law, feature_law, size_of_attack
from purecheck.models.exact_heads import exact_value
from purecheck.runtime.context import Context
from purecheck.verdicts.check import near
from purecheck.verdicts.comparison import Comparison
from theory.assumptions import constant_amplitude, low_threshold, no_noise
from theory.claims import Clause, NearMiss
from theory.inheritance.d5_robust_accuracy import GIVEN_SUPPORT, LEAST_MARGIN, ROBUST_ACCURACY, N
from theory.model import d, eps, p, r
from theory.purification.p6_adversarial_risk import unit_target
from theory.ranges import integers


def _network(clause: Clause, law: Law, amplitude: Fraction, rng: np.random.Generator) -> AttackedNetwork:
    """A purified network with the law of its input; assumptions that the clause does not make are violated."""
    (inputs, probabilities), size = law, law[0].shape[1]
    features = inputs * fractions([1] * (size - 1) + [1 if constant_amplitude in clause.assumes else "3/2"])
    theta = fractions(rng.choice([-1, 1], size).tolist())
    theta[-1] *= 1 if unit_target in clause.assumes else 2
    b = amplitude * (Fraction(1, 2) if low_threshold in clause.assumes else 2)
    return AttackedNetwork(
        net=GatedNetwork(fractions(np.eye(size, dtype=int).tolist()), theta, fractions([b] * size)),
        theta=theta,
        features=features,
        inputs=features + fractions([0 if no_noise in clause.assumes else amplitude / 10]),
        probabilities=probabilities,
        eps=Fraction(0),
        tau=Fraction(0),
    )


def _margins(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Inputs with up to four active features of five."""
    for point in points(clause, rng, 24, N=integers(0, 4)):
        active, amplitude = int(point[N]), fraction(point[r])
        model = _network(clause, constant_law(5, Fraction(1, 2), amplitude), amplitude, rng)
        sizes = np.count_nonzero(model.features, axis=1)
        row = int(rng.choice(np.flatnonzero(sizes == active)))
        z = model.law[0][row : row + 1]
        size = size_of_attack(clause, model.net, z, fraction(point[eps]))
        model = replace(model, eps=size, features=model.features[row : row + 1], inputs=z)
        where = f"theta = {model.target.tolist()}, x = {model.features[0].tolist()}, epsilon = {size}"
        yield Scene(where, {**point, eps: size}, model)


def _accuracies(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Networks of up to three features, and one of five under an attack that reverses odd sums of one."""
    for number, point in enumerate(points(clause, rng, 12, d=integers(1, 3))):
        if number == 0:
            point |= {d: Integer(5), p: Rational(1, 2), eps: Integer(30)}
        amplitude = fraction(point[r])
        model = _network(clause, feature_law(clause, int(point[d]), fraction(point[p]), amplitude), amplitude, rng)
        size = size_of_attack(clause, model.net, model.law[0], fraction(point[eps]))
        where = f"theta = {model.target.tolist()}, epsilon = {size}, {point}"
        yield Scene(where, {**point, eps: size}, replace(model, eps=size))


_MODELS = (
    (1, Fraction(1, 10), Fraction(0)),
    (3, Fraction(1, 2), Fraction(2, 5)),
    (5, Fraction(3, 10), Fraction(9, 20)),
    (7, Fraction(7, 10), Fraction(39, 100)),
    (9, Fraction(9, 10), Fraction(1, 3)),
)
"""Number of features, their probability, and size of the attack over `r`.

An attack of 39/100 can reverse seven features; at 1/3 nine features tie.
"""


def _enumerated(clause: Clause) -> Iterator[Comparison]:
    """The share of the inputs at which no attack reverses the output: `f^2 > eps^2 ||beta||^2`, in integers.

    The amplitude is 2 and thresholds are 1, so that the network computes with integers; P2 gives the worst case.
    """
    for size, probability, attack in _MODELS:
        patterns = signed_supports(size)
        theta = np.where(np.arange(size) % 2, -1, 1)
        net = GatedNetwork(np.eye(size, dtype=np.int64), theta, np.ones(size, dtype=np.int64))
        output, beta = forward(net, 2 * patterns), effective_map(net, 2 * patterns)
        reach = (2 * attack.numerator) ** 2 * np.sum(beta**2, axis=1)
        robust = (attack.denominator * output) ** 2 > reach
        found = Fraction(np.sum(support_probabilities(patterns, probability)[robust]))
        expected = exact_value(clause.formula.rhs, {d: size, p: probability, eps: attack, r: 1})
        yield Comparison(found, "==", expected, f"d = {size}, p = {probability}, eps = {attack} r")


_POINT = {d: Integer(20), p: Rational(1, 10), r: Integer(1), eps: Rational(2, 5)}


def _attacked(rng: np.random.Generator, n: int, context: Context) -> NDArray[np.float64]:
    """Draws of whether the sign of the output survives the attack of full size."""
    X = FeatureLaw(20, 0.1, ConstantAmplitude(1.0)).sample(rng, (n,))
    theta = np.sign(rng.standard_normal(20))
    label = np.sign(X @ theta)
    net = mixture_network(context.backend.asarray(theta), 1, 0.5)
    Z, y = context.backend.asarray(X), context.backend.asarray(label)
    delta = -0.4 * y[:, None] * steepest(input_gradient(net, Z), "l2")
    return np.asarray(to_numpy(forward(net, Z + delta)) * label > 0, dtype=np.float64)


def _predicted(clause: Clause) -> float:
    return prediction(clause.formula.rhs.subs(_POINT))


def _empty_right(clause: Clause) -> NearMiss:
    """The near miss that counts the empty support as right."""
    formula = Eq(clause.formula.lhs, clause.formula.rhs + (1 - p) ** d, evaluate=False)
    return NearMiss("the empty support counted as right", formula)


CHECKS = (
    agrees("D5", LEAST_MARGIN, _margins, 24),
    agrees("D5", GIVEN_SUPPORT, at_points(24, N=integers(0, 6)), 24),
    agrees("D5", ROBUST_ACCURACY, _accuracies, 12),
    Enumerated(
        claim="D5",
        clauses=(ROBUST_ACCURACY.name,),
        name="every input in integers",
        statement=ROBUST_ACCURACY,
        control=near(ROBUST_ACCURACY),
        cases=_enumerated,
        declared=len(_MODELS),
    ),
    Simulated(
        claim="D5",
        clauses=(LEAST_MARGIN.name, ROBUST_ACCURACY.name),
        name="attacked network",
        statement=ROBUST_ACCURACY,
        control=near(ROBUST_ACCURACY, _empty_right),
        miss=_empty_right,
        draw=_attacked,
        span=(0.0, 1.0),
        predict=_predicted,
        smallest_error=0.02,
        where="d = 20, p = .1, eps = .4 r, b = r/2",
    ),
)
