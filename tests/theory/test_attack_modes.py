"""The linear part of C6: a wrong loss breaks the derivation."""

from dataclasses import replace

import pytest

from theory.contrastive import c6_attack_modes
from theory.contrastive.c6_attack_modes import C6, SIMILAR
from theory.derivation import StepError


def test_a_similar_pair_that_repels_breaks_the_derivation(monkeypatch):
    monkeypatch.setattr(c6_attack_modes, "SIMILAR", replace(SIMILAR, similar=-SIMILAR.similar))
    clause = C6.clause("slopes at scale zero")
    with pytest.raises(StepError):
        clause.proof()
