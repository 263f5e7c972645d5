(** Proofs of [Statements_B.v]. *)

From Coq Require Import Bool List ZArith Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
Require Import Model Sums Attacks Functions Setups Networks Logistic Activations PairLosses Dense SixNodes Walks ProofsFits ProofsFiring Layers MultiplesOfHeads RobustAccuracy Encoders IsotropicOptimum Curvature PurificationBound Generated Statements_B.
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
  replace (A1_exact_only_then_rhs _ _ _ _) with (Rabs (act (u * eps * D) - act 0)).
  - apply Rle_ge, Hc. apply reached with D; try assumption.
    rewrite Rmult_assoc, Rabs_mult, (Rabs_right (eps * D)) by (apply Rle_ge, Rmult_le_pos; lra).
    assert (Rabs u <= 1) by (apply Rabs_le; lra).
    assert (0 <= eps * D) by (apply Rmult_le_pos; lra). nra.
  - unfold A1_exact_only_then_rhs. rewrite <- Rabs_Ropp. f_equal. ring.
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
  - replace (A1_the_cube_separates_the_two_rhs1 _ _) with (D ^ 3 * eps ^ 3)
      by (unfold A1_the_cube_separates_the_two_rhs1; ring).
    now apply cube_passes.
  - unfold A1_the_cube_separates_the_two_rhs2, cube. auto_derive; [exact I | ring].
Qed.

(** ** N2 *)

Theorem N2_lower_bound_holds : N2_lower_bound.
Proof. intros d M A theta m HM Htarget Hm. apply Rle_ge. exact (least_above d M A theta HM Htarget m Hm). Qed.

Theorem N2_purified_holds : N2_purified.
Proof. intros d M A theta m HM Htarget [_ Hm]. apply Hm, purified_fits. Qed.

Lemma entries_below d y : norm_inf d y <= 1 -> forall i, (1 <= i <= d)%nat -> Rabs (y i) <= 1.
Proof. intros H i Hi. eapply Rle_trans; [apply norm_inf_entry; exact Hi | exact H]. Qed.

Lemma pairing_below d v y : norm_inf d y <= 1 -> dot d v y <= sum 1 d (fun i => Rabs (v i)).
Proof.
  intros H. apply sum_le. intros i Hi. eapply Rle_trans; [apply Rle_abs|]. rewrite Rabs_mult.
  pose proof (entries_below d y H i Hi). pose proof (Rabs_pos (v i)). nra.
Qed.

Theorem N2_ratio_one_if_holds : N2_ratio_one_if.
Proof.
  intros d M A theta v Hd Hv Hne [x [Hx Hsigns]]. unfold N2_ratio_one_if_rhs. rewrite <- sum_is_sum_n_m. split.
  - exists x. split; [exact Hx|]. symmetry. apply sum_ext. intros i Hi.
    destruct (Req_dec (v i) 0) as [H0 | H0].
    + rewrite H0, Rabs_R0. ring.
    + rewrite Hsigns by assumption. pose proof (Rabs_no_R0 _ H0) as Ha.
      apply Rmult_eq_reg_r with (Rabs (v i)); [|exact Ha]. rewrite abs_square. field. exact Ha.
  - intros c [x' [Hx' ->]]. now apply pairing_below.
Qed.

Theorem N2_ratio_one_only_if_holds : N2_ratio_one_only_if.
Proof.
  intros d M A theta v x kappa Hd Hkappa Hv Hne Hx Hbest [i [Hi Hshort]].
  unfold N2_ratio_one_only_if_rhs. rewrite <- sum_is_sum_n_m.
  set (y := apply d M (active_target A x)) in *.
  set (f := fun j => Rabs (v j) - v j * y j).
  assert (Hf : forall j, (1 <= j <= d)%nat -> 0 <= f j).
  { intros j Hj. unfold f. pose proof (Rle_abs (v j * y j)) as H. rewrite Rabs_mult in H.
    pose proof (entries_below d y Hx j Hj). pose proof (Rabs_pos (v j)). nra. }
  pose proof (term_le_sum d f i Hf Hi) as T.
  assert (S : sum 1 d f = sum 1 d (fun j => Rabs (v j)) - dot d v y) by (unfold f, dot; now rewrite <- sum_sub).
  assert (F : kappa <= f i); [|lra].
  unfold f. destruct (Req_dec (v i) 0) as [H0 | H0].
  - rewrite H0, Rabs_R0 in Hshort. lra.
  - pose proof (Rabs_no_R0 _ H0) as Ha.
    replace (Rabs (v i) - v i * y i) with (Rabs (v i) * (1 - v i / Rabs (v i) * y i)) by (field; exact Ha). lra.
Qed.

Theorem N2_largest_ratio_holds : N2_largest_ratio.
Proof.
  intros d M A theta m Hd HM Htarget Hm. unfold N2_largest_ratio_rhs.
  pose proof (least_above d M A theta HM Htarget m Hm) as Hlow.
  pose proof (image_positive d M A theta HM Htarget) as HV.
  pose proof (least_positive d M A theta HM Htarget m Hm) as Hpos.
  rewrite <- (dictionary_norm d M _ HM), norm_2_square in Hlow.
  set (v := apply d M (active_target A theta)) in *.
  pose proof (product_of_norms d v Hd) as P.
  apply Rmult_le_reg_r with m; [exact Hpos|]. unfold Rdiv at 1. rewrite Rmult_assoc, Rinv_l by lra.
  apply Rmult_le_reg_r with (norm_inf d v); [exact HV|].
  assert (square d v <= m * norm_inf d v).
  { apply Rmult_le_compat_r with (r := norm_inf d v) in Hlow; [|lra].
    unfold Rdiv in Hlow. rewrite Rmult_assoc, Rinv_l in Hlow; lra. }
  assert (0 <= sqrt (INR d)) by apply sqrt_pos. nra.
Qed.

Theorem N2_one_feature_holds : N2_one_feature.
Proof. intros d M i theta m Hi HM Htheta Hm. now apply ratio_for_one. Qed.

Theorem N2_largest_ratio_attained_holds : N2_largest_ratio_attained.
Proof.
  intros d M i theta c m Hi HM Htheta Hcolumn Hm.
  rewrite (ratio_for_one d M i theta m) by assumption.
  transitivity (sqrt (INR d) / 2 + 1 / 2); [|unfold N2_largest_ratio_attained_rhs; field].
  set (x := fun j => c * (if Nat.eqb j 1 then 1 else / (1 + sqrt (INR d)))).
  rewrite (norm_same _ _ (norm_1_is_norm d) (column M i) x Hcolumn).
  rewrite (norm_same _ _ (norm_inf_is_norm d) (column M i) x Hcolumn).
  apply steep_column; [lia|]. fold x. unfold square.
  rewrite <- (dot_same d (column M i) x (column M i) x Hcolumn Hcolumn).
  rewrite HM by assumption. unfold delta. now rewrite Nat.eqb_refl.
