(** Proofs of what [Statements_B.v] claims of heads on mixture layers (D2, D4). *)

From Coq Require Import Bool List ZArith Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
Require Import Model Sums Attacks Networks Walks ProofsFits ProofsFiring Setups Dense Layers MultiplesOfHeads Encoders.
Require Import Generated Statements_B.
Open Scope R_scope.

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
    with (firing_probability m p * (INR m * square d
      (scale (/ INR m) (apply d (transpose (fun i h => IZR (U i h))) theta)))) by ring.
  rewrite (square_of_best d m M net theta U Hmix). reflexivity.
Qed.

Theorem D2_worse_than_pure_holds : D2_worse_than_pure.
Proof.
  intros m p Hm Hp. split.
  - rewrite firing_probability_walk. unfold visit, at_place, D2_worse_than_pure_rhs1. cbn. lra.
  - unfold D2_worse_than_pure_lhs2. cbn [Nat.add].
    assert (step : forall n, firing_probability n p < firing_probability (S n) p).
    { intros n. pose proof (firing_probability_gain n p) as G. pose proof (visit_falls p n) as F.
      assert (0 < p * (visit p n 0 - visit p n 1))
        by (apply Rmult_lt_0_compat; [lra | specialize (F ltac:(lra)); lra]). lra. }
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
