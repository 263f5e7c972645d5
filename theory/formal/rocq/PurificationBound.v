(** The effective map of a fit is the target on the support, at an input inside its cell. *)

From Coq Require Import Bool List ZArith Reals Lra Lia Psatz.
Require Import Model Sums Attacks Networks Setups.
Open Scope R_scope.

(** Strict inequalities between numbers that move at finite speeds hold for a while. *)
Lemma still_for_a_while n (v w b : nat -> R) :
  (forall h, (1 <= h <= n)%nat -> Rabs (v h) <> b h) ->
  exists rho, 0 < rho /\ forall t h, Rabs t <= rho -> (1 <= h <= n)%nat ->
    fires (b h) (v h + t * w h) = fires (b h) (v h).
Proof.
  intros H. induction n as [|n IH].
  - exists 1. split; [lra|]. intros t h _ Hh. lia.
  - destruct IH as [rho [Hrho IH]]; [intros; apply H; lia|].
    set (gap := Rabs (Rabs (v (S n)) - b (S n))).
    assert (Hgap : 0 < gap) by (apply Rabs_pos_lt; intros E; apply (H (S n)); [lia | lra]).
    set (speed := Rabs (w (S n)) + 1).
    assert (Hspeed : 1 <= speed) by (unfold speed; pose proof (Rabs_pos (w (S n))); lra).
    exists (Rmin rho (gap / (2 * speed))). split.
    { apply Rmin_glb_lt; [exact Hrho | apply Rdiv_lt_0_compat; lra]. }
    intros t h Ht Hh. destruct (Nat.eq_dec h (S n)) as [-> | Hne].
    + assert (Hmove : Rabs (t * w (S n)) < gap).
      { rewrite Rabs_mult. assert (Rabs t <= gap / (2 * speed)) by (eapply Rle_trans; [exact Ht | apply Rmin_r]).
        assert (H1 : Rabs t * speed <= gap / 2).
        { apply Rle_trans with (gap / (2 * speed) * speed); [apply Rmult_le_compat_r; lra|]. apply Req_le. field. lra. }
        pose proof (Rabs_pos t) as T0. unfold speed in *. rewrite Rmult_plus_distr_l in H1. lra. }
      pose proof (Rabs_triang (v (S n)) (t * w (S n))) as T.
      pose proof (Rabs_triang (v (S n) + t * w (S n)) (- (t * w (S n)))) as T'.
      replace (v (S n) + t * w (S n) + - (t * w (S n))) with (v (S n)) in T' by ring. rewrite Rabs_Ropp in T'.
      destruct (fires_spec (b (S n)) (v (S n))) as [[-> F] | [-> F]].
      * apply fires_true. unfold gap in Hmove. rewrite (Rabs_right (_ - _)) in Hmove by lra. lra.
      * apply fires_false. unfold gap in Hmove. rewrite (Rabs_left (_ - _)) in Hmove by lra. lra.
    + apply IH; [eapply Rle_trans; [exact Ht | apply Rmin_l] | lia].
Qed.

Lemma identity_orthogonal d : orthogonal d delta.
Proof.
  intros i j Hi Hj. unfold column. rewrite <- (sum_delta d i (fun k => delta k j)) by exact Hi.
  apply sum_ext. intros k _. now rewrite (delta_sym k i).
Qed.

Lemma apply_identity d x : same d (apply d delta x) x.
Proof. intros i Hi. unfold apply, dot. now rewrite sum_delta. Qed.

(** One feature moved by [t]. *)
Definition nudged (x : vector) (i : nat) (t : R) : vector := plus x (scale t (delta i)).

Lemma dot_nudged d w x i t : (1 <= i <= d)%nat -> dot d w (nudged x i t) = dot d w x + t * w i.
Proof.
  intros Hi. unfold nudged. rewrite dot_plus, dot_scale. do 2 f_equal. rewrite dot_comm. unfold dot.
  now rewrite sum_delta.
Qed.

