(** Lemmas on what fits pay under l_inf attacks with a dense dictionary. *)

From Coq Require Import Bool List ZArith Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
Require Import Model Sums Attacks Networks Setups.
Open Scope R_scope.

Lemma dictionary_dot d M x y : orthogonal d M -> dot d (apply d M x) (apply d M y) = dot d x y.
Proof.
  intros HM. rewrite dot_apply. apply dot_same; [intros i _; reflexivity|]. now apply dictionary_left_inverse.
Qed.

Lemma dictionary_norm d M x : orthogonal d M -> norm_2 d (apply d M x) = norm_2 d x.
Proof. intros HM. unfold norm_2, square. now rewrite dictionary_dot. Qed.

Lemma norm_1_nonnegative d x : 0 <= norm_1 d x.
Proof. apply sum_nonnegative. intros. apply Rabs_pos. Qed.

Lemma norm_inf_zero d x : norm_inf d x = 0 -> same d x (fun _ => 0).
Proof. apply (norm_zero _ _ (norm_inf_is_norm d)). Qed.

Lemma abs_square a : Rabs a * Rabs a = a * a.
Proof. symmetry. apply Rsqr_abs. Qed.

Section Support.

  Context (d : nat) (M : matrix) (A : nat -> bool) (theta : vector).
  Hypothesis HM : orthogonal d M.
  Let target := active_target A theta.
  Let v := apply d M target.

  (** What a fit pays is at least [||theta_A||^2 / ||v||_inf]: Hoelder's inequality with [v]. *)
  Lemma fit_pays c : costs_of_fits d M A theta c -> norm_2 d target ^ 2 <= norm_inf d v * c.
  Proof.
    intros [beta [Hbeta ->]]. eapply Rle_trans; [|apply dot_norm_inf_1].
    unfold v. rewrite dictionary_dot by exact HM. rewrite norm_2_square. apply Req_le.
    apply sum_ext. intros i Hi. unfold target, active_target.
    destruct (A i) eqn:E; [rewrite Hbeta by assumption|]; ring.
  Qed.

  Hypothesis Htarget : ~ same d target (fun _ => 0).

  Lemma target_positive : 0 < norm_2 d target ^ 2.
  Proof.
    rewrite norm_2_square. destruct (square_nonnegative d target) as [H | H]; [exact H|].
    exfalso. apply Htarget, square_zero. auto.
  Qed.

  Lemma image_positive : 0 < norm_inf d v.
  Proof.
    destruct (norm_inf_nonnegative d v) as [H | H]; [exact H|]. exfalso. symmetry in H.
    apply norm_inf_zero in H. pose proof target_positive as P.
    rewrite <- (dictionary_norm d M) in P by exact HM. fold v in P. rewrite norm_2_square in P.
    unfold square in P. rewrite (dot_same d v (fun _ => 0) v (fun _ => 0)) in P by exact H.
    unfold dot in P. rewrite sum_zero in P by (intros; ring). lra.
  Qed.

  Lemma least_above m : least (costs_of_fits d M A theta) m -> norm_2 d target ^ 2 / norm_inf d v <= m.
  Proof.
    intros [Hm _]. apply Rmult_le_reg_l with (norm_inf d v); [apply image_positive|].
    replace (norm_inf d v * (norm_2 d target ^ 2 / norm_inf d v)) with (norm_2 d target ^ 2)
      by (field; apply Rgt_not_eq, image_positive).
    now apply fit_pays.
  Qed.

  Lemma least_positive m : least (costs_of_fits d M A theta) m -> 0 < m.
  Proof.
    intros Hm. eapply Rlt_le_trans; [|apply least_above, Hm].
    apply Rdiv_lt_0_compat; [apply target_positive | apply image_positive].
  Qed.

  Lemma purified_fits : costs_of_fits d M A theta (norm_1 d v).
  Proof. exists target. split; [|reflexivity]. intros i _ Hi. unfold target, active_target. now rewrite Hi. Qed.

End Support.

(** A vector has at most [(1 + sqrt d)/2] times as much in [||v||_1 ||v||_inf] as in [||v||^2]. *)
Lemma product_of_norms d x :
  (1 <= d)%nat -> 2 * (norm_1 d x * norm_inf d x) <= (1 + sqrt (INR d)) * square d x.
Proof.
  intros Hd. set (root := sqrt (INR d)). set (V := norm_inf d x).
  assert (Hroot : 0 <= root) by apply sqrt_pos.
  assert (Hsq : root * root = INR d) by apply sqrt_sqrt, pos_INR.
  destruct (norm_inf_attained d x) as [H0 | [j [Hj H]]].
  - fold V in H0. rewrite H0. pose proof (square_nonnegative d x). nra.
  - fold V in H.
    set (f i := (1 + root) * (x i * x i) - 2 * V * Rabs (x i)).
    assert (Hsum : (1 + root) * square d x - 2 * (norm_1 d x * V) = sum 1 d f).
    { unfold f, square, dot, norm_1. rewrite sum_sub, !sum_scale. ring. }
    set (c := V * V / (1 + root)).
    assert (Hf : forall i, (1 <= i <= d)%nat -> 0 <= f i + c).
    { intros i _. unfold f, c.
      rewrite <- (abs_square (x i)).
      replace ((1 + root) * (Rabs (x i) * Rabs (x i)) - 2 * V * Rabs (x i) + V * V / (1 + root))
        with (((1 + root) * Rabs (x i) - V) ^ 2 / (1 + root)) by (field; lra).
      apply Rdiv_le_0_compat; [apply pow2_ge_0 | lra]. }
    pose proof (term_le_sum d (fun i => f i + c) j Hf Hj) as T. cbn beta in T.
    rewrite sum_add, sum_const in T.
    assert (Fj : f j = (root - 1) * (V * V)).
    { unfold f. rewrite <- (abs_square (x j)).
      rewrite <- H. ring. }
    assert (E : INR d * c - c = (root - 1) * (V * V)).
    { unfold c. rewrite <- Hsq. field. lra. }
    assert (0 <= sum 1 d f) by lra. lra.
Qed.

(** ** One active feature *)

Lemma one_target i theta : active_target (Nat.eqb i) theta = fun j => theta i * delta i j.
Proof.
  apply FunctionalExtensionality.functional_extensionality. intros j.
  unfold active_target, delta. destruct (Nat.eqb_spec i j) as [-> | _]; lra.
Qed.

Lemma apply_one d M i theta :
  (1 <= i <= d)%nat -> same d (apply d M (active_target (Nat.eqb i) theta)) (scale (theta i) (column M i)).
Proof.
  intros Hi k _. rewrite one_target. unfold apply, dot, scale, column.
  rewrite (sum_ext d _ (fun j => delta i j * (theta i * M k j))) by (intros; ring).
  now rewrite sum_delta.
Qed.

Lemma one_not_zero d i theta :
  (1 <= i <= d)%nat -> theta i <> 0 -> ~ same d (active_target (Nat.eqb i) theta) (fun _ => 0).
Proof.
  intros Hi H E. apply H. rewrite <- (E i Hi). unfold active_target. now rewrite Nat.eqb_refl.
Qed.

Lemma column_positive d M i : (1 <= i <= d)%nat -> orthogonal d M -> 0 < norm_inf d (column M i).
Proof.
  intros Hi HM. pose proof (image_positive d M (Nat.eqb i) (fun _ => 1) HM) as H.
  specialize (H (one_not_zero d i _ Hi R1_neq_R0)).
  rewrite (norm_same _ _ (norm_inf_is_norm d) _ _ (apply_one d M i _ Hi)) in H.
  rewrite (norm_scale _ _ (norm_inf_is_norm d)), Rabs_R1 in H. lra.
Qed.

(** The least cost for one feature is [|theta_i| / ||M_i||_inf]: the whole response stands in the largest entry. *)
Lemma least_for_one d M i theta m :
  (1 <= i <= d)%nat -> orthogonal d M -> theta i <> 0 -> least (costs_of_fits d M (Nat.eqb i) theta) m ->
  m = Rabs (theta i) / norm_inf d (column M i).
Proof.
  intros Hi HM Htheta Hm. pose proof (column_positive d M i Hi HM) as HV.
  set (V := norm_inf d (column M i)) in *. apply Rle_antisym.
  - destruct (norm_inf_attained d (column M i)) as [H0 | [k [Hk H]]]; [fold V in H0; lra|]. fold V in H.
    assert (Hne : M k i <> 0).
    { intros E. unfold column in H. rewrite E, Rabs_R0 in H. lra. }
    set (y := fun j => theta i / M k i * delta k j).
    apply Hm. exists (apply d (transpose M) y). split.
    + intros j Hj E. apply Nat.eqb_eq in E. subst j.
      unfold apply, transpose, dot, y.
      rewrite (sum_ext d _ (fun j => delta k j * (theta i / M k i * M j i))) by (intros; ring).
      rewrite sum_delta by exact Hk. field. exact Hne.
    + rewrite (norm_same _ _ (norm_1_is_norm d) _ _ (dictionary_inverse d M y HM)).
      unfold norm_1, y.
      rewrite (sum_ext d _ (fun j => delta k j * Rabs (theta i / M k i))).
      * rewrite sum_delta by exact Hk. unfold Rdiv. rewrite Rabs_mult, Rabs_inv, H. reflexivity.
      * intros j _. unfold delta. destruct (Nat.eqb k j); rewrite Rabs_mult; [rewrite Rabs_R1|rewrite Rabs_R0]; ring.
  - pose proof (fit_pays d M (Nat.eqb i) theta HM m (proj1 Hm)) as H.
    rewrite (norm_same _ _ (norm_inf_is_norm d) _ _ (apply_one d M i theta Hi)) in H.
    rewrite (norm_scale _ _ (norm_inf_is_norm d)) in H. fold V in H.
    rewrite norm_2_square, one_target in H. unfold square, dot in H.
    rewrite (sum_ext d _ (fun j => delta i j * (theta i * theta i))) in H
      by (intros j _; unfold delta; destruct (Nat.eqb i j); ring).
    rewrite sum_delta in H by exact Hi.
    pose proof (Rabs_pos_lt _ Htheta) as Ht.
    rewrite <- (abs_square (theta i)) in H.
    apply Rmult_le_reg_l with (Rabs (theta i) * V); [apply Rmult_lt_0_compat; assumption|].
    replace (Rabs (theta i) * V * (Rabs (theta i) / V)) with (Rabs (theta i) * Rabs (theta i)) by (field; lra).
    exact H.
Qed.

Lemma ratio_for_one d M i theta m :
  (1 <= i <= d)%nat -> orthogonal d M -> theta i <> 0 -> least (costs_of_fits d M (Nat.eqb i) theta) m ->
  norm_1 d (apply d M (active_target (Nat.eqb i) theta)) / m = norm_1 d (column M i) * norm_inf d (column M i).
Proof.
  intros Hi HM Htheta Hm. rewrite (least_for_one d M i theta m) by assumption.
  rewrite (norm_same _ _ (norm_1_is_norm d) _ _ (apply_one d M i theta Hi)).
  rewrite (norm_scale _ _ (norm_1_is_norm d)).
  pose proof (column_positive d M i Hi HM). pose proof (Rabs_pos_lt _ Htheta). field. lra.
Qed.

(** ** A column that attains the largest ratio *)

Lemma steep_column d c : (1 <= d)%nat ->
  let x := fun j => c * (if Nat.eqb j 1 then 1 else / (1 + sqrt (INR d))) in
  square d x = 1 -> norm_1 d x * norm_inf d x = sqrt (INR d) / 2 + 1 / 2.
Proof.
  intros Hd x Hx. set (root := sqrt (INR d)) in *.
  assert (Hroot : 1 <= root). { unfold root. rewrite <- sqrt_1. apply sqrt_le_1_alt. apply (le_INR 1). exact Hd. }
  assert (Hsq : root * root = INR d) by apply sqrt_sqrt, pos_INR.
  set (t := / (1 + root)) in *. assert (Ht : 0 < t) by (apply Rinv_0_lt_compat; lra).
  assert (Ht1 : t <= 1) by (unfold t; rewrite <- Rinv_1; apply Rinv_le_contravar; lra).
  assert (by_entry : forall f a b, (forall j, f j = if Nat.eqb j 1 then a else b) -> sum 1 d f = a + (INR d - 1) * b).
  { intros f a b Hf. rewrite (sum_ext d f (fun j => (a - b) * delta 1 j + b)).
    - rewrite sum_add, sum_const.
      rewrite (sum_ext d (fun j => (a - b) * delta 1 j) (fun j => delta 1 j * (a - b))) by (intros; ring).
      rewrite sum_delta by lia. ring.
    - intros j _. rewrite Hf. unfold delta. rewrite (Nat.eqb_sym 1 j). destruct (Nat.eqb j 1); ring. }
  assert (H1 : norm_1 d x = Rabs c * (1 + (INR d - 1) * t)).
  { unfold norm_1. rewrite (by_entry _ (Rabs c) (Rabs c * t)); [lra|]. intros j. unfold x. rewrite Rabs_mult.
    destruct (Nat.eqb j 1); [rewrite Rabs_R1 | rewrite (Rabs_right t)]; lra. }
  assert (H2 : square d x = c * c * (1 + (INR d - 1) * (t * t))).
  { unfold square, dot. rewrite (by_entry _ (c * c) (c * c * (t * t))); [ring|].
    intros j. unfold x. destruct (Nat.eqb j 1); ring. }
  rewrite Hx in H2.
  assert (H3 : norm_inf d x = Rabs c).
  { pose proof (Rabs_pos c). apply Rle_antisym.
    - apply norm_inf_le; [assumption|]. intros j _. unfold x. rewrite Rabs_mult.
      destruct (Nat.eqb j 1); [rewrite Rabs_R1 | rewrite (Rabs_right t)]; nra.
    - replace (Rabs c) with (Rabs (x 1%nat)) by (unfold x; rewrite Nat.eqb_refl, Rmult_1_r; reflexivity).
      apply norm_inf_entry. lia. }
  rewrite H1, H3. replace (Rabs c * (1 + (INR d - 1) * t) * Rabs c) with (c * c * (1 + (INR d - 1) * t)).
  2: { rewrite <- (abs_square c). ring. }
  assert (Hc : c * c = / (1 + (INR d - 1) * (t * t))).
  { assert (1 + (INR d - 1) * (t * t) <> 0) by (intros E; rewrite E, Rmult_0_r in H2; lra).
    apply Rmult_eq_reg_r with (1 + (INR d - 1) * (t * t)); [|assumption]. rewrite <- H2. field. assumption. }
  rewrite Hc. unfold t. rewrite <- Hsq. field. split; [lra|].
  assert (0 <= root * root - 1) by nra. nra.
Qed.
