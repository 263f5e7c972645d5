"""The figures of the report, one file a figure or a few that belong together."""

from purecheck.figures import (
    a3_activations,
    c1q_trained,
    c1q_transition,
    contrastive,
    d3_inheritance_curve,
    p5_firing_probability,
    training,
)
from purecheck.figures.registry import ClaimFigure

FIGURES: tuple[ClaimFigure, ...] = (
    p5_firing_probability.FIGURE,
    d3_inheritance_curve.FIGURE,
    c1q_transition.FIGURE,
    c1q_trained.FIGURE,
    a3_activations.FIGURE,
    *contrastive.FIGURES,
    *training.FIGURES,
)
"""All figures, in the order of the report; names are unique."""
