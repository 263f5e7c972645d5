(** P5 and P9: how often mixtures fire, and what that costs. *)

From Coq Require Import Bool List ZArith Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
Require Import Model Sums Attacks Networks Walks Inversion Generated Statements_A ProofsFits.
Open Scope R_scope.

(** ** P5 *)

Theorem P5_series_holds : P5_series.
Proof.
  intros d u m r b p _ _ Hb Hu. rewrite (node_fires_walk d m u r b p Hb Hu), firing_probability_walk.
  split; [reflexivity|]. unfold P5_series_rhs. rewrite <- sum_is_sum_n_m, visit_series. f_equal. apply sum_0_ext.
  intros j Hj. rewrite !choose_C; [unfold Rdiv; rewrite ?Rpow_mult_distr, ?pow1; ring|..|lia].
  apply Nat.le_trans with (2 * (m / 2))%nat; [lia|]. apply Nat.mul_div_le. lia.
Qed.

(** What one more feature adds. *)
Lemma firing_probability_gain m p :
  - firing_probability m p + firing_probability (S m) p = p * (visit p m 0 - visit p m 1).
Proof.
  rewrite !firing_probability_walk, visit_S. change (0 - 1)%Z with (Z.opp 1). rewrite visit_mirror.
  change (0 + 1)%Z with 1%Z. lra.
Qed.

Theorem P5_growth_holds : P5_growth.
Proof.
  intros m p _ Hp. unfold P5_growth_lhs. cbn [Nat.add]. rewrite firing_probability_gain.
  apply Rlt_gt, Rmult_lt_0_compat; [lra|]. apply visit_falls. lra.
Qed.

Theorem P5_only_below_holds : P5_only_below.
Proof.
  intros p Hp. unfold P5_only_below_lhs, P5_only_below_rhs.
  assert (H : - firing_probability 1 p + firing_probability 2 p = p * (1 - 3 * p / 2)).
  { rewrite (firing_probability_gain 1 p). unfold visit, at_place. cbn. lra. }
  rewrite H. split; [field|]. intros. nra.
Qed.

Theorem P5_growth_fails_up_to_seven_tenths_holds : P5_growth_fails_up_to_seven_tenths.
Proof.
  intros H. specialize (H 1%nat (69 / 100) ltac:(lia) ltac:(lra)). unfold P5_growth_lhs in H. cbn [Nat.add] in H.
  rewrite firing_probability_gain in H. unfold visit, at_place in H. cbn in H. lra.
Qed.

Theorem P5_bounds_holds : P5_bounds.
Proof.
  intros m p _ Hp. unfold P5_bounds_rhs1, P5_bounds_rhs2. rewrite firing_probability_walk.
  assert (H : (1 - p) ^ m <= visit p m 0).
  { pose proof (walk_at_least p m (at_place 0) ltac:(lra)) as H. unfold at_place at 2 in H. cbn in H. unfold visit.
    rewrite Rmult_1_r in H. apply H. intros s. unfold at_place. destruct (Z.eqb s 0); lra. }
  split; [|lra].
  assert (Hbernoulli : 1 - INR m * p <= (1 - p) ^ m); [|lra].
  clear H. induction m as [|m IH]; [cbn; lra|]. rewrite S_INR. cbn [pow].
  assert (0 <= INR m) by apply pos_INR. assert (0 <= (1 - p) ^ m) by (apply pow_le; lra).
  destruct (Rle_dec 0 (1 - INR m * p)); nra.
Qed.

Theorem P5_projection_holds : P5_projection.
Proof.
  intros d M net theta z s k Horth Hheads Hk Hs. unfold P5_projection_rhs.
  transitivity (sum 1 (nodes net) (fun h => head net h * indicator (node_fires d net z h)
    * dot d (feature_weight d M net k) (feature_weight d M net h))).
  - unfold dot at 1.
    rewrite (sum_ext d _ (fun i => sum 1 (nodes net) (fun h => head net h * indicator (node_fires d net z h)
      * (feature_weight d M net k i * feature_weight d M net h i)))).
    + rewrite sum_swap. apply sum_ext. intros h _. apply sum_scale.
    + intros i _. rewrite effective_map_entry, <- sum_scale. apply sum_ext. intros. ring.
  - rewrite (sum_single _ k); [|exact Hk|].
    + rewrite Hheads, <- (marks_indicator _ _ (Hs k Hk)) by exact Hk. fold (square d (feature_weight d M net k)).
      destruct (Horth k k Hk Hk) as [Hsquare _]. field. lra.
    + intros h Hh Hne. destruct (Horth k h Hk Hh) as [_ H0]. rewrite H0 by congruence. ring.
