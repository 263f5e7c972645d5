(** P1 and P2: the effective map, the region certificate and the universal bound. *)

From Coq Require Import Bool List ZArith Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
Require Import Model Sums Attacks Networks Generated Statements_A.
Open Scope R_scope.

(** ** P1 *)

(** The product of heads, gates and weights with a vector, as the ledger writes it. *)
Lemma held_product d net z g y :
  (forall h, (1 <= h <= nodes net)%nat -> marks (node_fires d net z h = true) (g h)) ->
  dot (nodes net) (head net) (diagonal g (apply d (weight net) y)) = dot d (gradient d net z) y.
Proof.
  intros Hg. rewrite <- held_gradient. unfold held_output, dot at 1, diagonal, apply, preactivation.
  apply sum_ext. intros h Hh. rewrite (marks_indicator _ _ (Hg h Hh)). ring.
Qed.

Lemma gradient_product d net z g :
  (forall h, (1 <= h <= nodes net)%nat -> marks (node_fires d net z h = true) (g h)) ->
  same d (apply (nodes net) (transpose (weight net)) (diagonal g (head net))) (gradient d net z).
Proof.
  intros Hg i _. unfold apply, dot, transpose, diagonal, gradient. apply sum_ext. intros h Hh.
  rewrite (marks_indicator _ _ (Hg h Hh)). ring.
Qed.

Lemma apply_same d e A x y : same d x y -> same e (apply d A x) (apply d A y).
Proof. intros H i _. apply dot_same; [intros j _; reflexivity|exact H]. Qed.

Theorem P1_effective_map_holds : P1_effective_map.
Proof.
  intros d M net z g HM Hg. unfold P1_effective_map_rhs.
  rewrite transpose_involutive, (held_product d net z) by exact Hg.
  assert (H : dot d (gradient d net z) (apply d M (apply d (transpose M) z)) = output d net z).
  { rewrite output_gradient. apply dot_same; [intros i _; reflexivity|]. apply dictionary_inverse, HM. }
  split; [symmetry; exact H|]. rewrite <- H. unfold effective_map. rewrite (dot_apply d d (transpose M)). reflexivity.
Qed.

Theorem P1_gradient_holds : P1_gradient.
Proof.
  intros d M net z step g HM Hg. split.
  - intros i Hi. unfold P1_gradient_rhs2.
    rewrite (dictionary_inverse d M _ HM i Hi), (gradient_product d net z g Hg i Hi).
    apply (is_derive_ext (fun t => dot d (gradient d net z) z + t * gradient d net z i)).
    + intros t. rewrite held_gradient, dot_plus, dot_scale. do 2 f_equal. rewrite dot_comm. unfold dot.
      rewrite sum_delta by exact Hi. reflexivity.
    + auto_derive; [exact I|ring].
  - intros Hstill. unfold P1_gradient_rhs1. rewrite transpose_involutive, (held_product d net z) by exact Hg.
    rewrite still_gates by exact Hstill.
    rewrite (dot_same d _ (gradient d net z) _ step
      (fun i _ => eq_refl) (dictionary_inverse d M step HM)). lra.
Qed.

(** ** P2 *)

Theorem P2_active_nodes_stay_holds : P2_active_nodes_stay.
Proof.
  intros d norm w z step D eps b Hn HD _ Hstep Hv. rewrite dot_plus.
  pose proof (dual_bound_abs Hn w D eps step HD Hstep).
  pose proof (Rabs_triang (dot d w z + dot d w step) (- dot d w step)) as H0. rewrite Rabs_Ropp in H0.
  replace (dot d w z + dot d w step + - dot d w step) with (dot d w z) in H0 by ring. lra.
Qed.

Theorem P2_silent_nodes_stay_holds : P2_silent_nodes_stay.
Proof.
  intros d norm w z step D eps b Hn HD _ Hstep Hv. rewrite dot_plus.
  pose proof (dual_bound_abs Hn w D eps step HD Hstep). pose proof (Rabs_triang (dot d w z) (dot d w step)). lra.
Qed.

(** The square of the error where the output moves by at most [R]. *)
Lemma square_of_error e t R : Rabs t <= R -> (e - t) ^ 2 <= (R + Rabs e) ^ 2.
Proof.
  intros H. rewrite <- (pow2_abs (e - t)). apply pow_incr. split; [apply Rabs_pos|].
  pose proof (Rabs_triang e (- t)) as H0. rewrite Rabs_Ropp in H0. unfold Rminus. lra.
Qed.

