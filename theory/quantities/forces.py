"""What single features do to a node, and what training does to cross-talk."""

from sympy import Symbol

from theory.model import named
from theory.quantities import quantity

COUNT_ALONE = quantity(named(r"n_h"), "Number of features that fire the node when they act alone, with either sign.")
W_NORM = quantity(Symbol(r"\|w_h\|", positive=True), r"Length $\|w_h\|_2$ of the weights of the node.")
V_ALONE = quantity(named("v_1"), "Pre-activation of the node while the first feature acts alone.")
V_PAIR = quantity(named("v_2"), "Pre-activation of the node while the first two features act with equal signs.")
