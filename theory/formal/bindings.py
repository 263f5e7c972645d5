"""The theorems of the Rocq development, each with the clause it states and the sides of its formula that are exported.

A side is named as in the statement: `lhs` or `rhs`, numbered where the clause joins several relations, in the order of
`Clause.conjuncts`; `mean` is the expression under the mean on the right. Its arguments are parts of the formula as
SymPy prints them, in the order in which the statement applies the side to them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Law = Literal["full", "finite laws"]

W_NORM, V = r"\|w_{h}\|_*", r"|w_{h}^\top z|"
_BETA = r"DualNorm(M\beta)"
_REACH = (V, "epsilon", W_NORM)
_FGM = ("e", "epsilon", _BETA)
_UNIVERSAL = ("e", "epsilon", "H", _BETA, "a", "b", "v", "s", "o", "c", "DualNorm(w[h])")
_MEAN_NORM, _MEAN_ENERGY = r"\mathbb{E}\|X+\xi\|", r"\mathbb{E}\|X\|^2"
_PAIR = ("epsilon", "s", r"\|G x'\|")
_SHARES = ("p", "d", "theta")


@dataclass(frozen=True)
class Binding:
    """A theorem and the clause that it states.

    Attributes
    ----------
    claim, clause
        The id of the claim and the name of the clause.
    theorem
        The name of the statement in `rocq/Statements_*.v`; the theorem that proves it ends in `_holds`.
    sides
        The sides that the exporter writes, with their arguments.
    law
        Whether the theorem covers every law that the clause does, or only finite laws and constant amplitudes.
    terms
        The Rocq terms for parts of the ranges that the statement shows neither in a side nor in a name.
    written
        Right sides that the exporter cannot write, copied from the statement, by the number of the relation.
    nonnegative
        Arguments that the statement replaces by something that is not negative.
    of_clause
        Whether the theorem states the clause itself, rather than a case of it or that a near miss is false.
    """

    claim: str
    clause: str
    theorem: str
    sides: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    law: Law = "full"
    terms: Mapping[str, str] = field(default_factory=dict)
    written: Mapping[str, str] = field(default_factory=dict)
    nonnegative: tuple[str, ...] = ()
    of_clause: bool = True

    @property
    def proof(self) -> str:
        """The name of the theorem that proves the statement."""
        return f"{self.theorem}_holds"


def _bound(
    claim: str,
    clause: str,
    *,
    law: Law = "full",
    theorem: str | None = None,
    terms: Mapping[str, str] | None = None,
    written: Mapping[str, str] | None = None,
    nonnegative: tuple[str, ...] = (),
    of_clause: bool = True,
    **sides: tuple[str, ...],
) -> Binding:
    name = theorem or f"{claim}_" + re.sub(r"\W+", "_", clause).strip("_").replace("ReLU", "relu")
    return Binding(claim, clause, name, sides, law, terms or {}, written or {}, nonnegative, of_clause)


_GATE = (
    _bound("G4", "largest pre-activation", rhs=_REACH),
    *(
        _bound("G4", "largest pre-activation", theorem=f"G4_reach_{norm}", rhs=_REACH, of_clause=False)
        for norm in ("l1", "l2", "linf")
    ),
    _bound("G4", "least pre-activation", rhs=_REACH),
    *(
        _bound("G4", name, terms={V: "Rabs (dot d w z)"})
        for name in ("can be fired", "cannot be fired", "can be silenced", "cannot be silenced")
    ),
)

_PURIFICATION = (
    _bound("P1", "effective map", rhs=("d", "H", "a", "g", "W", "M", "z")),
    _bound("P1", "gradient", rhs1=("d", "H", "a", "g", "W", "M", "delta"), rhs2=("d", "H", "a", "g", "W", "M")),
    *(
        _bound("P2", name, terms={"v": "Rabs (dot d w z)", "DualNorm(w)": "D"})
        for name in ("active nodes stay", "silent nodes stay")
    ),
    _bound("P2", "worst case", rhs=_FGM),
    _bound("P2", "attained by FGM", rhs=_FGM),
    _bound("P2", "at a fit", rhs1=_FGM, rhs2=("e", "t")),
    _bound("P2", "universal bound", rhs1=_UNIVERSAL, rhs2=_UNIVERSAL),
    _bound("P3", "pure nodes"),
    _bound("P3", "the converse fails", terms={"y_1": "y1", "y_2": "y2", "R": "R"}),
    _bound("P3c", "lower bound", law="finite laws", mean=("d", "theta", "x", r"\iota")),
    _bound("P3c", "its value", law="finite laws", rhs=_SHARES),
    _bound("P3c", "separation", rhs1=("d",), rhs2=(), rhs3=()),
    _bound("P3c", "attained", rhs1=_SHARES, rhs2=(*_SHARES, "x")),
    _bound("P3c", "cheaper than pure"),
    _bound("P4", "gate", rhs=("n", "r"), terms={"n": "dot d (fun i => IZR (u i)) (fun i => IZR (k i))"}),
    _bound("P4", "fit", rhs=("d", "r", "theta", "k")),
    _bound("P4", "target by nodes", rhs=("d", "theta", "x")),
    _bound("P4", "any amplitudes", rhs=("b", "d", "a", "s", "t")),
    _bound("P5", "series", rhs=("m", "p")),
    _bound("P5", "integral", rhs=("m", "p")),
    _bound("P5", "growth", lhs=("m", "p")),
    _bound("P5", "growth", theorem="P5_growth_fails_up_to_seven_tenths", lhs=("m", "p"), of_clause=False),
    _bound("P5", "only below", lhs=("p",), rhs=("p",)),
    _bound("P5", "growth over even orders", lhs=("n", "p")),
    _bound("P5", "growth over even orders", theorem="P5_growth_over_odd_orders_fails", of_clause=False),
    _bound("P5", "bounds", rhs1=("m", "p"), rhs2=("m", "p")),
    _bound("P5", "projection", rhs=("k", "H", "c", "s")),
    _bound("P5", "energy of orthogonal nodes", law="finite laws", rhs=("H", "P", "c", "n")),
    _bound("P5", "energy of a mixture", rhs=("m", "p", "d", "theta")),
    _bound("P6", "group energy", rhs=("m", "D", "O", "theta_g")),
    _bound(
        "P6",
        "bounds",
        law="finite laws",
        nonnegative=(r"\mathbb{E}\|\beta\|^2",),
        rhs1=(r"\mathbb{E}\|\beta\|^2", r"\|\theta\|"),
        rhs2=(r"\mathbb{E}\|\beta\|^2",),
    ),
    _bound("P6", "pure features", law="finite laws", rhs=("g", "p", "t", "theta")),
    _bound("P6", "purified gain", law="finite laws", rhs=("d", "p")),
    _bound("P6", "gain of a mixture", rhs=("m", "G", "p")),
    _bound("P6", "not monotone", rhs1=(), rhs2=()),
    _bound("P7", "clean force"),
    _bound(
        "P7",
        "convex cells",
        rhs=("t", "epsilon", "Norm(beta_0)", "Norm(beta_1)", "e_0", "e_1"),
    ),
    _bound("P7", "cross-talk flow", rhs=("epsilon", "n", "a", "beta_j", r"\|\beta\|", "e")),
    _bound("P7", "locked pair"),
    _bound("P7", "spare nodes", rhs=("p", "epsilon", "theta_1", "theta_2")),
    _bound("P7", "least rate", rhs=("epsilon", "n", "a")),
    _bound("P8", "features alone", rhs=("r", "b", r"\|w_{h}\|")),
    _bound("P8", "one feature alone", terms={r"\|w_{h}\|": "norm_2 d w"}),
    _bound("P8", "features together"),
    _bound("P9", "geometric bound", theorem="P9_geometric_bound", of_clause=False),
)

_NORMS = (
    _bound(
        "N1",
        "bound",
        law="finite laws",
        written={"": "norm (active_target (fun i => if Req_EM_T (x i) 0 then false else true) theta)"},
    ),
    _bound("N1", "l1 attack: the equality case fails", rhs=(r"|\theta_{1}|",)),
    _bound("N2", "lower bound", rhs=(r"\|\theta_A\|_{2}", r"\|v\|_{\infty}")),
    _bound("N2", "purified", rhs=(r"\|v\|_{1}",)),
    _bound("N2", "ratio one, if", rhs=("d", "v")),
    _bound("N2", "ratio one, only if", rhs=("kappa", "d", "v")),
    _bound("N2", "largest ratio", rhs=("d",)),
    _bound("N2", "largest ratio attained", rhs=("d",)),
    _bound("N2", "one feature", rhs=(r"\|M_i\|_{1}", r"\|M_i\|_{\infty}")),
    _bound("N2", "plane rotation", rhs=("t",)),
    _bound(
        "N2",
        "gates of the fit that beats it",
        terms={"y_1": "y1", "y_2": "y2", "R": "most"},
        rhs1=("b",),
        rhs2=("B",),
        rhs3=("B",),
        rhs4=("B",),
        rhs5=("b",),
    ),
    _bound("N2", "exact fit", rhs1=(), rhs2=(), rhs3=(), rhs4=()),
    _bound("N2", "what it pays", rhs=("k", "p")),
    _bound("N2", "what the purified fit pays", rhs=("k", "p")),
    _bound("N2", "it beats the purified fit", rhs=("k", "p")),
)

_ENTRY = ("i", "j")
"""The arguments of a side that is a matrix: the indices of its entry."""

_CONTRASTIVE = (
    _bound("C1", "Gram matrix", theorem="C1_gram_matrix", rhs=("d", "q", "x", "T", "x'")),
    _bound("C1", "every Gram matrix", theorem="C1_every_gram_matrix", rhs=("d", "B", *_ENTRY)),
    _bound("C1", "invariant", rhs=("d", "x", "G", "x'")),
    _bound("C1", "scaled isometries", rhs=("c", "d", *_ENTRY)),
    _bound("C1", "not purified", rhs1=(), rhs2=(), rhs3=()),
    _bound("C1", "strictly convex", law="finite laws", rhs=()),
    _bound("C1", "only minimiser", law="finite laws", rhs=()),
    _bound("C3", "isotropic optimum", law="finite laws", rhs=()),
    _bound("C1q", "two features", rhs=("u", "p", "r")),
    _bound("C1q", "beyond the threshold"),
    _bound("C1q", "dense features", rhs=("p",)),
    _bound(
        "C2",
        "stationary equation",
        law="finite laws",
        rhs=("Mean(D/(1 + exp(-D*lambda)))", "Mean(-Q/(exp(Q*lambda) + 1))"),
    ),
    _bound("C2", "strictly convex", law="finite laws", rhs=()),
    _bound("C2", "one finite minimiser", law="finite laws", rhs1=(), rhs2=("Mean(Abs(D))",)),
    _bound("C2", "law of the overlap", rhs=("d", "p", "t")),
    _bound("C2", "finite sums", rhs=("d", "p", "r", "lambda")),
    _bound("C2", "bracket", rhs=("d", "p", "r")),
    _bound("C2", "one feature", rhs=("p", "r")),
    _bound("C3", "strictly convex in the scale", law="finite laws", rhs=()),
    _bound("C3", "slope at scale zero", law="finite laws", rhs=("epsilon", _MEAN_NORM, _MEAN_ENERGY)),
    *(
        _bound(
            "C3",
            name,
            law="finite laws",
            terms={
                _MEAN_NORM: "mean (views features noise) (norm_2 d)",
                _MEAN_ENERGY: "mean features (square d)",
            },
            rhs=(),
        )
        for name in ("collapsed", "not before")
    ),
    _bound("C3", "mixed derivative", law="finite laws", rhs=(_MEAN_NORM,)),
    _bound("C3", "weight on similar pairs", law="finite laws", rhs=()),
    _bound("C4", "dissimilar pair, given the other view", law="finite laws", rhs=("lambda", "epsilon", r"\|x'\|")),
    _bound("C4", "on average", law="finite laws", rhs=()),
    _bound(
        "C4",
        "first order",
        law="finite laws",
        rhs1=("lambda", "Mean(x')"),
        rhs2=("lambda", "Mean(x/(exp(lambda*x**2) + 1))"),
    ),
    _bound("C5", "scores", rhs=("lambda", "d", "x", "x'")),
    _bound("C5", "similar pairs", rhs=("lambda", "d", "x")),
    _bound("C5", "dissimilar pairs", rhs=("lambda", "m", "p", "d", r"\mu_2")),
    _bound("C3", "worst case", rhs1=_PAIR, rhs2=_PAIR),
    _bound("C3", "convex", rhs=("epsilon", "a_1", "a_2", "n_1", "n_2")),
    _bound("C3", "exponents apart", rhs=(r"x^{\top} H x'",)),
    _bound("C3", "mirror images of h", lhs=("t",), rhs=("t",)),
    _bound("C3", "floor of h", lhs=("t",), rhs=()),
    _bound("C3", "two images about a point", rhs=()),
    *(
        _bound("C4", name, rhs=("lambda", "x", "epsilon"), terms={"x": "norm_2 d x"})
        for name in ("similar pair, small attack", "similar pair, large attack")
    ),
)

_MOMENTS = {
    **{"A_0": "moment_A d theta l", "B_0": "moment_B d M net theta l", "C_0": "moment_C d M net l"},
}
_TARGET = r"{\theta'}"
_LAYER = ("d", _TARGET, "O", "a")

_INHERITANCE = (
    _bound("D2", "risk of a head", rhs=("m", "p", "r", *_LAYER)),
    _bound("D2", "head", rhs=("m", "d", _TARGET, "O")),
    _bound("D2", "energy", rhs=("m", "p", "d", _TARGET)),
    _bound("D2", "worse than pure", rhs1=("p",), lhs2=("m", "p")),
    _bound("D4", "surrogate", rhs=("m", "p", "r", "epsilon", *_LAYER)),
    _bound(
        "D4",
        "surrogate's head",
        theorem="D4_surrogates_head",
        rhs1=("m", "p", "r", "epsilon", _TARGET),
        rhs2=("m", "p", "r", "epsilon", "d", _TARGET),
    ),
    _bound("D4", "along the target", rhs=("c", "epsilon", "A_0", "B_0", "C_0")),
    _bound("D4", "outside of [0, 1]", rhs1=("A_0",), rhs2=("epsilon", "C_0")),
    _bound("D4", "order of the thresholds", law="finite laws", rhs=("A_0", "C_0")),
    _bound("D4", "weak attack", rhs=("epsilon", "C_0"), terms=_MOMENTS),
    _bound("D4", "attack in between", rhs1=("epsilon", "A_0", "B_0", "C_0"), rhs2=(), terms=_MOMENTS),
    _bound("D4", "strong attack", rhs=("A_0",), terms=_MOMENTS),
    _bound("D4", "no strong attack inside", rhs=("m", "r")),
    _bound("D4", "moments", rhs1=("p", "r", r"\|\theta'\|"), rhs2=("m", "p", r"\|\theta'\|")),
    _bound("D4", "cross-talk", rhs=("m", "c", "d", "O", "g", "a")),
    _bound("D5", "margin", rhs=("r", "epsilon", "N", r"|S_{1} + \dots + S_{N}|")),
    _bound("D5", "given the support", lhs=("r", "epsilon", "N"), rhs=("r", "epsilon", "N")),
    _bound("D5", "robust accuracy", rhs=("d", "p", "r", "epsilon")),
)

_ACTIVATIONS = (
    _bound("A1", "no leak", rhs1=(), rhs2=(), rhs3=()),
    _bound("A1", "smooth activations leak", rhs1=(), rhs2=(), rhs3=(), rhs4=()),
    _bound("A1", "ReLU, a pair", rhs=("v",)),
    _bound("A1", "odd pairs are linear", rhs1=("v",), rhs2=("v",), rhs3=("v",)),
    _bound("A1", "first order", rhs=("a_h", "omega_h", "Slope(0)")),
    _bound("A1", "exact up to a size", rhs=()),
    _bound("A1", "exact only then", rhs=("u", "epsilon", W_NORM, "Act")),
    _bound("A1", "the gate is exact below its threshold", rhs=()),
    _bound("A1", "the cube separates the two", rhs1=("epsilon", W_NORM), rhs2=()),
)

BINDINGS: tuple[Binding, ...] = (*_GATE, *_PURIFICATION, *_NORMS, *_CONTRASTIVE, *_INHERITANCE, *_ACTIVATIONS)
"""Every theorem of the development that states a clause, a case of one, or that a near miss is false."""
