(** Proofs of what [Statements_B.v] claims of single attacked pairs and of [h] (C3, C4). *)

From Coq Require Import Bool List ZArith Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
Require Import Model Sums Attacks Networks Functions Setups Logistic PairLosses Generated Statements_B.
Open Scope R_scope.

(** ** C3 *)

Theorem C3_worst_case_holds : C3_worst_case.
Proof.
  intros d G x x' eps Heps. split.
  - replace (C3_worst_case_rhs1 _ _ _)
      with (softplus (dissimilar * score d G x x' + eps * norm_2 d (apply d G x'))).
    + apply largest_loss; auto.
    + unfold C3_worst_case_rhs1, softplus, dissimilar. do 3 f_equal. ring.
  - replace (C3_worst_case_rhs2 _ _ _)
      with (softplus (similar * score d G x x' + eps * norm_2 d (apply d G x'))).
    + apply largest_loss; auto.
    + unfold C3_worst_case_rhs2, softplus, similar. do 3 f_equal. ring.
Qed.

Lemma apply_midpoint d G1 G2 x :
  apply d (matrix_scale (1 / 2) (matrix_plus G1 G2)) x = scale (1 / 2) (plus (apply d G1 x) (apply d G2 x)).
Proof.
  apply FunctionalExtensionality.functional_extensionality. intros i.
  unfold apply, scale, plus, dot, matrix_scale, matrix_plus. rewrite <- sum_add, <- sum_scale.
  apply sum_ext. intros. ring.
Qed.

Theorem C3_convex_holds : C3_convex.
Proof.
  intros d G1 G2 x x' eps kind l Heps Hkind Hl.
  rewrite (largest_unique _ _ _ Hl (largest_loss d _ eps kind x x' Heps Hkind)).
  set (a1 := kind * score d G1 x x'). set (a2 := kind * score d G2 x x').
  set (n1 := norm_2 d (apply d G1 x')). set (n2 := norm_2 d (apply d G2 x')).
  apply Rle_trans with (softplus ((a1 + eps * n1 + (a2 + eps * n2)) / 2)).
  - apply softplus_increasing. rewrite apply_midpoint. unfold score at 1. rewrite apply_midpoint.
    rewrite dot_scale, dot_plus. fold (score d G1 x x') (score d G2 x x').
    rewrite (norm_scale _ _ (norm_2_is_norm d)), Rabs_right by lra.
    pose proof (norm_plus _ _ (norm_2_is_norm d) (apply d G1 x') (apply d G2 x')) as H. fold n1 n2 in H.
    unfold a1, a2. nra.
  - eapply Rle_trans; [apply softplus_midpoint|]. apply Req_le. unfold C3_convex_rhs, softplus. field.
Qed.

Lemma score_reflected d G x x' : score d G (scale (- 1) x) x' = - score d G x x'.
Proof. unfold score. rewrite dot_scale_l. ring. Qed.

Theorem C3_exponents_apart_holds : C3_exponents_apart.
Proof.
  intros d G1 G2 H x x' eps t1 t2 t1' t2' Heps HH H1 H2 H1' H2'.
  rewrite (largest_unique _ _ _ H1 (largest_exponent d _ eps _ x x' Heps (or_intror eq_refl))).
  rewrite (largest_unique _ _ _ H2 (largest_exponent d _ eps _ x x' Heps (or_intror eq_refl))).
  rewrite (largest_unique _ _ _ H1' (largest_exponent d _ eps _ _ x' Heps (or_intror eq_refl))).
  rewrite (largest_unique _ _ _ H2' (largest_exponent d _ eps _ _ x' Heps (or_intror eq_refl))).
  rewrite !score_reflected. unfold C3_exponents_apart_rhs, dissimilar.
  assert (E : score d H x x' = score d G1 x x' - score d G2 x x').
  { unfold score, dot at 1 2 3. rewrite <- sum_sub. apply sum_ext. intros i _. unfold apply.
    rewrite <- Rmult_minus_distr_l. f_equal. unfold dot. rewrite <- sum_sub. apply sum_ext. intros j _.
    rewrite HH. ring. }
  rewrite E. set (m := eps * norm_2 d (apply d G1 x') - eps * norm_2 d (apply d G2 x')).
  pose proof (pow2_ge_0 m). unfold m in *. nra.
Qed.

Theorem C3_mirror_images_of_h_holds : C3_mirror_images_of_h.
Proof. intros t. apply tilt_opp. Qed.

Theorem C3_floor_of_h_holds : C3_floor_of_h.
Proof. intros t. apply tilt_floor. Qed.

Theorem C3_two_images_about_a_point_holds : C3_two_images_about_a_point.
Proof. intros u w Hu. now apply tilt_two_images. Qed.

(** ** C4 *)

(** The increase for a similar pair, with [q = lambda ||x||^2] and [s = lambda eps ||x||]. *)
Lemma similar_pair d x lambda eps l :
  0 < lambda -> 0 <= eps -> largest (attacked_pair_losses d (isotropic lambda) eps similar x x) l ->
  l - softplus (similar * score d (isotropic lambda) x x)
  = softplus (- (lambda * norm_2 d x ^ 2) + lambda * eps * norm_2 d x) - softplus (- (lambda * norm_2 d x ^ 2)).
Proof.
  intros Hlambda Heps Hl.
  rewrite (largest_unique _ _ _ Hl (largest_loss d _ eps similar x x Heps (or_introl eq_refl))).
  rewrite score_isotropic, norm_isotropic by lra. rewrite norm_2_square. unfold similar, square.
  f_equal; [f_equal; ring|]. do 2 f_equal. ring.
Qed.

Theorem C4_similar_pair_small_attack_holds : C4_similar_pair_small_attack.
Proof.
  intros d x lambda eps l Hlambda Hx Heps Hl. rewrite (similar_pair d x lambda eps l) by (lra || assumption).
  unfold C4_similar_pair_small_attack_rhs. set (n := norm_2 d x) in *.
  assert (0 < lambda * n) by (apply Rmult_lt_0_compat; lra).
  destruct (similar_increase (lambda * n ^ 2) (lambda * eps * n)) as [H' _]; [nra|].
  specialize (H' ltac:(nra)). lra.
Qed.

Theorem C4_similar_pair_large_attack_holds : C4_similar_pair_large_attack.
Proof.
  intros d x lambda eps l Hlambda Hx Heps Hl. rewrite (similar_pair d x lambda eps l) by (lra || assumption).
  unfold C4_similar_pair_large_attack_rhs. set (n := norm_2 d x) in *.
  assert (0 < lambda * n) by (apply Rmult_lt_0_compat; lra).
  destruct (similar_increase (lambda * n ^ 2) (lambda * eps * n)) as [_ H']; [nra|].
  specialize (H' ltac:(nra)). lra.
Qed.
