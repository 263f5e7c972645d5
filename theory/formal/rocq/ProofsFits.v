(** P3, P4 and P8: what exact fits, mixtures and gates make of features; the lower bound of P3c. *)

From Coq Require Import Bool List ZArith Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
Require Import Model Sums Attacks Networks Generated Statements_A.
Open Scope R_scope.

(** ** P3 *)

(** Entry [i] of the effective map, node by node. *)
Lemma effective_map_entry d M net z i :
  effective_map d M net z i
  = sum 1 (nodes net) (fun h => head net h * indicator (node_fires d net z h) * feature_weight d M net h i).
Proof.
  unfold effective_map, feature_weight, apply, gradient, dot.
  rewrite (sum_ext d _ (fun j => sum 1 (nodes net) (fun h =>
    head net h * indicator (node_fires d net z h) * (transpose M i j * weight net h j)))).
  - rewrite sum_swap. apply sum_ext. intros h _. apply sum_scale.
  - intros j _. rewrite <- sum_scale. apply sum_ext. intros. ring.
Qed.

Theorem P3_pure_nodes_holds : P3_pure_nodes.
Proof.
  intros d M net f omega x i Hpure Hi Hx. rewrite effective_map_entry. apply sum_zero. intros h Hh.
  destruct (Hpure h Hh) as [Hb Hu]. rewrite (Hu i Hi). unfold scale, delta.
  destruct (Nat.eqb_spec (f h) i) as [Hf|Hf]; [|ring].
  unfold node_fires. rewrite preactivation_features, (dot_same d _ _ x x Hu) by (intros j _; reflexivity).
  rewrite dot_scale_l. unfold dot. rewrite sum_delta by (rewrite Hf; exact Hi). rewrite Hf, Hx, Rmult_0_r.
  rewrite fires_false by (rewrite Rabs_R0; exact Hb). cbn. ring.
Qed.

Lemma dot_2 x y : dot 2 x y = x 1%nat * y 1%nat + x 2%nat * y 2%nat.
Proof. unfold dot. rewrite !sum_S, sum_O. ring. Qed.