Lemma square_of_error_attained e R : 0 <= R -> (e - (- (sign e * R))) ^ 2 = (R + Rabs e) ^ 2.
Proof.
  intros H. unfold sign. destruct (Rle_dec 0 e); [rewrite Rabs_right by lra|rewrite Rabs_left by lra]; ring.
Qed.

Theorem P2_worst_case_holds : P2_worst_case.
Proof.
  intros d norm net z y e eps D G Hn Heps He HD HG Hcert. unfold P2_worst_case_rhs.
  pose proof (dual_nonnegative Hn _ G HG) as HG0.
  assert (Hreach : 0 <= eps * G) by (apply Rmult_le_pos; assumption).
  assert (Hloss : forall step, norm step <= eps ->
    (y - output d net (plus z step)) ^ 2 = (e - dot d (gradient d net z) step) ^ 2).
  { intros step Hstep. rewrite (certified_output Hn eps net z D step) by assumption. rewrite He. ring. }
  split.
  - intros l [step [Hstep ->]]. rewrite Hloss by exact Hstep. apply square_of_error.
    apply (dual_bound_abs Hn); assumption.
  - intros bound Hbound.
    destruct (dual_reached Hn (gradient d net z) G eps (- (sign e * (eps * G))) HG Heps) as [step [Hstep Ht]].
    { rewrite Rabs_Ropp, Rabs_mult, abs_sign, Rmult_1_l, Rabs_right; lra. }
    rewrite <- (square_of_error_attained e (eps * G) Hreach), <- Ht, <- Hloss by exact Hstep.
    apply Hbound. exists step. split; [exact Hstep|reflexivity].
Qed.

Theorem P2_attained_by_FGM_holds : P2_attained_by_FGM.
Proof.
  intros d norm net z y e eps D G step Hn Heps He He0 HD HG Hcert [Hstep Hbest]. unfold P2_attained_by_FGM_rhs.
  pose proof (dual_nonnegative Hn _ G HG) as HG0.
  assert (Hreach : 0 <= eps * G) by (apply Rmult_le_pos; assumption).
  assert (Hgain : dot d (gradient d net z) step = - (sign e * (eps * G))).
  { pose proof (dual_bound_abs Hn _ _ _ step HG Hstep) as Hle.
    destruct (dual_reached Hn (gradient d net z) G eps (- (sign e * (eps * G))) HG Heps) as [other [Hother Ht]].
    { rewrite Rabs_Ropp, Rabs_mult, abs_sign, Rmult_1_l, Rabs_right; lra. }
    specialize (Hbest other Hother). rewrite !dot_scale_l, Ht in Hbest.
    apply Rabs_le_between in Hle. unfold sign in *. destruct (Rle_dec 0 e); nra. }
  rewrite (certified_output Hn eps net z D step) by assumption.
  rewrite Hgain, <- square_of_error_attained by exact Hreach.
  rewrite He. ring.
Qed.

Theorem P2_at_a_fit_holds : P2_at_a_fit.
Proof.
  intros d norm net z y e eps D G step t Hn Heps He HD HG Hcert Hsteepest. split.
  - unfold P2_at_a_fit_rhs2. auto_derive; [exact I|]. rewrite He. ring.
  - unfold P2_at_a_fit_rhs1. pose proof (dual_nonnegative Hn _ G HG) as HG0.
    assert (Hreach : 0 <= eps * G) by (apply Rmult_le_pos; assumption).
    pose proof (steepest_gain Hn eps _ step G HG Heps Hsteepest) as Hgain. destruct Hsteepest as [Hstep _].
    rewrite !(certified_output Hn eps net z D) by (assumption || (rewrite (norm_opposite Hn); assumption)).
    rewrite dot_scale, Hgain.
    replace (y - (output d net z + eps * G)) with (e - eps * G) by (rewrite He; ring).
    replace (y - (output d net z + - 1 * (eps * G))) with (e + eps * G) by (rewrite He; ring).
    unfold Rmax, Rabs. destruct (Rcase_abs e), Rle_dec; nra.
Qed.