Qed.

(** The energy of the effective map at one observation, node by node. *)
Lemma projected_energy d M net theta z :
  orthogonal_nodes d M net -> projecting_heads d M net theta ->
  square d (effective_map d M net z)
  = sum 1 (nodes net) (fun h => indicator (node_fires d net z h)
      * (dot d (feature_weight d M net h) theta ^ 2 / square d (feature_weight d M net h))).
Proof.
  intros Horth Hheads. unfold square at 1. unfold dot at 1.
  rewrite (sum_ext d _ (fun i => sum 1 (nodes net) (fun h => head net h * indicator (node_fires d net z h)
    * (feature_weight d M net h i * effective_map d M net z i)))).
  - rewrite sum_swap. apply sum_ext. intros h Hh. rewrite sum_scale.
    fold (dot d (feature_weight d M net h) (effective_map d M net z)).
    rewrite (P5_projection_holds d M net theta z (fun h => indicator (node_fires d net z h)) h Horth Hheads Hh).
    + unfold P5_projection_rhs. rewrite (Hheads h Hh). destruct (Horth h h Hh Hh) as [Hsquare _].
      unfold indicator. destruct (node_fires d net z h); field; lra.
    + intros h' _. unfold marks, indicator. destruct (node_fires d net z h'); auto.
  - intros i _. rewrite (effective_map_entry d M net z i) at 1. rewrite <- sum_scale_r. apply sum_ext. intros. ring.
Qed.

Theorem P5_energy_of_orthogonal_nodes_holds : P5_energy_of_orthogonal_nodes.
Proof.
  intros d M net theta l _ Horth Hheads. unfold P5_energy_of_orthogonal_nodes_rhs. rewrite <- sum_is_sum_n_m.
  rewrite (mean_ext l _ _ (fun z => projected_energy d M net theta z Horth Hheads)), mean_sum.
  apply sum_ext. intros h Hh. unfold probability.
  rewrite (mean_ext l _ (fun z => dot d (feature_weight d M net h) theta ^ 2 / square d (feature_weight d M net h)
    * indicator (node_fires d net z h))) by (intros; ring).
  rewrite mean_scale. unfold Rdiv. ring.
Qed.

(** The nodes of an integer mixture are orthogonal, and its heads project. *)
Lemma mixture_columns d m M net theta U h k :
  integer_mixture d m M net theta U -> (1 <= h <= d)%nat -> (1 <= k <= d)%nat ->
  dot d (feature_weight d M net h) (feature_weight d M net k) = INR m * delta h k.
Proof.
  intros [Hm Hnodes Hu Hrows Hheads] Hh Hk. rewrite (dot_same d _ _ _ _ (Hu h Hh) (Hu k Hk)).
  apply (orthogonal_rows d (INR m) (fun h i => IZR (U i h))); assumption.
Qed.

Lemma mixture_is_orthogonal d m M net theta U : integer_mixture d m M net theta U -> orthogonal_nodes d M net.
Proof.
  intros Hmix h k Hh Hk. pose proof Hmix as [Hm Hnodes _ _ _]. rewrite Hnodes in Hh, Hk.
  unfold square. rewrite !(mixture_columns d m M net theta U) by assumption. unfold delta. rewrite Nat.eqb_refl. split.
  - rewrite Rmult_1_r. apply lt_0_INR. lia.
  - intros Hne. destruct (Nat.eqb_spec h k); [contradiction|ring].
Qed.

Lemma mixture_projects d m M net theta U : integer_mixture d m M net theta U -> projecting_heads d M net theta.
Proof.
  intros Hmix h Hh. pose proof Hmix as [Hm Hnodes Hu _ Hheads]. rewrite Hnodes in Hh. unfold square.
  rewrite (mixture_columns d m M net theta U), (Hheads h Hh) by assumption. unfold delta.
  rewrite Nat.eqb_refl, Rmult_1_r.
  f_equal. apply dot_same; [|intros i _; reflexivity]. intros i Hi. symmetry. apply (Hu h Hh i Hi).
Qed.

