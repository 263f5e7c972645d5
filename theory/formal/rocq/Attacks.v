(** Lemmas about norms, their duals, and what attacks do to inner products. *)

From Coq Require Import Bool List ZArith Reals Lra Lia Psatz.
Require Import Model Sums.
Open Scope R_scope.

(** ** Any norm *)

Section Norm.

  Context {d : nat} {norm : vector -> R} (Hnorm : is_norm d norm).

  Lemma norm_of_zero x : same d x (fun _ => 0) -> norm x = 0.
  Proof.
    intros H. rewrite (norm_same _ _ Hnorm x (scale 0 x)).
    - rewrite (norm_scale _ _ Hnorm), Rabs_R0. lra.
    - intros i Hi. unfold scale. rewrite H by exact Hi. lra.
  Qed.

  Lemma norm_nonnegative x : 0 <= norm x.
  Proof.
    pose proof (norm_plus _ _ Hnorm x (scale (- 1) x)) as H.
    rewrite (norm_scale _ _ Hnorm), (norm_of_zero (plus x (scale (- 1) x))) in H.
    - rewrite Rabs_left in H by lra. lra.
    - intros i _. unfold plus, scale. lra.
  Qed.

  Lemma dual_nonnegative w D : dual_norm d norm w D -> 0 <= D.
  Proof.
    intros [_ H]. apply H. exists (fun _ => 0). split.
    - rewrite norm_of_zero; [lra|]. intros i _. reflexivity.
    - symmetry. apply sum_zero. intros. lra.
  Qed.

  Lemma dual_bound w D eps step : dual_norm d norm w D -> norm step <= eps -> dot d w step <= eps * D.
  Proof.
    intros HD Hstep. pose proof (dual_nonnegative w D HD) as HD0. pose proof (norm_nonnegative step) as Hn.
    destruct (Req_dec (norm step) 0) as [H0|H0].
    - rewrite (dot_same d w w step (fun _ => 0)); [|intros i _; reflexivity|exact (norm_zero _ _ Hnorm step H0)].
      replace (dot d w (fun _ => 0)) with 0 by (symmetry; apply sum_zero; intros; lra).
      apply Rmult_le_pos; lra.
    - assert (Hle : dot d w (scale (/ norm step) step) <= D).
      { apply HD. exists (scale (/ norm step) step). split; [|reflexivity].
        rewrite (norm_scale _ _ Hnorm), Rabs_right by (apply Rle_ge, Rlt_le, Rinv_0_lt_compat; lra).
        rewrite Rinv_l; lra. }
      rewrite dot_scale in Hle.
      apply Rle_trans with (norm step * D); [|apply Rmult_le_compat_r; lra].
      replace (dot d w step) with (norm step * (/ norm step * dot d w step)) by (field; exact H0).
      apply Rmult_le_compat_l; lra.
  Qed.

  Lemma norm_opposite x : norm (scale (- 1) x) = norm x.
  Proof. rewrite (norm_scale _ _ Hnorm), Rabs_left; lra. Qed.

  Lemma dual_bound_abs w D eps step : dual_norm d norm w D -> norm step <= eps -> Rabs (dot d w step) <= eps * D.
  Proof.
    intros HD Hstep. apply Rabs_le. split.
    - assert (H : dot d w (scale (- 1) step) <= eps * D)
        by (apply dual_bound; [exact HD|rewrite norm_opposite; exact Hstep]).
      rewrite dot_scale in H. lra.
    - apply dual_bound; assumption.
  Qed.

  (** The attack adds every number up to its reach to the pre-activation. *)
  Lemma dual_reached w D eps t :
    dual_norm d norm w D -> 0 <= eps -> Rabs t <= eps * D -> exists step, norm step <= eps /\ dot d w step = t.
  Proof.
    intros HD Heps Ht. pose proof (dual_nonnegative w D HD) as HD0.
    destruct HD as [[step [Hstep HD]] _].
    destruct (Req_dec D 0) as [H0|H0].
    - exists (fun _ => 0). split.
      + rewrite norm_of_zero; [exact Heps|]. intros i _. reflexivity.
      + rewrite H0, Rmult_0_r in Ht. pose proof (Rabs_pos t). assert (t = 0) as ->.
        { destruct (Req_dec t 0) as [E|E]; [exact E|]. pose proof (Rabs_pos_lt t E). lra. }
        apply sum_zero. intros. lra.
    - exists (scale (t / D) step). split.
      + rewrite (norm_scale _ _ Hnorm).
        assert (Hle : Rabs (t / D) <= eps).
        { unfold Rdiv. rewrite Rabs_mult, (Rabs_right (/ D)) by (apply Rle_ge, Rlt_le, Rinv_0_lt_compat; lra).
          apply Rmult_le_reg_r with D; [lra|]. rewrite Rmult_assoc, Rinv_l; lra. }
        pose proof (Rabs_pos (t / D)). pose proof (norm_nonnegative step). nra.
      + rewrite dot_scale, <- HD. field. exact H0.
  Qed.