Qed.

Theorem N2_plane_rotation_holds : N2_plane_rotation.
Proof.
  intros t i theta m Hi Htheta Hm.
  assert (HM : orthogonal 2 (rotation (cos t) (sin t))).
  { apply rotation_orthogonal. pose proof (sin2_cos2 t) as H. unfold Rsqr in H. simpl. lra. }
  rewrite (ratio_for_one 2 _ i theta m) by assumption. unfold N2_plane_rotation_rhs.
  assert (C : (i = 1 \/ i = 2)%nat) by lia.
  pose proof (Rabs_pos (cos t)) as Pc. pose proof (Rabs_pos (sin t)) as Ps.
  destruct C as [-> | ->]; unfold norm_1; rewrite sum_2; cbn -[cos sin];
    rewrite ?Rabs_Ropp, (Rmax_right 0) by assumption; [now rewrite Rmax_comm|].
  now rewrite Rplus_comm.
Qed.

Theorem N2_gates_of_the_fit_that_beats_it_holds : N2_gates_of_the_fit_that_beats_it.
Proof.
  intros b B y1 y2 k e eta most M HM Hb HB Hy1 Hy2 Hk He Heta Hmost.
  rewrite !six_sees by exact HM. rewrite !dot_of_two. unfold six_weights, two.
  unfold N2_gates_of_the_fit_that_beats_it_rhs1, N2_gates_of_the_fit_that_beats_it_rhs2,
    N2_gates_of_the_fit_that_beats_it_rhs3, N2_gates_of_the_fit_that_beats_it_rhs4,
    N2_gates_of_the_fit_that_beats_it_rhs5.
  assert (eta < 1).
  { destruct Heta as [_ H]. apply Rmult_lt_compat_r with (r := most) in H; [|lra].
    unfold Rdiv in H. rewrite Rmult_plus_distr_r, Rmult_assoc, Rinv_l in H; nra. }
  repeat split; nra.
Qed.

Theorem N2_exact_fit_holds : N2_exact_fit.
Proof.
  intros k e b B most M y1 y2 s Hk HM Hranges H1 H2 Hs.
  repeat split; (apply map_together with most || apply map_opposite with most); assumption || lia.
Qed.

(** The signs of two features times amplitudes, as a vector of two entries. *)
Lemma with_amplitudes_two y x : same 2 (with_amplitudes y x) (two (IZR (x 1%nat) * y 1%nat) (IZR (x 2%nat) * y 2%nat)).
Proof. intros i Hi. assert (C : (i = 1 \/ i = 2)%nat) by lia. destruct C as [-> | ->]; reflexivity. Qed.

Lemma fit_cost k p e b B most amplitudes :
  0 < k < 1 / 2 -> six_nodes_ranges k e b B most -> (forall signs i, 1 <= amplitudes signs i <= most) ->
  mean (signs 2 p) (fun x => norm_1 2 (apply 2 (rotation_of_slope k)
    (effective_map 2 (rotation_of_slope k) (six_nodes (rotation_of_slope k) k e b B)
      (apply 2 (rotation_of_slope k) (with_amplitudes (amplitudes x) x)))))
  = 2 * p * (1 - p) * sqrt (1 + k ^ 2) + p ^ 2 * (2 / sqrt (1 + k ^ 2)).
