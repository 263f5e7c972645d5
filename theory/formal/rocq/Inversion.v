(** The walk through its characteristic function. *)

From Coq Require Import Bool List ZArith Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
Require Import Walks.
Open Scope R_scope.

(** The characteristic function of one lazy step. *)
Definition character (p t : R) : R := p * cos t - p + 1.

Lemma cosine_integral k : is_RInt (fun t => cos (IZR k * t)) 0 (2 * PI) (2 * PI * at_place k 0).
Proof.
  unfold at_place. destruct (Z.eqb_spec 0 k) as [<-|Hk].
  - apply (is_RInt_ext (fun _ => 1)).
    + intros t _. rewrite Rmult_0_l, cos_0. reflexivity.
    + replace (2 * PI * 1) with (scal (2 * PI - 0) 1) by (unfold scal; cbn; unfold mult; cbn; ring).
      apply (@is_RInt_const R_NormedModule).
  - assert (Hk' : IZR k <> 0) by (apply not_0_IZR; congruence).
    replace (2 * PI * 0) with (minus (sin (IZR k * (2 * PI)) / IZR k) (sin (IZR k * 0) / IZR k)).
    + apply (is_RInt_derive (fun t => sin (IZR k * t) / IZR k)).
      * intros t _. auto_derive; [exact I|]. field. exact Hk'.
      * intros t _. apply continuity_pt_filterlim. reg.
    + rewrite Rmult_0_r, sin_0, sin_eq_0_1.
      * unfold minus, plus, opp. cbn. lra.
      * exists (2 * k)%Z. rewrite mult_IZR. ring.
Qed.

Lemma product_of_cosines k t :
  cos t * cos (IZR k * t) = (cos (IZR (k - 1) * t) + cos (IZR (k + 1) * t)) / 2.
Proof.
  rewrite minus_IZR, plus_IZR, Rmult_minus_distr_r, Rmult_plus_distr_r, !Rmult_1_l, cos_minus, cos_plus. lra.
Qed.

(** The inversion formula. *)
Lemma visit_integral p m k :
  is_RInt (fun t => character p t ^ m * cos (IZR k * t)) 0 (2 * PI) (2 * PI * visit p m k).
Proof.
  revert k. induction m as [|m IH]; intros k.
  - apply (is_RInt_ext (fun t => cos (IZR k * t))).
    + intros t _. cbn. ring.
    + exact (cosine_integral k).
  - rewrite visit_S.
    replace (2 * PI * _) with (plus (scal (1 - p) (2 * PI * visit p m k))
      (scal (p / 2) (plus (2 * PI * visit p m (k - 1)) (2 * PI * visit p m (k + 1)))))
      by (unfold scal, plus; cbn; unfold mult; cbn; ring).
    eapply is_RInt_ext;
      [|exact (is_RInt_plus _ _ _ _ _ _ (is_RInt_scal _ _ _ (1 - p) _ (IH k))
          (is_RInt_scal _ _ _ (p / 2) _ (is_RInt_plus _ _ _ _ _ _ (IH (k - 1)%Z) (IH (k + 1)%Z))))].
    intros t _. unfold scal, plus. cbn. unfold mult. cbn.
    assert (H := product_of_cosines k t). set (c := cos (IZR k * t)) in *.
    unfold character.
    replace ((p * cos t - p + 1) * (p * cos t - p + 1) ^ m * c)
      with ((p * cos t - p + 1) ^ m * (p * (cos t * c) + (1 - p) * c)) by ring.
    rewrite H. field.
Qed.

Lemma character_integral p m : is_RInt (fun t => character p t ^ m) 0 (2 * PI) (2 * PI * visit p m 0).
Proof.
  eapply is_RInt_ext; [|exact (visit_integral p m 0)]. intros t _. cbn. rewrite Rmult_0_l, cos_0. ring.
Qed.

Lemma character_bounds p t : 0 <= p <= 1 -> -1 <= character p t <= 1.
Proof. intros Hp. unfold character. pose proof (COS_bound t). nra. Qed.

Lemma two_powers x n : x ^ (2 * n) - x ^ (2 + 2 * n) = (x ^ n) ^ 2 * (1 - x ^ 2).
Proof. rewrite pow_add, (Nat.mul_comm 2 n), pow_mult. ring. Qed.

(** Two more steps make a return strictly less likely, from an even number of steps. *)
Lemma visit_even_falls p n : 0 < p <= 1 -> visit p (2 + 2 * n) 0 < visit p (2 * n) 0.
Proof.
  intros Hp. pose proof PI_RGT_0 as HPI.
  set (f := fun t => character p t ^ (2 * n) - character p t ^ (2 + 2 * n)).
  assert (Hcont : forall t, continuity_pt f t) by (intros t; unfold f, character; reg).
  assert (Hex : forall a b, ex_RInt f a b)
    by (intros a b; apply (@ex_RInt_continuous R_CompleteNormedModule); intros t _;
      apply continuity_pt_filterlim, Hcont).
  assert (Htotal : is_RInt f 0 (2 * PI) (2 * PI * visit p (2 * n) 0 - 2 * PI * visit p (2 + 2 * n) 0))
    by exact (is_RInt_minus _ _ _ _ _ _ (character_integral p (2 * n)) (character_integral p (2 + 2 * n))).
  apply (is_RInt_unique (V := R_CompleteNormedModule)) in Htotal.
  assert (Hnonnegative : forall t, 0 <= f t).
  { intros t. unfold f. rewrite two_powers. apply Rmult_le_pos; [apply pow2_ge_0|].
    pose proof (character_bounds p t ltac:(lra)). nra. }
  assert (Hfirst : 0 < RInt f 0 (PI / 3)).
  { apply RInt_gt_0; [lra| |intros t Ht; apply continuity_pt_filterlim, Hcont].
    intros t Ht. unfold f. rewrite two_powers.
    assert (Hlow : cos (PI / 3) < cos t) by (apply cos_decreasing_1; lra). rewrite cos_PI3 in Hlow.
    assert (Hhigh : cos t < cos 0) by (apply cos_decreasing_1; lra). rewrite cos_0 in Hhigh.
    assert (Hpositive : 0 < character p t < 1) by (unfold character; split; nra).
    apply Rmult_lt_0_compat; [apply pow_lt, pow_lt; lra|nra]. }
  assert (Hrest : 0 <= RInt f (PI / 3) (2 * PI)) by (apply RInt_ge_0; [lra|apply Hex|intros; apply Hnonnegative]).
  pose proof (RInt_Chasles f 0 (PI / 3) (2 * PI) (Hex _ _) (Hex _ _)) as Hsum.
  change (RInt f 0 (PI / 3) + RInt f (PI / 3) (2 * PI) = RInt f 0 (2 * PI)) in Hsum. rewrite Htotal in Hsum.
  assert (0 < 2 * PI * (visit p (2 * n) 0 - visit p (2 + 2 * n) 0)) by lra.
  assert (0 < visit p (2 * n) 0 - visit p (2 + 2 * n) 0); [|lra].
  apply Rmult_lt_reg_l with (2 * PI); lra.
Qed.

(** A walk that moves at every step returns at most this often; up to four steps, with equality at even numbers. *)
Lemma balanced_geometric n : visit 1 n 0 <= 1 / 3 + 2 / 3 * (- (1 / 2)) ^ n.
Proof.
  destruct (Nat.Even_or_Odd n) as [[j ->]|[j ->]]; unfold visit.
  - rewrite pow_mult. replace ((- (1 / 2)) ^ 2) with (1 / 4) by (cbn; lra).
    destruct j as [|[|[|j]]]; [rewrite balanced_even; cbn; lra..|].
    assert (Hlate : walk 1 (2 * S (S (S j))) (at_place 0) <= walk 1 (2 * 3) (at_place 0)).
    { induction j as [|j IH]; [apply Rle_refl|]. pose proof (visit_even_falls 1 (S (S (S j))) ltac:(lra)) as H.
      unfold visit in H. replace (2 + 2 * S (S (S j)))%nat with (2 * S (S (S (S j))))%nat in H by lia. lra. }
    assert (Hsix : walk 1 (2 * 3) (at_place 0) = 5 / 16) by (rewrite balanced_even; cbn; lra).
    pose proof (pow_lt (1 / 4) (S (S (S j))) ltac:(lra)). lra.
  - rewrite balanced_odd, pow_add, pow_mult. replace ((- (1 / 2)) ^ 2) with (1 / 4) by (cbn; lra).
    assert ((1 / 4) ^ j <= 1 ^ j) as H by (apply pow_incr; lra). rewrite pow1 in H. cbn [pow]. lra.
Qed.

(** A lazy walk, which takes a binomial number of steps, is averaged over that number. *)
Lemma visit_geometric p m : 0 <= p <= 1 -> visit p m 0 <= 1 / 3 + 2 / 3 * (1 - 3 * p / 2) ^ m.
Proof.
  intros Hp. unfold visit. rewrite walk_lazy.
  apply Rle_trans with (binomial_mean p m (fun n => 1 / 3 * 1 + 2 / 3 * (- (1 / 2)) ^ n)).
  - apply binomial_mean_le; [exact Hp|]. intros n. pose proof (balanced_geometric n) as H. unfold visit in H. lra.
  - rewrite binomial_mean_add, !binomial_mean_scale, binomial_mean_one, binomial_mean_power.
    replace (1 - p + p * - (1 / 2)) with (1 - 3 * p / 2) by lra. lra.
Qed.
