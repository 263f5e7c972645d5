"""A development of one theorem, small enough to compile in a test, with the clause that it states."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sympy import Gt, Symbol

from purecheck.formal.check import Bound, judge
from purecheck.formal.result import Theorem
from purecheck.formal.rocq import build
from purecheck.formal.sources import tracked_axioms
from purecheck.formal.statements import statements
from theory.claims import Clause
from theory.formal.bindings import Binding
from theory.formal.generated import side_definition
from theory.ranges import at_least

x = Symbol("x", real=True)
square = Symbol("q", real=True)

CLAUSE = Clause("square", "The square of what follows $x$.", Gt(square, 2 * x), over={x: at_least(0)})
BINDING = Binding("T1", "square", "T1_square", {"rhs": ("x",)})

STATEMENTS = """(** Statements. *)
From Coq Require Import Reals.
Require Import Generated.
Open Scope R_scope.

(** The square of [x + 1] is larger than that. *)
Definition T1_square : Prop := forall x, 0 <= x -> (x + 1) ^ 2 > T1_square_rhs x.

(** Another one, which is no clause. *)
Definition T1_other : Prop := forall x, 0 <= x -> (x + 1) ^ 2 > 0.
"""
PROOFS = """From Coq Require Import Reals Lra Psatz.
Require Import Generated Statements.
Open Scope R_scope.

Theorem T1_square_holds : T1_square.
Proof. intros x Hx. unfold T1_square_rhs. nra. Qed.
"""


@dataclass(frozen=True)
class Toy:
    """The development, for a test to plant an error in."""

    clause: Clause = CLAUSE
    statements: str = STATEMENTS
    proofs: str = PROOFS

    def changed(self, **parts: object) -> "Toy":
        """The same with another part."""
        return replace(self, **parts)  # type: ignore[arg-type]

    @property
    def texts(self) -> Mapping[str, str]:
        """The files."""
        side = side_definition(BINDING, self.clause, "rhs")
        generated = f"From Coq Require Import Reals.\nOpen Scope R_scope.\n{side}\n"
        return {"Generated": generated, "Statements": self.statements, "Proofs": self.proofs}

    def judged(self, folder: Path) -> tuple[tuple[str, ...], Theorem]:
        """What is wrong with the files, and what becomes of the theorem."""
        compiled = build(self.texts, folder)
        bound = [Bound(BINDING, self.clause, statements(self.statements)[BINDING.theorem])]
        problems, (theorem,) = judge(bound, self.texts, compiled, folder, tracked_axioms(), {})
        return problems, theorem