Proof.
  intros Hk Hranges Hy. set (M := rotation_of_slope k). pose proof (slope_orthogonal k) as HM. fold M in HM.
  pose proof (root_positive k) as P. pose proof (root_square k) as S.
  assert (Alone : (1 + k * k) / sqrt (1 + k ^ 2) = sqrt (1 + k ^ 2)).
  { replace (1 + k * k) with (1 + k ^ 2) by ring. rewrite <- S at 1. field. lra. }
  apply mean_signs_2.
  - intros a a' C x Hx1 Hx2. rewrite (apply_agrees _ _ _ _ (with_amplitudes_two _ _)), Hx1, Hx2.
    assert (D : a = 0%Z /\ (IZR a' = 1 \/ IZR a' = - 1) \/ (IZR a = 1 \/ IZR a = - 1) /\ a' = 0%Z)
      by (destruct C as [[-> [-> | ->]] | [[-> | ->] ->]]; simpl; auto).
    destruct D as [[-> Hs] | [Hs ->]]; rewrite Rmult_0_l.
    + rewrite (norm_of_rotated k _ k 1).
      * transitivity ((1 + k * k) / sqrt (1 + k ^ 2)); [|exact Alone]. unfold pays.
        replace (k - k * 1) with 0 by ring.
        rewrite Rabs_R0, Rabs_right by nra. f_equal. ring.
      * intros i Hi. apply map_second with most; assumption || apply Hy.
    + rewrite (norm_of_rotated k _ 1 (- k)).
      * transitivity ((1 + k * k) / sqrt (1 + k ^ 2)); [|exact Alone]. unfold pays.
        replace (k * 1 + - k) with 0 by ring.
        rewrite Rabs_R0, Rabs_right by nra. f_equal. ring.
      * intros i Hi. apply map_first with most; assumption || apply Hy.
  - intros a a' C x Hx1 Hx2. rewrite (apply_agrees _ _ _ _ (with_amplitudes_two _ _)), Hx1, Hx2.
    assert (D : exists s, (s = 1 \/ s = - 1) /\ IZR a = s /\ (IZR a' = s \/ IZR a' = - s)).
    { destruct C as [[-> | ->] [-> | ->]]; [exists 1 | exists 1 | exists (- 1) | exists (- 1)]; simpl; repeat split;
        auto; try (left; lra); try (right; lra). }
    destruct D as [s [Hs [-> Hs']]]. rewrite (norm_of_rotated k _ 1 1).
    + unfold pays. rewrite !Rabs_right by lra. field. lra.
    + intros i Hi. destruct Hs' as [-> | ->].
      * rewrite (map_together k e b B most) by (assumption || apply Hy).
        assert (Ci : (i = 1 \/ i = 2)%nat) by lia. destruct Ci as [-> | ->]; reflexivity.
      * rewrite (map_opposite k e b B most) by (assumption || apply Hy).
        assert (Ci : (i = 1 \/ i = 2)%nat) by lia. destruct Ci as [-> | ->]; reflexivity.
  - intros x Hx1 Hx2. rewrite (apply_agrees _ _ _ _ (with_amplitudes_two _ _)), Hx1, Hx2, !Rmult_0_l.
    rewrite (norm_of_rotated k _ 0 0).
    + unfold pays. rewrite Rmult_0_r, Rminus_0_r, Rplus_0_r, Rabs_R0. unfold Rdiv. ring.
    + intros i Hi. rewrite (map_none k e b B most) by assumption.
      assert (Ci : (i = 1 \/ i = 2)%nat) by lia. destruct Ci as [-> | ->]; reflexivity.
Qed.

Lemma pure_cost k p :
  0 < k <= 1 ->
  mean (signs 2 p) (fun x => norm_1 2 (apply 2 (rotation_of_slope k) (ones_on_support x)))
  = 2 * p * (1 - p) * ((1 + k) / sqrt (1 + k ^ 2)) + p ^ 2 * (2 / sqrt (1 + k ^ 2)).
Proof.
  intros Hk. pose proof (root_positive k) as P.
  assert (two_entries : forall x i, (1 <= i <= 2)%nat ->
    ones_on_support x i = two (if Z.eqb (x 1%nat) 0 then 0 else 1) (if Z.eqb (x 2%nat) 0 then 0 else 1) i).
  { intros x i Hi. unfold ones_on_support, active_target.
    assert (Ci : (i = 1 \/ i = 2)%nat) by lia. destruct Ci as [-> | ->]; simpl;
      [destruct (Z.eqb (x 1%nat) 0) | destruct (Z.eqb (x 2%nat) 0)]; reflexivity. }
  apply mean_signs_2.
  - intros a a' C x Hx1 Hx2. rewrite (norm_of_rotated k _ _ _ (two_entries x)), Hx1, Hx2.
    destruct C as [[-> [-> | ->]] | [[-> | ->] ->]]; simpl; unfold pays; f_equal.
    1-2: replace (0 - k * 1) with (- k) by ring; replace (k * 0 + 1) with 1 by ring;
      rewrite Rabs_Ropp, Rabs_R1, Rabs_right by lra; ring.
    1-2: replace (1 - k * 0) with 1 by ring; replace (k * 1 + 0) with k by ring;
      rewrite Rabs_R1, Rabs_right by lra; ring.
  - intros a a' C x Hx1 Hx2. rewrite (norm_of_rotated k _ _ _ (two_entries x)), Hx1, Hx2.
    destruct C as [[-> | ->] [-> | ->]]; simpl; unfold pays; f_equal;
      rewrite (Rabs_right (1 - k * 1)), (Rabs_right (k * 1 + 1)) by lra; ring.
  - intros x Hx1 Hx2. rewrite (norm_of_rotated k _ _ _ (two_entries x)), Hx1, Hx2. simpl. unfold pays.
    rewrite Rmult_0_r, Rminus_0_r, Rplus_0_r, Rabs_R0. unfold Rdiv. ring.
Qed.

Theorem N2_what_it_pays_holds : N2_what_it_pays.
Proof.
  intros k p e b B most amplitudes Hk Hp Hranges Hy. rewrite (fit_cost k p e b B most) by assumption.
  unfold N2_what_it_pays_rhs. pose proof (root_positive k). field. lra.
Qed.

Theorem N2_what_the_purified_fit_pays_holds : N2_what_the_purified_fit_pays.
Proof.
  intros k p Hk Hp. rewrite pure_cost by exact Hk.
  unfold N2_what_the_purified_fit_pays_rhs. pose proof (root_positive k). field. lra.
Qed.

Theorem N2_it_beats_the_purified_fit_holds : N2_it_beats_the_purified_fit.
Proof.
  intros k p e b B most amplitudes Hk Hp Hranges Hy. rewrite (fit_cost k p e b B most) by assumption.
  unfold N2_it_beats_the_purified_fit_rhs.
  pose proof (root_positive k) as P. pose proof (root_square k) as S. set (root := sqrt (1 + k ^ 2)) in *.
  assert (E : 2 * p ^ 2 / root + 2 * p * (1 + k) * (1 - p) / root
              - (2 * p * (1 - p) * root + p ^ 2 * (2 / root)) = 2 * p * (1 - p) * (k * (1 - k)) / root).
  { apply Rmult_eq_reg_r with root; [|lra]. field_simplify; [|lra|lra]. 
    replace (root ^ 2) with (1 + k ^ 2) by (rewrite <- S; ring). field. }
  assert (0 < 2 * p * (1 - p) * (k * (1 - k)) / root).
  { apply Rdiv_lt_0_compat; [|exact P]. repeat apply Rmult_lt_0_compat; lra. }
  lra.
Qed.

(** ** D2 and D4: mixture layers *)

Lemma positive_multiple k s : 0 < k -> 0 <= s -> (k * s <= 0 <-> s = 0).
Proof. intros Hk Hs. split; intros H; [nra | rewrite H; lra]. Qed.

Lemma square_of_gap d x y : square d (plus x (scale (- 1) y)) = 0 <-> same d x y.
Proof.
  split.
  - intros H i Hi. apply square_zero in H. specialize (H i Hi). unfold plus, scale in H. lra.
  - intros H. unfold square, dot. apply sum_zero. intros i Hi. unfold plus, scale. rewrite (H i Hi). ring.
Qed.

(** A sum of [k] times the squared distance from [y] and of a constant is least at [y] alone. *)
Lemma least_at d k y rest f a :
  0 < k -> (forall x, f x = k * square d (plus x (scale (- 1) y)) + rest) ->
  (forall other : vector, f a <= f other) <-> same d a y.
Proof.
  intros Hk Hf.
  assert (Hy : f y = rest).
  { rewrite Hf. replace (square d (plus y (scale (- 1) y))) with 0; [ring|].
    symmetry. apply square_of_gap. intros i _. reflexivity. }
  split.
  - intros H. apply square_of_gap, (positive_multiple k); [exact Hk | apply square_nonnegative |].
    pose proof (H y) as H'. rewrite Hy, Hf in H'. lra.
  - intros H other. apply square_of_gap in H. rewrite (Hf a), H, (Hf other).
    pose proof (square_nonnegative d (plus other (scale (- 1) y))). nra.
Qed.

(** The head of the mixture network, written with [O = U / sqrt m]. *)
Lemma pulls_by_layer_matrix d m U theta :
  0 < INR m ->
  scale (/ sqrt (INR m)) (apply d (transpose (layer_matrix m U)) theta)
  = scale (/ INR m) (apply d (transpose (fun i h => IZR (U i h))) theta).
Proof.
  intros Hm. apply FunctionalExtensionality.functional_extensionality. intros h.
  unfold scale, apply, transpose, layer_matrix, dot. rewrite <- !sum_scale. apply sum_ext. intros i _.
  pose proof (sqrt_lt_R0 _ Hm). rewrite <- (sqrt_sqrt (INR m)) at 3 by lra. field. lra.
Qed.

Lemma plus_comm x y : plus x y = plus y x.
Proof. apply FunctionalExtensionality.functional_extensionality. intros i. unfold plus. ring. Qed.

Lemma scale_scale b c x : scale b (scale c x) = scale (b * c) x.
Proof. apply FunctionalExtensionality.functional_extensionality. intros i. unfold scale. ring. Qed.

Theorem D2_risk_of_a_head_holds : D2_risk_of_a_head.
Proof.
  intros d m M net theta U r b p a Hmix Hp Hr Hb Hthreshold.
  rewrite (risk_of_head d m M net theta U r b p) by assumption.
  unfold D2_risk_of_a_head_rhs. pose proof (order_positive d m M net theta U Hmix) as Hm.
  rewrite <- pulls_by_layer_matrix by exact Hm. rewrite scale_scale.
  replace (- 1 * / sqrt (INR m)) with (- (1 / sqrt (INR m))) by (unfold Rdiv; ring).
  rewrite (plus_comm a). unfold square. ring.
Qed.

Theorem D2_head_holds : D2_head.
Proof.
  intros d m M net theta U r b p a Hmix Hp Hr Hb Hthreshold. unfold D2_head_rhs.
  pose proof (order_positive d m M net theta U Hmix) as Hm. rewrite pulls_by_layer_matrix by exact Hm.
  apply (least_at d (INR m * p * r ^ 2) _ 0 (fun x => excess_risk d r p M theta (with_head net x))).
  - repeat apply Rmult_lt_0_compat; lra.
  - intros x. rewrite (risk_of_head d m M net theta U r b p) by assumption. ring.
Qed.

(** Squared length of the head of the mixture network. *)
Lemma square_of_best d m M net theta U :
  integer_mixture d m M net theta U ->
  INR m * square d (scale (/ INR m) (apply d (transpose (fun i h => IZR (U i h))) theta)) = square d theta.
Proof.
  intros Hmix. pose proof (order_positive d m M net theta U Hmix) as Hm.
  rewrite square_scale, (pulls_square d m M net theta U Hmix). field. lra.
Qed.

Theorem D2_energy_holds : D2_energy.
Proof.
  intros d m M net theta U r b p a Hmix HU Hp Hb Hthreshold Hleast. unfold D2_energy_rhs.
  rewrite (energy_of_head d m M net theta U r b p) by assumption.
  pose proof (order_positive d m M net theta U Hmix) as Hm.
  apply (D2_head_holds d m M net theta U r b p a) in Hleast; try assumption; try lra.
  unfold D2_head_rhs in Hleast. rewrite pulls_by_layer_matrix in Hleast by exact Hm.
  rewrite (norm_same_square d _ _ Hleast).
  replace (INR m * firing_probability m p * square d _)
    with (firing_probability m p * (INR m * square d (scale (/ INR m) (apply d (transpose (fun i h => IZR (U i h))) theta)))) by ring.
  rewrite (square_of_best d m M net theta U Hmix). reflexivity.
Qed.

Theorem D2_worse_than_pure_holds : D2_worse_than_pure.
Proof.
  intros m p Hm Hp. split.
  - rewrite firing_probability_walk. unfold visit, at_place, D2_worse_than_pure_rhs1. cbn. lra.
  - unfold D2_worse_than_pure_lhs2. cbn [Nat.add].
    assert (step : forall n, firing_probability n p < firing_probability (S n) p).
    { intros n. pose proof (firing_probability_gain n p) as G. pose proof (visit_falls p n) as F.
      assert (0 < p * (visit p n 0 - visit p n 1)) by (apply Rmult_lt_0_compat; [lra | specialize (F ltac:(lra)); lra]). lra. }
    induction Hm as [|m Hm IH]; [pose proof (step 1%nat); lra | pose proof (step (S m)); lra].
Qed.

Lemma firing_probability_nonnegative m p : 0 <= p <= 1 -> 0 <= firing_probability m p.
Proof.
  intros Hp. unfold firing_probability, node_firing_probability, probability. rewrite mean_inputs.
  rewrite <- (Rmult_0_l (mean (signs m p) (fun _ => 0))), <- mean_scale.
  apply mean_at_least_occurs; [now apply signs_is_law|]. intros k. unfold indicator.
  destruct (fires _ _); lra.
Qed.

(** The surrogate as a squared distance: completing the square. *)
Lemma surrogate_of_head d m M net theta U r b p eps a :
  integer_mixture d m M net theta U -> unit_entries U -> 0 < p <= 1 -> 0 < b < r ->
  (forall h, (1 <= h <= d)%nat -> threshold net h = b) ->
  0 < eps ^ 2 * firing_probability m p + p * r ^ 2 /\
  surrogate_risk d r p eps M theta (with_head net a)
  = INR m * (eps ^ 2 * firing_probability m p + p * r ^ 2)
    * square d (plus a (scale (- 1) (scale (p * r ^ 2 / (eps ^ 2 * firing_probability m p + p * r ^ 2))
        (scale (/ INR m) (apply d (transpose (fun i h => IZR (U i h))) theta)))))
    + eps ^ 2 * p * r ^ 2 * firing_probability m p / (eps ^ 2 * firing_probability m p + p * r ^ 2) * square d theta.
Proof.
  intros Hmix HU Hp Hb Hthreshold.
  assert (Hpi : 0 <= firing_probability m p) by (apply firing_probability_nonnegative; lra).
  assert (Hsignal : 0 < p * r ^ 2) by (apply Rmult_lt_0_compat; [lra | apply pow_lt; lra]).
  assert (Hsum : 0 < eps ^ 2 * firing_probability m p + p * r ^ 2).
  { pose proof (Rmult_le_pos _ _ (pow2_ge_0 eps) Hpi). lra. }
  split; [exact Hsum|]. unfold surrogate_risk.
  rewrite (risk_of_head d m M net theta U r b p) by assumption.
  rewrite (energy_of_head d m M net theta U r b p) by assumption.
  set (best := scale (/ INR m) (apply d (transpose (fun i h => IZR (U i h))) theta)).
  set (total := eps ^ 2 * firing_probability m p + p * r ^ 2) in *.
  pose proof (distance d m M net theta U Hmix a 1 : INR m * square d (plus a (scale (- 1) best)) = _) as D1.
  pose proof (distance d m M net theta U Hmix a (p * r ^ 2 / total)
    : INR m * square d (plus a (scale (- (p * r ^ 2 / total)) best)) = _) as D2.
  rewrite scale_scale. replace (- 1 * (p * r ^ 2 / total)) with (- (p * r ^ 2 / total)) by ring.
  set (far := square d (plus a (scale (- 1) best))) in *.
  set (near := square d (plus a (scale (- (p * r ^ 2 / total)) best))) in *.
  replace (INR m * p * r ^ 2 * far) with (p * r ^ 2 * (INR m * far)) by ring.
  replace (INR m * total * near) with (total * (INR m * near)) by ring.
  rewrite D1, D2. unfold total. field. fold total. lra.
Qed.

Theorem D4_surrogate_holds : D4_surrogate.
Proof.
  intros d m M net theta U r b p eps a Hmix HU Hp Hb Heps Hthreshold.
  destruct (surrogate_of_head d m M net theta U r b p eps a Hmix HU Hp Hb Hthreshold) as [Hsum ->].
  unfold D4_surrogate_rhs. pose proof (order_positive d m M net theta U Hmix) as Hm.
  rewrite <- pulls_by_layer_matrix by exact Hm. rewrite !scale_scale, (plus_comm a).
  pose proof (sqrt_lt_R0 _ Hm). rewrite (Rplus_comm (p * r ^ 2)).
  set (total := eps ^ 2 * firing_probability m p + p * r ^ 2) in *.
  replace (- 1 * (p * r ^ 2 / total) * / sqrt (INR m)) with (- (p * r ^ 2 / sqrt (INR m) / total)) by (field; lra).
  unfold square. field. lra.
Qed.

Lemma image_of_pulls d m M net theta U y :
  integer_mixture d m M net theta U ->
  same d (apply d (fun i h => IZR (U i h)) (apply d (transpose (fun i h => IZR (U i h))) y)) (scale (INR m) y).
Proof.
  intros [_ _ _ Hrows _] i Hi.
  change (dot d (fun h => IZR (U i h)) (apply d (transpose (fun i h => IZR (U i h))) y) = INR m * y i).
  rewrite dot_comm, dot_apply, dot_comm. unfold dot at 1.
  rewrite (sum_ext d _ (fun j => delta i j * (INR m * y j))); [now apply sum_delta|].
  intros j Hj. change (apply d (transpose (transpose (fun i h => IZR (U i h)))) (fun h => IZR (U i h)) j)
    with (dot d (fun h => IZR (U j h)) (fun h => IZR (U i h))).
  rewrite (Hrows j i Hj Hi), delta_sym. ring.
Qed.

Lemma apply_scale d A c x : apply d A (scale c x) = scale c (apply d A x).
Proof. apply FunctionalExtensionality.functional_extensionality. intros i. apply dot_scale. Qed.

(** The images of two heads under the layer agree only if the heads do. *)
Lemma layer_injective d m M net theta U a a' :
  integer_mixture d m M net theta U ->
  same d (apply d (fun i h => IZR (U i h)) a) (apply d (fun i h => IZR (U i h)) a') <-> same d a a'.
Proof.
  intros Hmix. pose proof (order_positive d m M net theta U Hmix) as Hm. split; intros H.
  - apply square_of_gap. apply square_of_gap in H.
    rewrite <- apply_scale in H.
    replace (plus (apply d (fun i h => IZR (U i h)) a) (apply d (fun i h => IZR (U i h)) (scale (- 1) a')))
      with (apply d (fun i h => IZR (U i h)) (plus a (scale (- 1) a'))) in H.
    + rewrite (layer_square d m M net theta U Hmix) in H. nra.
    + apply FunctionalExtensionality.functional_extensionality. intros i. apply dot_plus.
  - intros i Hi. apply dot_same; [intros j _; reflexivity | exact H].
Qed.

Theorem D4_surrogates_head_holds : D4_surrogates_head.
Proof.
  intros d m M net theta U r b p eps a Hmix HU Hp Hb Heps Hthreshold.
  unfold D4_surrogates_head_rhs1, D4_surrogates_head_rhs2. rewrite (Rplus_comm (p * r ^ 2)).
  pose proof (fun x => surrogate_of_head d m M net theta U r b p eps x Hmix HU Hp Hb Hthreshold) as HS.
  destruct (HS a) as [Hsum _]. pose proof (order_positive d m M net theta U Hmix) as Hm.
  set (total := eps ^ 2 * firing_probability m p + p * r ^ 2) in *.
  set (best := scale (p * r ^ 2 / total) (scale (/ INR m) (apply d (transpose (fun i h => IZR (U i h))) theta))) in *.
  pose proof (least_at d (INR m * total) best (eps ^ 2 * p * r ^ 2 * firing_probability m p / total * square d theta)
    (fun x => surrogate_risk d r p eps M theta (with_head net x)) a) as L.
  specialize (L (Rmult_lt_0_compat _ _ Hm Hsum) (fun x => proj2 (HS x))).
  assert (E : same d (apply d (fun i h => IZR (U i h)) best) (scale (p * r ^ 2 / total) theta)).
  { intros i Hi. unfold best. rewrite !apply_scale. unfold scale.
    rewrite (image_of_pulls d m M net theta U theta Hmix i Hi). unfold scale. field. lra. }
  split.
  - etransitivity; [exact L|]. rewrite <- (layer_injective d m M net theta U a best Hmix).
    split; intros H i Hi; [rewrite (H i Hi) | rewrite (H i Hi); symmetry]; now apply E.
  - intros Hleast. apply L in Hleast. rewrite (proj2 (HS a)).
    replace (square d (plus a (scale (- 1) best))) with 0 by (symmetry; now apply square_of_gap).
    unfold square. field. lra.
Qed.

Theorem D4_along_the_target_holds : D4_along_the_target.
Proof.
  intros d M net theta l eps risk c HM Hl Hfit Heps Hrisk Hc.
  rewrite (risk_of_share d M net theta l eps risk HM Hl Hfit Heps Hrisk c Hc).
  unfold D4_along_the_target_rhs. ring.
Qed.

Theorem D4_outside_of_0_1_holds : D4_outside_of_0_1.
Proof.
  intros d M net theta l eps risk u HM Hl Hfit Heps Hrisk Hu. split; apply Rle_ge.
  - now apply (risk_below d M net theta l eps risk).
  - now apply (risk_beyond d M net theta l eps risk).
Qed.

Theorem D4_order_of_the_thresholds_holds : D4_order_of_the_thresholds.
Proof. intros d M net theta l Hl. now apply moments_in_order. Qed.

(** Multiplied out, [eps <= B / C]. *)
Lemma below_quotient eps x y : 0 < y -> eps <= x / y <-> eps * y <= x.
Proof.
  intros Hy. split; intros H.
  - apply Rmult_le_compat_r with (r := y) in H; [|lra]. unfold Rdiv in H. rewrite Rmult_assoc, Rinv_l in H; lra.
  - apply Rmult_le_reg_r with y; [exact Hy|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra.
Qed.

Theorem D4_weak_attack_holds : D4_weak_attack.
Proof.
  intros d M net theta l eps risk c HM Hl Hfit Hrisk HA HB HC [Heps Hweak] Hc.
  rewrite (risk_of_share d M net theta l eps risk HM Hl Hfit Heps Hrisk c Hc).
  pose proof (moments_in_order d M net theta l Hl) as Horder. unfold D4_weak_attack_rhs.
  set (A := moment_A d theta l) in *. set (B := moment_B d M net theta l) in *. set (C := moment_C d M net l) in *.
  apply below_quotient in Hweak; [|exact HC].
  assert (H : A * (1 - c) ^ 2 + 2 * B * c * eps * (1 - c) + C * c ^ 2 * eps ^ 2 - C * eps ^ 2
              = (1 - c) * ((1 - c) * A + 2 * c * eps * B - (1 + c) * (eps * (eps * C)))) by ring.
  assert (E1 : eps * (eps * C) <= eps * B) by (apply Rmult_le_compat_l; lra).
  assert (E2 : eps * B <= A).
  { apply Rmult_le_reg_r with C; [exact HC|]. assert (eps * C * B <= B * B) by (apply Rmult_le_compat_r; lra). nra. }
  assert (0 <= (1 - c) * A + 2 * c * eps * B - (1 + c) * (eps * (eps * C))).
  { assert ((1 + c) * (eps * (eps * C)) <= (1 + c) * (eps * B)) by (apply Rmult_le_compat_l; lra).
    assert (0 <= (1 - c) * (A - eps * B)) by (apply Rmult_le_pos; lra). nra. }
  assert (0 <= (1 - c) * ((1 - c) * A + 2 * c * eps * B - (1 + c) * (eps * (eps * C)))) by (apply Rmult_le_pos; lra).
  lra.
Qed.

Theorem D4_strong_attack_holds : D4_strong_attack.
Proof.
  intros d M net theta l eps risk c HM Hl Hfit Hrisk HA HB HC Hstrong Hc.
  assert (Heps : 0 <= eps) by (eapply Rle_trans; [|exact Hstrong]; apply Rlt_le, Rdiv_lt_0_compat; assumption).
  rewrite (risk_of_share d M net theta l eps risk HM Hl Hfit Heps Hrisk c Hc).
  pose proof (moments_in_order d M net theta l Hl) as Horder. unfold D4_strong_attack_rhs.
  set (A := moment_A d theta l) in *. set (B := moment_B d M net theta l) in *. set (C := moment_C d M net l) in *.
  assert (E1 : A <= eps * B).
  { apply Rmult_le_compat_r with (r := B) in Hstrong; [|lra].
    unfold Rdiv in Hstrong. rewrite Rmult_assoc, Rinv_l in Hstrong; lra. }
  assert (E2 : eps * B <= eps * (eps * C)).
  { apply Rmult_le_compat_l; [exact Heps|]. apply Rmult_le_reg_l with A; [exact HA|].
    assert (A * B <= eps * B * B) by (apply Rmult_le_compat_r; lra).
    assert (eps * (B ^ 2) <= eps * (A * C)) by (apply Rmult_le_compat_l; lra). nra. }
  assert (H : A * (1 - c) ^ 2 + 2 * B * c * eps * (1 - c) + C * c ^ 2 * eps ^ 2 - A
              = c * ((2 * (1 - c) * (eps * B) + c * (eps * (eps * C))) - (2 - c) * A)) by ring.
  assert (0 <= 2 * (1 - c) * (eps * B) + c * (eps * (eps * C)) - (2 - c) * A).
  { assert (c * (eps * B) <= c * (eps * (eps * C))) by (apply Rmult_le_compat_l; lra).
    assert ((2 - c) * A <= (2 - c) * (eps * B)) by (apply Rmult_le_compat_l; lra). nra. }
  assert (0 <= c * (2 * (1 - c) * (eps * B) + c * (eps * (eps * C)) - (2 - c) * A)) by (apply Rmult_le_pos; lra).
  lra.
Qed.

Theorem D4_attack_in_between_holds : D4_attack_in_between.
Proof.
  intros d M net theta l eps risk c HM Hl Hfit Hrisk HA HB HC [Hlow Hhigh].
  assert (Heps : 0 < eps) by (eapply Rlt_trans; [|exact Hlow]; apply Rdiv_lt_0_compat; assumption).
  pose proof (fun x Hx => risk_of_share d M net theta l eps risk HM Hl Hfit (Rlt_le _ _ Heps) Hrisk x Hx) as Hshare.
  pose proof (fun x Hx => risk_beyond d M net theta l eps risk HM Hl Hfit (Rlt_le _ _ Heps) Hrisk x Hx) as Hbeyond.
  pose proof (fun x Hx => risk_below d M net theta l eps risk HM Hl Hfit (Rlt_le _ _ Heps) Hrisk x Hx) as Hbelow.
  unfold D4_attack_in_between_rhs1, D4_attack_in_between_rhs2.
  set (A := moment_A d theta l) in *. set (B := moment_B d M net theta l) in *. set (C := moment_C d M net l) in *.
  assert (H1 : B < eps * C).
  { apply Rmult_lt_compat_r with (r := C) in Hlow; [|lra].
    unfold Rdiv in Hlow. rewrite Rmult_assoc, Rinv_l in Hlow; lra. }
  assert (H2 : eps * B < A).
  { apply Rmult_lt_compat_r with (r := B) in Hhigh; [|lra].
    unfold Rdiv in Hhigh. rewrite Rmult_assoc, Rinv_l in Hhigh; lra. }
  assert (H3 : eps * B < eps * (eps * C)) by (apply Rmult_lt_compat_l; lra).
  set (D := A + C * eps ^ 2 - 2 * eps * B).
  assert (HD : 0 < D) by (unfold D; nra).
  set (best := (A - eps * B) / D).
  assert (Hbest : 0 < best < 1).
  { split; [apply Rdiv_lt_0_compat; lra|]. apply Rmult_lt_reg_r with D; [exact HD|].
    unfold best, Rdiv. rewrite Rmult_assoc, Rinv_l by lra. unfold D. nra. }
  assert (Form : forall x, A * (1 - x) ^ 2 + 2 * B * x * eps * (1 - x) + C * x ^ 2 * eps ^ 2
                           = D * (x - best) ^ 2 + (A - D * best ^ 2)).
  { intros x. assert (EB : D * best = A - eps * B) by (unfold best; field; lra).
    replace (D * (x - best) ^ 2 + (A - D * best ^ 2)) with (D * x ^ 2 - 2 * (D * best) * x + A) by ring.
    rewrite EB. unfold D. ring. }
  assert (At_best : risk best = A - D * best ^ 2).
  { rewrite Hshare by lra. rewrite Form. ring. }
  assert (Above : forall x, x <> best -> risk best < risk x).
  { intros x Hx. rewrite At_best.
    assert (Hq : forall t, t <> best -> A - D * best ^ 2 < D * (t - best) ^ 2 + (A - D * best ^ 2)).
    { intros t Ht. assert (0 < (t - best) ^ 2) by (apply pow2_gt_0; lra).
      pose proof (Rmult_lt_0_compat _ _ HD H). lra. }
    destruct (Rlt_le_dec x 0) as [L | L]; [|destruct (Rle_lt_dec x 1) as [G | G]].
    - apply Rlt_le_trans with A; [|replace x with (- (- x)) by ring; apply Hbelow; lra].
      pose proof (Hq 0 ltac:(lra)) as Q. rewrite <- Form in Q. lra.
    - rewrite Hshare by lra. rewrite Form. now apply Hq.
    - apply Rlt_le_trans with (C * eps ^ 2); [|replace x with (x - 1 + 1) by ring; apply Hbeyond; lra].
      pose proof (Hq 1 ltac:(lra)) as Q. rewrite <- Form in Q. lra. }
  assert (Only : (forall other, risk c <= risk other) <-> c = best).
  { split.
    - intros H. destruct (Req_dec c best) as [E | E]; [exact E|].
      pose proof (Above c E). pose proof (H best). lra.
    - intros -> other. destruct (Req_dec other best) as [-> | E]; [lra|]. now apply Rlt_le, Above. }
  split; [exact Only|]. intros H. apply Only in H. lra.
Qed.

Theorem D4_moments_holds : D4_moments.
Proof.
  intros d m M net theta U r b p Hmix HU Hp Hb Hthreshold.
  unfold D4_moments_rhs1, D4_moments_rhs2. rewrite norm_2_square. split.
  - unfold moment_A. rewrite mean_square_form by lra. ring.
  - pose proof (order_positive d m M net theta U Hmix) as Hm.
    change (moment_C d M net (inputs d r p)) with (mean_energy d r p M net).
    assert (E : mean_energy d r p M net = mean_energy d r p M (with_head net (head net))) by reflexivity.
    rewrite E, (energy_of_head d m M net theta U r b p) by assumption.
    rewrite (norm_same_square d (head net) (scale (/ INR m) (apply d (transpose (fun i h => IZR (U i h))) theta))).
    + rewrite (Rmult_comm (INR m)), Rmult_assoc, (square_of_best d m M net theta U Hmix). ring.
    + destruct Hmix as [_ _ _ _ Hheads]. intros h Hh. rewrite (Hheads h Hh).
      unfold scale, apply, transpose, Rdiv. apply Rmult_comm.
Qed.

Lemma firing_probability_small m p : 0 <= p <= 1 -> firing_probability m p <= INR m * p.
Proof.
  intros Hp. induction m as [|m IH].
  - rewrite firing_probability_walk. unfold visit, at_place. cbn. lra.
  - pose proof (firing_probability_gain m p) as G. rewrite S_INR.
    assert (visit p m 0 - visit p m 1 <= 1); [|nra].
    pose proof (firing_probability_walk m p) as W. pose proof (firing_probability_nonnegative m p Hp).
    assert (0 <= visit p m 1); [|lra].
    apply Rle_trans with ((1 - p) ^ m * at_place 1 0).
    + unfold at_place. simpl. lra.
    + apply walk_at_least; [exact Hp|]. intros s. unfold at_place. destruct (Z.eqb s 1); lra.
Qed.

Lemma inputs_is_law d r p : 0 <= p <= 1 -> is_law (inputs d r p).
Proof.
  intros Hp. destruct (signs_is_law d p Hp) as [H1 H2]. split.
  - unfold inputs. clear H2. induction (signs d p) as [|[q k] l IH]; simpl; [constructor|].
    inversion_clear H1. constructor; [assumption|]. now apply IH.
  - rewrite mean_inputs. exact H2.
Qed.

Theorem D4_no_strong_attack_inside_holds : D4_no_strong_attack_inside.
Proof.
  intros d m M net theta U r b p Hmix HU Hp Hb Hthreshold HB. unfold D4_no_strong_attack_inside_rhs.
  destruct (D4_moments_holds d m M net theta U r b p Hmix HU Hp Hb Hthreshold) as [HA HC].
  unfold D4_moments_rhs1, D4_moments_rhs2 in HA, HC.
  pose proof (moments_in_order d M net theta _ (inputs_is_law d r p ltac:(lra))) as Horder.
  pose proof (order_positive d m M net theta U Hmix) as Hm.
  pose proof (firing_probability_small m p ltac:(lra)) as Hpi.
  set (A := moment_A d theta (inputs d r p)) in *. set (B := moment_B d M net theta (inputs d r p)) in *.
  set (C := moment_C d M net (inputs d r p)) in *. set (t := norm_2 d theta) in *.
  assert (HAC : r ^ 2 * C <= INR m * A).
  { rewrite HA, HC. assert (0 <= r ^ 2 * t ^ 2) by (apply Rmult_le_pos; apply pow2_ge_0). nra. }
  assert (HA0 : 0 <= A) by (apply mean_nonnegative; [apply inputs_is_law; lra | intros; apply pow2_ge_0]).
  apply Rle_ge, Rmult_le_reg_r with (INR m * B ^ 2).
  - apply Rmult_lt_0_compat; [exact Hm | apply pow_lt; exact HB].
  - replace (r ^ 2 / INR m * (INR m * B ^ 2)) with (r ^ 2 * B ^ 2) by (field; lra).
    replace ((A / B) ^ 2 * (INR m * B ^ 2)) with (A * (INR m * A)) by (field; lra).
    apply Rle_trans with (r ^ 2 * (A * C)).
    + apply Rmult_le_compat_l; [apply pow2_ge_0 | exact Horder].
    + replace (r ^ 2 * (A * C)) with (A * (r ^ 2 * C)) by ring. apply Rmult_le_compat_l; assumption.
Qed.

(** ** D5 *)

Theorem D5_margin_holds : D5_margin.
Proof.
  intros d M net theta r b eps k y N HM Hpure Htheta Hr Hb Hthreshold Heps Hk HN Hcert Hy Hsign.
  rewrite square_active in HN by exact Hk. apply INR_eq in HN. rewrite dot_features in Hsign.
  pose proof (least_margin d M net theta r b eps k HM Hpure Htheta Hb Hthreshold Heps Hk Hcert y Hy Hsign) as H.
  rewrite HN in H.
  replace (D5_margin_rhs _ _ _ _) with (- (eps * sqrt (INR N)) + r * Rabs (dot d theta (fun i => IZR (k i))))
    by (unfold D5_margin_rhs; ring).
  exact H.
Qed.

Theorem D5_given_the_support_holds : D5_given_the_support.
Proof.
  intros r eps N Hr Heps. unfold D5_given_the_support_lhs, D5_given_the_support_rhs.
  rewrite exceeds_binomial, <- sum_is_sum_n_m, pow_O. unfold Rdiv. rewrite Rmult_1_l. apply Rmult_comm.
Qed.

(** A weight of modulus 1 is a sign. *)
Lemma unit_sign t : Rabs t = 1 -> exists s, (s = 1%Z \/ s = (-1)%Z) /\ t = IZR s.
Proof.
  intros H. destruct (Rcase_abs t) as [Hneg | Hpos].
  - exists (-1)%Z. rewrite Rabs_left in H by exact Hneg. split; [auto | lra].
  - exists 1%Z. rewrite Rabs_right in H by exact Hpos. split; [auto | lra].
Qed.

Theorem D5_robust_accuracy_holds : D5_robust_accuracy.
Proof.
  intros d M net theta r b p eps s Hd HM Hpure Htheta Hp Hr Hb Hthreshold Heps Hinside Hs.
  set (u := fun i => to_sign (theta i)).
  assert (Hu : forall i, (1 <= i <= d)%nat -> IZR (u i) = theta i /\ (u i = 1%Z \/ u i = (-1)%Z)).
  { intros i Hi. pose proof (Htheta i Hi) as T. destruct (to_sign_spec (theta i) (or_intror T)) as [E [Z | Z]].
    - rewrite Z in E. rewrite <- E, Rabs_R0 in T. lra.
    - split; [exact E | exact Z]. }
  assert (Htotal : forall k, dot d theta (fun i => IZR (k i)) = IZR (signed_sum d u k)).
  { intros k. rewrite <- dot_signed_sum. apply dot_same; [|intros i _; reflexivity].
    intros i Hi. symmetry. now apply Hu. }
  rewrite mean_inputs.
  assert (Hlaw : is_law (signs d p)) by (apply signs_is_law; lra).
  rewrite (mean_ext_occurs_signs d p _ (fun k => (fun n => beyond (eps * sqrt (INR n) / r)) (active d k) (signed_sum d u k))).
  - rewrite (mean_active_and_sum d p u (fun n => beyond (eps * sqrt (INR n) / r))) by (intros; now apply Hu).
    unfold binomial_mean, D5_robust_accuracy_rhs. rewrite <- sum_is_sum_n_m. apply sum_0_ext. intros n Hn.
    cbv beta. rewrite exceeds_walk, choose_C by exact Hn. ring.
  - lra.
  - intros share k Hin Hshare Hk. cbv beta. rewrite beyond_lt, <- Htotal.
    assert (Hcert : region_certificate d eps net (apply d M (features r k)) (fun h => norm_2 d (weight net h))).
    { unfold inside_region, inputs in Hinside. rewrite List.Forall_map, List.Forall_forall in Hinside.
      exact (Hinside (share, k) Hin Hshare). }
    pose proof (robust_where d M net theta r b eps k HM Hpure Htheta Hb Hthreshold Heps Hk Hcert) as W.
    destruct (Hs (features r k)) as [[Hrobust ->] | [Hnot ->]];
      destruct (Rlt_dec (eps * sqrt (INR (active d k)) / r) (Rabs (dot d theta (fun i => IZR (k i))))) as [L | L];
      tauto || reflexivity.
Qed.

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
  - apply sum_ext. intros k Hk. rewrite !HT. replace (Nat.leb k d) with true by (symmetry; apply Nat.leb_le; lia). reflexivity.
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
  (1 <= i <= d)%nat -> (forall j, (1 <= j <= d)%nat -> f j = delta i j * (a - b) + b) -> sum 1 d f = a + (INR d - 1) * b.
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
      assert (0 <= (1 - 2 / n) ^ 4) by (replace ((1 - 2 / n) ^ 4) with (((1 - 2 / n) ^ 2) ^ 2) by ring; apply pow2_ge_0). lra. }
    apply Rlt_gt, Rmult_lt_reg_r with ((1 - 2 / n) ^ 4 + (n - 1) * (2 / n) ^ 4); [assumption|].
    unfold Rdiv at 3. rewrite Rmult_assoc, Rinv_l by lra. lra.
Qed.

Lemma score_along d G H x x' t :
  score d (matrix_plus G (matrix_scale t H)) x x' = score d G x x' + t * score d H x x'.
Proof.
  unfold score, dot at 1 2 3. rewrite <- sum_scale, <- sum_add. apply sum_ext. intros i _.
  rewrite <- Rmult_assoc, (Rmult_comm t), Rmult_assoc, <- Rmult_plus_distr_l. f_equal.
  unfold apply, dot. rewrite <- sum_scale, <- sum_add. apply sum_ext. intros j _. unfold matrix_plus, matrix_scale. ring.
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
    + rewrite (mean_ext _ _ (fun v => (dot d (fst v) (apply d H (snd v)) + 0) ^ 2)) by (intros; unfold score, dissimilar; ring).
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

(** ** N1 *)

Theorem N1_bound_holds : N1_bound.
Proof.
  intros d net theta norm x near Hn Habs Hnear Hinside Hfit. apply Rle_ge, absolute_norm_restricted with d; try assumption.
  intros i Hi HA. rewrite (apply_identity d _ i Hi).
  apply map_on_support with near; try assumption. destruct (Req_EM_T (x i) 0); [discriminate | assumption].
Qed.

Theorem N1_l1_attack_the_equality_case_fails_holds : N1_l1_attack_the_equality_case_fails.
Proof.
  intros d beta c t1 Hd Hc Ht H1 Hrest. unfold N1_l1_attack_the_equality_case_fails_rhs. apply Rle_antisym.
  - apply norm_inf_le; [lra|]. intros i Hi. destruct (Nat.eq_dec i 1) as [-> | Hne]; [lra|].
    rewrite Hrest by lia. nra.
  - rewrite <- H1. apply norm_inf_entry. lia.
Qed.
