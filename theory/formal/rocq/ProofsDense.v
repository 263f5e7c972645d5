(** Proofs of what [Statements_B.v] claims of attacks in other norms (N1, N2). *)

From Coq Require Import Bool List ZArith Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
Require Import Model Sums Attacks Networks Setups Dense SixNodes PurificationBound Generated Statements_B.
Open Scope R_scope.

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

(** ** N1 *)

Theorem N1_bound_holds : N1_bound.
Proof.
  intros d net theta norm x near Hn Habs Hnear Hinside Hfit.
  apply Rle_ge, absolute_norm_restricted with d; try assumption.
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
