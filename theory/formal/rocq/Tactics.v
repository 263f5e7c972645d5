(** Tactics that close the links of derivations: identities of fields, and inequalities by the signs of factors. *)

From Coq Require Import Reals Lra Psatz Nsatz.
From Coquelicot Require Import Coquelicot.
From Interval Require Import Tactic.
Open Scope R_scope.

(** What divides is not zero: assumed as such, or of a plain sign. *)
Ltac nonzero :=
  repeat split;
  first [ assumption | lra | interval | apply Rgt_not_eq; nra | apply Rlt_not_eq; nra | nra ].

Ltac identity :=
  first
    [ lra
    | solve [ field; nonzero ]
    | solve [ timeout 3 nsatz ]
    | solve [ field_simplify_eq; [ timeout 3 nsatz | nonzero .. ] ]
    | interval ].

(** A name that stands for a power or a product of others is replaced by it, if that helps. *)
Ltac close_equation := first [ solve [ subst; field; nonzero ] | identity | subst; identity ].

(** Quotients in the premises get names, of which it is known what they make times their denominators. *)
Ltac name_quotients :=
  repeat match goal with
  | H : context [ ?a / ?b ] |- _ =>
      let q := fresh "q" in
      let E := fresh "E" in
      assert (E : a / b * b = a) by (field; nonzero);
      try (assert (0 < a / b) by (apply Rdiv_lt_0_compat; lra));
      try (assert (a / b < a) by (apply Rmult_lt_reg_r with b; lra));
      set (q := a / b) in *; clearbody q
  end.

(** The sign of a product follows from those of its factors. *)
Ltac sign :=
  first
    [ assumption | lra
    | solve [ match goal with
      | |- 0 < _ * _ => apply Rmult_lt_0_compat; sign
      | |- 0 < _ / _ => apply Rdiv_lt_0_compat; sign
      | |- 0 < / _ => apply Rinv_0_lt_compat; sign
      | |- 0 < _ ^ _ => apply pow_lt; sign
      | |- 0 < exp _ => apply exp_pos
      | |- 0 <= _ ^ 2 => apply pow2_ge_0
      | |- 0 <= _ * _ => apply Rmult_le_pos; sign
      | |- 0 <= _ / _ => apply Rle_mult_inv_pos; sign
      | |- 0 <= _ ^ _ => apply pow_le; sign
      | |- 0 <= _ + _ => apply Rplus_le_le_0_compat; sign
      | |- 0 < _ ^ 2 => apply pow2_gt_0; nonzero
      end ]
    | solve [ interval ]
    | nra ].

(** An inequality, by the difference of its sides written as a quotient of factors. *)
Lemma lt_by_gap (a b g : R) : b - a = g -> 0 < g -> a < b. Proof. intros; lra. Qed.
Lemma le_by_gap (a b g : R) : b - a = g -> 0 <= g -> a <= b. Proof. intros; lra. Qed.
Lemma gt_by_gap (a b g : R) : a - b = g -> 0 < g -> a > b. Proof. intros; lra. Qed.
Lemma ge_by_gap (a b g : R) : a - b = g -> 0 <= g -> a >= b. Proof. intros; lra. Qed.

Ltac by_gap gap :=
  first [ apply (lt_by_gap _ _ gap) | apply (le_by_gap _ _ gap) | apply (gt_by_gap _ _ gap) | apply (ge_by_gap _ _ gap) ];
  [ close_equation | sign ].

Ltac close_inequality gap reduced_gap :=
  first
    [ lra
    | solve [ interval ]
    | solve [ by_gap gap ]
    | solve [ by_gap reduced_gap ]
    | solve [ name_quotients; first [ lra | nra | by_gap gap ] ]
    | nra ].
