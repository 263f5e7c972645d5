(** Lemmas on activations at rest, and on nodes whose feature is absent. *)

From Coq Require Import Bool Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
Require Import Model Sums Attacks Functions Setups Logistic.
Open Scope R_scope.

(** ** Slopes *)

(** A function that agrees with the constant zero near a point is flat there. *)
Lemma flat_near f (delta : posreal) : (forall v, Rabs v < delta -> f v = 0) -> is_derive f 0 0.
Proof.
  intros H. apply is_derive_ext_loc with (fun _ => 0).
  - exists delta. intros v Hv. symmetry. apply H.
    change (Rabs (v + - 0) < delta) in Hv. rewrite Ropp_0, Rplus_0_r in Hv. exact Hv.
  - apply @is_derive_const.
Qed.

Lemma gate_below b v : Rabs v < b -> gate b v = 0.
Proof. intros H. unfold gate. rewrite fires_false by exact H. reflexivity. Qed.

Lemma biased_relu_below b v : Rabs v < b -> biased_relu b v = 0.
Proof. intros H. apply Rabs_def2 in H. unfold biased_relu. apply Rmax_left. lra. Qed.

Lemma soft_threshold_below b v : Rabs v < b -> soft_threshold b v = 0.
Proof. intros H. apply Rabs_def2 in H. unfold soft_threshold. rewrite !Rmax_left; lra. Qed.

Lemma odd_pair_relu v : odd_pair relu v = v.
Proof. unfold odd_pair, relu, Rmax. destruct (Rle_dec 0 v), (Rle_dec 0 (- v)); lra. Qed.

Lemma odd_pair_silu v : odd_pair silu v = v.
Proof. unfold odd_pair, silu. rewrite sigmoid_opp. ring. Qed.

Lemma continuous_normal_density x : continuous normal_density x.
Proof.
  apply (ex_derive_continuous (V := R_NormedModule)). unfold normal_density. auto_derive. exact I.
Qed.

Lemma ex_RInt_normal_density a b : ex_RInt normal_density a b.
Proof. apply (ex_RInt_continuous (V := R_CompleteNormedModule)). intros. apply continuous_normal_density. Qed.

Lemma normal_density_even x : normal_density (- x) = normal_density x.
Proof. unfold normal_density. do 3 f_equal. ring. Qed.

Lemma normal_cdf_opp v : normal_cdf (- v) = 1 - normal_cdf v.
Proof.
  unfold normal_cdf.
  assert (H : RInt normal_density 0 (- v) = - RInt normal_density 0 v).
  { pose proof (RInt_correct normal_density 0 (- v) (ex_RInt_normal_density _ _)) as C.
    rewrite <- Ropp_0 in C at 1. apply is_RInt_comp_opp in C.
    pose proof (RInt_correct normal_density 0 v (ex_RInt_normal_density _ _)) as C'.
    apply is_RInt_opp in C'.
    apply (is_RInt_ext _ (fun x => opp (normal_density x))) in C.
    - apply (is_RInt_unique (V := R_CompleteNormedModule)) in C.
      apply (is_RInt_unique (V := R_CompleteNormedModule)) in C'. rewrite <- C. exact C'.
    - intros. f_equal. apply normal_density_even. }
  rewrite H. lra.
Qed.

Lemma odd_pair_gelu v : odd_pair gelu v = v.
Proof. unfold odd_pair, gelu. rewrite normal_cdf_opp. ring. Qed.

Lemma normal_cdf_0 : normal_cdf 0 = 1 / 2.
Proof. unfold normal_cdf. rewrite RInt_point. unfold zero. simpl. lra. Qed.

Lemma is_derive_normal_cdf v : is_derive normal_cdf v (normal_density v).
Proof.
  unfold normal_cdf.
  replace (normal_density v) with (Hierarchy.plus 0 (normal_density v)) by (unfold Hierarchy.plus; simpl; ring).
  apply @is_derive_plus.
  - apply @is_derive_const.
  - apply @is_derive_RInt with 0.
    + exists (mkposreal 1 Rlt_0_1). intros. apply (RInt_correct (V := R_CompleteNormedModule)), ex_RInt_normal_density.
    + apply continuous_normal_density.
Qed.

(** [v f(v)] has the slope [f(0)] at zero. *)
Lemma slope_of_product f l : is_derive f 0 l -> is_derive (fun v => v * f v) 0 (f 0).
Proof.
  intros H. replace (f 0) with (1 * f 0 + 0 * l) by ring.
  apply (is_derive_mult (fun v => v) f 0 1 l); [apply @is_derive_id | exact H | exact Rmult_comm].