Section Fit.

  Context (d : nat) (net : network) (theta x : vector) (near : R).
  Hypothesis Hnear : 0 < near.
  Hypothesis Hinside : forall h, (1 <= h <= nodes net)%nat ->
    Rabs (preactivation d net (apply d delta x) h) <> threshold net h.
  Hypothesis Hfit : forall y, (forall i, (1 <= i <= d)%nat -> x i = 0 -> y i = 0) ->
     (forall i, (1 <= i <= d)%nat -> Rabs (y i - x i) < near) -> output d net (apply d delta y) = dot d theta y.

  Lemma map_on_support i : (1 <= i <= d)%nat -> x i <> 0 -> effective_map d delta net (apply d delta x) i = theta i.
  Proof.
    intros Hi Hx.
    destruct (still_for_a_while (nodes net) (preactivation d net (apply d delta x)) (fun h =>
      feature_weight d delta net h i)
      (threshold net) Hinside) as [rho [Hrho Hstill]].
    set (t := Rmin rho near / 2).
    assert (Ht : 0 < t /\ t <= rho /\ t < near).
    { assert (0 < Rmin rho near) by (now apply Rmin_glb_lt). pose proof (Rmin_l rho near). pose proof (Rmin_r rho near).
      unfold t. lra. }
    assert (Gates : forall h, (1 <= h <= nodes net)%nat ->
      node_fires d net (apply d delta (nudged x i t)) h = node_fires d net (apply d delta x) h).
    { intros h Hh. unfold node_fires.
      rewrite (preactivation_features d delta net (nudged x i t)), dot_nudged by exact Hi.
      rewrite <- preactivation_features. apply Hstill; [rewrite Rabs_right; lra | exact Hh]. }
    assert (Same : effective_map d delta net (apply d delta (nudged x i t))
      = effective_map d delta net (apply d delta x)).
    { unfold effective_map, apply at 1 3. apply FunctionalExtensionality.functional_extensionality. intros j.
      apply dot_same; [intros k _; reflexivity|]. intros k _. unfold gradient. apply sum_ext. intros h Hh.
      now rewrite Gates. }
    assert (F0 : output d net (apply d delta x) = dot d theta x).
    { apply Hfit; [auto|]. intros j _. rewrite Rminus_eq_0, Rabs_R0. exact Hnear. }
    assert (F1 : output d net (apply d delta (nudged x i t)) = dot d theta (nudged x i t)).
    { apply Hfit.
      - intros j Hj Hj0. unfold nudged, plus, scale, delta. rewrite Hj0.
        destruct (Nat.eqb_spec i j) as [<- | _]; [contradiction | ring].
      - intros j _. unfold nudged, plus, scale, delta.
        replace (x j + t * _ - x j) with (t * (if Nat.eqb i j then 1 else 0)) by ring.
        destruct (Nat.eqb i j); [rewrite Rmult_1_r, Rabs_right | rewrite Rmult_0_r, Rabs_R0]; lra. }
    rewrite output_effective_map in F0, F1. rewrite Same in F1. rewrite !dot_nudged in F1 by exact Hi.
    apply Rmult_eq_reg_l with t; lra.
  Qed.

End Fit.

(** Leaving out entries does not raise an absolute norm: it halves the sum of a vector and of its reflection. *)
Lemma absolute_norm_restricted d norm A beta theta :
  is_norm d norm -> (forall u v, (forall i, (1 <= i <= d)%nat -> Rabs (u i) = Rabs (v i)) -> norm u = norm v) ->
  (forall i, (1 <= i <= d)%nat -> A i = true -> beta i = theta i) -> norm (active_target A theta) <= norm beta.
Proof.
  intros Hn Habs Hbeta. set (mirrored := fun i => if A i then beta i else - beta i).
  assert (E : norm (active_target A theta) = norm (scale (1 / 2) (plus beta mirrored))).
  { apply (norm_same _ _ Hn). intros i Hi. unfold active_target, scale, plus, mirrored.
    destruct (A i) eqn:EA; [rewrite Hbeta by assumption|]; field. }
  assert (M : norm mirrored = norm beta).
  { apply Habs. intros i _. unfold mirrored. destruct (A i); [reflexivity | apply Rabs_Ropp]. }
  rewrite E, (norm_scale _ _ Hn), Rabs_right by lra. pose proof (norm_plus _ _ Hn beta mirrored) as T.
  rewrite M in T. lra.
Qed.
