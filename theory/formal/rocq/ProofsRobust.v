(** Proofs of what [Statements_B.v] claims of robust accuracy (D5). *)

From Coq Require Import Bool List ZArith Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
Require Import Model Sums Attacks Networks Walks ProofsFits Setups Dense Layers MultiplesOfHeads RobustAccuracy.
Require Import Generated Statements_B.
Open Scope R_scope.

(** ** D5 *)

Theorem D5_margin_holds : D5_margin.
Proof.
  intros d M net theta r b eps k y N HM Hpure Htheta Hr Hb Hthreshold Heps Hk HN Hcert Hy Hsign.
  rewrite square_active in HN by exact Hk. apply INR_eq in HN. rewrite dot_features in Hsign.
  pose proof (least_margin d M net theta r b eps k HM Hpure Htheta Hb Hthreshold Heps Hk Hcert y Hy Hsign) as H.
  rewrite HN in H.
  replace (D5_margin_rhs _ _ _ _) with (- (eps * sqrt (INR N)) + r * Rabs (dot d theta (fun i => IZR (k i))))
    by (unfold D5_margin_rhs; ring).
  exact H.
Qed.

Theorem D5_given_the_support_holds : D5_given_the_support.
Proof.
  intros r eps N Hr Heps. unfold D5_given_the_support_lhs, D5_given_the_support_rhs.
  rewrite exceeds_binomial, <- sum_is_sum_n_m, pow_O. unfold Rdiv. rewrite Rmult_1_l. apply Rmult_comm.
Qed.

(** A weight of modulus 1 is a sign. *)
Lemma unit_sign t : Rabs t = 1 -> exists s, (s = 1%Z \/ s = (-1)%Z) /\ t = IZR s.
Proof.
  intros H. destruct (Rcase_abs t) as [Hneg | Hpos].
  - exists (-1)%Z. rewrite Rabs_left in H by exact Hneg. split; [auto | lra].
  - exists 1%Z. rewrite Rabs_right in H by exact Hpos. split; [auto | lra].
Qed.

Theorem D5_robust_accuracy_holds : D5_robust_accuracy.
Proof.
  intros d M net theta r b p eps s Hd HM Hpure Htheta Hp Hr Hb Hthreshold Heps Hinside Hs.
  set (u := fun i => to_sign (theta i)).
  assert (Hu : forall i, (1 <= i <= d)%nat -> IZR (u i) = theta i /\ (u i = 1%Z \/ u i = (-1)%Z)).
  { intros i Hi. pose proof (Htheta i Hi) as T. destruct (to_sign_spec (theta i) (or_intror T)) as [E [Z | Z]].
    - rewrite Z in E. rewrite <- E, Rabs_R0 in T. lra.
    - split; [exact E | exact Z]. }
  assert (Htotal : forall k, dot d theta (fun i => IZR (k i)) = IZR (signed_sum d u k)).
  { intros k. rewrite <- dot_signed_sum. apply dot_same; [|intros i _; reflexivity].
    intros i Hi. symmetry. now apply Hu. }
  rewrite mean_inputs.
  assert (Hlaw : is_law (signs d p)) by (apply signs_is_law; lra).
  rewrite (mean_ext_occurs_signs d p _ (fun k =>
    (fun n => beyond (eps * sqrt (INR n) / r)) (active d k) (signed_sum d u k))).
  - rewrite (mean_active_and_sum d p u (fun n => beyond (eps * sqrt (INR n) / r))) by (intros; now apply Hu).
    unfold binomial_mean, D5_robust_accuracy_rhs. rewrite <- sum_is_sum_n_m. apply sum_0_ext. intros n Hn.
    cbv beta. rewrite exceeds_walk, choose_C by exact Hn. ring.
  - lra.
  - intros share k Hin Hshare Hk. cbv beta. rewrite beyond_lt, <- Htotal.
    assert (Hcert : region_certificate d eps net (apply d M (features r k)) (fun h => norm_2 d (weight net h))).
    { unfold inside_region, inputs in Hinside. rewrite List.Forall_map, List.Forall_forall in Hinside.
      exact (Hinside (share, k) Hin Hshare). }
    pose proof (robust_where d M net theta r b eps k HM Hpure Htheta Hb Hthreshold Heps Hk Hcert) as W.
    destruct (Hs (features r k)) as [[Hrobust ->] | [Hnot ->]];
      destruct (Rlt_dec (eps * sqrt (INR (active d k)) / r) (Rabs (dot d theta (fun i => IZR (k i))))) as [L | L];
      tauto || reflexivity.
Qed.
