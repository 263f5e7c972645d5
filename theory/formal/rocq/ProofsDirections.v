(** C1q: what an attack costs a direction. *)

From Coq Require Import Bool List ZArith Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
Require Import Model Sums Attacks Networks Walks Generated Statements_A.
Open Scope R_scope.

(** ** C1q *)

Theorem C1q_two_features_holds : C1q_two_features.
Proof.
  intros d i j u p r Hi Hj Hij Hu Hp Hr. unfold C1q_two_features_rhs.
  set (a := (1 - u ^ 2) / (1 + u ^ 2)). set (b := 2 * u / (1 + u ^ 2)).
  assert (Hroot : sqrt 2 * sqrt 2 = 2) by (apply sqrt_sqrt; lra).
  assert (Hu1 : 0 < 1 - u ^ 2 - 2 * u \/ 1 - u ^ 2 - 2 * u = 0) by (destruct (Req_dec u (-1 + sqrt 2)); nra).
  assert (Hinv : 0 < / (1 + u ^ 2)) by (apply Rinv_0_lt_compat; nra).
  assert (Hb : 0 < b) by (unfold b, Rdiv; apply Rmult_lt_0_compat; lra).
  assert (Hab : b <= a) by (unfold a, b, Rdiv; apply Rmult_le_compat_r; lra).
  rewrite mean_inputs.
  rewrite (mean_ext _ _ (fun k => (fun s s' => r * Rabs (a * IZR s + b * IZR s')) (k i) (k j))).
  - rewrite (mean_two_signs d p i j (fun s s' => r * Rabs (a * IZR s + b * IZR s'))) by assumption. unfold mean_sign.
    rewrite (Rabs_right (a * 0 + b * 0)), (Rabs_right (a * 0 + b * 1)), (Rabs_left (a * 0 + b * -1)),
      (Rabs_right (a * 1 + b * 0)), (Rabs_right (a * 1 + b * 1)), (Rabs_right (a * 1 + b * -1)),
      (Rabs_left (a * -1 + b * 0)), (Rabs_left1 (a * -1 + b * 1)), (Rabs_left (a * -1 + b * -1)) by lra.
    unfold a, b. field. nra.
  - intros k. unfold between_axes. rewrite dot_of_plus, !dot_scale_l, !dot_delta by assumption. fold a b.
    unfold features.
    rewrite <- (Rabs_right r) at 3 by lra. rewrite <- Rabs_mult. f_equal. ring.
Qed.

Lemma diagonal_sees d i j k r :
  (1 <= i <= d)%nat -> (1 <= j <= d)%nat ->
  dot d (scale (/ sqrt 2) (plus (delta i) (delta j))) (features r k) = r / sqrt 2 * (IZR (k i) + IZR (k j)).
Proof.
  intros Hi Hj. rewrite dot_scale_l, dot_of_plus, !dot_delta by assumption. unfold features, Rdiv. ring.
Qed.

Theorem C1q_beyond_the_threshold_holds : C1q_beyond_the_threshold.
Proof.
  intros d i j p r Hi Hj Hij Hp Hr.
  assert (Hroot : sqrt 2 * sqrt 2 = 2) by (apply sqrt_sqrt; lra).
  assert (Hpositive : 0 < sqrt 2) by (apply sqrt_lt_R0; lra).
  assert (Hinv : 0 < r / sqrt 2) by (apply Rdiv_lt_0_compat; lra).
  rewrite !mean_inputs.
  rewrite (mean_ext _ (fun k => Rabs (dot d (scale _ _) _))
    (fun k => (fun s s' => r / sqrt 2 * Rabs (IZR s + IZR s')) (k i) (k j))).
  2:{ intros k. rewrite diagonal_sees by assumption. rewrite Rabs_mult, (Rabs_right (r / sqrt 2)) by lra. reflexivity. }
  rewrite (mean_ext _ (fun k => Rabs (dot d (delta i) _)) (fun k => (fun s => r * Rabs (IZR s)) (k i))).
  2:{ intros k. rewrite dot_delta by exact Hi. unfold features. rewrite Rabs_mult, (Rabs_right r) by lra. reflexivity. }
  rewrite (mean_two_signs d p i j (fun s s' => r / sqrt 2 * Rabs (IZR s + IZR s'))) by assumption.
  rewrite (mean_one_sign d p i (fun s => r * Rabs (IZR s))) by exact Hi. unfold mean_sign.
  rewrite <- !plus_IZR, <- !abs_IZR. cbn [Z.add Z.abs Z.pos_sub Pos.add Z.opp].
  assert (Hgain : (r / sqrt 2) * sqrt 2 = r) by (field; lra). cbn.
  set (q := r / sqrt 2) in *.
  assert (Hsmall : sqrt 2 < 2) by nra.
  assert (Hkey : 0 < p * ((sqrt 2 - (2 - p)) * q))
    by (apply Rmult_lt_0_compat; [lra|apply Rmult_lt_0_compat; lra]).
  assert (p * (q * sqrt 2) = p * r) by (rewrite Hgain; reflexivity). lra.
Qed.