Qed.

Lemma slope_of_tanh : is_derive tanh 0 1.
Proof.
  unfold tanh, sinh, cosh. auto_derive.
  - rewrite Ropp_0, exp_0. lra.
  - rewrite Ropp_0, exp_0. field.
Qed.

(** ** Nodes whose feature is absent *)

Lemma absent_preactivation d M i omega x :
  orthogonal d M -> (1 <= i <= d)%nat -> x i = 0 -> dot d (scale omega (column M i)) (apply d M x) = 0.
Proof.
  intros HM Hi Hx. rewrite dot_scale_l, dot_comm, dot_apply.
  replace (dot d x (apply d (transpose M) (column M i))) with (x i); [rewrite Hx; ring|].
  unfold dot. symmetry. rewrite <- (sum_delta d i x) by exact Hi. apply sum_ext. intros j Hj.
  unfold apply, transpose. rewrite Rmult_comm. f_equal. rewrite dot_comm.
  rewrite <- (HM i j) by assumption. reflexivity.
Qed.

Section Rest.

  Context (d : nat) (norm : vector -> R) (M : matrix) (i : nat) (omega : R) (x : vector) (D eps : R).
  Hypothesis Hnorm : is_norm d norm.
  Hypothesis HM : orthogonal d M.
  Hypothesis Hi : (1 <= i <= d)%nat.
  Hypothesis Hx : x i = 0.
  Hypothesis HD : dual_norm d norm (scale omega (column M i)) D.
  Hypothesis Heps : 0 <= eps.

  Let w := scale omega (column M i).
  Let z := apply d M x.

  Lemma at_rest step : dot d w (plus z step) = dot d w step.
  Proof. rewrite dot_plus. unfold w, z. rewrite absent_preactivation by assumption. ring. Qed.

  Lemma in_reach act c :
    attacked_changes d norm eps act w z c -> exists t, Rabs t <= eps * D /\ c = Rabs (act t - act 0).
  Proof.
    intros [step [Hstep Hc]]. exists (dot d w step). split.
    - apply (dual_bound_abs Hnorm); assumption.
    - rewrite Hc, at_rest. unfold w, z. rewrite absent_preactivation by assumption. reflexivity.
  Qed.

  Lemma reached act t : Rabs t <= eps * D -> attacked_changes d norm eps act w z (Rabs (act t - act 0)).
  Proof.
    intros Ht. destruct (dual_reached Hnorm w D eps t HD Heps Ht) as [step [Hstep Hdot]].
    exists step. split; [exact Hstep|]. rewrite at_rest, Hdot.
    unfold w, z. rewrite absent_preactivation by assumption. reflexivity.
  Qed.

  Lemma nothing_passes act :
    (forall v, Rabs v <= eps * D -> act v = act 0) -> largest (attacked_changes d norm eps act w z) 0.
  Proof.
    intros H. split.
    - replace 0 with (Rabs (act 0 - act 0)) by (rewrite Rminus_eq_0; apply Rabs_R0). apply reached.
      rewrite Rabs_R0. apply Rmult_le_pos; [exact Heps|]. exact (dual_nonnegative Hnorm _ _ HD).
    - intros c Hc. destruct (in_reach act c Hc) as [t [Ht ->]].
      rewrite (H t Ht), Rminus_eq_0, Rabs_R0. lra.
  Qed.

  Lemma cube_passes : 0 < D -> largest (attacked_changes d norm eps cube w z) (D ^ 3 * eps ^ 3).
  Proof.
    intros HD0. assert (Hreach : 0 <= eps * D) by (apply Rmult_le_pos; lra).
    assert (Hcube : forall t, Rabs (cube t - cube 0) = Rabs t ^ 3).
    { intros t. unfold cube. replace (t ^ 3 - 0 ^ 3) with (t ^ 3) by ring. symmetry. apply RPow_abs. }
    split.
    - replace (D ^ 3 * eps ^ 3) with (Rabs (cube (eps * D) - cube 0)).
      + apply reached. rewrite Rabs_right; lra.
      + rewrite Hcube, Rabs_right by lra. ring.
    - intros c Hc. destruct (in_reach cube c Hc) as [t [Ht ->]]. rewrite Hcube.
      replace (D ^ 3 * eps ^ 3) with ((eps * D) ^ 3) by ring.
      apply pow_incr. split; [apply Rabs_pos|exact Ht].
  Qed.

End Rest.
