"""Checks of C1q: small laws in exact arithmetic, certified optima of two features, sampled encoders, and a search."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations_with_replacement
from typing import Any, Literal, get_args

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from sympy import And, Basic, Expr, Integer, Rational, Trace, sqrt

from numerics.contrastive.gram import GramLoss
from numerics.exact import ExactArray, fractions
from numerics.rounding import gamma
from purecheck.checks.c1_gram_matrix import entries
from purecheck.enclosures.certify import Values
from purecheck.evaluators.bottleneck import FeatureDirection, Tiled, contribution
from purecheck.evaluators.increases import norm as norm_of
from purecheck.evaluators.model import constant_law
from purecheck.evaluators.numbers import fraction
from purecheck.evaluators.pairs import Law, Pairs, orbit_law
from purecheck.evaluators.points import crossed, points, rational, shuffled
from purecheck.evaluators.registry import Chance, Scene
from purecheck.methods.agrees import agrees
from purecheck.methods.certified import Certified
from purecheck.methods.sampled import Sampled
from purecheck.models.bottleneck import TwoFeatures, diagonal_wins, pure_cells, pure_wins
from purecheck.models.bottleneck_search import BottleneckEncoder, attack_cost, axes_ratio, least_ratio
from purecheck.models.exact_networks import rational_rotation
from purecheck.models.small_pairs import shown, small_pairs
from purecheck.runtime.context import Context
from purecheck.strategies.numbers import reals, seeds
from purecheck.verdicts.check import Check, Control, near
from purecheck.verdicts.comparison import Comparison
from purecheck.verdicts.evidence import Finding, Level, Outcome
from theory.assumptions import balanced_pairs, constant_amplitude, independent_features, no_noise
from theory.claims import Clause, NearMiss
from theory.contrastive.bottleneck import G, pull, second, t
from theory.contrastive.c1q_bottleneck import (
    ATTAINED,
    BEYOND,
    COLLAPSE,
    CONJECTURE,
    CONSTANT,
    CROSSING,
    DENSE,
    FIRST_ORDER,
    HALF_NORMAL,
    LAZY_FORMS,
    RANK,
    RANK_AXES,
    RANK_SURVIVAL,
    SURVIVAL,
    TANGENT,
    TRANSITION,
    TWO_FEATURES,
    axes_cost,
    form_of_features,
    half_angle,
    half_normal_features,
    kappa,
    pairs_cost,
    pure_value,
)
from theory.contrastive.lazy_forms import eigenvalues, g, lam, q
from theory.model import eps, p, r, s
from theory.quantities.bottleneck import AxesCost, PairsCost
from theory.ranges import at_least, closed, integers
from theory.theorems.indicators import Mean


def _thresholds(clause: Clause) -> tuple[Fraction, Fraction]:
    """Attacks between which the clause places the last mixture, in amplitudes."""
    last, first = (fraction(one.rhs / r) for one in sorted(And.make_args(clause.formula), key=lambda one: one.rhs / r))
    return last, first


@dataclass(frozen=True, kw_only=True)
class BranchAndBound(Check[Clause]):
    """Decides from which attack on every optimum is pure, over all directions and scales, by ball arithmetic."""

    def examine(self, statement: Clause, context: Context) -> Finding:
        """Refuted where a mixture beats every pure encoder at the later attack; upheld when all above it is shown."""
        model = TwoFeatures(fraction(statement.over[p].low))
        last, first = _thresholds(statement)
        if model.diagonal_at_most(first) < model.pure_at_least(first):
            shown_at = f"45 degrees beats every pure encoder at eps = {first} r"
            return Finding(Outcome.REFUTED, Level.CERTIFIED, 1, None, shown_at)
        cells = [(model.diagonal_at_most(last) < model.pure_at_least(last), f"a mixture at {last}")]
        cells += [(pure_wins(model, *cell), f"pure from {cell[0]} to {cell[1]}") for cell in pure_cells(first)]
        missing = [words for holds, words in cells if not holds]
        if missing:
            return Finding(Outcome.UNDECIDED, Level.CERTIFIED, len(cells) - len(missing), None, f"open: {missing[0]}")
        return Finding(Outcome.UPHELD, Level.CERTIFIED, len(cells), f"{len(cells)} ranges of attacks, up to r/2")


@dataclass(frozen=True, kw_only=True)
class CleanOptimum(Check[str]):
    """Decides which direction is the clean optimum of two features, over all directions and scales.

    Attributes
    ----------
    model
        The loss.
    """

    model: TwoFeatures

    def examine(self, statement: str, context: Context) -> Finding:
        """Upheld when every optimum is shown to lie along the direction that the statement names."""
        mixed = self.model.diagonal_at_most(Fraction(0)) < self.model.pure_at_least(Fraction(0))
        if statement == "pure" and mixed:
            return Finding(Outcome.REFUTED, Level.CERTIFIED, 1, None, "45 degrees beats every pure encoder")
        if statement == "45 degrees" and diagonal_wins(self.model):
            return Finding(Outcome.UPHELD, Level.CERTIFIED, 1)
        return Finding(Outcome.UNDECIDED, Level.CERTIFIED, 0, None, "not shown")


_DIRECTIONS = [t for n in range(1, 6) for t in combinations_with_replacement((1, 2, 3), n) if n < 4 or t[-1] < 3]
"""Before they are brought to norm one; two of them are pure."""
_SIDES = ([1, 0], [1, 0, 0])


def _losses(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Small laws at encoders that are zero, small, of one output, and any."""
    for model in small_pairs(clause, largest=2):
        size = model.d
        U, V = entries(rng, size, size), entries(rng, 1, size)
        for gram in (U.T @ U * 0, V.T @ V / 1000, V.T @ V, U.T @ U):
            for point in points(clause, rng, 2):
                yield _scene(model, gram, {**point, second: _square(model.features)})


