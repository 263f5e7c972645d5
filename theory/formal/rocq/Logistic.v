(** Lemmas on softplus, the logistic function and [h]. *)

From Coq Require Import Reals Lra Psatz.
From Coquelicot Require Import Coquelicot.
From Interval Require Import Tactic.
Require Import Functions.
Open Scope R_scope.

Lemma one_plus_exp_pos t : 0 < 1 + exp t.
Proof. pose proof (exp_pos t); lra. Qed.

Lemma sigmoid_pos t : 0 < sigmoid t.
Proof. apply Rinv_0_lt_compat, one_plus_exp_pos. Qed.

Lemma sigmoid_opp t : sigmoid (- t) = 1 - sigmoid t.
Proof.
  unfold sigmoid. rewrite Ropp_involutive, exp_Ropp.
  pose proof (exp_pos t). field. lra.
Qed.

Lemma sigmoid_lt_1 t : sigmoid t < 1.
Proof. pose proof (sigmoid_pos (- t)). rewrite sigmoid_opp in H. lra. Qed.

Lemma is_derive_softplus t : is_derive softplus t (sigmoid t).
Proof.
  unfold softplus, sigmoid. auto_derive.
  - apply one_plus_exp_pos.
  - rewrite exp_Ropp. pose proof (exp_pos t). field. lra.
Qed.

Lemma Derive_softplus t : Derive softplus t = sigmoid t.
Proof. apply is_derive_unique, is_derive_softplus. Qed.

Lemma is_derive_sigmoid t : is_derive sigmoid t (sigmoid t * sigmoid (- t)).
Proof.
  unfold sigmoid. auto_derive.
  - pose proof (one_plus_exp_pos (- t)). lra.
  - rewrite Ropp_involutive, exp_Ropp. pose proof (exp_pos t). field. lra.
Qed.

Lemma sigmoid_le a b : a <= b -> sigmoid a <= sigmoid b.
Proof.
  intros H. unfold sigmoid. apply Rinv_le_contravar.
  - apply one_plus_exp_pos.
  - destruct H as [H | H].
    + apply Rplus_le_compat_l, Rlt_le, exp_increasing. lra.
    + subst. apply Rle_refl.
Qed.

Lemma sigmoid_0 : sigmoid 0 = 1 / 2.
Proof. unfold sigmoid. rewrite Ropp_0, exp_0. lra. Qed.

Lemma is_derive_force t :
  is_derive (fun s => s * sigmoid s) t (sigmoid t + t * (sigmoid t * sigmoid (- t))).
Proof.
  unfold sigmoid. auto_derive.
  - pose proof (one_plus_exp_pos (- t)). lra.
  - rewrite Ropp_involutive, exp_Ropp. pose proof (exp_pos t). field. lra.
Qed.

Lemma tilt_formula t : tilt t = sigmoid t + t * (sigmoid t * sigmoid (- t)).
Proof.
  unfold tilt.
  rewrite (Derive_ext _ (fun s => s * sigmoid s)) by (intros; now rewrite Derive_softplus).
  apply is_derive_unique, is_derive_force.
Qed.

Lemma tilt_opp t : tilt (- t) = 1 - tilt t.
Proof. rewrite !tilt_formula, Ropp_involutive, !sigmoid_opp. ring. Qed.

Lemma ln_above_tangent u v : 0 < u -> 0 < v -> ln v + 1 - v / u <= ln u.
Proof.
  intros Hu Hv. pose proof (exp_ineq1_le (ln v - ln u)) as H.
  unfold Rminus in H at 2. rewrite exp_plus, exp_Ropp, !exp_ln in H by assumption.
  unfold Rdiv. lra.
Qed.