Theorem C1q_dense_features_holds : C1q_dense_features.
Proof.
  intros d i j p Hi Hj Hij Hp. unfold C1q_dense_features_rhs. rewrite !mean_inputs.
  assert (Hroot : (/ sqrt 2) ^ 2 = / 2) by (rewrite pow_inv, pow2_sqrt; lra).
  rewrite (mean_ext _ (fun k => (dot d (scale _ _) _ ^ 2) ^ 2)
    (fun k => (fun s s' => / 4 * (IZR s + IZR s') ^ 4) (k i) (k j))).
  2:{ intros k. rewrite diagonal_sees by assumption. unfold Rdiv.
      replace (((1 * / sqrt 2 * (IZR (k i) + IZR (k j))) ^ 2) ^ 2)
        with ((/ sqrt 2) ^ 2 * (/ sqrt 2) ^ 2 * (IZR (k i) + IZR (k j)) ^ 4) by ring.
      rewrite Hroot. field. }
  rewrite (mean_ext _ (fun k => (dot d (delta i) _ ^ 2) ^ 2) (fun k => (fun s => IZR s ^ 4) (k i))).
  2:{ intros k. rewrite dot_delta by exact Hi. unfold features. ring. }
  rewrite (mean_two_signs d p i j (fun s s' => / 4 * (IZR s + IZR s') ^ 4)) by assumption.
  rewrite (mean_one_sign d p i (fun s => IZR s ^ 4)) by exact Hi. unfold mean_sign. field.
Qed.

Theorem C1q_full_rank_holds : C1q_full_rank.
Proof.
  intros d G r p Hd Hp Hr. destruct d as [|d]; [lia|]. rewrite !mean_inputs.
  assert (Hd' : INR (S d) <> 0) by (apply not_0_INR; lia).
  assert (Hunit : mean (signs (S d) p) (fun k => norm_2 (S d) (features 1 k))
                  = INR (S d) * (p * binomial_mean p d (fun n => / sqrt (INR (S n))))).
  { rewrite (binomial_mean_share p d (fun n => / sqrt (INR n))).
    rewrite (mean_signs_ext (S d) p _ (fun k => sqrt (INR (active (S d) k)))).
    - rewrite (mean_active (S d) p (fun n => sqrt (INR n))). apply binomial_mean_ext. intros [|n].
      + change (INR 0) with 0. rewrite sqrt_0. ring.
      + assert (0 < INR (S n)) by (apply lt_0_INR; lia).
        rewrite <- (sqrt_sqrt (INR (S n))) at 2 by lra. field. apply Rgt_not_eq, sqrt_lt_R0. assumption.
    - intros k Hk. unfold norm_2. f_equal. rewrite <- square_active by exact Hk. apply dot_same;
        intros i _; unfold features; ring. }
  rewrite Hunit.
  replace (r * (INR (S d) * (p * binomial_mean p d (fun n => / sqrt (INR (S n)))))
    * sum 1 (S d) (fun i => G i i) / INR (S d))
    with (r * (sum 1 (S d) (fun i => G i i) * (p * binomial_mean p d (fun n => / sqrt (INR (S n))))))
      by (field; exact Hd').
  rewrite <- (mean_quadratic d p G (fun n => / sqrt (INR n))), <- mean_scale. apply Rle_ge.
  assert (Hlaw : List.Forall (fun '(share, _) => 0 <= share) (signs (S d) p)) by (apply signs_is_law; lra).
  rewrite (mean_signs_ext (S d) p (fun k => r * _)
    (fun k => r * (quadratic (S d) G (fun i => IZR (k i)) * / norm_2 (S d) (fun i => IZR (k i))))).
  2:{ intros k Hk. unfold norm_2. rewrite square_active by exact Hk. reflexivity. }
  apply mean_le; [exact Hlaw|]. clear Hlaw Hunit.
  induction (signs (S d) p) as [|[share k] l IH]; constructor; [|exact IH]. intros _.
  set (x := fun i => IZR (k i)). change (features r k) with (scale r x).
  assert (Hscale : norm_2 (S d) (apply (S d) G (scale r x)) = r * norm_2 (S d) (apply (S d) G x)).
  { rewrite (norm_same _ _ (norm_2_is_norm (S d)) _ (scale r (apply (S d) G x))).
    - rewrite (norm_scale _ _ (norm_2_is_norm (S d))), Rabs_right by lra. reflexivity.
    - intros i _. unfold apply. apply dot_scale. }
  rewrite Hscale. apply Rmult_le_compat_l; [lra|]. unfold quadratic.
  pose proof (dot_norm_2 (S d) x (apply (S d) G x)) as Hcs. pose proof (norm_2_nonnegative (S d) (apply (S d) G x)).
  destruct (Req_dec (norm_2 (S d) x) 0) as [E|E].
  - rewrite (dot_same (S d) x (fun _ => 0) _ _ (norm_zero _ _ (norm_2_is_norm (S d)) x E) (fun _ _ => eq_refl)).
    replace (dot (S d) (fun _ => 0) (apply (S d) G x)) with 0 by (symmetry; apply sum_zero; intros; ring).
    rewrite Rmult_0_l. assumption.
  - pose proof (norm_2_nonnegative (S d) x) as Hx. apply Rmult_le_reg_r with (norm_2 (S d) x); [lra|].
    rewrite Rmult_assoc, Rinv_l by exact E. lra.
Qed.