Theorem P3_the_converse_fails_holds : P3_the_converse_fails.
Proof.
  intros M net b y1 y2 e eta R c Hnodes Hb Hu1 Ha1 Hu2 Ha2 Hu3 Ha3 HR Heta He Hbounds Hy1 Hy2.
  assert (Heta' : (1 + eta) * R < 2) by lra.
  assert (Hsum : eta < 1).
  { assert (2 / R < 2).
    { apply Rmult_lt_reg_r with R; [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra. }
    lra. }
  assert (Hu1' := Hu1 1%nat). assert (Hu1'' := Hu1 2%nat). assert (Hu2' := Hu2 1%nat). assert (Hu2'' := Hu2 2%nat).
  assert (Hu3' := Hu3 1%nat). assert (Hu3'' := Hu3 2%nat). clear Hu1 Hu2 Hu3. unfold pair in Hu2', Hu2'', Hu3', Hu3''.
  cbn [Nat.eqb] in Hu2', Hu2'', Hu3', Hu3''.
  assert (Hsees : forall h x1 x2, preactivation 2 net (apply 2 M (pair x1 x2)) h
    = feature_weight 2 M net h 1%nat * x1 + feature_weight 2 M net h 2%nat * x2).
  { intros. rewrite preactivation_features, dot_2. reflexivity. }
  assert (Hfires : forall h, (1 <= h <= 3)%nat ->
    b <= preactivation 2 net (apply 2 M (pair y1 y2)) h ->
    indicator (node_fires 2 net (apply 2 M (pair y1 y2)) h) = 1).
  { intros h Hh Hle. unfold node_fires. rewrite Hb, fires_true
      by (exact Hh || (eapply Rle_trans; [exact Hle|apply Rle_abs])).
    reflexivity. }
  split; [|rewrite !Hsees, Hu2', Hu2'' by lia; repeat split; nra].
  rewrite effective_map_entry, Hnodes, !sum_S, sum_O, Ha1, Ha2, Ha3, Hu1', Hu2', Hu3' by lia.
  rewrite !Hfires; [ring|lia| |lia| |lia|]; rewrite Hsees;
    rewrite ?Hu1', ?Hu1'', ?Hu2', ?Hu2'', ?Hu3', ?Hu3'' by lia; nra.
Qed.

(** ** P3c *)

Theorem P3c_lower_bound_holds : P3c_lower_bound.
Proof.
  intros d M net theta l iota [Hl _] Hfit Hiota. apply Rle_ge, mean_le; [exact Hl|].
  unfold exact_fit in Hfit. eapply Forall_impl; [|exact Hfit]. intros [share x] Hx Hshare. specialize (Hx Hshare).
  rewrite output_effective_map in Hx. set (beta := effective_map d M net (apply d M x)) in *.
  unfold P3c_lower_bound_mean. rewrite <- !sum_is_sum_n_m.
  replace (sum 1 d (fun k => x k ^ 2)) with (square d x) by (apply sum_ext; intros; ring).
  change (sum 1 d (fun k => theta k * x k)) with (dot d theta x). rewrite <- Hx.
  destruct (Hiota x) as [[[i [Hi Hxi]] ->]|[_ ->]].
  - pose proof (square_nonzero d x i Hi Hxi). rewrite Rmult_1_l.
    apply Rmult_le_reg_r with (square d x); [assumption|].
    unfold Rdiv. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra. apply dot_square.
  - unfold Rdiv. rewrite !Rmult_0_l. apply square_nonnegative.
Qed.

(** ** P4 *)

(** An integer combination of signs is an integer. *)
Lemma integer_dot d (u k : nat -> Z) : exists n, dot d (fun i => IZR (u i)) (fun i => IZR (k i)) = IZR n.
Proof.
  unfold dot. induction d as [|d [n IH]].
  - exists 0%Z. reflexivity.
  - exists (n + u (S d) * k (S d))%Z. rewrite sum_S, IH, plus_IZR, mult_IZR. reflexivity.
Qed.

Lemma dot_features d u r k : dot d u (features r k) = r * dot d u (fun i => IZR (k i)).
Proof. exact (dot_scale d u r (fun i => IZR (k i))). Qed.

Lemma gate_of_multiple b r n : 0 < r -> b <= r -> gate b (r * IZR n) = r * IZR n.
Proof.
  intros Hr Hb. unfold gate. destruct (Z.eq_dec n 0) as [->|Hn].
  - rewrite Rmult_0_r. destruct (fires b 0); reflexivity.
  - rewrite fires_true; [reflexivity|]. rewrite Rabs_mult, (Rabs_right r), <- abs_IZR by lra.
    assert (1 <= IZR (Z.abs n)) by (apply IZR_le; lia). nra.
Qed.

Theorem P4_gate_holds : P4_gate.
Proof.
  intros d u k r b Hr Hb. unfold P4_gate_rhs. rewrite dot_features. destruct (integer_dot d u k) as [n ->].
  rewrite gate_of_multiple by lra. ring.
Qed.

Theorem P4_target_by_nodes_holds : P4_target_by_nodes.
Proof.
  intros d m M net theta U x [Hm Hnodes Hu Hrows Hheads]. unfold P4_target_by_nodes_rhs. rewrite Hnodes.
  assert (Hm' : INR m <> 0) by (apply not_0_INR; lia).
  rewrite (sum_ext d _ (fun h => sum 1 d (fun i => sum 1 d (fun j =>
    theta i / INR m * x j * (IZR (U i h) * IZR (U j h)))))).
  - rewrite sum_swap. unfold dot. apply sum_ext. intros i Hi. rewrite sum_swap.
    rewrite (sum_ext d _ (fun j => delta i j * (theta i * x j))); [apply sum_delta; exact Hi|].
    intros j Hj. rewrite sum_scale. unfold dot in Hrows. rewrite (Hrows i j Hi Hj). field. exact Hm'.
  - intros h Hh. rewrite Hheads, preactivation_features by exact Hh.
    rewrite (dot_same d _ _ x x (Hu h Hh)) by (intros j _; reflexivity).
    unfold dot, Rdiv. rewrite <- !sum_scale_r. apply sum_ext. intros i _. rewrite <- sum_scale. apply sum_ext.
    intros j _. ring.
Qed.

Theorem P4_fit_holds : P4_fit.
Proof.
  intros d m M net theta U k r b Hmix Hr Hb Hthreshold _. unfold P4_fit_rhs. rewrite <- dot_features.
  pose proof (P4_target_by_nodes_holds d m M net theta U (features r k) Hmix) as Htarget.
  unfold P4_target_by_nodes_rhs in Htarget. rewrite <- Htarget.
  destruct Hmix as [_ Hnodes Hu _ _]. unfold output. rewrite Hnodes. apply sum_ext. intros h Hh. f_equal.
  rewrite Hthreshold, preactivation_features by exact Hh.
  rewrite (dot_same d _ _ _ (features r k) (Hu h Hh)) by (intros j _; reflexivity).
  rewrite dot_features. destruct (integer_dot d (fun i => U i h) k) as [n ->]. apply gate_of_multiple; lra.
Qed.

Theorem P4_any_amplitudes_holds : P4_any_amplitudes.
Proof.
  intros d m M net theta U x b s t Hmix Hb Hthreshold Hs Ht. unfold P4_any_amplitudes_rhs. rewrite <- sum_is_sum_n_m.
  pose proof (P4_target_by_nodes_holds d m M net theta U x Hmix) as Htarget. unfold P4_target_by_nodes_rhs in Htarget.
  rewrite <- Htarget. destruct Hmix as [_ Hnodes Hu _ _]. unfold output. rewrite Hnodes, <- sum_sub.
  eapply Rle_trans; [apply sum_abs|]. rewrite <- sum_scale. apply sum_le. intros h Hh.
  rewrite <- Rmult_minus_distr_l, Rabs_mult, gate_indicator.
  pose proof (marks_indicator _ _ (Hs h Hh)) as Es. unfold node_fires in Es. rewrite Es.
  set (v := preactivation d net (apply d M x) h) in *. rewrite Hthreshold by exact Hh.
  pose proof (Rabs_pos (head net h)) as Ha.
  destruct (fires_spec b v) as [[-> _]|[-> Hv]]; cbn [indicator].
  - replace (1 * v - v) with 0 by ring. rewrite Rabs_R0. lra.
  - replace (0 * v - v) with (- v) by ring. rewrite Rabs_Ropp.
    destruct (Ht h Hh) as [[_ ->]|[Hno ->]]; [nra|].
    assert (Hv0 : v = 0).
    { unfold v. rewrite preactivation_features, (dot_same d _ _ x x (Hu h Hh)) by (intros j _; reflexivity).
      apply sum_zero. intros i Hi. destruct (Z.eq_dec (U i h) 0) as [->|HU]; [lra|].
      destruct (Req_dec (x i) 0) as [->|Hx]; [lra|]. exfalso. apply Hno. exists i. auto. }
    rewrite Hv0, Rabs_R0. lra.
Qed.

(** ** P8 *)

(** A feature that acts alone is seen through its feature weight. *)
Lemma alone d M w r i : (1 <= i <= d)%nat -> dot d w (apply d M (scale r (delta i))) = r * apply d (transpose M) w i.
Proof.
  intros Hi. rewrite dot_comm, dot_apply, dot_scale_l. unfold dot at 1. rewrite sum_delta by exact Hi. reflexivity.
Qed.

Theorem P8_features_alone_holds : P8_features_alone.
Proof.
  intros d M w r b HM Hr Hb. unfold P8_features_alone_rhs. rewrite norm_2_square, <- (dictionary_square d M w HM).
  set (u := apply d (transpose M) w). unfold firing_alone.
  apply Rle_trans with (sum 1 d (fun i => (r / b) ^ 2 * (u i * u i))).
  - apply sum_le. intros i Hi. rewrite alone by exact Hi. fold u.
    replace ((r / b) ^ 2 * (u i * u i)) with ((Rabs (r * u i) / b) ^ 2).
    2:{ unfold Rdiv. rewrite !Rpow_mult_distr, pow2_abs. ring. }
    destruct (fires_spec b (r * u i)) as [[-> Hle]|[-> _]]; cbn [indicator]; [|apply pow2_ge_0].
    assert (1 <= Rabs (r * u i) / b); [|nra].
    apply Rmult_le_reg_r with b; [exact Hb|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra.
  - rewrite sum_scale. fold (dot d u u). fold (square d u). apply Req_le. field. lra.
Qed.

Theorem P8_one_feature_alone_holds : P8_one_feature_alone.
Proof.
  intros d M w r b HM Hr Hw Hb.
  assert (Hsqrt : 0 < sqrt 2 * norm_2 d w * r) by (repeat apply Rmult_lt_0_compat; try assumption; apply sqrt_lt_R0;
    lra).
  eapply Rle_lt_trans; [apply P8_features_alone_holds; assumption || lra|]. unfold P8_features_alone_rhs.
  assert (Hsquare : (sqrt 2 * norm_2 d w * r / 2) ^ 2 < b ^ 2) by nra.
  replace ((sqrt 2 * norm_2 d w * r / 2) ^ 2) with (norm_2 d w ^ 2 * r ^ 2 / 2) in Hsquare.
  2:{ replace (sqrt 2 * norm_2 d w * r / 2) with (sqrt 2 * (norm_2 d w * r / 2)) by field.
      rewrite (Rpow_mult_distr (sqrt 2)), pow2_sqrt by lra. field. }
  assert (Hb2 : 0 < b ^ 2) by nra.
  apply Rmult_lt_reg_r with (b ^ 2); [exact Hb2|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra.
Qed.

Theorem P8_features_together_holds : P8_features_together.
Proof.
  intros d M w i j c r b Hi Hj Hij Hui Huj Hr Hc Hb. rewrite alone, Hui by exact Hi.
  assert (Hplus : dot d w (apply d M (plus (scale r (delta i)) (scale r (delta j)))) = r * c + r * c).
  { rewrite dot_comm, dot_apply, dot_comm, dot_plus, !(dot_comm d _ (scale _ _)), !dot_scale_l.
    unfold dot. rewrite !sum_delta by assumption. rewrite Hui, Huj. reflexivity. }
  rewrite Hplus. split; lra.
Qed.
