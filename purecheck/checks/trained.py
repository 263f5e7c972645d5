"""The checks of all clauses on trained networks: their relations, over the seeds of the profile."""

from collections.abc import Callable

from purecheck.checks.answers import activations, along_the_curve, attack_modes, exact_shares
from purecheck.methods.holds import HoldsTrained
from purecheck.runtime.context import Context
from theory.activations.a3_trained import A3
from theory.claims import Claim
from theory.contrastive.c1q_bottleneck import C1Q, CONJECTURE
from theory.contrastive.c1q_trained import TRAINED_THREE
from theory.contrastive.c6_attack_modes import C6, DISSIMILAR_MORE, SUFFICES
from theory.contrastive_training import CLAIMS as CONTRASTIVE
from theory.training import CLAIMS as SUPERVISED
from theory.training.small_networks import SHORT

ANSWERS: dict[tuple[str, str], Callable[[Context], str]] = {
    ("A3", "thresholds pass robustness on"): activations,
    ("C6", DISSIMILAR_MORE.name): attack_modes,
    ("C6", SUFFICES.name): attack_modes,
    ("E3", "the curve"): along_the_curve,
    ("E8", SHORT.name): exact_shares,
}
"""Clauses whose evidence contains a sentence beyond the relations, computed from the same runs."""

_SPEAKS_FOR = {TRAINED_THREE.name: (CONJECTURE.name,)}
"""Other clauses for which the evidence of a trained clause counts too; they have no relations of their own."""


def _checks(claim: Claim) -> tuple[HoldsTrained, ...]:
    return tuple(
        HoldsTrained(
            claim=claim.id,
            clauses=(clause.name, *_SPEAKS_FOR.get(clause.name, ())),
            name=f"trained networks: {clause.name}",
            statement=clause,
            answer=ANSWERS.get((claim.id, clause.name)),
        )
        for clause in claim.clauses
        if clause.relations
    )


CHECKS = tuple(check for claim in (*SUPERVISED, *CONTRASTIVE, A3, C6, C1Q) for check in _checks(claim))
