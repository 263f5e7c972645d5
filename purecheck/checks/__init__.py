"""The checks, one file a claim or a few that belong together; each file exports `CHECKS`."""

from typing import Any

from purecheck.check import Check
from purecheck.checks import (
    c1_gram_matrix,
    c1q_bottleneck,
    c2_scale,
    c3_collapse,
    c4_dissimilar_pairs,
    e1_mixtures,
    e2_purification,
    e3_inheritance,
    e6_prediction,
    e8_masking,
    g1_errors,
    g2_optimal_threshold,
    g3_separability,
    p1_effective_map,
    p2_region_certificate,
    p3_purification_bound,
    p3c_lookup,
    p4_mixtures_fit,
    p5_firing_probability,
    p6_adversarial_risk,
    p7_forces,
)

CHECKS: tuple[Check[Any], ...] = (
    *c1_gram_matrix.CHECKS,
    *c1q_bottleneck.CHECKS,
    *c2_scale.CHECKS,
    *c3_collapse.CHECKS,
    *c4_dissimilar_pairs.CHECKS,
    *e1_mixtures.CHECKS,
    *e2_purification.CHECKS,
    *e3_inheritance.CHECKS,
    *e6_prediction.CHECKS,
    *e8_masking.CHECKS,
    *g1_errors.CHECKS,
    *g2_optimal_threshold.CHECKS,
    *g3_separability.CHECKS,
    *p1_effective_map.CHECKS,
    *p2_region_certificate.CHECKS,
    *p3_purification_bound.CHECKS,
    *p3c_lookup.CHECKS,
    *p4_mixtures_fit.CHECKS,
    *p5_firing_probability.CHECKS,
    *p6_adversarial_risk.CHECKS,
    *p7_forces.CHECKS,
)
