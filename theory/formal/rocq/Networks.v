(** Lemmas about orthogonal matrices, and about gated networks with and without an attack. *)

From Coq Require Import Bool List ZArith Reals Lra Lia Psatz.
Require Import Model Sums Attacks.
Open Scope R_scope.

(** ** Orthogonal matrices *)

(** If [A^T A = c I] for a square matrix, then [A A^T = c I]: the projection [A A^T/c] has full trace. *)
Lemma orthogonal_rows d c A :
  (forall i j, (1 <= i <= d)%nat -> (1 <= j <= d)%nat -> dot d (column A i) (column A j) = c * delta i j) ->
  forall i j, (1 <= i <= d)%nat -> (1 <= j <= d)%nat -> dot d (A i) (A j) = c * delta i j.
Proof.
  intros H. set (P i j := dot d (A i) (A j)).
  assert (Hsquare : forall i j, (1 <= i <= d)%nat -> (1 <= j <= d)%nat -> sum 1 d (fun l => P i l * P l j) = c * P i j).
  { intros i j Hi Hj. unfold P at 1 2. unfold dot.
    rewrite (sum_ext d _ (fun l => sum 1 d (fun k => sum 1 d (fun k' => A i k * A j k' * (A l k * A l k'))))).
    2:{ intros l _. rewrite <- sum_scale_r. apply sum_ext. intros k _. rewrite <- sum_scale. apply sum_ext.
        intros k' _. ring. }
    rewrite sum_swap. unfold P, dot. rewrite <- sum_scale. apply sum_ext. intros k Hk.
    rewrite sum_swap.
    rewrite (sum_ext d _ (fun k' => delta k k' * (c * A i k * A j k'))).
    2:{ intros k' Hk'. rewrite sum_scale. unfold dot, column in H. rewrite (H k k' Hk Hk'). ring. }
    rewrite sum_delta by exact Hk. ring. }
  assert (Htrace : sum 1 d (fun i => P i i) = INR d * c).
  { unfold P, dot. rewrite sum_swap, <- sum_const. apply sum_ext. intros k Hk.
    unfold dot, column in H. rewrite (H k k Hk Hk). unfold delta. rewrite Nat.eqb_refl. lra. }
  assert (Hzero : sum 1 d (fun i => sum 1 d (fun j => (P i j - c * delta i j) ^ 2)) = 0).
  { rewrite (sum_ext d _ (fun i => c ^ 2 - c * P i i)).
    - rewrite sum_sub, sum_const, sum_scale, Htrace. ring.
    - intros i Hi.
      rewrite (sum_ext d _ (fun j => P i j * P j i - delta i j * (2 * c * P i j - c ^ 2 * delta i j))).
      + rewrite sum_sub, Hsquare, sum_delta by assumption. unfold delta. rewrite Nat.eqb_refl. ring.
      + intros j _. replace (P j i) with (P i j) by apply dot_comm. ring. }
  intros i j Hi Hj.
  assert (H1 : sum 1 d (fun j => (P i j - c * delta i j) ^ 2) = 0).
  { apply (sum_zero_terms d (fun i => sum 1 d (fun j => (P i j - c * delta i j) ^ 2))); [|exact Hzero|exact Hi].
    intros i' _. apply sum_nonnegative. intros. apply pow2_ge_0. }
  assert (H2 : (P i j - c * delta i j) ^ 2 = 0).
  { apply (sum_zero_terms d (fun j => (P i j - c * delta i j) ^ 2)); [|exact H1|exact Hj].
    intros. apply pow2_ge_0. }
  assert (P i j - c * delta i j = 0) by (destruct (Rmult_integral _ _ H2); lra).
  unfold P in *. lra.
Qed.

(** [M M^T z = z] for an orthogonal dictionary. *)
Lemma dictionary_inverse d M z : orthogonal d M -> same d (apply d M (apply d (transpose M) z)) z.
Proof.
  intros HM i Hi. change (dot d (M i) (apply d (transpose M) z) = z i).
  rewrite dot_comm, dot_apply, dot_comm. unfold dot at 1, transpose, apply.
  rewrite (sum_ext d _ (fun j => delta i j * z j)); [apply sum_delta; exact Hi|].
  intros j Hj. f_equal. replace (delta i j) with (1 * delta j i) by (rewrite delta_sym; ring).
  apply (orthogonal_rows d 1 M); [|exact Hj|exact Hi].
  intros k l Hk Hl. rewrite Rmult_1_l. apply HM; assumption.
Qed.

(** [M^T M x = x]. *)
Lemma dictionary_left_inverse d M x : orthogonal d M -> same d (apply d (transpose M) (apply d M x)) x.
Proof.
  intros HM i Hi. change (dot d (column M i) (apply d M x) = x i).
  rewrite dot_comm, dot_apply, dot_comm. unfold dot at 1.
  rewrite (sum_ext d _ (fun j => delta i j * x j)); [apply sum_delta; exact Hi|].
  intros j Hj. f_equal. rewrite <- HM by assumption. apply dot_comm.
Qed.

Lemma dictionary_square d M x : orthogonal d M -> square d (apply d (transpose M) x) = square d x.
Proof.
  intros HM. unfold square. rewrite dot_apply, transpose_involutive.
  apply dot_same; [intros i _; reflexivity|]. apply dictionary_inverse, HM.
Qed.

(** ** Networks *)

Lemma marks_indicator c s : marks (c = true) s -> s = indicator c.
Proof. unfold indicator. intros [[H ->]|[H ->]]; destruct c; congruence || reflexivity. Qed.

(** The network at [y] is a linear form there. *)
Lemma output_gradient d net y : output d net y = dot d (gradient d net y) y.
Proof.
  unfold output, gradient, dot.
  rewrite (sum_ext d _ (fun i => sum 1 (nodes net) (fun h =>
    head net h * indicator (node_fires d net y h) * (weight net h i * y i)))).
  - rewrite sum_swap. apply sum_ext. intros h _. rewrite sum_scale, gate_indicator.
    unfold node_fires, preactivation, dot. ring.
  - intros i _. rewrite <- sum_scale_r. apply sum_ext. intros. ring.
Qed.

Lemma held_gradient d net z y : held_output d net z y = dot d (gradient d net z) y.
Proof.
  unfold held_output, gradient, preactivation, dot.
  rewrite (sum_ext d (fun i => _ * y i) (fun i => sum 1 (nodes net) (fun h =>
    head net h * indicator (node_fires d net z h) * (weight net h i * y i)))).
  - rewrite sum_swap. apply sum_ext. intros h _. rewrite sum_scale. ring.
  - intros i _. rewrite <- sum_scale_r. apply sum_ext. intros. ring.
Qed.

(** A step that moves no gate. *)
Lemma still_gates d net z step :
  (forall h, (1 <= h <= nodes net)%nat -> node_fires d net (plus z step) h = node_fires d net z h) ->
  output d net (plus z step) = output d net z + dot d (gradient d net z) step.
Proof.
  intros H. rewrite !output_gradient, <- dot_plus. apply dot_same; [|intros i _; reflexivity].
  intros i _. apply sum_ext. intros h Hh. rewrite H by exact Hh. reflexivity.
Qed.

(** An effective map gives the output of noiseless features, in any dictionary. *)
Lemma output_effective_map d M net x :
  output d net (apply d M x) = dot d (effective_map d M net (apply d M x)) x.
Proof.
  rewrite output_gradient. unfold effective_map. rewrite dot_apply, transpose_involutive. reflexivity.
Qed.

(** The pre-activation of noiseless features is the inner product with the feature weights. *)
Lemma preactivation_features d M net x h : preactivation d net (apply d M x) h = dot d (feature_weight d M net h) x.
Proof. unfold preactivation, feature_weight. rewrite dot_apply, transpose_involutive. reflexivity. Qed.

Section Attack.

  Context {d : nat} {norm : vector -> R} (Hnorm : is_norm d norm).

  Lemma attacked_moduli_spec eps w z D v :
    dual_norm d norm w D -> 0 <= eps ->
    attacked_moduli d norm eps w z v <-> exists t, Rabs t <= eps * D /\ v = Rabs (dot d w z + t).
  Proof.
    intros HD Heps. split.
    - intros [step [Hstep ->]]. exists (dot d w step). split; [apply (dual_bound_abs Hnorm); assumption|].
      rewrite dot_plus. reflexivity.
    - intros [t [Ht ->]]. destruct (dual_reached Hnorm w D eps t HD Heps Ht) as [step [Hstep <-]].
      exists step. split; [exact Hstep|]. rewrite dot_plus. reflexivity.
  Qed.

  (** The certificate keeps every gate where it is. *)
  Lemma certified_gates eps net z D step :
    (forall h, (1 <= h <= nodes net)%nat -> dual_norm d norm (weight net h) (D h)) ->
    region_certificate d eps net z D -> norm step <= eps ->
    forall h, (1 <= h <= nodes net)%nat -> node_fires d net (plus z step) h = node_fires d net z h.
  Proof.
    intros HD Hcert Hstep h Hh. unfold node_fires. specialize (Hcert h Hh).
    pose proof (dual_bound_abs Hnorm _ _ _ step (HD h Hh) Hstep) as Hpush.
    assert (Hsum : preactivation d net (plus z step) h = preactivation d net z h + dot d (weight net h) step)
      by apply dot_plus.
    rewrite Hsum. set (v := preactivation d net z h) in *. set (t := dot d (weight net h) step) in *.
    destruct (Rle_dec (threshold net h) 0) as [H0|H0].
    - rewrite !fires_true; [reflexivity| |]; eapply Rle_trans; [exact H0|apply Rabs_pos|exact H0|apply Rabs_pos].
    - apply Rnot_le_lt in H0. specialize (Hcert H0).
      pose proof (Rabs_triang v t) as H1.
      pose proof (Rabs_triang (v + t) (- t)) as H2. rewrite Rabs_Ropp in H2. replace (v + t + - t) with v in H2 by ring.
      destruct (fires_spec (threshold net h) v) as [[-> Hv]|[-> Hv]].
      + apply fires_true. rewrite (Rabs_right (Rabs v - _)) in Hcert by lra. lra.
      + apply fires_false. rewrite (Rabs_left (Rabs v - _)) in Hcert by lra. lra.
  Qed.

  Lemma certified_output eps net z D step :
    (forall h, (1 <= h <= nodes net)%nat -> dual_norm d norm (weight net h) (D h)) ->
    region_certificate d eps net z D -> norm step <= eps ->
    output d net (plus z step) = output d net z + dot d (gradient d net z) step.
  Proof. intros HD Hcert Hstep. apply still_gates. eapply certified_gates; eassumption. Qed.

  (** The step that a gradient favours most gains the dual norm. *)
  Lemma steepest_gain eps g step G : dual_norm d norm g G -> 0 <= eps -> steepest d norm eps g step ->
    dot d g step = eps * G.
  Proof.
    intros HG Heps [Hstep Hbest]. apply Rle_antisym; [apply (dual_bound Hnorm); assumption|].
    pose proof (dual_nonnegative Hnorm g G HG) as HG0.
    destruct (dual_reached Hnorm g G eps (eps * G) HG Heps) as [other [Hother <-]]; [|apply Hbest, Hother].
    rewrite Rabs_right; [lra|]. apply Rle_ge, Rmult_le_pos; lra.
  Qed.

End Attack.

(** ** Laws *)

Lemma mean_ext {outcome} (l : law outcome) f g : (forall x, f x = g x) -> mean l f = mean l g.
Proof. intros H. induction l as [|[q x] l IH]; cbn; [reflexivity|]. rewrite H, IH. reflexivity. Qed.

(** Means are ordered where the integrands are, at every outcome that occurs. *)
Lemma mean_le {outcome} (l : law outcome) f g :
  Forall (fun '(share, _) => 0 <= share) l -> Forall (fun '(share, x) => 0 < share -> f x <= g x) l ->
  mean l f <= mean l g.
Proof.
  induction l as [|[q x] l IH]; cbn; intros Hl H; [lra|]. inversion_clear Hl. inversion_clear H.
  apply Rplus_le_compat; [|apply IH; assumption].
  destruct (Req_dec q 0) as [->|Hq]; [lra|]. apply Rmult_le_compat_l; [assumption|]. apply H2. lra.
Qed.

Lemma mean_le_everywhere {outcome} (l : law outcome) f g :
  is_law l -> (forall x, f x <= g x) -> mean l f <= mean l g.
Proof.
  intros [Hl _] H. apply mean_le; [exact Hl|]. clear Hl.
  induction l as [|[q x] l IH]; constructor; [intros _; apply H|exact IH].
Qed.

Lemma mean_add {outcome} (l : law outcome) f g : mean l (fun x => f x + g x) = mean l f + mean l g.
Proof. induction l as [|[q x] l IH]; cbn; [lra|]. rewrite IH. ring. Qed.

Lemma mean_scale {outcome} (l : law outcome) c f : mean l (fun x => c * f x) = c * mean l f.
Proof. induction l as [|[q x] l IH]; cbn; [lra|]. rewrite IH. ring. Qed.

Lemma mean_sum {outcome} (l : law outcome) d f :
  mean l (fun x => sum 1 d (fun i => f i x)) = sum 1 d (fun i => mean l (f i)).
Proof.
  induction d as [|d IH].
  - rewrite sum_O. rewrite (mean_ext l _ (fun _ => 0 * 0)) by (intros; rewrite sum_O; ring). rewrite mean_scale. ring.
  - rewrite sum_S, <- IH, <- mean_add. apply mean_ext. intros. apply sum_S.
Qed.
