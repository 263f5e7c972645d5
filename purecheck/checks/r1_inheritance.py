"""Checks of R1: recorded runs with clean heads on the labels of pre-training."""

from purecheck.checks.real_data import inherited
from theory.real_data import GATED, RESNET

CHECKS = (
    inherited("R1", GATED, "supervised", lambda run: (run.encoder, run.labels) == ("gated", "same")),
    inherited("R1", RESNET, "supervised", lambda run: (run.encoder, run.labels) == ("resnet18", "same")),
)
