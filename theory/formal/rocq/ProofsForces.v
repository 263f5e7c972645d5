(** P7: forces on the cross-talk of absent features, and the convexity of cells. *)

From Coq Require Import Bool List ZArith Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
Require Import Model Sums Attacks Networks Walks Generated Statements_A ProofsNetwork ProofsFits.
Open Scope R_scope.

(** ** P7 *)

Theorem P7_clean_force_holds : P7_clean_force.
Proof.
  intros d M net net' x y Hnodes Hnet.
  assert (H : output d net' (apply d M x) = output d net (apply d M x)); [|rewrite H; ring].
  unfold output. rewrite Hnodes. apply sum_ext. intros h Hh. destruct (Hnet h Hh) as [Ha [Hb Hu]].
  rewrite Ha, Hb, !preactivation_features. do 2 f_equal. apply sum_ext. intros i Hi.
  destruct (Req_dec (x i) 0) as [->|Hx]; [ring|]. rewrite (Hu i Hi Hx). reflexivity.
Qed.

(** The largest loss of a linear form. *)
Lemma linear_worst d eps g z y :
  0 <= eps -> is_lub (linear_losses d eps g z y) ((eps * norm_2 d g + Rabs (y - dot d g z)) ^ 2).
Proof.
  intros Heps. pose proof (norm_2_is_norm d) as Hn. pose proof (dual_of_l2 d g) as HG.
  assert (Hreach : 0 <= eps * norm_2 d g) by (apply Rmult_le_pos; [exact Heps|apply norm_2_nonnegative]).
  split.
  - intros l [step [Hstep ->]]. rewrite dot_plus.
    replace (y - (dot d g z + dot d g step)) with (y - dot d g z - dot d g step) by ring.
    apply square_of_error, (dual_bound_abs Hn); assumption.
  - intros bound Hbound. set (e := y - dot d g z).
    destruct (dual_reached Hn g _ eps (- (sign e * (eps * norm_2 d g))) HG Heps) as [step [Hstep Ht]].
    { rewrite Rabs_Ropp, Rabs_mult, abs_sign, Rmult_1_l, Rabs_right; lra. }
    rewrite <- (square_of_error_attained e _ Hreach), <- Ht. apply Hbound. exists step. split; [exact Hstep|].
    unfold e. rewrite dot_plus. f_equal. ring.
Qed.

Lemma combined_between n s P0 P1 t d :
  same d (combined n s (fun h => plus (scale (1 - t) (P0 h)) (scale t (P1 h))))
    (plus (scale (1 - t) (combined n s P0)) (scale t (combined n s P1))).
Proof.
  intros i _. unfold combined, plus, scale. rewrite <- !sum_scale, <- sum_add. apply sum_ext. intros. ring.
Qed.

Theorem P7_convex_cells_holds : P7_convex_cells.
Proof.
  intros d H P0 P1 s z y t eps worst e0 e1 Ht Heps He0 He1 Hworst. unfold P7_convex_cells_rhs.
  set (g0 := combined H s P0) in *. set (g1 := combined H s P1) in *.
  pose proof (combined_between H s P0 P1 t d) as Hg. fold g0 g1 in Hg.
  set (g := combined H s (fun h => plus (scale (1 - t) (P0 h)) (scale t (P1 h)))) in *.
  assert (Hw : worst = (eps * norm_2 d g + Rabs (y - dot d g z)) ^ 2).
  { destruct Hworst as [Hup Hleast]. destruct (linear_worst d eps g z y Heps) as [Hup' Hleast'].
    apply Rle_antisym; [apply Hleast, Hup'|apply Hleast', Hup]. }
  pose proof (norm_2_is_norm d) as Hn.
  assert (Hnorm : norm_2 d g <= (1 - t) * norm_2 d g0 + t * norm_2 d g1).
  { rewrite (norm_same _ _ Hn _ _ Hg). eapply Rle_trans; [apply (norm_plus _ _ Hn)|].
    rewrite !(norm_scale _ _ Hn), !Rabs_right by lra. lra. }
  assert (Herror : Rabs (y - dot d g z) <= (1 - t) * Rabs e0 + t * Rabs e1).
  { rewrite (dot_same d _ _ z z Hg (fun _ _ => eq_refl)), dot_of_plus, !dot_scale_l.
    replace (y - ((1 - t) * dot d g0 z + t * dot d g1 z)) with ((1 - t) * e0 + t * e1) by (rewrite He0, He1; ring).
    eapply Rle_trans; [apply Rabs_triang|]. rewrite !Rabs_mult, (Rabs_right t), (Rabs_right (1 - t)) by lra. lra. }
  set (l0 := eps * norm_2 d g0 + Rabs e0). set (l1 := eps * norm_2 d g1 + Rabs e1).
  assert (Hsum : eps * norm_2 d g + Rabs (y - dot d g z) <= (1 - t) * l0 + t * l1).
  { assert (eps * norm_2 d g <= eps * ((1 - t) * norm_2 d g0 + t * norm_2 d g1))
      by (apply Rmult_le_compat_l; assumption).
    unfold l0, l1. lra. }
  assert (Hpositive : 0 <= eps * norm_2 d g + Rabs (y - dot d g z)).
  { pose proof (Rabs_pos (y - dot d g z)). pose proof (norm_2_nonnegative d g).
    assert (0 <= eps * norm_2 d g) by (apply Rmult_le_pos; assumption). lra. }
  rewrite Hw. apply Rle_trans with (((1 - t) * l0 + t * l1) ^ 2); [apply pow_incr; split; assumption|].
  assert (0 <= t * (1 - t) * (l0 - l1) ^ 2)
    by (apply Rmult_le_pos; [apply Rmult_le_pos; lra|apply pow2_ge_0]).
  lra.
Qed.

(** The derivative of the largest loss in one weight of a feature that is absent. *)
Lemma force_on_absent d n j a (U : nat -> vector) x y eps worst force :
  (1 <= j <= d)%nat -> x j = 0 -> 0 <= eps ->
  (forall V, is_lub (linear_losses d eps (combined n a V) x y) (worst V)) ->
  0 < norm_2 d (combined n a U) ->
  (forall h, (1 <= h <= n)%nat ->
     is_derive (fun t => worst (fun k => plus (U k) (scale (t * delta h k) (delta j)))) 0 (force h)) ->
  forall h, (1 <= h <= n)%nat ->
  force h = 2 * (eps * norm_2 d (combined n a U) + Rabs (y - dot d (combined n a U) x))
            * eps * (a h * combined n a U j) / norm_2 d (combined n a U).
Proof.
  intros Hj Hx Heps Hworst Hpositive Hforce h Hh. set (g := combined n a U) in *. set (e := y - dot d g x).
  assert (Hmoved : forall t, same d (combined n a (fun k => plus (U k) (scale (t * delta h k) (delta j))))
                                    (plus g (scale (t * a h) (delta j)))).
  { intros t i _. unfold g, combined, plus, scale.
    rewrite (sum_ext n _ (fun k => a k * U k i + delta h k * (a k * (t * delta j i)))) by (intros; ring).
    rewrite sum_add, sum_delta by exact Hh. ring. }
  assert (Hvalue : forall t, worst (fun k => plus (U k) (scale (t * delta h k) (delta j)))
    = (eps * sqrt (norm_2 d g ^ 2 + 2 * (t * a h * g j) + (t * a h) ^ 2) + Rabs e) ^ 2).
  { intros t. set (V := fun k => plus (U k) (scale (t * delta h k) (delta j))).
    destruct (Hworst V) as [Hup Hleast]. destruct (linear_worst d eps (combined n a V) x y Heps) as [Hup' Hleast'].
    transitivity ((eps * norm_2 d (combined n a V) + Rabs (y - dot d (combined n a V) x)) ^ 2);
      [apply Rle_antisym; [apply Hleast, Hup'|apply Hleast', Hup]|].
    pose proof (norm_2_is_norm d) as Hn. specialize (Hmoved t). fold V in Hmoved.
    rewrite (norm_same _ _ Hn _ _ Hmoved), (dot_same d _ _ x x Hmoved (fun _ _ => eq_refl)).
    rewrite dot_of_plus, dot_scale_l, dot_delta, Hx, Rmult_0_r, Rplus_0_r by exact Hj. fold e.
    assert (Hone : square d (delta j) = 1)
      by (unfold square; rewrite dot_delta by exact Hj; unfold delta; rewrite Nat.eqb_refl; reflexivity).
    assert (Hsquare : square d (plus g (scale (t * a h) (delta j)))
      = norm_2 d g ^ 2 + 2 * (t * a h * g j) + (t * a h) ^ 2).
    { rewrite square_plus, square_scale, dot_scale, (dot_comm d g), dot_delta, Hone, norm_2_square by exact Hj. ring. }
    unfold norm_2 at 1. rewrite Hsquare. reflexivity. }
  assert (Hderive : is_derive (fun t => worst (fun k => plus (U k) (scale (t * delta h k) (delta j)))) 0
    (2 * (eps * norm_2 d g + Rabs e) * eps * (a h * g j) / norm_2 d g)).
  { eapply is_derive_ext; [intros t; symmetry; apply Hvalue|].
    assert (Hroot : sqrt (norm_2 d g ^ 2) = norm_2 d g) by (apply sqrt_pow2; lra).
    auto_derive.
    - replace (norm_2 d g * (norm_2 d g * 1) + 2 * (0 * a h * g j) + 0 * a h * (0 * a h * 1)) with (norm_2 d g ^ 2)
        by ring.
      apply pow_lt, Hpositive.
    - replace (norm_2 d g * (norm_2 d g * 1) + 2 * (0 * a h * g j) + 0 * a h * (0 * a h * 1)) with (norm_2 d g ^ 2)
        by ring.
      rewrite Hroot. field. lra. }
  rewrite <- (is_derive_unique _ _ _ (Hforce h Hh)). apply is_derive_unique, Hderive.
Qed.

Theorem P7_cross_talk_flow_holds : P7_cross_talk_flow.
Proof.
  intros d n j a U x y eps worst force e Hj Hx Heps He Hworst Hpositive Hforce. unfold P7_cross_talk_flow_rhs.
  pose proof (force_on_absent d n j a U x y eps worst force Hj Hx Heps Hworst Hpositive Hforce) as Hf.
  rewrite <- He in Hf. rewrite <- sum_is_sum_n_m. set (g := combined n a U) in *. unfold dot at 1.
  rewrite (sum_ext n _ (fun h => - (2 * (eps * norm_2 d g + Rabs e) * eps * g j / norm_2 d g) * a h ^ 2)).
  - rewrite sum_scale. field. lra.
  - intros h Hh. rewrite (Hf h Hh). field. lra.
Qed.

Theorem P7_least_rate_holds : P7_least_rate.
Proof.
  intros d n j a U x y eps worst force Hj Hx Heps Hworst Hentry Hforce.
  assert (Hpositive : 0 < norm_2 d (combined n a U)).
  { apply sqrt_lt_R0. exact (square_nonzero d _ j Hj Hentry). }
  rewrite (P7_cross_talk_flow_holds d n j a U x y eps worst force _ Hj Hx Heps eq_refl Hworst Hpositive Hforce).
  unfold P7_cross_talk_flow_rhs, P7_least_rate_rhs. rewrite <- sum_is_sum_n_m.
  set (g := combined n a U) in *. set (e := y - dot d g x).
  assert (Hsum : 0 <= sum 1 n (fun h => a h ^ 2)) by (apply sum_nonnegative; intros; apply pow2_ge_0).
  set (heads := sum 1 n (fun h => a h ^ 2)) in *. pose proof (Rabs_pos e).
  match goal with |- ?left >= _ => replace left
    with (2 * eps ^ 2 * heads + 2 * eps * heads * (Rabs e / norm_2 d g)) by (field; split; [lra|exact Hentry]) end.
  assert (0 <= Rabs e / norm_2 d g) by (apply Rmult_le_pos; [assumption|apply Rlt_le, Rinv_0_lt_compat, Hpositive]).
  assert (0 <= 2 * eps * heads * (Rabs e / norm_2 d g)) by (apply Rmult_le_pos; [apply Rmult_le_pos|]; lra). lra.
Qed.

(** The effective map of the unlocked pair, node by node. *)
Lemma unlocked_map M weights theta r b s k :
  0 < b < r ->
  same 2 (apply 2 (transpose M) (weights 1%nat)) (pair 1 1) ->
  same 2 (apply 2 (transpose M) (weights 2%nat)) (pair 1 (- 1)) ->
  same 2 (apply 2 (transpose M) (weights 3%nat)) (pair 1 0) ->
  same 2 (apply 2 (transpose M) (weights 4%nat)) (pair 0 1) ->
  let mixed := (1 - s) * (theta 1%nat + theta 2%nat) / 2 * not_zero (k 1%nat + k 2%nat) in
  let other := (1 - s) * (theta 1%nat - theta 2%nat) / 2 * not_zero (k 1%nat - k 2%nat) in
  same 2 (effective_map 2 M (unlocked_pair weights theta b s) (apply 2 M (features r k)))
    (pair (mixed + other + s * theta 1%nat * not_zero (k 1%nat))
      (mixed - other + s * theta 2%nat * not_zero (k 2%nat))).
Proof.
  intros Hb H1 H2 H3 H4 mixed other. set (net := unlocked_pair weights theta b s).
  assert (Hfires : forall h u1 u2 n, same 2 (feature_weight 2 M net h) (pair u1 u2) ->
    u1 * IZR (k 1%nat) + u2 * IZR (k 2%nat) = IZR n ->
    indicator (node_fires 2 net (apply 2 M (features r k)) h) = not_zero n).
  { intros h u1 u2 n Hu Hn. unfold node_fires. rewrite preactivation_features.
    rewrite (dot_same 2 _ _ _ (features r k) Hu (fun _ _ => eq_refl)), dot_2. unfold pair, features. cbn [Nat.eqb].
    replace (u1 * (r * IZR (k 1%nat)) + u2 * (r * IZR (k 2%nat))) with (r * IZR n) by (rewrite <- Hn; ring).
    apply fires_multiple, Hb. }
  assert (E1 := Hfires 1%nat 1 1 (k 1%nat + k 2%nat)%Z H1 ltac:(rewrite plus_IZR; ring)).
  assert (E2 := Hfires 2%nat 1 (- 1) (k 1%nat - k 2%nat)%Z H2 ltac:(rewrite minus_IZR; ring)).
  assert (E3 := Hfires 3%nat 1 0 (k 1%nat) H3 ltac:(ring)).
  assert (E4 := Hfires 4%nat 0 1 (k 2%nat) H4 ltac:(ring)).
  intros i Hi. rewrite effective_map_entry. change (nodes net) with 4%nat. rewrite !sum_S, sum_O, E1, E2, E3, E4.
  change (feature_weight 2 M net 1 i) with (apply 2 (transpose M) (weights 1%nat) i).
  change (feature_weight 2 M net 2 i) with (apply 2 (transpose M) (weights 2%nat) i).
  change (feature_weight 2 M net 3 i) with (apply 2 (transpose M) (weights 3%nat) i).
  change (feature_weight 2 M net 4 i) with (apply 2 (transpose M) (weights 4%nat) i).
  rewrite (H1 i Hi), (H2 i Hi), (H3 i Hi), (H4 i Hi). unfold mixed, other, pair. cbn [head net unlocked_pair].
  destruct i as [|[|[|i]]]; try lia; cbn [Nat.eqb]; ring.
Qed.

Theorem P7_spare_nodes_holds : P7_spare_nodes.
Proof.
  intros M weights theta r b p eps worst HM Hp Hb Heps H1 H2 H3 H4 Hworst.
  pose proof (fun s k => unlocked_map M weights theta r b s k Hb H1 H2 H3 H4) as Hmap. cbv zeta in Hmap.
  assert (Hfit : forall s k, are_signs 2 k ->
    output 2 (unlocked_pair weights theta b s) (apply 2 M (features r k)) = dot 2 theta (features r k)).
  { intros s k Hk. rewrite output_effective_map, (dot_same 2 _ _ _ _ (Hmap s k) (fun _ _ => eq_refl)), !dot_2.
    unfold pair, features, not_zero. cbn [Nat.eqb].
    destruct (Hk 1%nat ltac:(lia)) as [->|[->| ->]]; destruct (Hk 2%nat ltac:(lia)) as [->|[->| ->]]; cbn; field. }
  split; [exact Hfit|].
  set (energy := fun s k1 k2 =>
    let mixed := (1 - s) * (theta 1%nat + theta 2%nat) / 2 * not_zero (k1 + k2) in
    let other := (1 - s) * (theta 1%nat - theta 2%nat) / 2 * not_zero (k1 - k2) in
    (mixed + other + s * theta 1%nat * not_zero k1) ^ 2 + (mixed - other + s * theta 2%nat * not_zero k2) ^ 2).
  apply (is_derive_ext (fun s => mean_sign p (fun k1 => mean_sign p (fun k2 => eps ^ 2 * energy s k1 k2)))).
  - intros s. rewrite mean_inputs, <- (mean_two_signs 2 p 1 2 (fun k1 k2 => eps ^ 2 * energy s k1 k2)) by lia.
    apply mean_signs_ext. intros k Hk. set (z := apply 2 M (features r k)).
    set (net := unlocked_pair weights theta b s).
    destruct (Hworst s (features r k)) as [Hup Hleast]. fold z net in Hup, Hleast.
    destruct (linear_worst 2 eps (gradient 2 net z) z (dot 2 theta (features r k)) Heps) as [Hup' Hleast'].
    transitivity ((eps * norm_2 2 (gradient 2 net z) + Rabs (dot 2 theta (features r k) - dot 2 (gradient 2 net z) z)) ^
      2);
      [|apply Rle_antisym; [apply Hleast', Hup|apply Hleast, Hup']].
    rewrite <- output_gradient. unfold z, net. rewrite (Hfit s k Hk), Rminus_eq_0, Rabs_R0, Rplus_0_r, Rpow_mult_distr.
    f_equal. rewrite norm_2_square, <- (dictionary_square 2 M _ HM).
    fold (effective_map 2 M (unlocked_pair weights theta b s) (apply 2 M (features r k))).
    unfold square. rewrite (dot_same 2 _ _ _ _ (Hmap s k) (Hmap s k)), dot_2. unfold energy, pair. cbn [Nat.eqb]. ring.
  - unfold mean_sign, energy, not_zero, P7_spare_nodes_rhs. cbn [Z.eqb Z.add Z.sub Z.opp Pos.add Z.pos_sub].
    auto_derive; [exact I|field].
Qed.
