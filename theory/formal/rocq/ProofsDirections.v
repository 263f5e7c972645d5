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
