"""The figures of the report, one file for each figure or for a few that belong together."""

from purecheck.reporting.figures import (
    a3_activations,
    c1q_rank,
    c1q_trained,
    c1q_transition,
    contrastive,
    d3_inheritance_curve,
    d3_purity,
    e8_exact,
    p5_firing_probability,
    p9_mixing_nodes,
    recorded,
    recorded_filters,
    training,
)
from purecheck.reporting.figures.registry import ClaimFigure

FIGURES: tuple[ClaimFigure, ...] = (
    p5_firing_probability.FIGURE,
    p9_mixing_nodes.FIGURE,
    d3_inheritance_curve.FIGURE,
    d3_purity.FIGURE,
    c1q_transition.FIGURE,
    c1q_rank.FIGURE,
    c1q_trained.FIGURE,
    a3_activations.FIGURE,
    *contrastive.FIGURES,
    *training.FIGURES,
    e8_exact.FIGURE,
    *recorded.FIGURES,
    *recorded_filters.FIGURES,
)
"""All figures, in the order of the report; names are unique."""
