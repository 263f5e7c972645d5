(** Proofs of what [Statements_B.v] claims of Gram matrices (C1, C3). *)

From Coq Require Import Bool List ZArith Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
Require Import Model Sums Attacks Networks Functions Setups Logistic PairLosses Dense SixNodes Encoders.
Require Import IsotropicOptimum Curvature Generated Statements_B.
Open Scope R_scope.

(** ** C1 *)

Theorem C1_gram_matrix_holds : C1_gram_matrix.
Proof.
  intros d q T M x x' HM. unfold embedding, C1_gram_matrix_rhs.
  rewrite !(apply_agrees d T _ _ (dictionary_left_inverse d M _ HM)). apply dot_apply.
Qed.

Theorem C1_every_gram_matrix_holds : C1_every_gram_matrix.
Proof.
  intros d q B T i j Hi Hj Hq HT. unfold C1_every_gram_matrix_rhs, dot, column.
  induction Hq as [|q Hq IH].
  - apply sum_ext. intros k Hk. rewrite !HT. replace (Nat.leb k d) with true by (symmetry; apply Nat.leb_le; lia).
    reflexivity.
  - rewrite sum_S, IH, !HT. replace (Nat.leb (S q) d) with false by (symmetry; apply Nat.leb_gt; lia). ring.
Qed.

