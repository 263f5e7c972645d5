(** Lemmas on purified networks at constant amplitude: what attacks leave of their margin, and how often. *)

From Coq Require Import Bool List ZArith Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
Require Import Model Sums Attacks Networks Walks ProofsFits PairLosses Dense Layers MultiplesOfHeads Setups.
Open Scope R_scope.

(** ** Sums of random signs *)

Lemma held_ones n : held n (fun _ => 1%Z) = n.
Proof. induction n as [|n IH]; cbn; [reflexivity | now rewrite IH]. Qed.

Definition beyond (c : R) (s : Z) : R := indicator (negb (Reals.at_most (Rabs (IZR s)) c)).

Lemma exceeds_walk n c : exceeds n c = walk 1 n (beyond c).
Proof.
  unfold exceeds, probability.
  rewrite (mean_ext _ _ (fun k => beyond c (signed_sum n (fun _ => 1%Z) k))).
  - rewrite mean_signed_sum by auto. now rewrite held_ones.
  - intros k. unfold beyond. do 4 f_equal. rewrite <- dot_signed_sum. apply sum_ext. intros. cbn. ring.
Qed.

Lemma beyond_lt c s : beyond c s = if Rlt_dec c (Rabs (IZR s)) then 1 else 0.
Proof.
  unfold beyond, indicator, Reals.at_most. destruct (Rle_dec (Rabs (IZR s)) c), (Rlt_dec c (Rabs (IZR s))); simpl; lra.
Qed.

Lemma exceeds_binomial n c :
  exceeds n c = sum 0 n (fun j => if Rlt_dec c (Rabs (INR n - 2 * INR j)) then Binomial.C n j else 0) / 2 ^ n.
Proof.
  rewrite exceeds_walk, walk_simple. unfold binomial_mean, Rdiv. rewrite (Rmult_comm (sum 0 n _)), <- sum_0_scale.
  apply sum_0_ext. intros j Hj. rewrite choose_C by exact Hj. rewrite beyond_lt.
  replace (Rabs (IZR (2 * Z.of_nat j - Z.of_nat n))) with (Rabs (INR n - 2 * INR j)).
  - replace (1 - 1 * / 2) with (/ 2) by lra. rewrite Rmult_1_l.
    replace (Binomial.C n j * (/ 2) ^ j * (/ 2) ^ (n - j)) with (/ 2 ^ n * Binomial.C n j).
    + destruct (Rlt_dec c (Rabs (INR n - 2 * INR j))); ring.
    + rewrite Rmult_assoc, <- pow_add. replace (j + (n - j))%nat with n by lia. rewrite pow_inv. ring.
  - rewrite minus_IZR, mult_IZR, <- !INR_IZR_INZ, Rabs_minus_sym. reflexivity.
Qed.

(** Both the number of active features and the sum of their signs: a binomial count of random signs. *)
Lemma mean_active_and_sum d p (u : nat -> Z) F :
  (forall i, (1 <= i <= d)%nat -> u i = 1%Z \/ u i = (-1)%Z) ->
  mean (signs d p) (fun k => F (active d k) (signed_sum d u k)) = binomial_mean p d (fun n => walk 1 n (F n)).
Proof.
  intros Hu. revert F. induction d as [|d IH]; intros F.
  - unfold binomial_mean, sum. cbn. ring.
  - rewrite mean_signs_S, binomial_mean_S.
    rewrite (mean_ext _ _ (fun k =>
      (fun n s => (1 - p) * F n s + p * (1 / 2 * F (S n) (s + 1)%Z + 1 / 2 * F (S n) (s - 1)%Z))
      (active d k) (signed_sum d u k))).
    + rewrite (IH ltac:(intros; apply Hu; lia)
        (fun n s => (1 - p) * F n s + p * (1 / 2 * F (S n) (s + 1)%Z + 1 / 2 * F (S n) (s - 1)%Z))).
      rewrite <- !binomial_mean_scale, <- binomial_mean_add. apply binomial_mean_ext. intros n.
      rewrite walk_add, !walk_scale. do 2 f_equal. cbn [walk]. apply walk_ext. intros s. lra.
    + intros k. rewrite !active_S. cbn [signed_sum Z.eqb]. rewrite !signed_sum_with_entry, !with_entry_same by lia.
      rewrite Z.mul_0_r, Z.add_0_r.
      destruct (Hu (S d) ltac:(lia)) as [-> | ->].
      * replace (signed_sum d u k + 1 * 1)%Z with (signed_sum d u k + 1)%Z by lia.
        replace (signed_sum d u k + 1 * -1)%Z with (signed_sum d u k - 1)%Z by lia. lra.
      * replace (signed_sum d u k + -1 * 1)%Z with (signed_sum d u k - 1)%Z by lia.
        replace (signed_sum d u k + -1 * -1)%Z with (signed_sum d u k + 1)%Z by lia. lra.
Qed.

