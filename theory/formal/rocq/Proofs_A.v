(** Proofs of what [Statements_A.v] claims. *)

From Coq Require Import Bool List ZArith Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
Require Import Model Sums Attacks Networks Walks Groups Inversion Generated Statements_A.
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
      destruct (Rle_dec 0 (dot d w z)); [rewrite (Rabs_right (dot d w z)) by lra|rewrite (Rabs_left (dot d w z)) by lra];
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
  intros d M net z g HM Hg. unfold P1_effective_map_rhs. rewrite transpose_involutive, (held_product d net z) by exact Hg.
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
  rewrite (certified_output Hn eps net z D step) by assumption. rewrite Hgain, <- square_of_error_attained by exact Hreach.
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
  { intros l [step [Hstep ->]]. rewrite <- (pow2_abs (y - _)). apply pow_incr. split; [apply Rabs_pos|]. apply Hbound, Hstep. }
  destruct (completeness (attacked_losses d norm eps net z y)) as [worst Hworst].
  - exists (bound ^ 2). exact Hupper.
  - exists ((y - output d net (plus z (fun _ => 0))) ^ 2), (fun _ => 0). split; [|reflexivity].
    rewrite (norm_of_zero Hn); [exact Heps|]. intros i _. reflexivity.
  - exists worst. split; [exact Hworst|]. apply Hworst. exact Hupper.
Qed.

(** ** P3 *)

(** Entry [i] of the effective map, node by node. *)
Lemma effective_map_entry d M net z i :
  effective_map d M net z i
  = sum 1 (nodes net) (fun h => head net h * indicator (node_fires d net z h) * feature_weight d M net h i).
Proof.
  unfold effective_map, feature_weight, apply, gradient, dot.
  rewrite (sum_ext d _ (fun j => sum 1 (nodes net) (fun h =>
    head net h * indicator (node_fires d net z h) * (transpose M i j * weight net h j)))).
  - rewrite sum_swap. apply sum_ext. intros h _. apply sum_scale.
  - intros j _. rewrite <- sum_scale. apply sum_ext. intros. ring.
Qed.

Theorem P3_pure_nodes_holds : P3_pure_nodes.
Proof.
  intros d M net f omega x i Hpure Hi Hx. rewrite effective_map_entry. apply sum_zero. intros h Hh.
  destruct (Hpure h Hh) as [Hb Hu]. rewrite (Hu i Hi). unfold scale, delta.
  destruct (Nat.eqb_spec (f h) i) as [Hf|Hf]; [|ring].
  unfold node_fires. rewrite preactivation_features, (dot_same d _ _ x x Hu) by (intros j _; reflexivity).
  rewrite dot_scale_l. unfold dot. rewrite sum_delta by (rewrite Hf; exact Hi). rewrite Hf, Hx, Rmult_0_r.
  rewrite fires_false by (rewrite Rabs_R0; exact Hb). cbn. ring.
Qed.

Lemma dot_2 x y : dot 2 x y = x 1%nat * y 1%nat + x 2%nat * y 2%nat.
Proof. unfold dot. rewrite !sum_S, sum_O. ring. Qed.

