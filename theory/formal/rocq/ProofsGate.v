(** G4: what attacks do to gates. *)

From Coq Require Import Bool List ZArith Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
Require Import Model Sums Attacks Networks Generated Statements_A.
Open Scope R_scope.

(** ** G4 *)

Theorem G4_largest_pre_activation_holds : G4_largest_pre_activation.
Proof.
  intros d norm w z D eps Hn HD Heps. unfold G4_largest_pre_activation_rhs.
  pose proof (dual_nonnegative Hn w D HD) as HD0.
  assert (Hreach : 0 <= eps * D) by (apply Rmult_le_pos; assumption).
  split.
  - apply (attacked_moduli_spec Hn eps w z D); [assumption..|].
    exists (sign (dot d w z) * (eps * D)). split.
    + rewrite Rabs_mult, abs_sign, Rabs_right; lra.
    + unfold sign. destruct (Rle_dec 0 (dot d w z)).
      * rewrite !Rabs_right; lra.
      * rewrite !Rabs_left; lra.
  - intros v Hv. apply (attacked_moduli_spec Hn eps w z D) in Hv; [|assumption..].
    destruct Hv as [t [Ht ->]]. pose proof (Rabs_triang (dot d w z) t). lra.
Qed.

Theorem G4_reach_l1_holds : G4_reach_l1.
Proof. intros d w z eps. apply G4_largest_pre_activation_holds; [apply norm_1_is_norm|apply dual_of_l1]. Qed.

Theorem G4_reach_l2_holds : G4_reach_l2.
Proof. intros d w z eps. apply G4_largest_pre_activation_holds; [apply norm_2_is_norm|apply dual_of_l2]. Qed.

Theorem G4_reach_linf_holds : G4_reach_linf.
Proof. intros d w z eps. apply G4_largest_pre_activation_holds; [apply norm_inf_is_norm|apply dual_of_linf]. Qed.

Theorem G4_least_pre_activation_holds : G4_least_pre_activation.
Proof.
  intros d norm w z D eps Hn HD Heps. unfold G4_least_pre_activation_rhs.
  pose proof (dual_nonnegative Hn w D HD) as HD0.
  assert (Hreach : 0 <= eps * D) by (apply Rmult_le_pos; assumption).
  pose proof (Rabs_pos (dot d w z)) as Hu.
  split.
  - apply (attacked_moduli_spec Hn eps w z D); [assumption..|].
    exists (- (sign (dot d w z) * Rmin (Rabs (dot d w z)) (eps * D))). split.
    + rewrite Rabs_Ropp, Rabs_mult, abs_sign, Rmult_1_l, Rabs_right.
      * apply Rmin_r.
      * apply Rle_ge, Rmin_glb; assumption.
    + unfold Rmax, Rmin, sign.
      destruct (Rle_dec 0 (dot d w z));
        [rewrite (Rabs_right (dot d w z)) by lra|rewrite (Rabs_left (dot d w z)) by lra];
      repeat destruct Rle_dec; unfold Rabs; destruct Rcase_abs; lra.
  - intros v Hv. apply (attacked_moduli_spec Hn eps w z D) in Hv; [|assumption..].
    destruct Hv as [t [Ht ->]]. apply Rmax_lub; [apply Rabs_pos|].
    pose proof (Rabs_triang (dot d w z + t) (- t)) as H. rewrite Rabs_Ropp in H.
    replace (dot d w z + t + - t) with (dot d w z) in H by ring. lra.
Qed.

(** Multiplying an inequality between quotients out. *)
Lemma le_quotient b D eps : 0 < D -> b / D <= eps <-> b <= eps * D.
Proof.
  intros HD. replace b with (b / D * D) at 2 by (field; lra). split; intros H.
  - apply Rmult_le_compat_r; lra.
  - apply Rmult_le_reg_r with D; assumption.
Qed.

Lemma lt_quotient b D eps : 0 < D -> eps < b / D <-> eps * D < b.
Proof.
  intros HD. split; intros H; apply Rnot_le_lt; intros H'.
  - apply (le_quotient _ _ eps HD) in H'. lra.
  - apply (le_quotient b D eps HD) in H'. lra.
Qed.

Theorem G4_can_be_fired_holds : G4_can_be_fired.
Proof.
  intros d norm w z D eps b Hn HD HD0 Hb Heps. eexists. split.
  - apply (G4_largest_pre_activation_holds d norm w z D eps Hn HD).
    eapply Rle_trans; [|exact Heps]. apply Rlt_le, Rdiv_lt_0_compat; assumption.
  - unfold G4_largest_pre_activation_rhs. apply le_quotient in Heps; [|exact HD0].
    pose proof (Rabs_pos (dot d w z)). lra.
Qed.

(** A pure node sees its feature alone. *)
Lemma pure_preactivation d M i omega x :
  orthogonal d M -> (1 <= i <= d)%nat -> dot d (scale omega (column M i)) (apply d M x) = omega * x i.
Proof.
  intros HM Hi. rewrite dot_scale_l. f_equal.
  change (dot d (column M i) (apply d M x)) with (apply d (transpose M) (apply d M x) i).
  apply (dictionary_left_inverse d M x HM i Hi).
Qed.

Theorem G4_cannot_be_fired_holds : G4_cannot_be_fired.
Proof.
  intros d norm M i omega x D eps b Hn HM Hi Hx HD HD0 [Heps Hlt]. eexists. split.
  - apply (G4_largest_pre_activation_holds d norm _ _ D eps Hn HD Heps).
  - unfold G4_largest_pre_activation_rhs. rewrite pure_preactivation, Hx, Rmult_0_r, Rabs_R0 by assumption.
    apply lt_quotient in Hlt; [|exact HD0]. lra.
Qed.

Theorem G4_can_be_silenced_holds : G4_can_be_silenced.
Proof.
  intros d norm w z D eps b Hn HD HD0 Hb Heps.
  assert (Heps0 : 0 <= eps).
  { eapply Rle_trans; [|apply Rlt_le, Heps]. apply Rmult_le_pos; [lra|apply Rlt_le, Rinv_0_lt_compat, HD0]. }
  eexists. split.
  - apply (G4_least_pre_activation_holds d norm w z D eps Hn HD Heps0).
  - unfold G4_least_pre_activation_rhs. apply Rmax_lub_lt; [lra|].
    assert (H : ~ eps * D <= Rabs (dot d w z) - b).
    { intros H. apply (Rlt_not_le _ _ Heps). apply Rmult_le_reg_r with D; [exact HD0|].
      unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra. }
    lra.
Qed.

Theorem G4_cannot_be_silenced_holds : G4_cannot_be_silenced.
Proof.
  intros d norm w z D eps b Hn HD HD0 Hb [Heps Hle]. eexists. split.
  - apply (G4_least_pre_activation_holds d norm w z D eps Hn HD Heps).
  - unfold G4_least_pre_activation_rhs. apply Rle_ge. eapply Rle_trans; [|apply Rmax_r].
    apply (Rmult_le_compat_r D) in Hle; [|lra]. unfold Rdiv in Hle. rewrite Rmult_assoc, Rinv_l in Hle; lra.
Qed.