Theorem P2_universal_bound_holds : P2_universal_bound.
Proof.
  intros d norm net z y e eps D G s o c Hn Heps He HD HG Hs Ho Hc.
  unfold P2_universal_bound_rhs2, P2_universal_bound_rhs1. rewrite <- sum_is_sum_n_m.
  set (jump := fun h => ((1 - s h) * (eps * D h + Rabs (preactivation d net z h)) * o h + threshold net h * c h * s h)
                        * Rabs (head net h)).
  set (bound := eps * G + Rabs e + sum 1 (nodes net) jump).
  assert (Hbound : forall step, norm step <= eps -> Rabs (y - output d net (plus z step)) <= bound).
  { intros step Hstep.
    set (moved := fun h => head net h
      * (gate (threshold net h) (preactivation d net (plus z step) h)
         - indicator (node_fires d net z h) * preactivation d net (plus z step) h)).
    assert (Hsplit : y - output d net (plus z step)
                     = e - dot d (gradient d net z) step - sum 1 (nodes net) moved).
    { rewrite He, (output_gradient d net z).
      replace (sum 1 (nodes net) moved)
        with (output d net (plus z step) - held_output d net z (plus z step)).
      - rewrite held_gradient, dot_plus. ring.
      - unfold output, held_output. rewrite <- sum_sub. apply sum_ext. intros. unfold moved. ring. }
    assert (Hjump : sum 1 (nodes net) (fun h => Rabs (moved h)) <= sum 1 (nodes net) jump).
    { apply sum_le. intros h Hh. unfold moved, jump. rewrite Rabs_mult, Rmult_comm.
      apply Rmult_le_compat_r; [apply Rabs_pos|].
      pose proof (dual_bound_abs Hn _ _ _ step (HD h Hh) Hstep) as Hpush.
      assert (Hv : preactivation d net (plus z step) h = preactivation d net z h + dot d (weight net h) step)
        by apply dot_plus.
      pose proof (marks_indicator _ _ (Hs h Hh)) as Es. rewrite Es, gate_indicator.
      pose proof (Rabs_triang (preactivation d net z h) (dot d (weight net h) step)) as Hafter. rewrite <- Hv in Hafter.
      set (u := preactivation d net z h) in *. set (v := preactivation d net (plus z step) h) in *.
      assert (Hfire : node_fires d net (plus z step) h = fires (threshold net h) v) by reflexivity.
      unfold node_fires in Es |- *. fold u in Es |- *.
      destruct (fires_spec (threshold net h) v) as [[Ev Hbv]|[Ev Hbv]]; rewrite Ev;
      destruct (fires_spec (threshold net h) u) as [[Eu Hbu]|[Eu Hbu]]; rewrite Eu; cbn [indicator].
      - replace (1 * v - 1 * v) with 0 by ring. rewrite Rabs_R0.
        destruct (Hc h Hh) as [[[other [_ Hsilent]] ->]|[_ ->]]; [|lra].
        destruct (fires_spec (threshold net h) (preactivation d net (plus z other) h)) as [[E _]|[_ H0]].
        + exfalso. unfold node_fires in Hsilent. congruence.
        + pose proof (Rabs_pos (preactivation d net (plus z other) h)). lra.
      - destruct (Ho h Hh) as [[_ ->]|[Hno _]].
        + replace (1 * v - 0 * v) with v by ring. lra.
        + exfalso. apply Hno. exists step. split; [exact Hstep|]. rewrite Hfire. exact Ev.
      - destruct (Hc h Hh) as [[_ ->]|[Hno _]].
        + replace (0 * v - 1 * v) with (- v) by ring. rewrite Rabs_Ropp. lra.
        + exfalso. apply Hno. exists step. split; [exact Hstep|]. rewrite Hfire. exact Ev.
      - replace (0 * v - 0 * v) with 0 by ring. rewrite Rabs_R0.
        pose proof (Rabs_pos u). pose proof (Rabs_pos (dot d (weight net h) step)).
        destruct (Ho h Hh) as [[_ ->]|[_ ->]]; lra. }
    rewrite Hsplit. unfold bound.
    pose proof (Rabs_triang (e - dot d (gradient d net z) step) (- sum 1 (nodes net) moved)) as H1.
    pose proof (Rabs_triang e (- dot d (gradient d net z) step)) as H2. rewrite Rabs_Ropp in H1, H2.
    pose proof (dual_bound_abs Hn _ _ _ step HG Hstep) as H3. pose proof (sum_abs (nodes net) moved) as H4.
    unfold Rminus in *. lra. }
  split; [exact Hbound|].
  assert (Hupper : is_upper_bound (attacked_losses d norm eps net z y) (bound ^ 2)).
  { intros l [step [Hstep ->]]. rewrite <- (pow2_abs (y - _)). apply pow_incr. split; [apply Rabs_pos|].
    apply Hbound, Hstep. }
  destruct (completeness (attacked_losses d norm eps net z y)) as [worst Hworst].
  - exists (bound ^ 2). exact Hupper.
  - exists ((y - output d net (plus z (fun _ => 0))) ^ 2), (fun _ => 0). split; [|reflexivity].
    rewrite (norm_of_zero Hn); [exact Heps|]. intros i _. reflexivity.
  - exists worst. split; [exact Hworst|]. apply Hworst. exact Hupper.
Qed.