Theorem P3_the_converse_fails_holds : P3_the_converse_fails.
Proof.
  intros M net b y1 y2 e eta R c Hnodes Hb Hu1 Ha1 Hu2 Ha2 Hu3 Ha3 HR Heta He Hbounds Hy1 Hy2.
  assert (Heta' : (1 + eta) * R < 2) by lra.
  assert (Hsum : eta < 1).
  { assert (2 / R < 2).
    { apply Rmult_lt_reg_r with R; [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra. }
    lra. }
  assert (Hu1' := Hu1 1%nat). assert (Hu1'' := Hu1 2%nat). assert (Hu2' := Hu2 1%nat). assert (Hu2'' := Hu2 2%nat).
  assert (Hu3' := Hu3 1%nat). assert (Hu3'' := Hu3 2%nat). clear Hu1 Hu2 Hu3. unfold pair in Hu2', Hu2'', Hu3', Hu3''.
  cbn [Nat.eqb] in Hu2', Hu2'', Hu3', Hu3''.
  assert (Hsees : forall h x1 x2, preactivation 2 net (apply 2 M (pair x1 x2)) h
    = feature_weight 2 M net h 1%nat * x1 + feature_weight 2 M net h 2%nat * x2).
  { intros. rewrite preactivation_features, dot_2. reflexivity. }
  assert (Hfires : forall h, (1 <= h <= 3)%nat ->
    b <= preactivation 2 net (apply 2 M (pair y1 y2)) h ->
    indicator (node_fires 2 net (apply 2 M (pair y1 y2)) h) = 1).
  { intros h Hh Hle. unfold node_fires. rewrite Hb, fires_true by (exact Hh || (eapply Rle_trans; [exact Hle|apply Rle_abs])).
    reflexivity. }
  split; [|rewrite !Hsees, Hu2', Hu2'' by lia; repeat split; nra].
  rewrite effective_map_entry, Hnodes, !sum_S, sum_O, Ha1, Ha2, Ha3, Hu1', Hu2', Hu3' by lia.
  rewrite !Hfires; [ring|lia| |lia| |lia|]; rewrite Hsees;
    rewrite ?Hu1', ?Hu1'', ?Hu2', ?Hu2'', ?Hu3', ?Hu3'' by lia; nra.
Qed.

(** ** P3c *)

Lemma square_nonzero d x i : (1 <= i <= d)%nat -> x i <> 0 -> 0 < square d x.
Proof.
  intros Hi Hx. apply Rlt_le_trans with (x i * x i); [nra|].
  apply (term_le_sum d (fun i => x i * x i)); [intros; nra|exact Hi].
Qed.

Theorem P3c_lower_bound_holds : P3c_lower_bound.
Proof.
  intros d M net theta l iota [Hl _] Hfit Hiota. apply Rle_ge, mean_le; [exact Hl|].
  unfold exact_fit in Hfit. eapply Forall_impl; [|exact Hfit]. intros [share x] Hx Hshare. specialize (Hx Hshare).
  rewrite output_effective_map in Hx. set (beta := effective_map d M net (apply d M x)) in *.
  unfold P3c_lower_bound_mean. rewrite <- !sum_is_sum_n_m.
  replace (sum 1 d (fun k => x k ^ 2)) with (square d x) by (apply sum_ext; intros; ring).
  change (sum 1 d (fun k => theta k * x k)) with (dot d theta x). rewrite <- Hx.
  destruct (Hiota x) as [[[i [Hi Hxi]] ->]|[_ ->]].
  - pose proof (square_nonzero d x i Hi Hxi). rewrite Rmult_1_l.
    apply Rmult_le_reg_r with (square d x); [assumption|].
    unfold Rdiv. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra. apply dot_square.
  - unfold Rdiv. rewrite !Rmult_0_l. apply square_nonnegative.
Qed.

(** ** P4 *)

(** An integer combination of signs is an integer. *)
Lemma integer_dot d (u k : nat -> Z) : exists n, dot d (fun i => IZR (u i)) (fun i => IZR (k i)) = IZR n.
Proof.
  unfold dot. induction d as [|d [n IH]].
  - exists 0%Z. reflexivity.
  - exists (n + u (S d) * k (S d))%Z. rewrite sum_S, IH, plus_IZR, mult_IZR. reflexivity.
Qed.

Lemma dot_features d u r k : dot d u (features r k) = r * dot d u (fun i => IZR (k i)).
Proof. exact (dot_scale d u r (fun i => IZR (k i))). Qed.

Lemma gate_of_multiple b r n : 0 < r -> b <= r -> gate b (r * IZR n) = r * IZR n.
Proof.
  intros Hr Hb. unfold gate. destruct (Z.eq_dec n 0) as [->|Hn].
  - rewrite Rmult_0_r. destruct (fires b 0); reflexivity.
  - rewrite fires_true; [reflexivity|]. rewrite Rabs_mult, (Rabs_right r), <- abs_IZR by lra.
    assert (1 <= IZR (Z.abs n)) by (apply IZR_le; lia). nra.
Qed.

Theorem P4_gate_holds : P4_gate.
Proof.
  intros d u k r b Hr Hb. unfold P4_gate_rhs. rewrite dot_features. destruct (integer_dot d u k) as [n ->].
  rewrite gate_of_multiple by lra. ring.
Qed.

Theorem P4_target_by_nodes_holds : P4_target_by_nodes.
Proof.
  intros d m M net theta U x [Hm Hnodes Hu Hrows Hheads]. unfold P4_target_by_nodes_rhs. rewrite Hnodes.
  assert (Hm' : INR m <> 0) by (apply not_0_INR; lia).
  rewrite (sum_ext d _ (fun h => sum 1 d (fun i => sum 1 d (fun j =>
    theta i / INR m * x j * (IZR (U i h) * IZR (U j h)))))).
  - rewrite sum_swap. unfold dot. apply sum_ext. intros i Hi. rewrite sum_swap.
    rewrite (sum_ext d _ (fun j => delta i j * (theta i * x j))); [apply sum_delta; exact Hi|].
    intros j Hj. rewrite sum_scale. unfold dot in Hrows. rewrite (Hrows i j Hi Hj). field. exact Hm'.
  - intros h Hh. rewrite Hheads, preactivation_features by exact Hh.
    rewrite (dot_same d _ _ x x (Hu h Hh)) by (intros j _; reflexivity).
    unfold dot, Rdiv. rewrite <- !sum_scale_r. apply sum_ext. intros i _. rewrite <- sum_scale. apply sum_ext.
    intros j _. ring.
Qed.

Theorem P4_fit_holds : P4_fit.
Proof.
  intros d m M net theta U k r b Hmix Hr Hb Hthreshold _. unfold P4_fit_rhs. rewrite <- dot_features.
  pose proof (P4_target_by_nodes_holds d m M net theta U (features r k) Hmix) as Htarget.
  unfold P4_target_by_nodes_rhs in Htarget. rewrite <- Htarget.
  destruct Hmix as [_ Hnodes Hu _ _]. unfold output. rewrite Hnodes. apply sum_ext. intros h Hh. f_equal.
  rewrite Hthreshold, preactivation_features by exact Hh.
  rewrite (dot_same d _ _ _ (features r k) (Hu h Hh)) by (intros j _; reflexivity).
  rewrite dot_features. destruct (integer_dot d (fun i => U i h) k) as [n ->]. apply gate_of_multiple; lra.
Qed.

Theorem P4_any_amplitudes_holds : P4_any_amplitudes.
Proof.
  intros d m M net theta U x b s t Hmix Hb Hthreshold Hs Ht. unfold P4_any_amplitudes_rhs. rewrite <- sum_is_sum_n_m.
  pose proof (P4_target_by_nodes_holds d m M net theta U x Hmix) as Htarget. unfold P4_target_by_nodes_rhs in Htarget.
  rewrite <- Htarget. destruct Hmix as [_ Hnodes Hu _ _]. unfold output. rewrite Hnodes, <- sum_sub.
  eapply Rle_trans; [apply sum_abs|]. rewrite <- sum_scale. apply sum_le. intros h Hh.
  rewrite <- Rmult_minus_distr_l, Rabs_mult, gate_indicator.
  pose proof (marks_indicator _ _ (Hs h Hh)) as Es. unfold node_fires in Es. rewrite Es.
  set (v := preactivation d net (apply d M x) h) in *. rewrite Hthreshold by exact Hh.
  pose proof (Rabs_pos (head net h)) as Ha.
  destruct (fires_spec b v) as [[-> _]|[-> Hv]]; cbn [indicator].
  - replace (1 * v - v) with 0 by ring. rewrite Rabs_R0. lra.
  - replace (0 * v - v) with (- v) by ring. rewrite Rabs_Ropp.
    destruct (Ht h Hh) as [[_ ->]|[Hno ->]]; [nra|].
    assert (Hv0 : v = 0).
    { unfold v. rewrite preactivation_features, (dot_same d _ _ x x (Hu h Hh)) by (intros j _; reflexivity).
      apply sum_zero. intros i Hi. destruct (Z.eq_dec (U i h) 0) as [->|HU]; [lra|].
      destruct (Req_dec (x i) 0) as [->|Hx]; [lra|]. exfalso. apply Hno. exists i. auto. }
    rewrite Hv0, Rabs_R0. lra.
Qed.

(** ** P8 *)

(** A feature that acts alone is seen through its feature weight. *)
Lemma alone d M w r i : (1 <= i <= d)%nat -> dot d w (apply d M (scale r (delta i))) = r * apply d (transpose M) w i.
Proof.
  intros Hi. rewrite dot_comm, dot_apply, dot_scale_l. unfold dot at 1. rewrite sum_delta by exact Hi. reflexivity.
Qed.

Theorem P8_features_alone_holds : P8_features_alone.
Proof.
  intros d M w r b HM Hr Hb. unfold P8_features_alone_rhs. rewrite norm_2_square, <- (dictionary_square d M w HM).
  set (u := apply d (transpose M) w). unfold firing_alone.
  apply Rle_trans with (sum 1 d (fun i => (r / b) ^ 2 * (u i * u i))).
  - apply sum_le. intros i Hi. rewrite alone by exact Hi. fold u.
    replace ((r / b) ^ 2 * (u i * u i)) with ((Rabs (r * u i) / b) ^ 2).
    2:{ unfold Rdiv. rewrite !Rpow_mult_distr, pow2_abs. ring. }
    destruct (fires_spec b (r * u i)) as [[-> Hle]|[-> _]]; cbn [indicator]; [|apply pow2_ge_0].
    assert (1 <= Rabs (r * u i) / b); [|nra].
    apply Rmult_le_reg_r with b; [exact Hb|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra.
  - rewrite sum_scale. fold (dot d u u). fold (square d u). apply Req_le. field. lra.
Qed.

Theorem P8_one_feature_alone_holds : P8_one_feature_alone.
Proof.
  intros d M w r b HM Hr Hw Hb.
  assert (Hsqrt : 0 < sqrt 2 * norm_2 d w * r) by (repeat apply Rmult_lt_0_compat; try assumption; apply sqrt_lt_R0; lra).
  eapply Rle_lt_trans; [apply P8_features_alone_holds; assumption || lra|]. unfold P8_features_alone_rhs.
  assert (Hsquare : (sqrt 2 * norm_2 d w * r / 2) ^ 2 < b ^ 2) by nra.
  replace ((sqrt 2 * norm_2 d w * r / 2) ^ 2) with (norm_2 d w ^ 2 * r ^ 2 / 2) in Hsquare.
  2:{ replace (sqrt 2 * norm_2 d w * r / 2) with (sqrt 2 * (norm_2 d w * r / 2)) by field.
      rewrite (Rpow_mult_distr (sqrt 2)), pow2_sqrt by lra. field. }
  assert (Hb2 : 0 < b ^ 2) by nra.
  apply Rmult_lt_reg_r with (b ^ 2); [exact Hb2|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra.
Qed.

Theorem P8_features_together_holds : P8_features_together.
Proof.
  intros d M w i j c r b Hi Hj Hij Hui Huj Hr Hc Hb. rewrite alone, Hui by exact Hi.
  assert (Hplus : dot d w (apply d M (plus (scale r (delta i)) (scale r (delta j)))) = r * c + r * c).
  { rewrite dot_comm, dot_apply, dot_comm, dot_plus, !(dot_comm d _ (scale _ _)), !dot_scale_l.
    unfold dot. rewrite !sum_delta by assumption. rewrite Hui, Huj. reflexivity. }
  rewrite Hplus. split; lra.
Qed.

(** ** P5 *)

Theorem P5_series_holds : P5_series.
Proof.
  intros d u m r b p _ _ Hb Hu. rewrite (node_fires_walk d m u r b p Hb Hu), firing_probability_walk.
  split; [reflexivity|]. unfold P5_series_rhs. rewrite <- sum_is_sum_n_m, visit_series. f_equal. apply sum_0_ext.
  intros j Hj. rewrite !choose_C; [reflexivity|..|lia].
  apply Nat.le_trans with (2 * (m / 2))%nat; [lia|]. apply Nat.mul_div_le. lia.
Qed.

(** What one more feature adds. *)
Lemma firing_probability_gain m p :
  - firing_probability m p + firing_probability (S m) p = p * (visit p m 0 - visit p m 1).
Proof.
  rewrite !firing_probability_walk, visit_S. change (0 - 1)%Z with (Z.opp 1). rewrite visit_mirror.
  change (0 + 1)%Z with 1%Z. lra.
Qed.

Theorem P5_growth_holds : P5_growth.
Proof.
  intros m p _ Hp. unfold P5_growth_lhs. cbn [Nat.add]. rewrite firing_probability_gain.
  apply Rlt_gt, Rmult_lt_0_compat; [lra|]. apply visit_falls. lra.
Qed.

Theorem P5_only_below_holds : P5_only_below.
Proof.
  intros p Hp. unfold P5_only_below_lhs, P5_only_below_rhs.
  assert (H : - firing_probability 1 p + firing_probability 2 p = p * (1 - 3 * p / 2)).
  { rewrite (firing_probability_gain 1 p). unfold visit, at_place. cbn. lra. }
  rewrite H. split; [field|]. intros. nra.
Qed.

Theorem P5_growth_fails_up_to_seven_tenths_holds : P5_growth_fails_up_to_seven_tenths.
Proof.
  intros H. specialize (H 1%nat (69 / 100) ltac:(lia) ltac:(lra)). unfold P5_growth_lhs in H. cbn [Nat.add] in H.
  rewrite firing_probability_gain in H. unfold visit, at_place in H. cbn in H. lra.
Qed.

Theorem P5_bounds_holds : P5_bounds.
Proof.
  intros m p _ Hp. unfold P5_bounds_rhs1, P5_bounds_rhs2. rewrite firing_probability_walk.
  assert (H : (1 - p) ^ m <= visit p m 0).
  { pose proof (walk_at_least p m (at_place 0) ltac:(lra)) as H. unfold at_place at 2 in H. cbn in H. unfold visit.
    rewrite Rmult_1_r in H. apply H. intros s. unfold at_place. destruct (Z.eqb s 0); lra. }
  split; [|lra].
  assert (Hbernoulli : 1 - INR m * p <= (1 - p) ^ m); [|lra].
  clear H. induction m as [|m IH]; [cbn; lra|]. rewrite S_INR. cbn [pow].
  assert (0 <= INR m) by apply pos_INR. assert (0 <= (1 - p) ^ m) by (apply pow_le; lra).
  destruct (Rle_dec 0 (1 - INR m * p)); nra.
Qed.

Theorem P5_projection_holds : P5_projection.
Proof.
  intros d M net theta z s k Horth Hheads Hk Hs. unfold P5_projection_rhs.
  transitivity (sum 1 (nodes net) (fun h => head net h * indicator (node_fires d net z h)
    * dot d (feature_weight d M net k) (feature_weight d M net h))).
  - unfold dot at 1.
    rewrite (sum_ext d _ (fun i => sum 1 (nodes net) (fun h => head net h * indicator (node_fires d net z h)
      * (feature_weight d M net k i * feature_weight d M net h i)))).
    + rewrite sum_swap. apply sum_ext. intros h _. apply sum_scale.
    + intros i _. rewrite effective_map_entry, <- sum_scale. apply sum_ext. intros. ring.
  - rewrite (sum_single _ k); [|exact Hk|].
    + rewrite Hheads, <- (marks_indicator _ _ (Hs k Hk)) by exact Hk. fold (square d (feature_weight d M net k)).
      destruct (Horth k k Hk Hk) as [Hsquare _]. field. lra.
    + intros h Hh Hne. destruct (Horth k h Hk Hh) as [_ H0]. rewrite H0 by congruence. ring.
Qed.

(** The energy of the effective map at one observation, node by node. *)
Lemma projected_energy d M net theta z :
  orthogonal_nodes d M net -> projecting_heads d M net theta ->
  square d (effective_map d M net z)
  = sum 1 (nodes net) (fun h => indicator (node_fires d net z h)
      * (dot d (feature_weight d M net h) theta ^ 2 / square d (feature_weight d M net h))).
Proof.
  intros Horth Hheads. unfold square at 1. unfold dot at 1.
  rewrite (sum_ext d _ (fun i => sum 1 (nodes net) (fun h => head net h * indicator (node_fires d net z h)
    * (feature_weight d M net h i * effective_map d M net z i)))).
  - rewrite sum_swap. apply sum_ext. intros h Hh. rewrite sum_scale.
    fold (dot d (feature_weight d M net h) (effective_map d M net z)).
    rewrite (P5_projection_holds d M net theta z (fun h => indicator (node_fires d net z h)) h Horth Hheads Hh).
    + unfold P5_projection_rhs. rewrite (Hheads h Hh). destruct (Horth h h Hh Hh) as [Hsquare _].
      unfold indicator. destruct (node_fires d net z h); field; lra.
    + intros h' _. unfold marks, indicator. destruct (node_fires d net z h'); auto.
  - intros i _. rewrite (effective_map_entry d M net z i) at 1. rewrite <- sum_scale_r. apply sum_ext. intros. ring.
Qed.

Theorem P5_energy_of_orthogonal_nodes_holds : P5_energy_of_orthogonal_nodes.
Proof.
  intros d M net theta l _ Horth Hheads. unfold P5_energy_of_orthogonal_nodes_rhs. rewrite <- sum_is_sum_n_m.
  rewrite (mean_ext l _ _ (fun z => projected_energy d M net theta z Horth Hheads)), mean_sum.
  apply sum_ext. intros h Hh. unfold probability.
  rewrite (mean_ext l _ (fun z => dot d (feature_weight d M net h) theta ^ 2 / square d (feature_weight d M net h)
    * indicator (node_fires d net z h))) by (intros; ring).
  rewrite mean_scale. unfold Rdiv. ring.
Qed.

(** The nodes of an integer mixture are orthogonal, and its heads project. *)
Lemma mixture_columns d m M net theta U h k :
  integer_mixture d m M net theta U -> (1 <= h <= d)%nat -> (1 <= k <= d)%nat ->
  dot d (feature_weight d M net h) (feature_weight d M net k) = INR m * delta h k.
Proof.
  intros [Hm Hnodes Hu Hrows Hheads] Hh Hk. rewrite (dot_same d _ _ _ _ (Hu h Hh) (Hu k Hk)).
  apply (orthogonal_rows d (INR m) (fun h i => IZR (U i h))); assumption.
Qed.

Lemma mixture_is_orthogonal d m M net theta U : integer_mixture d m M net theta U -> orthogonal_nodes d M net.
Proof.
  intros Hmix h k Hh Hk. pose proof Hmix as [Hm Hnodes _ _ _]. rewrite Hnodes in Hh, Hk.
  unfold square. rewrite !(mixture_columns d m M net theta U) by assumption. unfold delta. rewrite Nat.eqb_refl. split.
  - rewrite Rmult_1_r. apply lt_0_INR. lia.
  - intros Hne. destruct (Nat.eqb_spec h k); [contradiction|ring].
Qed.

Lemma mixture_projects d m M net theta U : integer_mixture d m M net theta U -> projecting_heads d M net theta.
Proof.
  intros Hmix h Hh. pose proof Hmix as [Hm Hnodes Hu _ Hheads]. rewrite Hnodes in Hh. unfold square.
  rewrite (mixture_columns d m M net theta U), (Hheads h Hh) by assumption. unfold delta. rewrite Nat.eqb_refl, Rmult_1_r.
  f_equal. apply dot_same; [|intros i _; reflexivity]. intros i Hi. symmetry. apply (Hu h Hh i Hi).
Qed.

Theorem P5_energy_of_a_mixture_holds : P5_energy_of_a_mixture.
Proof.
  intros d m M net theta U r b p Hmix HU Hp Hb Hthreshold. unfold P5_energy_of_a_mixture_rhs.
  pose proof (mixture_is_orthogonal _ _ _ _ _ _ Hmix) as Horth. pose proof (mixture_projects _ _ _ _ _ _ Hmix) as Hheads.
  rewrite (mean_ext _ _ _ (fun x => projected_energy d M net theta (apply d M x) Horth Hheads)), mean_sum.
  pose proof Hmix as [Hm Hnodes Hu Hrows _]. rewrite Hnodes.
  assert (Hm' : INR m <> 0) by (apply not_0_INR; lia).
  rewrite (sum_ext d _ (fun h => firing_probability m p / INR m * dot d (feature_weight d M net h) theta ^ 2)).
  2:{ intros h Hh.
      rewrite (mean_ext _ _ (fun x => dot d (feature_weight d M net h) theta ^ 2 / square d (feature_weight d M net h)
        * indicator (fires b (dot d (feature_weight d M net h) x)))).
      2:{ intros x. unfold node_fires. rewrite preactivation_features, Hthreshold by exact Hh. ring. }
      rewrite mean_scale. change (mean (inputs d r p) _) with (node_firing_probability d (feature_weight d M net h) r b p).
      assert (Hsquare : square d (feature_weight d M net h) = INR m).
      { unfold square. rewrite (mixture_columns d m M net theta U) by assumption. unfold delta. rewrite Nat.eqb_refl. ring. }
      rewrite (node_fires_walk d m) by (exact Hb || (split; [|exact Hsquare]; intros i Hi; rewrite (Hu h Hh i Hi);
        destruct (HU i h) as [->|[->| ->]]; [left; reflexivity|right; apply Rabs_R1|right; rewrite Rabs_left; lra])).
      rewrite Hsquare, <- firing_probability_walk. field. exact Hm'. }
  rewrite sum_scale.
  pose proof (P4_target_by_nodes_holds d m M net theta U theta Hmix) as Htarget. unfold P4_target_by_nodes_rhs in Htarget.
  rewrite <- Htarget, Hnodes.
  rewrite (sum_ext d (fun h => head net h * _) (fun h => / INR m * dot d (feature_weight d M net h) theta ^ 2)).
  - rewrite sum_scale. field. exact Hm'.
  - intros h Hh. rewrite preactivation_features, Hheads by (rewrite Hnodes; exact Hh). unfold square.
    rewrite (mixture_columns d m M net theta U) by assumption. unfold delta. rewrite Nat.eqb_refl. field. exact Hm'.
Qed.

Theorem P5_integral_holds : P5_integral.
Proof.
  intros m p _ _. unfold P5_integral_rhs. rewrite firing_probability_walk. f_equal.
  rewrite (RInt_ext _ (fun t => character p t ^ m)).
  - rewrite (is_RInt_unique (V := R_CompleteNormedModule) _ _ _ _ (character_integral p m)).
    field. apply PI_neq0.
  - intros t _. unfold character. f_equal. ring.
Qed.

Theorem P5_growth_over_even_orders_holds : P5_growth_over_even_orders.
Proof.
  intros n p Hp. unfold P5_growth_over_even_orders_lhs. rewrite !firing_probability_walk.
  pose proof (visit_even_falls p n Hp). lra.
Qed.

Theorem P5_growth_over_odd_orders_fails_holds : P5_growth_over_odd_orders_fails.
Proof.
  intros H. specialize (H 0%nat 1 ltac:(lra)). rewrite !firing_probability_walk in H.
  unfold visit, at_place in H. cbn in H. lra.
Qed.

(** ** P3c, at constant amplitude *)

Lemma least_unique among v v' : least among v -> least among v' -> v = v'.
Proof. intros [Hv Hmin] [Hv' Hmin']. apply Rle_antisym; [apply Hmin, Hv'|apply Hmin', Hv]. Qed.

(** The shortest effective map that fits at one input is the multiple of the input that does. *)
Lemma least_square_of_fit d theta x :
  0 < square d x ->
  least (fun s => exists beta, dot d beta x = dot d theta x /\ s = square d beta) (dot d theta x ^ 2 / square d x).
Proof.
  intros Hx. split.
  - exists (scale (dot d theta x / square d x) x). rewrite dot_scale_l, square_scale. fold (square d x).
    split; field; lra.
  - intros s [beta [<- ->]]. apply Rmult_le_reg_r with (square d x); [exact Hx|].
    unfold Rdiv. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra. apply dot_square.
Qed.

Lemma least_square_of_zero d theta x :
  same d x (fun _ => 0) -> least (fun s => exists beta, dot d beta x = dot d theta x /\ s = square d beta) 0.
Proof.
  intros Hx.
  assert (Hzero : forall y, dot d y x = 0).
  { intros y. apply sum_zero. intros i Hi. rewrite Hx by exact Hi. ring. }
  split.
  - exists (fun _ => 0). rewrite !Hzero. split; [reflexivity|]. symmetry. apply sum_zero. intros. ring.
  - intros s [beta [_ ->]]. apply square_nonnegative.
Qed.

Lemma square_active d k :
  (forall i, (1 <= i <= d)%nat -> k i = 0%Z \/ k i = 1%Z \/ k i = (-1)%Z) ->
  square d (fun i => IZR (k i)) = INR (active d k).
Proof. exact (square_held d k). Qed.

(** The mean over the inputs of what the least-norm fit costs at each of them. *)
Lemma mean_least d theta p f :
  (1 <= d)%nat ->
  (forall k, are_signs d k -> f k = dot d theta (fun i => IZR (k i)) ^ 2 * / INR (active d k)) ->
  mean (signs d p) f = (1 - (1 - p) ^ d) * sum_n_m (fun k => theta k ^ 2) 1 d / INR d.
Proof.
  intros Hd Hf. rewrite <- sum_is_sum_n_m.
  replace (sum 1 d (fun k => theta k ^ 2)) with (square d theta) by (apply sum_ext; intros; ring).
  destruct d as [|d]; [lia|]. rewrite (mean_signs_ext (S d) p _ _ Hf).
  rewrite (mean_square_of_form d p theta (fun n => / INR n)), <- (binomial_mean_inverse p d). field.
  apply not_0_INR. lia.
Qed.

Lemma square_features d r k : are_signs d k -> square d (features r k) = r ^ 2 * INR (active d k).
Proof.
  intros Hk. rewrite <- square_active by exact Hk. apply (square_scale d r (fun i => IZR (k i))).
Qed.

(** An input without an active feature is zero. *)
Lemma inactive d k : are_signs d k -> active d k = O -> forall i, (1 <= i <= d)%nat -> k i = 0%Z.
Proof.
  intros Hk H0 i Hi. apply eq_IZR. apply (square_zero d (fun i => IZR (k i))); [|exact Hi].
  rewrite square_active, H0 by exact Hk. reflexivity.
Qed.

Theorem P3c_its_value_holds : P3c_its_value.
Proof.
  intros d theta r p least_square Hd Hp Hr Hleast. unfold P3c_its_value_rhs. rewrite mean_inputs.
  apply mean_least; [exact Hd|]. intros k Hk. pose proof (square_features d r k Hk) as Hx.
  destruct (active d k) as [|n] eqn:Hactive.
  - pose proof (inactive d k Hk Hactive) as Hzero.
    assert (Hx0 : same d (features r k) (fun _ => 0)) by (intros i Hi; unfold features; rewrite Hzero by exact Hi; ring).
    rewrite (least_unique _ _ _ (Hleast (features r k)) (least_square_of_zero d theta _ Hx0)).
    assert (H0 : dot d theta (fun i => IZR (k i)) = 0) by (apply sum_zero; intros i Hi; rewrite Hzero by exact Hi; ring).
    rewrite H0. ring.
  - assert (Hn : 0 < INR (S n)) by (apply lt_0_INR; lia).
    assert (Hpositive : 0 < square d (features r k)) by (rewrite Hx; apply Rmult_lt_0_compat; nra).
    rewrite (least_unique _ _ _ (Hleast (features r k)) (least_square_of_fit d theta _ Hpositive)).
    rewrite Hx, dot_features. field. lra.
Qed.

(** The shift as an integer over [8^d]. *)
Fixpoint shifted (d : nat) (w : nat -> Z) : Z :=
  match d with
  | O => 0%Z
  | S n => (shifted n w + 8 ^ Z.of_nat n * w (S n))%Z
  end.

Lemma shift_is_shifted d w : dot d (fun k => / 8 ^ (S d - k)) (fun k => IZR (w k)) = IZR (shifted d w) / 8 ^ d.
Proof.
  assert (H : forall e, (e <= d)%nat -> dot e (fun k => / 8 ^ (S d - k)) (fun k => IZR (w k)) = IZR (shifted e w) / 8 ^ d);
    [|apply H; lia].
  unfold dot. induction e as [|e IH]; intros He; [cbn; lra|].
  rewrite sum_S, IH by lia. cbn [shifted]. rewrite plus_IZR, mult_IZR, <- pow_IZR.
  replace (8 ^ d) with (8 ^ e * 8 ^ (S d - S e)) by (rewrite <- pow_add; f_equal; lia).
  field. split; apply pow_nonzero; lra.
Qed.

Lemma shifted_bound d w :
  (forall k, (-2 <= w k <= 2)%Z) -> (7 * Z.abs (shifted d w) <= 2 * (8 ^ Z.of_nat d - 1))%Z.
Proof.
  intros Hw. induction d as [|d IH]; [cbn; lia|]. cbn [shifted].
  rewrite Nat2Z.inj_succ, Z.pow_succ_r by lia. pose proof (Hw (S d)) as H.
  pose proof (Z.pow_pos_nonneg 8 (Z.of_nat d) ltac:(lia) ltac:(lia)). nia.
Qed.

Lemma shifted_nonzero d w :
  (forall k, (-2 <= w k <= 2)%Z) -> (exists k, (1 <= k <= d)%nat /\ w k <> 0%Z) -> shifted d w <> 0%Z.
Proof.
  intros Hw [k [Hk Hwk]]. induction d as [|d IH]; [lia|]. cbn [shifted].
  pose proof (shifted_bound d w Hw) as Hbound. pose proof (Z.pow_pos_nonneg 8 (Z.of_nat d) ltac:(lia) ltac:(lia)).
  destruct (Z.eq_dec (w (S d)) 0) as [E|E].
  - rewrite E. assert (k <> S d) by congruence. pose proof (IH ltac:(lia)). lia.
  - nia.
Qed.

Theorem P3c_separation_holds : P3c_separation.
Proof.
  intros d w s direction Hd Hw Hnonzero Hs Hdirection g. unfold P3c_separation_rhs1, P3c_separation_rhs2, P3c_separation_rhs3.
  assert (Hpow : 0 < 8 ^ d) by (apply pow_lt; lra).
  assert (Hg : Rabs (dot d g (fun k => IZR (w k))) = IZR (Z.abs (shifted d w)) / 8 ^ d).
  { unfold g. rewrite shift_is_shifted. unfold Rdiv. rewrite Rabs_mult, <- abs_IZR, (Rabs_right (/ 8 ^ d)); [reflexivity|].
    apply Rle_ge, Rlt_le, Rinv_0_lt_compat, Hpow. }
  assert (Hlow : 1 <= IZR (Z.abs (shifted d w))) by (apply IZR_le; pose proof (shifted_nonzero d w Hw Hnonzero); lia).
  assert (Hhigh : 7 * IZR (Z.abs (shifted d w)) <= 2 * (8 ^ d - 1)).
  { rewrite pow_IZR, <- minus_IZR, <- !mult_IZR. apply IZR_le, shifted_bound, Hw. }
  assert (Hbelow : Rabs (dot d g (fun k => IZR (w k))) < 2 / 7).
  { rewrite Hg. apply Rmult_lt_reg_r with (8 ^ d); [exact Hpow|]. unfold Rdiv at 1. rewrite Rmult_assoc, Rinv_l; lra. }
  split; [|split; [|exact Hbelow]].
  - rewrite Hg. apply Rle_ge, Rmult_le_compat_r; [apply Rlt_le, Rinv_0_lt_compat, Hpow|]. cbn [pow]. exact Hlow.
  - rewrite dot_comm, dot_plus, dot_scale, (dot_comm d _ g), (dot_comm d _ (fun k => IZR (s k))).
    destruct (integer_dot d s w) as [n Hn]. rewrite Hn in *.
    assert (Hone : 1 <= Rabs (IZR n)).
    { rewrite <- abs_IZR. apply IZR_le. assert (n <> 0%Z) by (intros ->; apply Hs; reflexivity). lia. }
    set (t := dot d g (fun k => IZR (w k))) in *.
    pose proof (Rabs_triang (IZR n + direction * t) (- (direction * t))) as H. rewrite Rabs_Ropp, Rabs_mult in H.
    replace (IZR n + direction * t + - (direction * t)) with (IZR n) in H by ring.
    assert (Hunit : Rabs direction = 1) by (destruct Hdirection as [->| ->]; [apply Rabs_R1|rewrite Rabs_left; lra]).
    rewrite Hunit in H. lra.
Qed.

(** ** P6 *)

Lemma mean_le_everywhere {outcome} (l : law outcome) f g :
  is_law l -> (forall x, f x <= g x) -> mean l f <= mean l g.
Proof.
  intros [Hl _] H. apply mean_le; [exact Hl|]. clear Hl.
  induction l as [|[q x] l IH]; constructor; [intros _; apply H|exact IH].
Qed.

Lemma mean_square_le {outcome} (l : law outcome) f : is_law l -> mean l f ^ 2 <= mean l (fun x => f x ^ 2).
Proof.
  intros Hl. pose proof Hl as [_ Hone]. set (c := mean l f).
  assert (H : 0 <= mean l (fun x => (f x - c) ^ 2)).
  { replace 0 with (mean l (fun _ => 0 * 1)) by (rewrite mean_scale; ring). apply mean_le_everywhere; [exact Hl|].
    intros x. rewrite Rmult_0_l. apply pow2_ge_0. }
  rewrite (mean_ext l _ (fun x => f x ^ 2 + (- 2 * c * f x + c ^ 2 * 1))) in H by (intros; ring).
  rewrite !mean_add, !mean_scale, Hone in H. fold c in H. lra.
Qed.

Theorem P6_bounds_holds : P6_bounds.
Proof.
  intros d M net theta l Hl Horth Hheads Htheta. unfold P6_bounds_rhs1, P6_bounds_rhs2. split.
  - apply Rle_ge. unfold Rdiv. rewrite Rmult_comm, <- mean_scale. apply mean_le_everywhere; [exact Hl|]. intros z.
    assert (Hproject : dot d (effective_map d M net z) theta = square d (effective_map d M net z)).
    { rewrite (projected_energy d M net theta z Horth Hheads). unfold dot at 1.
      rewrite (sum_ext d _ (fun i => sum 1 (nodes net) (fun h => head net h * indicator (node_fires d net z h)
        * (feature_weight d M net h i * theta i)))).
      - rewrite sum_swap. apply sum_ext. intros h Hh. rewrite sum_scale.
        fold (dot d (feature_weight d M net h) theta). rewrite (Hheads h Hh). destruct (Horth h h Hh Hh) as [Hsquare _].
        field. lra.
      - intros i _. rewrite effective_map_entry, <- sum_scale_r. apply sum_ext. intros. ring. }
    pose proof (dot_norm_2 d (effective_map d M net z) theta) as H. rewrite Hproject in H.
    apply Rmult_le_reg_l with (norm_2 d theta); [exact Htheta|]. rewrite <- Rmult_assoc, Rinv_r; lra.
  - set (mean_gain := mean l (fun z => norm_2 d (effective_map d M net z))).
    assert (H0 : 0 <= mean_gain).
    { unfold mean_gain. replace 0 with (mean l (fun _ => 0 * 1)) by (rewrite mean_scale; ring).
      apply mean_le_everywhere; [exact Hl|]. intros z. rewrite Rmult_0_l. apply norm_2_nonnegative. }
    rewrite <- (sqrt_pow2 mean_gain H0). apply sqrt_le_1_alt.
    eapply Rle_trans; [apply (mean_square_le l _ Hl)|]. apply Req_le, mean_ext. intros z. apply norm_2_square.
Qed.

(** A pure node of a low threshold fires where its feature is active. *)
Lemma purified_fires d M net theta r b h k :
  purified d M net theta -> (1 <= h <= d)%nat -> 0 < b < r -> threshold net h = b ->
  indicator (node_fires d net (apply d M (features r k)) h) = not_zero (k h).
Proof.
  intros [_ Hpure] Hh Hb Hthreshold. destruct (Hpure h Hh) as [Hu _].
  unfold node_fires. rewrite Hthreshold, preactivation_features, (dot_same d _ _ _ (features r k) Hu) by (intros i _; reflexivity).
  unfold dot. rewrite sum_delta by exact Hh. unfold features. apply fires_multiple, Hb.
Qed.

Theorem P6_pure_features_holds : P6_pure_features.
Proof.
  intros d M net theta r b p g t Hpure Hg Hp Hb Hthreshold Ht. unfold P6_pure_features_rhs. rewrite mean_inputs.
  destruct Hpure as [Hnodes Hall] eqn:E. clear E. destruct (Hall g Hg) as [Hu Ha].
  rewrite (mean_ext _ _ (fun k => exp (- t * (theta g * not_zero (k g)) ^ 2))).
  - rewrite (mean_one_sign d p g (fun s => exp (- t * (theta g * not_zero s) ^ 2)) Hg). unfold not_zero. cbn [Z.eqb].
    replace (- t * (theta g * 0) ^ 2) with 0 by ring. rewrite exp_0.
    replace (- t * (theta g * 1) ^ 2) with (- (t * theta g ^ 2)) by ring. field.
  - intros k. do 2 f_equal. rewrite square_scale, (purified_fires d M net theta r b g k Hpure Hg Hb Hthreshold), Ha.
    unfold square. rewrite (dot_same d _ _ _ _ Hu Hu). unfold dot. rewrite sum_delta by exact Hg.
    unfold delta. rewrite Nat.eqb_refl. ring.
Qed.

Theorem P6_purified_gain_holds : P6_purified_gain.
Proof.
  intros d M net theta r b p Hpure Htheta Hp Hb Hthreshold. unfold P6_purified_gain_rhs. rewrite <- sum_is_sum_n_m, mean_inputs.
  rewrite (mean_signs_ext d p _ (fun k => sqrt (INR (active d k)))).
  - rewrite (mean_active d p (fun n => sqrt (INR n))). apply sum_0_ext. intros n Hn. rewrite choose_C by exact Hn. ring.
  - intros k Hk. unfold norm_2. f_equal. rewrite <- square_active by exact Hk. apply sum_ext. intros i Hi.
    assert (Hentry : effective_map d M net (apply d M (features r k)) i = theta i * not_zero (k i)).
    { rewrite effective_map_entry. destruct Hpure as [Hnodes Hall] eqn:E. rewrite Hnodes.
      rewrite (sum_ext d _ (fun h => delta i h * (theta h * not_zero (k h)))); [apply sum_delta; exact Hi|].
      intros h Hh. destruct (Hall h Hh) as [Hu Ha].
      rewrite (Hu i Hi), Ha, (purified_fires d M net theta r b h k Hpure Hh Hb (Hthreshold h Hh)), (delta_sym i h). ring. }
    rewrite Hentry. assert (Hone : theta i * theta i = 1).
    { pose proof (Htheta i Hi) as H. pose proof (Rsqr_abs (theta i)) as H1. unfold Rsqr in H1. rewrite H1, H. ring. }
    replace (theta i * not_zero (k i) * (theta i * not_zero (k i))) with (theta i * theta i * (not_zero (k i) * not_zero (k i))) by ring.
    rewrite Hone. destruct (Hk i Hi) as [->|[->| ->]]; unfold not_zero; cbn; ring.
Qed.

(** *** Mixtures for the target of ones *)

Section Ones.

  Context {G m : nat} {M : matrix} {net : network} {U : nat -> nat -> Z} {b : R}.
  Hypothesis Hones : mixture_of_ones G m M net U b.

  Local Notation d := (G * m)%nat.
  Local Notation first g := (1 + (g - 1) * m)%nat.

  Lemma ones_order : (1 <= m)%nat.
  Proof. exact (mixture_order _ _ _ _ _ _ (ones_mixture _ _ _ _ _ _ Hones)). Qed.

  Lemma ones_nodes : nodes net = d.
  Proof. exact (mixture_nodes _ _ _ _ _ _ (ones_mixture _ _ _ _ _ _ Hones)). Qed.

  Lemma group_of i g : (1 <= i <= m)%nat -> ((i + (g - 1) * m - 1) / m = g - 1)%nat.
  Proof. intros Hi. symmetry. apply (Nat.div_unique _ m (g - 1) (i - 1)); [|rewrite (Nat.mul_comm m); generalize ((g - 1) * m)%nat; intros]; lia. Qed.

  Lemma place_of i g : (1 <= i <= m)%nat -> ((i + (g - 1) * m - 1) mod m = i - 1)%nat.
  Proof. intros Hi. symmetry. apply (Nat.mod_unique _ m (g - 1) (i - 1)); [|rewrite (Nat.mul_comm m); generalize ((g - 1) * m)%nat; intros]; lia. Qed.

  Lemma in_range i g : (1 <= i <= m)%nat -> (1 <= g <= G)%nat -> (1 <= i + (g - 1) * m <= d)%nat.
  Proof. intros Hi Hg. nia. Qed.

  (** The first node of a group sees the sum of its features. *)
  Lemma first_sees g x :
    (1 <= g <= G)%nat ->
    dot d (feature_weight d M net (first g)) x = sum 1 m (fun i => x (i + (g - 1) * m)%nat).
  Proof.
    intros Hg. pose proof ones_order as Hm.
    assert (Hfirst : (1 <= first g <= d)%nat) by (apply in_range; lia).
    rewrite (dot_same d _ _ x x (mixture_weights _ _ _ _ _ _ (ones_mixture _ _ _ _ _ _ Hones) _ Hfirst))
      by (intros i _; reflexivity).
    unfold dot. rewrite sum_blocks. rewrite (sum_single G g); [|exact Hg|].
    - apply sum_ext. intros i Hi. rewrite (ones_row _ _ _ _ _ _ Hones); [ring| |].
      + unfold same_group. rewrite !group_of by lia. reflexivity.
      + rewrite place_of by lia. reflexivity.
    - intros g' Hg' Hne. apply sum_zero. intros i Hi. rewrite (ones_apart _ _ _ _ _ _ Hones); [ring|].
      unfold same_group. rewrite !group_of by lia. lia.
  Qed.

  (** The other nodes of a group see nothing of the target. *)
  Lemma others_blind i g :
    (2 <= i <= m)%nat -> (1 <= g <= G)%nat -> dot d (feature_weight d M net (i + (g - 1) * m)) (fun _ => 1) = 0.
  Proof.
    intros Hi Hg. pose proof (ones_mixture _ _ _ _ _ _ Hones) as Hmix.
    assert (Hh : (1 <= i + (g - 1) * m <= d)%nat) by (apply in_range; lia).
    assert (Hfirst : (1 <= first g <= d)%nat) by (apply in_range; lia).
    transitivity (dot d (feature_weight d M net (i + (g - 1) * m)) (feature_weight d M net (first g))).
    - apply sum_ext. intros j Hj.
      rewrite (mixture_weights _ _ _ _ _ _ Hmix _ Hh j Hj), (mixture_weights _ _ _ _ _ _ Hmix _ Hfirst j Hj).
      destruct (Nat.eq_dec ((j - 1) / m) (g - 1)) as [Hgroup|Hgroup].
      + rewrite (ones_row _ _ _ _ _ _ Hones j (first g)); [ring| |].
        * unfold same_group. rewrite group_of by lia. exact Hgroup.
        * rewrite place_of by lia. reflexivity.
      + rewrite (ones_apart _ _ _ _ _ _ Hones j (i + (g - 1) * m)); [ring|].
        unfold same_group. rewrite group_of by lia. exact Hgroup.
    - rewrite (mixture_columns d m M net (fun _ => 1) U _ _ Hmix Hh Hfirst). unfold delta.
      destruct (Nat.eqb_spec (i + (g - 1) * m) (1 + (g - 1) * m)); [lia|ring].
  Qed.

  Lemma ones_energy r k :
    0 < b < r ->
    square d (effective_map d M net (apply d M (features r k))) = INR m * INR (firing_groups G m k).
  Proof.
    intros Hb. pose proof ones_order as Hm. pose proof (ones_mixture _ _ _ _ _ _ Hones) as Hmix.
    assert (Hm' : INR m <> 0) by (apply not_0_INR; lia).
    rewrite (projected_energy d M net (fun _ => 1) _ (mixture_is_orthogonal _ _ _ _ _ _ Hmix) (mixture_projects _ _ _ _ _ _ Hmix)).
    rewrite ones_nodes, firing_groups_sum, <- sum_scale. rewrite sum_blocks. apply sum_ext. intros g Hg.
    rewrite (sum_single m 1); [|lia|].
    - assert (Hfirst : (1 <= first g <= d)%nat) by (apply in_range; lia).
      unfold square. rewrite (mixture_columns d m M net (fun _ => 1) U _ _ Hmix Hfirst Hfirst).
      rewrite (first_sees g (fun _ => 1) Hg), sum_const. unfold delta. rewrite Nat.eqb_refl.
      unfold node_fires. rewrite (ones_threshold _ _ _ _ _ _ Hones _ Hfirst), preactivation_features, (first_sees g _ Hg).
      unfold features. rewrite (sum_scale m r (fun i => IZR (k (i + (g - 1) * m)%nat))), block_sum_is_sum.
      rewrite (fires_multiple r b _ Hb). field. exact Hm'.
    - intros i Hi Hne. rewrite (others_blind i g) by lia. unfold Rdiv. ring.
  Qed.

  Lemma ones_gain r p :
    0 < b < r ->
    mean (inputs d r p) (fun x => norm_2 d (effective_map d M net (apply d M x)))
    = binomial_mean (firing_probability m p) G (fun n => sqrt (INR m) * sqrt (INR n)).
  Proof.
    intros Hb. rewrite mean_inputs, <- (mean_firing_groups G m p). apply mean_ext. intros k.
    unfold norm_2. rewrite (ones_energy r k Hb). apply sqrt_mult; apply pos_INR.
  Qed.

End Ones.

Theorem P6_gain_of_a_mixture_holds : P6_gain_of_a_mixture.
Proof.
  intros G m M net U r b p _ Hones Hp Hb. rewrite (ones_gain Hones r p Hb). unfold P6_gain_of_a_mixture_rhs.
  rewrite <- sum_is_sum_n_m. apply sum_0_ext. intros k Hk. rewrite choose_C by exact Hk. ring.
Qed.

Theorem P6_not_monotone_holds : P6_not_monotone.
Proof.
  intros M net U M' net' U' r b H8 H4 Hb. unfold P6_not_monotone_rhs1, P6_not_monotone_rhs2.
  pose proof (ones_gain H8 r (1 / 2) Hb) as E8. pose proof (ones_gain H4 r (1 / 2) Hb) as E4.
  cbn [Nat.mul Nat.add] in E8, E4. rewrite E8, E4.
  assert (P8 : firing_probability 8 (1 / 2) = 26333 / 32768).
  { rewrite firing_probability_walk, visit_series. cbn -[pow INR]. cbn. lra. }
  assert (P4 : firing_probability 4 (1 / 2) = 93 / 128).
  { rewrite firing_probability_walk, visit_series. cbn -[pow INR]. cbn. lra. }
  rewrite P8, P4. unfold binomial_mean. cbn -[sqrt].
  assert (S4 : sqrt (1 + 1 + 1 + 1) = 2) by (replace (1 + 1 + 1 + 1) with (2 ^ 2) by ring; apply sqrt_pow2; lra).
  assert (S8 : sqrt (1 + 1 + 1 + 1 + 1 + 1 + 1 + 1) = 2 * sqrt 2).
  { replace (1 + 1 + 1 + 1 + 1 + 1 + 1 + 1) with (2 ^ 2 * 2) by ring.
    rewrite sqrt_mult by lra. rewrite sqrt_pow2 by lra. reflexivity. }
  replace (1 + 1) with 2 in * by ring. rewrite ?S4, ?S8, sqrt_0, sqrt_1.
  pose proof (sqrt_lt_1_alt 2 4 ltac:(lra)).
  assert (Hroot : sqrt 2 < 144 / 100).
  { rewrite <- (sqrt_pow2 (144 / 100)) by lra. apply sqrt_lt_1_alt. lra. }
  split; [field|lra].
Qed.

(** *** Look-up nodes *)

Lemma agree_dec d (k l : nat -> Z) :
  {forall i, (1 <= i <= d)%nat -> k i = l i} + {~ forall i, (1 <= i <= d)%nat -> k i = l i}.
Proof.
  induction d as [|d [IH|IH]].
  - left. lia.
  - destruct (Z.eq_dec (k (S d)) (l (S d))) as [E|E].
    + left. intros i Hi. destruct (Nat.eq_dec i (S d)) as [->|Hne]; [exact E|apply IH; lia].
    + right. intros H. apply E, H. lia.
  - right. intros H. apply IH. intros i Hi. apply H. lia.
Defined.

Lemma same_pair_dec d k l : {same_pair d k l} + {~ same_pair d k l}.
Proof.
  unfold same_pair. destruct (agree_dec d k l); [auto|]. destruct (agree_dec d k (fun i => (- l i)%Z)); [auto|].
  right. intros [H|H]; contradiction.
Defined.

Lemma same_pair_sym d k l : same_pair d k l -> same_pair d l k.
Proof.
  intros [H|H]; [left|right]; intros i Hi; rewrite H by exact Hi; lia.
Qed.

Lemma same_pair_trans d k l m : same_pair d k l -> same_pair d l m -> same_pair d k m.
Proof.
  intros [H|H] [H'|H']; [left|right|right|left]; intros i Hi; rewrite H, H' by exact Hi; lia.
Qed.

Lemma same_pair_features d k l r :
  same_pair d k l -> same d (features r k) (features r l) \/ same d (features r k) (scale (- 1) (features r l)).
Proof.
  unfold features, scale.
  intros [H|H]; [left|right]; intros i Hi; rewrite H by exact Hi; [reflexivity|rewrite opp_IZR; ring].
Qed.

(** What the two nodes of a window add to the effective map: their direction, for their own inputs alone. *)
Lemma window_adds d M net r own u c h k i :
  window d M net r own u c h -> are_signs d k -> (1 <= i <= d)%nat ->
  head net h * indicator (node_fires d net (apply d M (features r k)) h) * feature_weight d M net h i
  + head net (S h) * indicator (node_fires d net (apply d M (features r k)) (S h)) * feature_weight d M net (S h) i
  = (if same_pair_dec d k own then c else 0) * u i.
Proof.
  intros [Hu [Hu' [Ha [Ha' [Hown Hother]]]]] Hk Hi. unfold node_fires. rewrite Ha, Ha', !preactivation_features.
  rewrite (Hu i Hi), (Hu' i Hi), (dot_same d _ _ (features r k) (features r k) Hu),
    (dot_same d _ _ (features r k) (features r k) Hu') by (intros j _; reflexivity).
  set (v := dot d u (features r k)) in *. destruct (same_pair_dec d k own) as [Hpair|Hpair].
  - assert (Hv : Rabs v = Rabs (dot d u (features r own))).
    { unfold v. destruct (same_pair_features d k own r Hpair) as [H|H].
      - f_equal. apply dot_same; [intros j _; reflexivity|exact H].
      - rewrite (dot_same d u u _ _ (fun j _ => eq_refl) H), dot_scale, Rabs_mult, Rabs_left; lra. }
    rewrite <- Hv in Hown. rewrite fires_true, fires_false by lra. cbn. ring.
  - specialize (Hother k Hk Hpair). fold v in Hother.
    destruct (fires_spec (threshold net h) v) as [[-> H1]|[-> H1]];
    destruct (fires_spec (threshold net (S h)) v) as [[-> H2]|[-> H2]]; cbn; try ring; exfalso; lra.
Qed.

Lemma square_of_signs d k r :
  0 < r -> are_signs d k -> (exists i, (1 <= i <= d)%nat /\ k i <> 0%Z) -> 0 < square d (features r k).
Proof.
  intros Hr Hk [i [Hi Hki]]. apply (square_nonzero d _ i Hi). unfold features. apply Rmult_integral_contrapositive.
  split; [lra|]. apply not_0_IZR. exact Hki.
Qed.

(** Look-up nodes have the least-norm fit as their effective map at every input. *)
Lemma look_up_map d pairs M net theta g r X k :
  0 < r -> look_up d pairs M net theta g r X -> are_signs d k ->
  same d (effective_map d M net (apply d M (features r k)))
    (scale (dot d theta (features r k) / square d (features r k)) (features r k)).
Proof.
  intros Hr [Hnodes HX Hall Honce Hwindows] Hk i Hi. rewrite effective_map_entry, Hnodes, sum_blocks.
  set (own := fun j => if same_pair_dec d k (X j) then 1 else 0).
  set (fit := fun x => dot d theta x / square d x * x i).
  rewrite (sum_ext pairs _ (fun j => own j * fit (features r (X j)))).
  2:{ intros j Hj. destruct (HX j Hj) as [Hsigns Hactive]. pose proof (square_of_signs d (X j) r Hr Hsigns Hactive).
      destruct (Hwindows j Hj) as [H1 H3]. rewrite !sum_S, sum_O.
      pose proof (window_adds _ _ _ _ _ _ _ _ k i H1 Hk Hi) as E1.
      pose proof (window_adds _ _ _ _ _ _ _ _ k i H3 Hk Hi) as E3.
      cbn [Nat.add] in E1, E3 |- *. unfold own, fit. unfold plus, scale in E1, E3.
      destruct (same_pair_dec d k (X j)).
      - rewrite Rplus_0_l, E1, Rplus_assoc, E3. field. lra.
      - rewrite Rplus_0_l, E1, Rplus_assoc, E3. ring. }
  change (sum 1 pairs (fun j => own j * fit (features r (X j))) = fit (features r k)).
  destruct (active d k) as [|n] eqn:Hactive.
  - pose proof (inactive d k Hk Hactive) as Hzero. rewrite sum_zero.
    + unfold fit, features. rewrite Hzero by exact Hi. ring.
    + intros j Hj. unfold own. destruct (same_pair_dec d k (X j)) as [Hpair|_]; [|ring]. exfalso.
      destruct (HX j Hj) as [_ [l [Hl Hlj]]]. apply Hlj. destruct (same_pair_sym _ _ _ Hpair) as [H|H];
        rewrite H, Hzero by exact Hl; reflexivity.
  - assert (Hk' : exists l, (1 <= l <= d)%nat /\ k l <> 0%Z).
    { destruct (agree_dec d k (fun _ => 0%Z)) as [H|H].
      - exfalso. assert (E : square d (fun i => IZR (k i)) = 0) by (apply sum_zero; intros l Hl; rewrite H by exact Hl; ring).
        rewrite square_active, Hactive in E by exact Hk. pose proof (lt_0_INR (S n) ltac:(lia)). lra.
      - clear - H. induction d as [|d IH]; [exfalso; apply H; lia|].
        destruct (Z.eq_dec (k (S d)) 0) as [E|E].
        + destruct IH as [l [Hl Hkl]]; [|exists l; split; [lia|exact Hkl]].
          intros H'. apply H. intros l Hl. destruct (Nat.eq_dec l (S d)) as [->|Hne]; [exact E|apply H'; lia].
        + exists (S d). split; [lia|exact E]. }
    destruct (Hall k Hk Hk') as [j [Hj Hpair]]. rewrite (sum_single pairs j _ Hj).
    + unfold own. destruct (same_pair_dec d k (X j)) as [_|Hno]; [|contradiction]. rewrite Rmult_1_l. unfold fit.
      pose proof (square_of_signs d k r Hr Hk Hk') as Hsquare.
      destruct (same_pair_features d (X j) k r (same_pair_sym _ _ _ Hpair)) as [H|H]; rewrite (H i Hi).
      * unfold square. rewrite (dot_same d theta theta _ _ (fun l _ => eq_refl) H), (dot_same d _ _ _ _ H H). reflexivity.
      * unfold square. rewrite (dot_same d theta theta _ _ (fun l _ => eq_refl) H), (dot_same d _ _ _ _ H H).
        rewrite dot_scale, dot_scale_l, dot_scale. unfold scale. unfold square in Hsquare. field. lra.
    + intros l Hl Hne. unfold own. destruct (same_pair_dec d k (X l)) as [Hpair'|_]; [|ring]. exfalso. apply Hne.
      apply (Honce l j Hl Hj). eapply same_pair_trans; [apply same_pair_sym; exact Hpair'|exact Hpair].
Qed.

Lemma look_up_energy d pairs M net theta g r p X :
  (1 <= d)%nat -> 0 < r -> look_up d pairs M net theta g r X ->
  mean (inputs d r p) (fun x => square d (effective_map d M net (apply d M x)))
  = (1 - (1 - p) ^ d) * sum_n_m (fun k => theta k ^ 2) 1 d / INR d.
Proof.
  intros Hd Hr Hlook. rewrite mean_inputs. apply mean_least; [exact Hd|]. intros k Hk.
  pose proof (look_up_map d pairs M net theta g r X k Hr Hlook Hk) as Hmap.
  unfold square at 1. rewrite (dot_same d _ _ _ _ Hmap Hmap). fold (square d (scale
    (dot d theta (features r k) / square d (features r k)) (features r k))).
  rewrite square_scale, (square_features d r k Hk), dot_features. destruct (active d k) as [|n] eqn:Hactive.
  - pose proof (inactive d k Hk Hactive) as Hzero.
    assert (H0 : dot d theta (fun i => IZR (k i)) = 0) by (apply sum_zero; intros i Hi; rewrite Hzero by exact Hi; ring).
    rewrite H0. unfold Rdiv. rewrite !Rmult_0_r. ring.
  - assert (Hn : 0 < INR (S n)) by (apply lt_0_INR; lia). field. split; [lra|apply Rgt_not_eq; lra].
Qed.

Theorem P3c_attained_holds : P3c_attained.
Proof.
  intros d pairs M net theta g r p X Hd Hp Hr Hlook. unfold P3c_attained_rhs1, P3c_attained_rhs2. split.
  - exact (look_up_energy d pairs M net theta g r p X Hd Hr Hlook).
  - intros k Hk. rewrite output_effective_map, <- sum_is_sum_n_m. fold (dot d theta (features r k)).
    rewrite (dot_same d _ _ _ (features r k) (look_up_map d pairs M net theta g r X k Hr Hlook Hk))
      by (intros i _; reflexivity).
    rewrite dot_scale_l. fold (square d (features r k)). pose proof (square_features d r k Hk) as Hsquare.
    destruct (active d k) as [|n] eqn:Hactive.
    + pose proof (inactive d k Hk Hactive) as Hzero.
      assert (H0 : dot d theta (features r k) = 0)
        by (apply sum_zero; intros i Hi; unfold features; rewrite Hzero by exact Hi; ring).
      rewrite H0. unfold Rdiv. ring.
    + assert (Hn : 0 < INR (S n)) by (apply lt_0_INR; lia).
      assert (0 < square d (features r k)) by (rewrite Hsquare; apply Rmult_lt_0_compat; nra). field. lra.
Qed.

Lemma strict_bernoulli p n : 0 < p <= 1 -> (1 <= n)%nat -> 1 - INR (S n) * p < (1 - p) ^ S n.
Proof.
  intros Hp Hn. induction n as [|n IH]; [lia|]. destruct n as [|n].
  - cbn. nra.
  - specialize (IH ltac:(lia)). rewrite S_INR. cbn [pow] in *. pose proof (pos_INR (S (S n))) as HI.
    assert (0 <= (1 - p) * ((1 - p) * (1 - p) ^ n)) by (repeat apply Rmult_le_pos; try apply pow_le; lra).
    assert (0 < INR (S (S n))) by (apply lt_0_INR; lia).
    assert ((1 - p) * (1 - INR (S (S n)) * p) <= (1 - p) * ((1 - p) * ((1 - p) * (1 - p) ^ n))) by (apply Rmult_le_compat_l; lra).
    nra.
Qed.

Theorem P3c_cheaper_than_pure_holds : P3c_cheaper_than_pure.
Proof.
  intros n pairs M net theta g r p X Hn Hp Hr Htheta Hlook.
  rewrite (look_up_energy (n + 1) pairs M net theta g r p X ltac:(lia) Hr Hlook), <- sum_is_sum_n_m.
  replace (sum 1 (n + 1) (fun k => theta k ^ 2)) with (square (n + 1) theta) by (apply sum_ext; intros; ring).
  rewrite Nat.add_1_r in *. pose proof (strict_bernoulli p n Hp Hn) as H.
  assert (Hd : 0 < INR (S n)) by (apply lt_0_INR; lia).
  replace ((1 - (1 - p) ^ S n) * square (S n) theta / INR (S n) / square (S n) theta)
    with ((1 - (1 - p) ^ S n) / INR (S n)) by (field; lra).
  apply Rmult_lt_reg_r with (INR (S n)); [exact Hd|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra.
Qed.