End Norm.

(** ** l2 *)

Lemma norm_2_square d x : norm_2 d x ^ 2 = square d x.
Proof. unfold norm_2. rewrite <- Rsqr_pow2. apply Rsqr_sqrt, square_nonnegative. Qed.

Lemma norm_2_nonnegative d x : 0 <= norm_2 d x.
Proof. apply sqrt_pos. Qed.

Lemma dot_norm_2 d x y : dot d x y <= norm_2 d x * norm_2 d y.
Proof.
  pose proof (dot_square d x y) as H. rewrite <- !norm_2_square in H.
  pose proof (norm_2_nonnegative d x). pose proof (norm_2_nonnegative d y).
  assert (0 <= norm_2 d x * norm_2 d y) by (apply Rmult_le_pos; assumption).
  apply Rsqr_incr_0_var; [rewrite !Rsqr_pow2; lra|assumption].
Qed.

Lemma square_zero d x : square d x = 0 -> same d x (fun _ => 0).
Proof.
  intros H i Hi. assert (H0 : x i * x i = 0) by (apply (sum_zero_terms d (fun i => x i * x i));
    [intros; nra|exact H|exact Hi]).
  destruct (Rmult_integral _ _ H0); assumption.
Qed.

Lemma norm_2_is_norm d : is_norm d (norm_2 d).
Proof.
  split.
  - intros x y H. unfold norm_2, square. f_equal. apply dot_same; exact H.
  - intros c x. unfold norm_2. rewrite square_scale, sqrt_mult by (apply square_nonnegative || apply pow2_ge_0).
    f_equal. rewrite <- Rsqr_pow2. apply sqrt_Rsqr_abs.
  - intros x y. pose proof (norm_2_nonnegative d x). pose proof (norm_2_nonnegative d y).
    apply Rsqr_incr_0_var; [|lra]. rewrite !Rsqr_pow2, norm_2_square, square_plus.
    pose proof (dot_norm_2 d x y). pose proof (norm_2_square d x). pose proof (norm_2_square d y). nra.
  - intros x H. apply square_zero. rewrite <- norm_2_square, H. lra.
Qed.

Lemma dual_of_l2 d w : dual_norm d (norm_2 d) w (norm_2 d w).
Proof.
  pose proof (norm_2_nonnegative d w) as Hw. split.
  - destruct (Req_dec (norm_2 d w) 0) as [H0|H0].
    + exists (fun _ => 0). rewrite H0. split.
      * rewrite (norm_of_zero (norm_2_is_norm d)); [lra|]. intros i _. reflexivity.
      * symmetry. apply sum_zero. intros. lra.
    + exists (scale (/ norm_2 d w) w). split.
      * rewrite (norm_scale _ _ (norm_2_is_norm d)), Rabs_right by (apply Rle_ge, Rlt_le, Rinv_0_lt_compat; lra).
        rewrite Rinv_l; lra.
      * rewrite dot_scale. fold (square d w). rewrite <- norm_2_square. field. exact H0.
  - intros v [step [Hstep ->]]. pose proof (dot_norm_2 d w step). pose proof (norm_2_nonnegative d step). nra.
Qed.

(** ** l1 and l_inf *)

Lemma norm_inf_nonnegative d x : 0 <= norm_inf d x.
Proof. induction d; cbn; [lra|]. eapply Rle_trans; [exact IHd|apply Rmax_l]. Qed.

Lemma norm_inf_entry d x i : (1 <= i <= d)%nat -> Rabs (x i) <= norm_inf d x.
Proof.
  intros Hi. induction d as [|d IH]; [lia|]. cbn. destruct (Nat.eq_dec i (S d)) as [->|Hne].
  - apply Rmax_r.
  - eapply Rle_trans; [apply IH; lia|apply Rmax_l].
Qed.

Lemma norm_inf_le d x c : 0 <= c -> (forall i, (1 <= i <= d)%nat -> Rabs (x i) <= c) -> norm_inf d x <= c.
Proof.
  intros Hc H. induction d as [|d IH]; cbn; [exact Hc|].
  apply Rmax_lub; [apply IH; intros; apply H; lia|apply H; lia].
Qed.

Lemma norm_inf_attained d x : norm_inf d x = 0 \/ exists i, (1 <= i <= d)%nat /\ norm_inf d x = Rabs (x i).
Proof.
  induction d as [|d IH]; cbn; [auto|]. unfold Rmax. destruct (Rle_dec (norm_inf d x) (Rabs (x (S d)))).
  - right. exists (S d). split; [lia|reflexivity].
  - destruct IH as [H|[i [Hi H]]]; [auto|]. right. exists i. split; [lia|exact H].
