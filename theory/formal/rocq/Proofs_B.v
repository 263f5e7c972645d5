(** Proofs of [Statements_B.v]. *)

From Coq Require Import Bool List ZArith Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
Require Import Model Sums Attacks Functions Pairs Logistic Activations PairLosses Generated Statements_B.
Open Scope R_scope.

(** ** C3 *)

Theorem C3_worst_case_holds : C3_worst_case.
Proof.
  intros d G x x' eps Heps. unfold C3_worst_case_rhs1, C3_worst_case_rhs2. split.
  - pose proof (largest_loss d G eps dissimilar x x' Heps (or_intror eq_refl)) as H.
    rewrite softplus_swapped in H. unfold dissimilar in H at 2.
    replace (1 * score d G x x' + eps * norm_2 d (apply d G x'))
      with (norm_2 d (apply d G x') * eps + score d G x x') in H by ring. exact H.
  - pose proof (largest_loss d G eps similar x x' Heps (or_introl eq_refl)) as H.
    rewrite softplus_swapped in H. unfold similar in H at 2.
    replace (-1 * score d G x x' + eps * norm_2 d (apply d G x'))
      with (norm_2 d (apply d G x') * eps - score d G x x') in H by ring. exact H.
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
  unfold C3_convex_rhs. rewrite <- !softplus_swapped.
  set (a1 := kind * score d G1 x x'). set (a2 := kind * score d G2 x x').
  set (n1 := norm_2 d (apply d G1 x')). set (n2 := norm_2 d (apply d G2 x')).
  apply Rle_trans with (softplus ((a1 + eps * n1 + (a2 + eps * n2)) / 2)).
  - apply softplus_increasing. rewrite apply_midpoint. unfold score at 1. rewrite apply_midpoint.
    rewrite dot_scale, dot_plus. fold (score d G1 x x') (score d G2 x x').
    rewrite (norm_scale _ _ (norm_2_is_norm d)), Rabs_right by lra.
    pose proof (norm_plus _ _ (norm_2_is_norm d) (apply d G1 x') (apply d G2 x')) as H. fold n1 n2 in H.
    unfold a1, a2. nra.
  - pose proof (softplus_midpoint (a1 + eps * n1) (a2 + eps * n2)). lra.
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

(** ** A1 *)

Theorem A1_no_leak_holds : A1_no_leak.
Proof.
  intros b Hb. unfold A1_no_leak_rhs1, A1_no_leak_rhs2, A1_no_leak_rhs3.
  split; [|split]; apply flat_near with (mkposreal b Hb); intros v Hv.
  - now apply biased_relu_below.
  - now apply gate_below.
  - now apply soft_threshold_below.
Qed.

Theorem A1_smooth_activations_leak_holds : A1_smooth_activations_leak.
Proof.
  unfold A1_smooth_activations_leak, A1_smooth_activations_leak_rhs1, A1_smooth_activations_leak_rhs2, A1_smooth_activations_leak_rhs3,
    A1_smooth_activations_leak_rhs4.
  split; [|split; [|split]].
  - rewrite <- normal_cdf_0. apply slope_of_product with (normal_density 0). apply is_derive_normal_cdf.
  - replace (1 / 4) with (sigmoid 0 * sigmoid (- 0)) by (rewrite Ropp_0, sigmoid_0; field).
    apply is_derive_sigmoid.
  - rewrite <- sigmoid_0. apply slope_of_product with (sigmoid 0 * sigmoid (- 0)). apply is_derive_sigmoid.
  - apply slope_of_tanh.
Qed.

Theorem A1_relu_a_pair_holds : A1_relu_a_pair.
Proof.
  intros v. apply is_derive_ext with (fun t => t).
  - intros. symmetry. apply odd_pair_relu.
  - apply @is_derive_id.
Qed.

Theorem A1_odd_pairs_are_linear_holds : A1_odd_pairs_are_linear.
Proof. intros v. repeat split; [apply odd_pair_gelu | apply odd_pair_relu | apply odd_pair_silu]. Qed.

Theorem A1_exact_up_to_a_size_holds : A1_exact_up_to_a_size.
Proof. intros d norm M i omega x D eps act Hn HM Hi Hx HD HD0 Heps H. now apply nothing_passes with D. Qed.

Theorem A1_exact_only_then_holds : A1_exact_only_then.
Proof.
  intros d norm M i omega x D eps act u c Hn HM Hi Hx HD HD0 Heps Hu [_ Hc].
  unfold A1_exact_only_then_rhs. rewrite Rabs_minus_sym. apply Rle_ge, Hc.
  apply reached with D; try assumption.
  rewrite Rabs_mult, (Rabs_right (D * eps)) by (apply Rle_ge, Rmult_le_pos; lra).
  assert (Rabs u <= 1) by (apply Rabs_le; lra).
  assert (0 <= eps * D) by (apply Rmult_le_pos; lra). nra.
Qed.

Theorem A1_the_gate_is_exact_below_its_threshold_holds : A1_the_gate_is_exact_below_its_threshold.
Proof.
  intros d norm M i omega x D eps b Hn HM Hi Hx HD HD0 Hb [Heps Hlow].
  assert (eps * D < b).
  { apply Rmult_lt_compat_r with (r := D) in Hlow; [|lra].
    unfold Rdiv in Hlow. rewrite Rmult_assoc, Rinv_l in Hlow; lra. }
  apply nothing_passes with D; try assumption.
  intros v Hv. rewrite !gate_below; [reflexivity | rewrite Rabs_R0; lra | lra].
Qed.

Theorem A1_the_cube_separates_the_two_holds : A1_the_cube_separates_the_two.
Proof.
  intros d norm M i omega x D eps Hn HM Hi Hx HD HD0 Heps. split.
  - now apply cube_passes.
  - unfold A1_the_cube_separates_the_two_rhs2, cube. auto_derive; [exact I | ring].
Qed.