def _square(law: Law) -> Rational:
    """Mean square of a feature, averaged over them."""
    value = Fraction(np.sum(law[1] * np.mean(law[0] ** 2, axis=1)))
    return Rational(value.numerator, value.denominator)


def _scene(model: Pairs, gram: ExactArray, point: dict[Any, Any]) -> Scene:
    values, probabilities = model.features
    chances = tuple(
        Chance(probability, {pull: norm_of(gram @ x)}) for x, probability in zip(values, probabilities, strict=True)
    )
    at = replace(model, G=gram, eps=fraction(point[eps]))
    where = f"{shown(model)}, G = {gram.astype(str).tolist()}, {point}"
    return Scene(where, {**point, G: gram}, at, chances)


def _ratios(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Pure encoders and isotropic ones of rational ratio, small ones that attain it; and the collapsed encoder."""
    for model in small_pairs(clause, largest=2):
        identity = fractions(np.eye(model.d, dtype=int).tolist())
        pure = identity * fractions([1] + [0] * (model.d - 1))
        values, probabilities = model.features
        for gram in (pure, identity):
            lengths = [norm_of(gram @ x) for x in values]
            if not all(isinstance(length, Fraction) for length in lengths) or not any(lengths):
                continue
            ratio = Fraction(np.sum(probabilities * fractions(lengths))) / np.trace(gram)
            known = {second: _square(model.features), kappa: Rational(ratio.numerator, ratio.denominator)}
            if clause.name == SURVIVAL.name and ATTAINED not in clause.assumes:
                known[kappa] /= 2
            sizes = {eps.name: clause.over[eps].at(known)}
            for point in points(clause, rng, 6, **sizes):
                for factor in (Fraction(1, 1000), Fraction(1)):
                    yield _scene(model, gram * factor, {**point, **known})
            if clause.name == COLLAPSE.name:
                yield _scene(model, gram * 0, {**point, **known})


def _directions(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Directions of up to five features, with entries that are integers before they are brought to norm one."""
    normal = half_normal_features in clause.assumes
    size = s if normal else r
    for direction in (*_SIDES, *_DIRECTIONS):
        for point in points(clause, rng, 4, p=rational(clause.over[p]), d=integers(len(direction), len(direction))):
            model = FeatureDirection(
                entries=tuple(map(Fraction, direction)),
                p=point[p],
                amplitude=point[size],
                law="normal" if normal else "constant",
                together=independent_features not in clause.assumes,
                spread=Fraction(0) if normal or constant_amplitude in clause.assumes else Fraction(-1, 2),
            )
            norm = sqrt(sum(x * x for x in direction))
            at = {**point, t: [Integer(x) / norm for x in direction]}
            yield Scene(f"t along {list(direction)}, {point}", at, model)


def _plane(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Two features, at rational angles."""
    for point in points(clause, rng, 24, u=rational(clause.over[half_angle])):
        u = fraction(point[half_angle])
        model = FeatureDirection(
            entries=((1 - u**2) / (1 + u**2), 2 * u / (1 + u**2)),
            p=point[p],
            amplitude=point[r],
            together=independent_features not in clause.assumes,
            spread=Fraction(0) if constant_amplitude in clause.assumes else Fraction(1, 2),
        )
        yield Scene(str(point), point, model)


def _diagonals(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Two features and more."""
    for others, point in crossed(clause, rng, 18, (1, 2, 3), p=rational(clause.over[p])):
        model = FeatureDirection(
            entries=(Fraction(1), *[Fraction(0)] * others),
            p=point[p],
            amplitude=point[r],
            together=independent_features not in clause.assumes,
            spread=Fraction(0) if constant_amplitude in clause.assumes else Fraction(2),
        )
        yield Scene(f"d = {len(model.entries)}, {point}", point, model)


def _spectra(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Encoders of up to three outputs: axes, eigenvectors with rational entries, and the direction at 45 degrees."""
    drawn = points(clause, rng, 36, q=integers(1, 3), p=rational(clause.over[p]))
    for (kind, equal), point in zip(shuffled(rng, 36, _VECTORS, (True, False)), drawn, strict=True):
        outputs = int(point.get(q, _THREE_OUTPUTS))
        sizes = fractions([1] * outputs) if equal else fractions(rng.integers(1, 5, outputs).tolist())
        gram = _gram(sizes, kind)
        law = _features(clause, len(gram), fraction(point[p]), fraction(point.get(r, Integer(1))))
        at = {**point, q: Integer(outputs), g: sizes}
        yield Scene(f"G = {gram.astype(str).tolist()}, {point}", at, Pairs(features=law, G=gram))


_THREE_OUTPUTS = 3


_Vectors = Literal["axes", "diagonal", "turned"]
_VECTORS: tuple[_Vectors, ...] = get_args(_Vectors)


def _gram(sizes: ExactArray, kind: _Vectors) -> ExactArray:
    """The matrix with those eigenvalues on axes, on eigenvectors with rational entries, or, for one, at 45 degrees."""
    outputs = len(sizes)
    size = outputs + 1
    axes, diagonal = fractions(np.eye(size, dtype=int).tolist()), fractions([[1], [1]])
    turned = rational_rotation(size, Fraction(2, 7))[:, :outputs]
    vectors = {"axes": axes[:, :outputs], "diagonal": diagonal if outputs == 1 else turned, "turned": turned}[kind]
    return np.asarray(vectors @ np.diag(sizes / np.sum(vectors**2, axis=0)) @ vectors.T)


_WEAK = Fraction(1, 10)
"""Eigenvalue of a form at 45 degrees that violates the inequality soon after a third: its square decides there."""


def _forms(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Quadratic forms of up to three eigenvalues, some of them small, and a weak one at 45 degrees."""
    drawn = points(clause, rng, 36, q=integers(1, 3), p=rational(clause.over[p]))
    for (kind, parts), point in zip(shuffled(rng, 36, _VECTORS, (1, 4, 7, 10)), drawn, strict=True):
        sizes = fractions(rng.integers(1, 5, int(point[q])).tolist()) / parts
        yield _form_scene(clause, _gram(sizes, kind), {**point, eigenvalues: sizes})
        weak = fractions([1]) * _WEAK
        yield _form_scene(clause, _gram(weak, "diagonal"), {**point, q: Integer(1), eigenvalues: weak})


def _form_scene(clause: Clause, matrix: ExactArray, at: dict[Any, Any]) -> Scene:
    model = Pairs(features=_features(clause, len(matrix), fraction(at[p]), Fraction(1)), G=matrix)
    return Scene(f"K = {matrix.astype(str).tolist()}, p = {at[p]}", at, model)


def _attacked_axes(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Axes of equal scale under attack, one feature beside them."""
    drawn = points(clause, rng, 12, q=integers(1, 2), p=rational(clause.over[p]), r=_SIZES, epsilon=_SIZES)
    for point in drawn:
        outputs = int(point[q])
        gram = _gram(fractions([1] * outputs) * fraction(point[lam]), "axes")
        law = _features(clause, len(gram), fraction(point[p]), fraction(point[r]))
        noise = None if no_noise in clause.assumes else orbit_law([Fraction(1), *[Fraction(0)] * outputs])
        share = Fraction(1, 2) if balanced_pairs in clause.assumes else Fraction(9, 10)
        model = Pairs(features=law, G=gram, eps=fraction(point[eps]), noise=noise, share=share)
        yield Scene(f"G = {gram.astype(str).tolist()}, {point}", point, model)


_SIZES = closed(Rational(1, 4), 2)
"""Amplitudes, and sizes of attacks on both sides of the collapse."""


def _features(clause: Clause, size: int, rate: Fraction, amplitude: Fraction) -> Law:
    """Law of the features; without independence all are active together."""
    values, probabilities = constant_law(size, rate, amplitude)
    if independent_features not in clause.assumes:
        values, _ = constant_law(size, Fraction(1), amplitude)
        silence = fractions([[0] * size])
        return np.vstack([silence, values]), fractions([1 - rate, *[rate / len(values)] * len(values)])
    equal = constant_amplitude in clause.assumes or form_of_features in clause.assumes
    spread = Fraction(0) if equal else Fraction(-1, 4)
    return values * fractions([1 + i * spread for i in range(1, size + 1)]), probabilities


_MANY = 50
"""Outputs for which pairs undercut axes soon after a third."""


def _with_pairs(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Those encoders, and as many pairs as it takes to undercut axes beyond the range."""
    yield from _spectra(clause, rng)
    high = rational(clause.over[p]).high
    pairs = contribution(fractions([1, 1]), fraction(high))
    copies = _MANY if q in clause.over else _THREE_OUTPUTS
    at = {q: Integer(copies), p: high, r: Integer(1), g: fractions([1] * copies)}
    yield Scene(f"{copies} disjoint pairs, p = {high}", at, Tiled(block=tuple(pairs.items()), copies=copies))


def _activities(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Two features."""
    for point in points(clause, rng, 12):
        rate = fraction(point[p])
        law = (
            constant_law(2, rate)
            if independent_features in clause.assumes
            else orbit_law([Fraction(1), Fraction(0)], rate)
        )
        yield Scene(str(point), point, law)


def _once(_clause: Clause, _rng: np.random.Generator) -> Iterator[Scene]:
    yield Scene("the activities of the clause", {})


@st.composite
def encoders(draw: st.DrawFn, outputs: SearchStrategy[int]) -> BottleneckEncoder:
    """Encoders with up to 4 features; `p` up to the threshold of the claim."""
    q = draw(outputs)
    d = draw(st.integers(q + 1, 4))
    T = np.random.default_rng(draw(seeds())).standard_normal((q, d)) * draw(reals(0.05, 3.0))
    return BottleneckEncoder(T, draw(reals(0.02, 0.58)), draw(reals(0.0, 1.0)))


def _slack(encoder: BottleneckEncoder, size: float) -> float:
    """Bound on the rounding errors of a mean over all pairs of sign patterns, terms of size at most `size`.

    A term takes part in three products of matrices of size d, a norm, a softplus (a few roundings) and the sums.
    """
    d = encoder.T.shape[1]
    entries = float(np.sum(np.abs(encoder.T)) ** 2) * (d + d * encoder.eps)
    return float(gamma(2 * 3**d + 6 * d + 30, np.float64) * (size + 1 + entries))


def _placed(expr: Expr, encoder: BottleneckEncoder) -> float:
    """A side of a clause for an encoder on features of amplitude 1."""
    known = {Mean(pull): attack_cost(encoder), Trace(G): float(np.trace(encoder.gram)), eps: encoder.eps}
    return float(expr.xreplace({**known, second: encoder.p}))


def _tangent(clause: Clause, encoder: BottleneckEncoder, _context: Context) -> Iterator[Comparison]:
    """The loss against its tangent."""
    loss, bound = (
        GramLoss(encoder.law, encoder.eps, encoder.eps).value(encoder.gram),
        _placed(clause.formula.rhs, encoder),
    )
    yield Comparison(loss, ">=", bound, str(encoder), _slack(encoder, abs(loss) + abs(bound)))


def _slope(clause: Clause, encoder: BottleneckEncoder, _context: Context) -> Iterator[Comparison]:
    """Both sides of the first order: `L(sG)` between the tangent and the tangent plus `s^2 E m^2/8`, `m` the margin."""
    G, size = encoder.gram, encoder.T.shape[1]
    largest = float(np.linalg.norm(G, 2)) * (size + encoder.eps * np.sqrt(size))
    small = 1e-3 / largest
    loss = GramLoss(encoder.law, encoder.eps, encoder.eps).value(small * G)
    error = (small * largest) ** 2 / 8 + _slack(
        BottleneckEncoder(np.sqrt(small) * encoder.T, encoder.p, encoder.eps), 1.0
    )
    yield Comparison(loss - np.log(2), "==", small * _placed(clause.formula.rhs, encoder), str(encoder), error)


def _collapsed(clause: Clause, encoder: BottleneckEncoder, _context: Context) -> Iterator[Comparison]:
    """From the radius on no encoder with one output is below `log 2`, not even a pure one, which is before."""
    ratio = pure_value(CONSTANT).subs({p: encoder.p, r: 1})
    radius = float(clause.over[eps].low.subs({second: encoder.p, kappa: ratio}))
    pure = np.zeros_like(encoder.gram)
    pure[0, 0] = 0.01
    for gram in (encoder.gram, pure):
        loss = GramLoss(encoder.law, radius, radius).value(gram)
        yield Comparison(loss, ">=", np.log(2), f"{encoder} at {radius}", _slack(encoder, 1.0))
    below = GramLoss(encoder.law, 0.98 * radius, 0.98 * radius).value(pure)
    yield Comparison(below, "<", np.log(2), f"pure at 0.98 of {radius}, p = {encoder.p}")


def _earlier(clause: Clause) -> NearMiss:
    radius = clause.over[eps].low
    return NearMiss("attacks from 19/20 of the radius on", over={eps: at_least(Rational(19, 20) * radius)})


@st.composite
def _starts(draw: st.DrawFn) -> BottleneckEncoder:
    """Starts of a search: three outputs and up to 5 features, activities of the conjecture."""
    outputs = _THREE_OUTPUTS
    size = draw(st.integers(outputs + 1, 5))
    T = np.random.default_rng(draw(seeds())).standard_normal((outputs, size))
    allowed = [rate for rate in (0.2, 0.4, 0.5) if Rational(rate) in CONJECTURE.over[p]]
    return BottleneckEncoder(T, draw(st.sampled_from(allowed)), 0.0)


def _nothing_lower(clause: Clause, encoder: BottleneckEncoder, _context: Context) -> Iterator[Comparison]:
    outputs = encoder.T.shape[0]
    found, T = least_ratio(encoder)
    # The clause bounds the cost by the trace: the ratio is what a trace of one is bounded by.
    unit = clause.formula.rhs.subs({r: 1, p: encoder.p}).doit().subs({g[i + 1]: 0 for i in range(1, outputs)})
    axes = unit.replace(AxesCost, lambda n, rate: axes_ratio(int(n), float(rate)) * n).subs(g[1], 1)
    rounding = _slack(BottleneckEncoder(T, encoder.p, 0.0), 1.0) / float(np.sum(T**2))
    yield Comparison(found, ">=", float(axes), f"search from {encoder}", rounding + gamma(3**6, np.float64))


def _summed(clause: Clause) -> Iterable[tuple[Basic, Values]]:
    """The clause with sums over the numbers of active axes and pairs put in."""
    for one in clause.conjuncts:
        closed = (
            side.replace(PairsCost, _closed(pairs_cost)).replace(AxesCost, _closed(axes_cost)) for side in one.args
        )
        yield one.func(*closed, evaluate=False), {}


def _closed(cost: Any) -> Any:
    return lambda outputs, rate: cost(int(outputs), rate)


_ONE = st.just(1)
_SOME = st.integers(1, 3)

CHECKS: tuple[Check[Any], ...] = (
    agrees("C1q", TANGENT, _losses, 32),
    agrees("C1q", FIRST_ORDER, _losses, 32),
    agrees("C1q", COLLAPSE, _ratios, 60),
    agrees("C1q", SURVIVAL, _ratios, 60),
    agrees("C1q", HALF_NORMAL, _directions, 120),
    agrees("C1q", CONSTANT, _directions, 120),
    agrees("C1q", TWO_FEATURES, _plane, 24),
    agrees("C1q", BEYOND, _diagonals, 54),
    agrees("C1q", RANK, _spectra, 36),
    agrees("C1q", LAZY_FORMS, _forms, 72),
    agrees("C1q", RANK_AXES, _with_pairs, 37),
    agrees("C1q", RANK_SURVIVAL, _attacked_axes, 12),
    agrees("C1q", DENSE, _activities, 12),
    agrees("C1q", CROSSING, _once, 1),
    agrees("C1q", CONJECTURE, _with_pairs, 37),
    BranchAndBound(
        claim="C1q",
        clauses=(TRANSITION.name,),
        name="transition at d = 2",
        statement=TRANSITION,
        control=near(TRANSITION),
    ),
    CleanOptimum(
        claim="C1q",
        clauses=(TRANSITION.name,),
        name="clean optimum at d = 2",
        statement="45 degrees",
        control=Control("the pure direction", "pure"),
        model=TwoFeatures(fraction(TRANSITION.over[p].low)),
    ),
    Certified(
        claim="C1q",
        clauses=(CROSSING.name,),
        name="pairs against axes, summed",
        statement=CROSSING,
        control=near(CROSSING),
        relations=_summed,
        declared=len(And.make_args(CROSSING.formula)),
    ),
    Sampled(
        claim="C1q",
        clauses=(TANGENT.name,),
        name="exact loss above its tangent",
        statement=TANGENT,
        control=near(TANGENT),
        examples=encoders(_SOME),
        compare=_tangent,
    ),
    Sampled(
        claim="C1q",
        clauses=(FIRST_ORDER.name,),
        name="exact loss of small encoders",
        statement=FIRST_ORDER,
        control=near(FIRST_ORDER),
        examples=encoders(_SOME),
        compare=_slope,
    ),
    Sampled(
        claim="C1q",
        clauses=(COLLAPSE.name, SURVIVAL.name),
        name="collapse radius of one output",
        statement=COLLAPSE,
        control=near(COLLAPSE, _earlier),
        miss=_earlier,
        examples=encoders(_ONE),
        compare=_collapsed,
    ),
    Sampled(
        claim="C1q",
        clauses=(CONJECTURE.name,),
        name="search for less than q pure features",
        statement=CONJECTURE,
        control=near(CONJECTURE),
        examples=_starts(),
        compare=_nothing_lower,
        share=0.5,
    ),
)
