"""Derivations of C1-C4: their steps, and what breaks them."""

from dataclasses import replace

import pytest

from theory.contrastive import c4_dissimilar_pairs
from theory.contrastive.c4_dissimilar_pairs import C4
from theory.derivation import StepError
from theory.theorems.tilt import FLOOR, floor_chain


def test_floor_is_the_best_to_four_digits():
    with pytest.raises(StepError):
        floor_chain(FLOOR - FLOOR / 1000)


def test_a_wrong_increase_breaks_the_derivation(monkeypatch):
    monkeypatch.setattr(c4_dissimilar_pairs, "similar_increase", lambda eps, length: 2 * eps * length)
    clause = replace(C4.clause("similar pair, small attack"))
    with pytest.raises(StepError):
        clause.proof()