Theorem C1_invariant_holds : C1_invariant.
Proof.
  intros d P G x x' HP. unfold C1_invariant_rhs. rewrite dictionary_dot by exact HP.
  now rewrite (apply_agrees d G _ _ (dictionary_left_inverse d P x' HP)).
Qed.

Theorem C1_scaled_isometries_holds : C1_scaled_isometries.
Proof.
  intros c d q T V i j Hc Hi Hj HV HT. unfold C1_scaled_isometries_rhs.
  assert (Hd : 0 < INR d) by (apply lt_0_INR; lia).
  rewrite <- (HV i j Hi Hj). unfold dot, column. rewrite <- sum_scale. apply sum_ext. intros k _. rewrite !HT.
  rewrite <- (sqrt_sqrt (c / INR d)) at 3 by (apply Rlt_le, Rdiv_lt_0_compat; assumption). ring.
Qed.

(** A sum with one exceptional term, or two. *)
Lemma sum_one_apart d i a b f :
  (1 <= i <= d)%nat -> (forall j, (1 <= j <= d)%nat -> f j = delta i j * (a - b) + b) ->
    sum 1 d f = a + (INR d - 1) * b.
Proof.
  intros Hi Hf. rewrite (sum_ext d f (fun j => delta i j * (a - b) + b) Hf).
  rewrite sum_add, sum_const, sum_delta by exact Hi. ring.
Qed.

Theorem C1_not_purified_holds : C1_not_purified.
Proof.
  intros d Hd. unfold C1_not_purified_rhs1, C1_not_purified_rhs2, C1_not_purified_rhs3.
  assert (Hn : 3 <= INR d) by (replace 3 with (INR 3) by (simpl; ring); now apply le_INR).
  assert (Hsquare : square d (reflection d 1%nat) = 1).
  { unfold square, dot. rewrite (sum_one_apart d 1 ((1 - 2 / INR d) ^ 2) ((2 / INR d) ^ 2)); [field; lra | lia |].
    intros j _. unfold reflection, delta. destruct (Nat.eqb 1 j); ring. }
  split; [exact Hsquare | split].
  - unfold dot.
    rewrite (sum_ext d _ (fun j => delta 1 j * (- (2 / INR d)) + (delta 2 j * (- (2 / INR d)) + (2 / INR d) ^ 2))).
    + rewrite !sum_add, sum_const, !sum_delta by lia. field. lra.
    + intros j _. unfold reflection, delta. destruct (Nat.eqb_spec 1 j) as [<- | _]; [cbn [Nat.eqb]; ring|].
      destruct (Nat.eqb 2 j); ring.
  - unfold participation. rewrite Hsquare.
    assert (F : sum 1 d (fun j => reflection d 1%nat j ^ 4) = (1 - 2 / INR d) ^ 4 + (INR d - 1) * (2 / INR d) ^ 4).
    { apply (sum_one_apart d 1); [lia|]. intros j _. unfold reflection, delta. destruct (Nat.eqb 1 j); ring. }
    rewrite F. set (n := INR d) in *.
    assert (E : 1 - ((1 - 2 / n) ^ 4 + (n - 1) * (2 / n) ^ 4) = 8 * (n - 1) * (n - 2) / n ^ 3).
    { field. lra. }
    assert (0 < 8 * (n - 1) * (n - 2) / n ^ 3).
    { apply Rdiv_lt_0_compat; [|apply pow_lt; lra]. repeat apply Rmult_lt_0_compat; lra. }
    assert (0 < (1 - 2 / n) ^ 4 + (n - 1) * (2 / n) ^ 4).
    { assert (0 < 2 / n) by (apply Rdiv_lt_0_compat; lra).
      assert (0 < (n - 1) * (2 / n) ^ 4) by (apply Rmult_lt_0_compat; [lra | now apply pow_lt]).
      assert (0 <= (1 - 2 / n) ^ 4) by (replace ((1 - 2 / n) ^ 4) with (((1 - 2 / n) ^ 2) ^ 2)
        by ring; apply pow2_ge_0). lra. }
    apply Rlt_gt, Rmult_lt_reg_r with ((1 - 2 / n) ^ 4 + (n - 1) * (2 / n) ^ 4); [assumption|].
    unfold Rdiv at 3. rewrite Rmult_assoc, Rinv_l by lra. lra.
Qed.

Lemma score_along d G H x x' t :
  score d (matrix_plus G (matrix_scale t H)) x x' = score d G x x' + t * score d H x x'.
Proof.
  unfold score, dot at 1 2 3. rewrite <- sum_scale, <- sum_add. apply sum_ext. intros i _.
  rewrite <- Rmult_assoc, (Rmult_comm t), Rmult_assoc, <- Rmult_plus_distr_l. f_equal.
  unfold apply, dot. rewrite <- sum_scale, <- sum_add. apply sum_ext. intros j _. unfold matrix_plus, matrix_scale.
  ring.
Qed.

Theorem C1_strictly_convex_holds : C1_strictly_convex.
Proof.
  intros d G H features noise Hlaws Hoccur Hdirection. unfold C1_strictly_convex_rhs.
  rewrite (Derive_n_ext _ (mixed_loss (similar_pairs features noise) (dissimilar_pairs features noise)
    (fun v => similar * score d G (fst v) (snd v)) (fun v => similar * score d H (fst v) (snd v))
    (fun v => dissimilar * score d G (fst v) (snd v)) (fun v => dissimilar * score d H (fst v) (snd v)) (1 / 2))).
  - rewrite Derive_2_mixed_loss. apply Rlt_gt, curvature_positive; try lra.
    + now apply (similar_law d).
    + now apply (dissimilar_law d).
    + rewrite (mean_ext _ _ (fun v => (dot d (fst v) (apply d H (snd v)) + 0) ^ 2))
        by (intros; unfold score, dissimilar; ring).
      rewrite (dissimilar_mean_form d features noise Hlaws H (fun _ => 0)).
      pose proof (radius_positive d features noise Hlaws Hoccur) as R. pose proof (direction_seen d H Hdirection) as D.
      rewrite (mean_ext _ (fun _ => 0 ^ 2) (fun _ => 0)) by (intros; ring). rewrite mean_constant_zero.
      pose proof (Rmult_lt_0_compat _ _ R (Rmult_lt_0_compat _ _ R D)). lra.
  - intros t. unfold expected_loss, mixed_loss. f_equal; f_equal; apply mean_ext; intros v; unfold worst_loss;
      rewrite score_along; f_equal; ring.
Qed.

(** What is not isotropic in a Gram matrix. *)
Lemma anisotropic_part d G :
  (1 <= d)%nat -> let c := trace d G / INR d in
  trace d (fun i j => G i j - isotropic c i j) = 0.
Proof.
  intros Hd c. assert (0 < INR d) by (apply lt_0_INR; lia). unfold trace at 1, isotropic. rewrite sum_sub.
  rewrite (sum_ext d (fun i => c * delta i i) (fun _ => c)) by (intros; unfold delta; rewrite Nat.eqb_refl; ring).
  rewrite sum_const. fold (trace d G). unfold c. field. lra.
Qed.

Theorem C3_isotropic_optimum_holds : C3_isotropic_optimum.
Proof.
  intros d G eps features noise Hd Heps Htrace Hlaws Hoccur [i [j [Hi [Hj Hne]]]]. unfold C3_isotropic_optimum_rhs.
  assert (0 < INR d) by (apply lt_0_INR; lia).
  pose proof (isotropic_is_best d features noise eps (trace d G / INR d) G
    (fun i j => G i j - isotropic (trace d G / INR d) i j) Hlaws Hoccur) as B.
  assert (0 < expected_loss d (1 / 2) eps G features noise
    - expected_loss d (1 / 2) eps (isotropic (trace d G / INR d)) features noise); [|lra].
  apply Rlt_Rminus, B.
  - left. split; [exact Heps|]. apply Rmult_le_pos; [exact Htrace | apply Rlt_le, Rinv_0_lt_compat; assumption].
  - intros k l. ring.
  - now apply anisotropic_part.
  - exists i, j. repeat split; try lia. unfold isotropic. lra.
Qed.

Theorem C1_only_minimiser_holds : C1_only_minimiser.
Proof.
  intros d G features noise Hd Hlaws Hoccur [i [j [Hi [Hj Hne]]]]. unfold C1_only_minimiser_rhs.
  pose proof (isotropic_is_best d features noise 0 (trace d G / INR d) G
    (fun i j => G i j - isotropic (trace d G / INR d) i j) Hlaws Hoccur) as B.
  assert (0 < expected_loss d (1 / 2) 0 G features noise
    - expected_loss d (1 / 2) 0 (isotropic (trace d G / INR d)) features noise); [|lra].
  apply Rlt_Rminus, B.
  - right. reflexivity.
  - intros k l. ring.
  - now apply anisotropic_part.
  - exists i, j. repeat split; try lia. unfold isotropic. lra.
Qed.