Lemma square_active d k : are_signs d k -> square d (fun i => IZR (k i)) = INR (active d k).
Proof.
  intros Hk. unfold square, dot. induction d as [|d IH]; [reflexivity|].
  rewrite sum_S, IH by (intros i Hi; apply Hk; lia). cbn [active].
  destruct (Hk (S d) ltac:(lia)) as [-> | [-> | ->]]; cbn [Z.eqb]; rewrite ?S_INR; lra.
Qed.

(** ** One input *)

Section Input.

  Context (d : nat) (M : matrix) (net : network) (theta : vector) (r b eps : R) (k : nat -> Z).
  Hypothesis HM : orthogonal d M.
  Hypothesis Hpure : purified d M net theta.
  Hypothesis Htheta : forall i, (1 <= i <= d)%nat -> Rabs (theta i) = 1.
  Hypothesis Hb : 0 < b < r.
  Hypothesis Hthreshold : forall h, (1 <= h <= d)%nat -> threshold net h = b.
  Hypothesis Heps : 0 <= eps.
  Hypothesis Hk : are_signs d k.
  Hypothesis Hcert : region_certificate d eps net (apply d M (features r k)) (fun h => norm_2 d (weight net h)).

  Let z := apply d M (features r k).
  Let total := dot d theta (fun i => IZR (k i)).

  Lemma pure_preactivation h : (1 <= h <= d)%nat -> preactivation d net z h = r * IZR (k h).
  Proof.
    intros Hh. destruct Hpure as [_ Hu]. unfold z. rewrite preactivation_features.
    rewrite (dot_same d _ _ _ (features r k) (proj1 (Hu h Hh))) by (intros j _; reflexivity).
    unfold dot. rewrite sum_delta by exact Hh. reflexivity.
  Qed.

  Lemma pure_output : output d net z = r * total.
  Proof.
    destruct Hpure as [Hnodes Hu]. unfold output. rewrite Hnodes. unfold total, dot. rewrite <- sum_scale.
    apply sum_ext. intros h Hh. rewrite pure_preactivation, Hthreshold, gate_of_multiple by (exact Hh || lra).
    rewrite (proj2 (Hu h Hh)). ring.
  Qed.

  Lemma pure_gain : norm_2 d (gradient d net z) = sqrt (INR (active d k)).
  Proof.
    rewrite <- square_active by exact Hk. unfold norm_2. f_equal.
    rewrite <- (dictionary_square d M) by exact HM.
    change (square d (effective_map d M net z) = square d (fun i => IZR (k i))).
    unfold square, dot. apply sum_ext. intros i Hi.
    assert (E : effective_map d M net z i = theta i * indicator (node_fires d net z i)).
    { rewrite effective_map_sum by exact Hi. destruct Hpure as [Hnodes Hu]. rewrite Hnodes.
      rewrite (sum_ext d _ (fun h => delta i h * (theta h * indicator (node_fires d net z h)))).
      - now rewrite sum_delta.
      - intros h Hh. rewrite (proj1 (Hu h Hh) i Hi), (proj2 (Hu h Hh)), delta_sym. ring. }
    rewrite E. unfold node_fires. rewrite pure_preactivation, Hthreshold, fires_multiple by (exact Hi || lra).
    assert (T : theta i * theta i = 1) by (rewrite <- abs_square, (Htheta i Hi); ring).
    destruct (Hk i Hi) as [-> | [-> | ->]]; unfold not_zero; cbn [Z.eqb]; nra.
  Qed.

  Lemma attacked_output step : norm_2 d step <= eps ->
    output d net (plus z step) = r * total + dot d (gradient d net z) step.
  Proof.
    intros Hstep. rewrite <- pure_output.
    apply (certified_output (norm_2_is_norm d) eps net z (fun h => norm_2 d (weight net h))); try assumption.
    intros h _. apply dual_of_l2.
  Qed.

  (** The attack moves the output by anything up to [eps sqrt N], and by no more. *)
  Lemma output_reached t :
    Rabs t <= eps * sqrt (INR (active d k)) ->
      exists step, norm_2 d step <= eps /\ output d net (plus z step) = r * total + t.
  Proof.
    intros Ht. rewrite <- pure_gain in Ht.
    destruct (dual_reached (norm_2_is_norm d) _ _ eps t (dual_of_l2 d (gradient d net z)) Heps Ht) as
      [step [Hstep Hdot]].
    exists step. split; [exact Hstep|]. now rewrite attacked_output, Hdot.
  Qed.

  Lemma output_within step :
    norm_2 d step <= eps -> exists t, Rabs t <= eps * sqrt (INR (active d k)) /\ output d net (plus z step)
      = r * total + t.
  Proof.
    intros Hstep. exists (dot d (gradient d net z) step). split; [|now apply attacked_output].
    rewrite <- pure_gain. exact (dual_bound_abs (norm_2_is_norm d) _ _ eps step (dual_of_l2 d _) Hstep).
  Qed.

  Lemma reach_nonnegative : 0 <= eps * sqrt (INR (active d k)).
  Proof. apply Rmult_le_pos; [exact Heps | apply sqrt_pos]. Qed.

  Lemma least_margin y :
    y = 1 \/ y = - 1 -> 0 <= y * (r * total) ->
    least (attacked_margins d net eps z y) (- (eps * sqrt (INR (active d k))) + r * Rabs total).
  Proof.
    intros Hy Hsign. pose proof reach_nonnegative as Hreach. set (reach := eps * sqrt (INR (active d k))) in *.
    assert (Hyy : y * y = 1) by (destruct Hy; subst; lra).
    assert (Hyabs : Rabs y = 1) by (destruct Hy; subst; [apply Rabs_R1 | rewrite Rabs_left; lra]).
    assert (E : r * Rabs total = y * (r * total)).
    { rewrite <- (Rabs_right (y * (r * total))) by lra. rewrite !Rabs_mult, Hyabs, (Rabs_right r) by lra. ring. }
    rewrite E. split.
    - destruct (output_reached (- (y * reach))) as [step [Hstep Hout]].
      + rewrite Rabs_Ropp, Rabs_mult, Hyabs, Rabs_right by lra. unfold reach. lra.
      + exists step. split; [exact Hstep|]. rewrite Hout.
        replace (y * (r * total + - (y * reach))) with (y * (r * total) - y * y * reach) by ring. rewrite Hyy. lra.
    - intros v [step [Hstep ->]]. destruct (output_within step Hstep) as [t [Ht ->]]. fold reach in Ht.
      assert (Rabs (y * t) <= reach) by (rewrite Rabs_mult, Hyabs; lra).
      pose proof (Rle_abs (- (y * t))) as A. rewrite Rabs_Ropp in A. lra.
  Qed.

  (** No attack succeeds just where the signs add up to more than the reach. *)
  Lemma robust_where : robust d M net theta eps (features r k) <-> eps * sqrt (INR (active d k)) / r < Rabs total.
  Proof.
    pose proof reach_nonnegative as Hreach. set (reach := eps * sqrt (INR (active d k))) in *.
    assert (Q : reach / r < Rabs total <-> reach < r * Rabs total).
    { split; intros H.
      - apply Rmult_lt_compat_r with (r := r) in H; [|lra]. unfold Rdiv in H. rewrite Rmult_assoc, Rinv_l in H; lra.
      - apply Rmult_lt_reg_r with r; [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra. }
    rewrite Q. unfold robust. rewrite dot_features. fold total z.
    assert (E : Rabs (r * total) = r * Rabs total) by (rewrite Rabs_mult, (Rabs_right r); lra).
    split.
    - intros H. apply Rnot_le_lt. intros Hle.
      destruct (output_reached (- (r * total))) as [step [Hstep Hout]].
      + rewrite Rabs_Ropp, E. exact Hle.
      + specialize (H step Hstep). rewrite Hout in H. nra.
    - intros H step Hstep. destruct (output_within step Hstep) as [t [Ht ->]]. fold reach in Ht.
      rewrite <- E in H. set (v := r * total) in *.
      assert (Rabs t < Rabs v) by lra.
      assert (v * t >= - (Rabs v * Rabs t)).
      { rewrite <- Rabs_mult. pose proof (Rle_abs (- (v * t))) as A. rewrite Rabs_Ropp in A. lra. }
      pose proof (abs_square v). pose proof (Rabs_pos t). nra.
  Qed.

End Input.

(** Every outcome of the law of the signs is made of signs. *)
Lemma signs_are_signs d p : List.Forall (fun '(_, k) => are_signs d k) (signs d p).
Proof.
  induction d as [|d IH]; [constructor; [intros i Hi; lia | constructor]|].
  cbn [signs]. apply List.Forall_flat_map. eapply List.Forall_impl; [|exact IH].
  intros [share k] Hk. cbv beta iota in Hk.
  assert (E : forall s, s = 0%Z \/ s = 1%Z \/ s = (-1)%Z -> are_signs (S d) (with_entry k (S d) s)).
  { intros s Hs i Hi. destruct (Nat.eq_dec i (S d)) as [-> | Hne].
    - now rewrite with_entry_same.
    - rewrite with_entry_other by exact Hne. apply Hk. lia. }
  repeat (apply List.Forall_cons; [apply E; auto|]). apply List.Forall_nil.
Qed.

Lemma mean_ext_occurs_signs d p f g :
  0 <= p <= 1 ->
  (forall share k, List.In (share, k) (signs d p) -> 0 < share -> are_signs d k -> f k = g k) ->
  mean (signs d p) f = mean (signs d p) g.
Proof.
  intros Hp H. apply mean_ext_occurs; [now apply signs_is_law|].
  apply List.Forall_forall. intros [share k] Hin Hshare. apply (H share); try assumption.
  pose proof (signs_are_signs d p) as S. rewrite List.Forall_forall in S. exact (S _ Hin).
Qed.
