"""Linear encoders: their scores, their Gram matrices, and how pure their nodes are."""

from sympy import MatrixSymbol, Symbol

from theory.model import d
from theory.quantities import quantity

SCORE = quantity(
    MatrixSymbol(r"g(z)^{\top} g(z')", 1, 1), r"Inner product of the embeddings $g(z)$ and $g(z')$ of two views."
)
GRAM = quantity(MatrixSymbol(r"T^{\top}T", d, d), r"Gram matrix of the encoder $T$.")
MOVED_SCORE = quantity(
    MatrixSymbol(r"(Px)^{\top}(PGP^{\top})Px'", 1, 1),
    r"Score of the views $Px$ and $Px'$ under the encoder $TP^\top$, whose Gram matrix is $PGP^\top$.",
)
MOVED_PULL = quantity(
    MatrixSymbol(r"\|P G P^{\top} x'\|^{2}", 1, 1),
    "Squared norm of the gradient, with respect to the attacked view, of its score with $x'$ under the encoder "
    r"$TP^\top$.",
)
AVERAGE = quantity(
    Symbol(r"\overline{G}_{ij}"), r"Entry $i, j$ of the average of $PGP^\top$ over all signed permutations $P$."
)
LENGTH = quantity(Symbol(r"\|v_{1}\|^{2}"), r"Squared norm of the first node of the encoder, a row of its matrix.")
INNER = quantity(Symbol(r"v_{1}^{\top} v_{2}"), r"Inner product of the first two nodes of the encoder.")
PURITY = quantity(Symbol(r"\mathrm{participation}(v_{1})"), r"Participation ratio of the first node of the encoder.")