Lemma tilt_floor t : tilt t > - (312 / 3125).
Proof.
  rewrite tilt_formula. unfold sigmoid. rewrite Ropp_involutive, exp_Ropp.
  set (u := exp t). assert (Hu : 0 < u) by apply exp_pos.
  assert (Ht : t = ln u) by (unfold u; now rewrite ln_exp).
  clearbody u. subst t. set (c := 312 / 3125).
  assert (Hc : 0 < c) by (unfold c; lra).
  assert (Hlog : 4 * c + 2 + ln (c / (1 + c)) > 0).
  { unfold c. interval with (i_prec 60). }
  pose proof (ln_above_tangent u (c / (1 + c)) Hu) as H.
  assert (Hv : 0 < c / (1 + c)) by (apply Rdiv_lt_0_compat; lra).
  specialize (H Hv).
  assert (Hsq : 2 * c <= (c - c / (1 + c)) / u + (1 + c) * u).
  { assert (E : (c - c / (1 + c)) / u + (1 + c) * u - 2 * c
                = ((1 + c) * u - c) ^ 2 / ((1 + c) * u)) by (field; lra).
    assert (0 <= ((1 + c) * u - c) ^ 2 / ((1 + c) * u)).
    { apply Rdiv_le_0_compat; [apply pow2_ge_0 | apply Rmult_lt_0_compat; lra]. }
    lra. }
  assert (Hg : c / u + (2 * c + 1 + ln u) + (1 + c) * u > 0).
  { unfold Rdiv in *. lra. }
  assert (E : / (1 + / u) + ln u * (/ (1 + / u) * / (1 + u)) + c
              = (c / u + (2 * c + 1 + ln u) + (1 + c) * u) * (u / (1 + u) ^ 2))
    by (field; lra).
  assert (0 < (c / u + (2 * c + 1 + ln u) + (1 + c) * u) * (u / (1 + u) ^ 2)).
  { apply Rmult_lt_0_compat; [assumption |].
    apply Rdiv_lt_0_compat; [assumption | apply pow_lt; lra]. }
  lra.
Qed.

Lemma tilt_ceiling t : tilt t < 1 + 312 / 3125.
Proof. pose proof (tilt_floor (- t)) as H. rewrite tilt_opp in H. lra. Qed.

Lemma tilt_above_half t : 0 <= t -> 1 / 2 <= tilt t.
Proof.
  intros H. rewrite tilt_formula.
  pose proof (sigmoid_le 0 t H) as H1. rewrite sigmoid_0 in H1.
  pose proof (sigmoid_pos t). pose proof (sigmoid_pos (- t)).
  assert (0 <= t * (sigmoid t * sigmoid (- t))) by (repeat apply Rmult_le_pos; lra).
  lra.
Qed.

(** [h] increases as long as it is below one. *)
Lemma tilt_rises a b : 0 <= b -> b <= a -> tilt a < 1 -> tilt b <= tilt a.
Proof.
  intros Hb Hab Ha.
  assert (F : forall t, 1 - tilt t = sigmoid (- t) * (1 - t * sigmoid t)).
  { intros t. rewrite tilt_formula, sigmoid_opp. ring. }
  pose proof (F a) as Fa. pose proof (F b) as Fb.
  pose proof (sigmoid_pos (- a)) as Sa.
  assert (Sab : sigmoid (- a) <= sigmoid (- b)) by (apply sigmoid_le; lra).
  assert (Pa : 0 < 1 - a * sigmoid a).
  { apply Rmult_lt_reg_l with (sigmoid (- a)); [assumption |]. lra. }
  assert (Pab : b * sigmoid b <= a * sigmoid a).
  { apply Rmult_le_compat; try lra.
    - apply Rlt_le, sigmoid_pos.
    - now apply sigmoid_le. }
  assert (sigmoid (- a) * (1 - a * sigmoid a) <= sigmoid (- b) * (1 - b * sigmoid b)).
  { apply Rmult_le_compat; lra. }
  lra.
Qed.

