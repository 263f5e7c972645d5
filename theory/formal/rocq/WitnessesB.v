(** Objects that meet the assumptions of [Statements_B.v], so that no statement is empty. *)

From Coq Require Import Bool List ZArith Reals Lra Lia FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
Import ListNotations.
Require Import Model Sums Walks Setups Encoders ProofsCleanScale.
Open Scope R_scope.

(** Thresholds and weights for the six nodes. *)
Example six_nodes_exist : six_nodes_ranges (1 / 4) (1 / 10) (1 / 2) (3 / 2) (6 / 5).
Proof. split; try (rewrite Rabs_right by lra); lra. Qed.

(** One feature of amplitude 1, always active, with either sign, and no noise. *)
Definition one_sign : law vector := [(1 / 2, delta 1); (1 / 2, flip 1 (delta 1))].
Definition no_noise : law vector := [(1, fun _ => 0)].

Lemma flip_twice x : flip 1 (flip 1 x) = x.
Proof. apply functional_extensionality. intros j. unfold flip. destruct (Nat.eqb j 1); ring. Qed.

Lemma exchange_itself i x : exchange i i x = x.
Proof.
  apply functional_extensionality. intros j. unfold exchange. destruct (Nat.eqb_spec j i) as [-> | _]; reflexivity.
Qed.

Example laws_of_pairs_exist : pair_laws 1 one_sign no_noise /\ occur 1 one_sign.
Proof.
  assert (One : forall i, (1 <= i <= 1)%nat -> i = 1%nat) by (intros; lia).
  split; [split|].
  - split; [repeat (apply List.Forall_cons; [lra|]); apply List.Forall_nil | unfold one_sign; cbn [mean]; lra].
  - split; [repeat (apply List.Forall_cons; [lra|]); apply List.Forall_nil | unfold no_noise; cbn [mean]; lra].
  - split.
    + intros i f Hi. rewrite (One i Hi). unfold one_sign. cbn [mean]. rewrite flip_twice. lra.
    + intros i j f Hi Hj. rewrite (One i Hi), (One j Hj). unfold one_sign. cbn [mean]. now rewrite !exchange_itself.
  - assert (Z : flip 1 (fun _ => 0) = fun _ => 0).
    { apply functional_extensionality. intros j. unfold flip. destruct (Nat.eqb j 1); ring. }
    split.
    + intros i f Hi. rewrite (One i Hi). unfold no_noise. cbn [mean]. now rewrite Z.
    + intros i j f Hi Hj. rewrite (One i Hi), (One j Hj). unfold no_noise. cbn [mean]. now rewrite exchange_itself.
  - unfold occur, one_sign, square, dot, sum. cbn [mean]. unfold flip, delta. simpl. lra.
Qed.

(** The law of constant amplitude is one of the laws of C2 and C4. *)
Example constant_amplitude_is_mirrored d r p :
  (1 <= d)%nat -> 0 < p <= 1 -> 0 < r ->
  is_law (inputs d r p) /\ mirrored (inputs d r p) /\ occur d (inputs d r p).
Proof.
  intros Hd Hp Hr. split; [apply inputs_law; lra | split; [apply inputs_mirrored | now apply inputs_occur]].
Qed.