Theorem P5_energy_of_a_mixture_holds : P5_energy_of_a_mixture.
Proof.
  intros d m M net theta U r b p Hmix HU Hp Hb Hthreshold. unfold P5_energy_of_a_mixture_rhs.
  pose proof (mixture_is_orthogonal _ _ _ _ _ _ Hmix) as Horth.
  pose proof (mixture_projects _ _ _ _ _ _ Hmix) as Hheads.
  rewrite (mean_ext _ _ _ (fun x => projected_energy d M net theta (apply d M x) Horth Hheads)), mean_sum.
  pose proof Hmix as [Hm Hnodes Hu Hrows _]. rewrite Hnodes.
  assert (Hm' : INR m <> 0) by (apply not_0_INR; lia).
  rewrite (sum_ext d _ (fun h => firing_probability m p / INR m * dot d (feature_weight d M net h) theta ^ 2)).
  2:{ intros h Hh.
      rewrite (mean_ext _ _ (fun x => dot d (feature_weight d M net h) theta ^ 2 / square d (feature_weight d M net h)
        * indicator (fires b (dot d (feature_weight d M net h) x)))).
      2:{ intros x. unfold node_fires. rewrite preactivation_features, Hthreshold by exact Hh. ring. }
      rewrite mean_scale. change (mean (inputs d r p) _)
        with (node_firing_probability d (feature_weight d M net h) r b p).
      assert (Hsquare : square d (feature_weight d M net h) = INR m).
      { unfold square. rewrite (mixture_columns d m M net theta U) by assumption. unfold delta. rewrite Nat.eqb_refl.
        ring. }
      rewrite (node_fires_walk d m) by (exact Hb || (split; [|exact Hsquare]; intros i Hi; rewrite (Hu h Hh i Hi);
        destruct (HU i h) as [->|[->| ->]]; [left; reflexivity|right; apply Rabs_R1|right; rewrite Rabs_left; lra])).
      rewrite Hsquare, <- firing_probability_walk. field. exact Hm'. }
  rewrite sum_scale.
  pose proof (P4_target_by_nodes_holds d m M net theta U theta Hmix) as Htarget.
  unfold P4_target_by_nodes_rhs in Htarget.
  rewrite <- Htarget, Hnodes.
  rewrite (sum_ext d (fun h => head net h * _) (fun h => / INR m * dot d (feature_weight d M net h) theta ^ 2)).
  - rewrite sum_scale. field. exact Hm'.
  - intros h Hh. rewrite preactivation_features, Hheads by (rewrite Hnodes; exact Hh). unfold square.
    rewrite (mixture_columns d m M net theta U) by assumption. unfold delta. rewrite Nat.eqb_refl. field. exact Hm'.
Qed.

Theorem P5_integral_holds : P5_integral.
Proof.
  intros m p _ _. unfold P5_integral_rhs. rewrite firing_probability_walk. f_equal.
  rewrite (RInt_ext _ (fun t => character p t ^ m)).
  - rewrite (is_RInt_unique (V := R_CompleteNormedModule) _ _ _ _ (character_integral p m)).
    field. apply PI_neq0.
  - intros t _. unfold character. f_equal. ring.
Qed.

Theorem P5_growth_over_even_orders_holds : P5_growth_over_even_orders.
Proof.
  intros n p Hp. unfold P5_growth_over_even_orders_lhs. rewrite !firing_probability_walk.
  pose proof (visit_even_falls p n Hp). lra.
Qed.

Theorem P5_growth_over_odd_orders_fails_holds : P5_growth_over_odd_orders_fails.
Proof.
  intros H. specialize (H 0%nat 1 ltac:(lra)). rewrite !firing_probability_walk in H.
  unfold visit, at_place in H. cbn in H. lra.
Qed.

(** ** P9 *)

Theorem P9_geometric_bound_holds : P9_geometric_bound.
Proof.
  intros m p Hm Hp. rewrite firing_probability_walk. split; [pose proof (visit_geometric p m ltac:(lra)); lra|].
  intros Hm2 Hp2. set (q := 1 - 3 * p / 2). assert (Hq : 0 < q < 1) by (unfold q; lra).
  assert (Hpow : q ^ m < q); [|unfold q in *; lra].
  destruct m as [|[|m]]; [lia|lia|]. cbn [pow].
  assert (q * q ^ m <= 1 * 1) by (apply Rmult_le_compat; try lra; [apply pow_le; lra|];
    rewrite <- (pow1 m); apply pow_incr; lra).
  assert (q * q ^ m < 1).
  { apply Rle_lt_trans with (q * 1); [|lra]. apply Rmult_le_compat_l; [lra|]. rewrite <- (pow1 m).
    apply pow_incr. lra. }
  nra.
Qed.