Lemma tilt_falls_little a b : 0 <= b -> b <= a -> tilt a - tilt b > - (312 / 3125).
Proof.
  intros Hb Hab. destruct (Rlt_le_dec (tilt a) 1) as [H | H].
  - pose proof (tilt_rises a b Hb Hab H). lra.
  - pose proof (tilt_ceiling b). lra.
Qed.

Lemma tilt_two_images u w : 0 <= u -> tilt (u + w) + tilt (u - w) > 2813 / 3125.
Proof.
  intros Hu.
  assert (P : forall w, 0 <= w -> tilt (u + w) + tilt (u - w) > 2813 / 3125).
  { clear w. intros w Hw. destruct (Rle_dec w u) as [H | H].
    - pose proof (tilt_above_half (u + w)). pose proof (tilt_above_half (u - w)). lra.
    - pose proof (tilt_falls_little (u + w) (w - u)).
      replace (u - w) with (- (w - u)) by ring. rewrite tilt_opp. lra. }
  destruct (Rle_dec 0 w) as [H | H].
  - now apply P.
  - specialize (P (- w)). replace (u + - w) with (u - w) in P by ring.
    replace (u - - w) with (u + w) in P by ring. lra.
Qed.

(** ** Softplus lies above its tangents *)

Definition excess (a h : R) : R := softplus (a + h) - softplus a - sigmoid a * h.

Lemma exp_above t : 1 + t <= exp t.
Proof. apply exp_ineq1_le. Qed.

Lemma weighted_exponentials s h : 0 < s < 1 ->
  exp (s * h) <= (1 - s) + s * exp h /\ (h <> 0 -> exp (s * h) < (1 - s) + s * exp h).
Proof.
  intros Hs.
  assert (E : (1 - s) + s * exp h = exp (s * h) * ((1 - s) * exp (- (s * h)) + s * exp ((1 - s) * h))).
  { replace ((1 - s) * h) with (h + - (s * h)) by ring. rewrite exp_plus, exp_Ropp.
    pose proof (exp_pos (s * h)). field. lra. }
  pose proof (exp_pos (s * h)) as P.
  pose proof (exp_above (- (s * h))) as A. pose proof (exp_above ((1 - s) * h)) as B.
  split.
  - rewrite E. assert (1 <= (1 - s) * exp (- (s * h)) + s * exp ((1 - s) * h)) by nra. nra.
  - intros Hh. rewrite E. assert (Hsh : - (s * h) <> 0).
    { intros Z. apply Hh. assert (s * h = 0) as Q by lra. apply Rmult_integral in Q. destruct Q; lra. }
    pose proof (exp_ineq1 _ Hsh) as A'.
    assert (1 < (1 - s) * exp (- (s * h)) + s * exp ((1 - s) * h)) by nra. nra.
Qed.

Lemma excess_nonnegative a h : 0 <= excess a h /\ (h <> 0 -> 0 < excess a h).
Proof.
  pose proof (sigmoid_pos a) as S0. pose proof (sigmoid_lt_1 a) as S1.
  destruct (weighted_exponentials (sigmoid a) h (conj S0 S1)) as [W W'].
  assert (E : 1 + exp (a + h) = (1 + exp a) * ((1 - sigmoid a) + sigmoid a * exp h)).
  { unfold sigmoid. rewrite exp_plus, exp_Ropp. pose proof (exp_pos a). field. lra. }
  assert (Hpos : 0 < (1 - sigmoid a) + sigmoid a * exp h) by (pose proof (exp_pos h); nra).
  assert (L : excess a h = ln ((1 - sigmoid a) + sigmoid a * exp h) - ln (exp (sigmoid a * h))).
  { unfold excess, softplus. rewrite E, ln_mult by (assumption || apply one_plus_exp_pos). rewrite ln_exp. ring. }
  rewrite L. split.
  - pose proof (ln_le _ _ (exp_pos (sigmoid a * h)) W). lra.
  - intros Hh. pose proof (ln_increasing _ _ (exp_pos (sigmoid a * h)) (W' Hh)). lra.
Qed.