Qed.

Lemma norm_inf_is_norm d : is_norm d (norm_inf d).
Proof.
  split.
  - intros x y H. induction d as [|d IH]; cbn; [reflexivity|].
    rewrite IH, H by (lia || (intros i Hi; apply H; lia)). reflexivity.
  - intros c x. induction d as [|d IH]; cbn; [lra|].
    rewrite IH. unfold scale. rewrite Rabs_mult, RmaxRmult by apply Rabs_pos. reflexivity.
  - intros x y. apply norm_inf_le.
    + pose proof (norm_inf_nonnegative d x). pose proof (norm_inf_nonnegative d y). lra.
    + intros i Hi. unfold plus. eapply Rle_trans; [apply Rabs_triang|].
      apply Rplus_le_compat; apply norm_inf_entry; exact Hi.
  - intros x H i Hi. pose proof (norm_inf_entry d x i Hi) as Hle. rewrite H in Hle. pose proof (Rabs_pos (x i)).
    destruct (Req_dec (x i) 0) as [E|E]; [exact E|]. pose proof (Rabs_pos_lt _ E). lra.
Qed.

Lemma norm_1_is_norm d : is_norm d (norm_1 d).
Proof.
  split.
  - intros x y H. apply sum_ext. intros i Hi. rewrite H by exact Hi. reflexivity.
  - intros c x. unfold norm_1, scale. rewrite <- sum_scale. apply sum_ext. intros. apply Rabs_mult.
  - intros x y. unfold norm_1, plus. rewrite <- sum_add. apply sum_le. intros. apply Rabs_triang.
  - intros x H i Hi. destruct (Req_dec (x i) 0) as [E|E]; [exact E|]. exfalso. apply (Rabs_no_R0 _ E).
    apply (sum_zero_terms d (fun i => Rabs (x i))); [intros; apply Rabs_pos|exact H|exact Hi].
Qed.

Definition sign (t : R) : R := if Rle_dec 0 t then 1 else - 1.

Lemma sign_abs t : t * sign t = Rabs t.
Proof.
  unfold sign. destruct (Rle_dec 0 t); [rewrite Rabs_right by lra|rewrite Rabs_left by lra]; lra.
Qed.

Lemma abs_sign t : Rabs (sign t) = 1.
Proof. unfold sign. destruct (Rle_dec 0 t); [apply Rabs_R1|rewrite Rabs_left; lra]. Qed.

(** Hoelder's inequality. *)
Lemma dot_norm_inf_1 d x y : dot d x y <= norm_inf d x * norm_1 d y.
Proof.
  unfold dot, norm_1. rewrite <- sum_scale. apply sum_le. intros i Hi.
  eapply Rle_trans; [apply Rle_abs|]. rewrite Rabs_mult.
  apply Rmult_le_compat_r; [apply Rabs_pos|apply norm_inf_entry; exact Hi].
Qed.

Lemma dual_of_l1 d w : dual_norm d (norm_1 d) w (norm_inf d w).
Proof.
  split.
  - destruct (norm_inf_attained d w) as [H|[i [Hi H]]]; rewrite H.
    + exists (fun _ => 0). split.
      * rewrite (norm_of_zero (norm_1_is_norm d)); [lra|]. intros i _. reflexivity.
      * symmetry. apply sum_zero. intros. lra.
    + exists (scale (sign (w i)) (delta i)). split.
      * rewrite (norm_scale _ _ (norm_1_is_norm d)), abs_sign. unfold norm_1.
        rewrite (sum_single d i); [|exact Hi|].
        -- unfold delta. rewrite Nat.eqb_refl, Rabs_R1. lra.
        -- intros j _ Hne. unfold delta. destruct (Nat.eqb_spec i j); [congruence|apply Rabs_R0].
      * rewrite dot_scale, dot_comm. unfold dot. rewrite sum_delta by exact Hi. rewrite <- sign_abs. ring.
  - intros v [step [Hstep ->]]. pose proof (dot_norm_inf_1 d w step). pose proof (norm_inf_nonnegative d w).
    nra.
Qed.

Lemma dual_of_linf d w : dual_norm d (norm_inf d) w (norm_1 d w).
Proof.
  split.
  - exists (fun i => sign (w i)). split.
    + apply norm_inf_le; [lra|]. intros. rewrite abs_sign. lra.
    + apply sum_ext. intros. symmetry. apply sign_abs.
  - intros v [step [Hstep ->]]. rewrite dot_comm. pose proof (dot_norm_inf_1 d step w).
    assert (0 <= norm_1 d w) by (apply sum_nonnegative; intros; apply Rabs_pos). nra.
Qed.
