(** Lemmas on attacked pairs of views. *)

From Coq Require Import Bool Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
Require Import Model Sums Attacks Functions Setups Logistic.
Open Scope R_scope.

Lemma softplus_increasing s t : s <= t -> softplus s <= softplus t.
Proof.
  intros H. unfold softplus. apply ln_le; [apply one_plus_exp_pos|].
  destruct H as [H | H]; [apply exp_increasing in H; lra | subst; lra].
Qed.

Lemma softplus_swapped t : softplus t = ln (exp t + 1).
Proof. unfold softplus. f_equal. ring. Qed.

Lemma is_kind_abs kind : kind = similar \/ kind = dissimilar -> Rabs kind = 1.
Proof. unfold similar, dissimilar. intros [-> | ->]; [rewrite Rabs_left | rewrite Rabs_right]; lra. Qed.

Lemma score_plus d G x step x' : score d G (plus x step) x' = score d G x x' + dot d (apply d G x') step.
Proof. unfold score. rewrite dot_comm, dot_plus, (dot_comm d _ x). reflexivity. Qed.

(** The attack adds at most [eps ||G x'||] to the exponent, and can add as much. *)
Lemma largest_exponent d G eps kind x x' :
  0 <= eps -> kind = similar \/ kind = dissimilar ->
  largest (attacked_exponents d G eps kind x x') (kind * score d G x x' + eps * norm_2 d (apply d G x')).
Proof.
  intros Heps Hkind. pose proof (is_kind_abs kind Hkind) as Habs.
  assert (Hsq : kind * kind = 1) by (unfold similar, dissimilar in Hkind; destruct Hkind; subst; lra).
  pose proof (dual_of_l2 d (apply d G x')) as HD. set (n := norm_2 d (apply d G x')) in *.
  assert (Hn : 0 <= n) by apply norm_2_nonnegative.
  split.
  - destruct (dual_reached (norm_2_is_norm d) _ _ eps (kind * (eps * n)) HD Heps) as [step [Hstep Hdot]].
    + rewrite Rabs_mult, Habs, Rabs_right by (apply Rle_ge, Rmult_le_pos; lra). lra.
    + exists step. split; [exact Hstep|]. rewrite score_plus, Hdot.
      rewrite Rmult_plus_distr_l, <- Rmult_assoc, Hsq. ring.
  - intros t [step [Hstep ->]]. rewrite score_plus, Rmult_plus_distr_l. apply Rplus_le_compat_l.
    pose proof (dual_bound_abs (norm_2_is_norm d) _ _ eps step HD Hstep) as H.
    apply Rle_trans with (Rabs (kind * dot d (apply d G x') step)); [apply Rle_abs|].
    rewrite Rabs_mult, Habs. lra.
Qed.

Lemma largest_unique among s t : largest among s -> largest among t -> s = t.
Proof. intros [Hs Hs'] [Ht Ht']. apply Rle_antisym; auto. Qed.

Lemma largest_loss d G eps kind x x' :
  0 <= eps -> kind = similar \/ kind = dissimilar ->
  largest (attacked_pair_losses d G eps kind x x')
    (softplus (kind * score d G x x' + eps * norm_2 d (apply d G x'))).
Proof.
  intros Heps Hkind. destruct (largest_exponent d G eps kind x x' Heps Hkind) as [[step [Hstep E]] H].
  split.
  - exists step. rewrite E. auto.
  - intros l [other [Hother ->]]. apply softplus_increasing, H. exists other. auto.
Qed.

(** ** Isotropic encoders *)

Lemma apply_isotropic d lambda x : same d (apply d (isotropic lambda) x) (scale lambda x).
Proof.
  intros i Hi. unfold apply, isotropic, dot, scale.
  rewrite (sum_ext d _ (fun j => lambda * (delta i j * x j))) by (intros; apply Rmult_assoc).
  rewrite sum_scale, sum_delta by exact Hi. reflexivity.
Qed.

Lemma score_isotropic d lambda x x' : score d (isotropic lambda) x x' = lambda * dot d x x'.
Proof.
  unfold score. rewrite (dot_same d x x _ (scale lambda x')).
  - apply dot_scale.
  - intros i _. reflexivity.
  - apply apply_isotropic.
Qed.

Lemma norm_2_same d x y : same d x y -> norm_2 d x = norm_2 d y.
Proof. apply (norm_same _ _ (norm_2_is_norm d)). Qed.

Lemma norm_isotropic d lambda x : 0 <= lambda -> norm_2 d (apply d (isotropic lambda) x) = lambda * norm_2 d x.
Proof.
  intros H. rewrite (norm_2_same d _ _ (apply_isotropic d lambda x)).
  rewrite (norm_scale _ _ (norm_2_is_norm d)), Rabs_right by lra. reflexivity.
Qed.

(** ** Comparison of losses by their exponentials *)

(** Softplus is convex at midpoints. *)
Lemma softplus_midpoint a b : softplus ((a + b) / 2) <= (softplus a + softplus b) / 2.
Proof.
  assert (H : 2 * softplus ((a + b) / 2) <= softplus a + softplus b); [|lra].
  unfold softplus. pose proof (one_plus_exp_pos a). pose proof (one_plus_exp_pos b).
  pose proof (one_plus_exp_pos ((a + b) / 2)).
  rewrite <- ln_mult by assumption. replace (2 * ln (1 + exp ((a + b) / 2)))
    with (ln (1 + exp ((a + b) / 2)) + ln (1 + exp ((a + b) / 2))) by ring.
  rewrite <- ln_mult by assumption. apply ln_le; [apply Rmult_lt_0_compat; assumption|].
  replace ((a + b) / 2) with (a / 2 + b / 2) by field.
  replace (exp a) with (exp (a / 2) * exp (a / 2)) by (rewrite <- exp_plus; f_equal; field).
  replace (exp b) with (exp (b / 2) * exp (b / 2)) by (rewrite <- exp_plus; f_equal; field).
  rewrite exp_plus. pose proof (pow2_ge_0 (exp (a / 2) - exp (b / 2))). nra.
Qed.

(** The loss of a similar pair without noise rises by [log (1 + e^(s - q)) - log (1 + e^-q)]; it is compared with half
    of the largest change [s] of the exponent. *)
Lemma similar_increase q s :
  0 < s ->
  (s <= 2 * q -> softplus (- q + s) - softplus (- q) <= s / 2) /\
  (2 * q < s -> softplus (- q + s) - softplus (- q) > s / 2).
Proof.
  intros Hs.
  assert (E : s / 2 = ln (exp (s / 2))) by (now rewrite ln_exp).
  assert (F : forall l, l = softplus (- q) + s / 2 -> l = ln ((1 + exp (- q)) * exp (s / 2))).
  { intros l ->. rewrite ln_mult, ln_exp; [reflexivity | apply one_plus_exp_pos | apply exp_pos]. }
  set (u := exp (s / 2)). assert (Hu : 1 < u).
  { unfold u. rewrite <- exp_0 at 1. apply exp_increasing. lra. }
  set (v := exp (- q)). assert (Hv : 0 < v) by apply exp_pos.
  assert (Es : exp (- q + s) = v * u * u).
  { unfold u, v. replace (- q + s) with (- q + s / 2 + s / 2) by field. now rewrite !exp_plus. }
  assert (Euv : u * v = exp (s / 2 - q)) by (unfold u, v; rewrite <- exp_plus; f_equal; ring).
  split; intros H.
  - assert (u * v <= 1).
    { rewrite Euv, <- exp_0. destruct (Req_dec (s / 2 - q) 0) as [-> | Hne]; [lra|].
      apply Rlt_le, exp_increasing. lra. }
    assert (softplus (- q + s) <= softplus (- q) + s / 2); [|lra].
    rewrite (F _ eq_refl). unfold softplus. fold u v. rewrite Es. apply ln_le; nra.
  - assert (1 < u * v) by (rewrite Euv, <- exp_0; apply exp_increasing; lra).
    assert (softplus (- q) + s / 2 < softplus (- q + s)); [|lra].
    rewrite (F _ eq_refl). unfold softplus. fold u v. rewrite Es. apply ln_increasing; nra.
Qed.
