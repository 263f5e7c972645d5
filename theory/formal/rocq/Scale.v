(** Lemmas on the expected loss of isotropic encoders as a function of their scale. *)

From Coq Require Import Bool List ZArith Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
Require Import Model Sums Attacks Networks Functions Setups Logistic PairLosses Dense MultiplesOfHeads Encoders.
Require Import IsotropicOptimum Curvature.
Open Scope R_scope.

(** What the scale multiplies in the exponent of the largest loss. *)
Definition pull (d : nat) (eps kind : R) (v : vector * vector) : R :=
  kind * dot d (fst v) (snd v) + eps * norm_2 d (snd v).

Lemma worst_of_scale d eps kind s v :
  0 <= s \/ eps = 0 -> worst_loss d (isotropic s) eps kind v = softplus (0 + s * pull d eps kind v).
Proof.
  intros H. unfold worst_loss, pull. rewrite score_isotropic. f_equal.
  destruct H as [H | ->]; [rewrite norm_isotropic by exact H; ring | ring].
Qed.

Definition scale_loss (d : nat) (features noise : law vector) (rho eps : R) : R -> R :=
  mixed_loss (similar_pairs features noise) (dissimilar_pairs features noise)
    (fun _ => 0) (pull d eps similar) (fun _ => 0) (pull d eps dissimilar) rho.

Lemma expected_of_scale d features noise rho eps s :
  0 <= s -> expected_loss d rho eps (isotropic s) features noise = scale_loss d features noise rho eps s.
Proof.
  intros Hs. unfold expected_loss, scale_loss, mixed_loss.
  f_equal; f_equal; apply mean_ext; intros v; apply worst_of_scale; auto.
Qed.

Lemma clean_of_scale d l s :
  clean_loss d l s
  = mixed_loss l (product l l) (fun _ => 0) (fun x => pull d 0 similar (x, x)) (fun _ => 0) (pull d 0 dissimilar)
      (1 / 2) s.
Proof.
  unfold clean_loss, mixed_loss. replace (1 - 1 / 2) with (1 / 2) by field.
  f_equal; f_equal; apply mean_ext; intros v; apply worst_of_scale; auto.
Qed.

(** ** Outcomes that occur *)

Lemma occurs_at {A} (l : law A) f :
  is_law l -> 0 < mean l f -> exists q x, List.In (q, x) l /\ 0 < q /\ 0 < f x.
Proof.
  intros [Hl _] H. induction l as [|[q x] l IH]; cbn [mean] in H; [apply Rlt_irrefl in H; contradiction|].
  inversion_clear Hl. destruct (Rlt_le_dec 0 (q * f x)) as [P | P].
  - exists q, x. split; [left; reflexivity|]. destruct (Req_dec q 0) as [-> | Hq]; [lra|].
    split; [lra|]. apply Rmult_lt_reg_l with q; lra.
  - destruct IH as [q' [x' [Hin [Hq' Hf]]]]; [assumption | lra |]. exists q', x'. split; [right; exact Hin | auto].
Qed.

Lemma mean_positive_at {A} (l : law A) f q x :
  is_law l -> List.In (q, x) l -> 0 < q -> (forall y, 0 <= f y) -> 0 < f x -> 0 < mean l f.
Proof.
  intros [Hl _] Hin Hq Hf Hx.
  assert (Pos : forall n : law A, List.Forall (fun '(share, _) => 0 <= share) n -> 0 <= mean n f).
  { intros n Hn. induction n as [|[s y] n IH]; cbn [mean]; [lra|]. inversion_clear Hn.
    apply Rplus_le_le_0_compat; [now apply Rmult_le_pos | now apply IH]. }
  induction l as [|[s y] l IH]; [contradiction|]. inversion_clear Hl as [|? ? Hs Hrest]. cbn [mean].
  destruct Hin as [E | Hin].
  - inversion E; subst. pose proof (Rmult_lt_0_compat _ _ Hq Hx). pose proof (Pos l Hrest). lra.
  - pose proof (IH Hrest Hin). pose proof (Rmult_le_pos _ _ Hs (Hf y)). lra.
Qed.

(** Independent views show the same outcome now and then. *)
Lemma dissimilar_pull_occurs d l eps :
  is_law l -> occur d l -> 0 <= eps -> 0 < mean (product l l) (fun v => pull d eps dissimilar v ^ 2).
Proof.
  intros Hl Hoccur Heps. destruct (occurs_at l (square d) Hl Hoccur) as [q [x [Hin [Hq Hx]]]].
  rewrite mean_product.
  assert (N : forall y z, 0 <= pull d eps dissimilar (y, z) ^ 2) by (intros; apply pow2_ge_0).
  apply mean_positive_at with q x; try assumption.
  - intros y. apply mean_nonnegative; [exact Hl | intros; apply N].
  - apply mean_positive_at with q x; try assumption; [intros; apply N|].
    apply pow2_gt_0, Rgt_not_eq. unfold pull, dissimilar. cbn [fst snd]. change (dot d x x) with (square d x).
    pose proof (Rmult_le_pos _ _ Heps (norm_2_nonnegative d x)). lra.
Qed.

Lemma mean_norm_positive d l : is_law l -> occur d l -> 0 < mean l (norm_2 d).
Proof.
  intros Hl Hoccur. apply mean_positive with (norm_2 d).
  - exact Hl.
  - rewrite (mean_ext _ _ (square d)) by (intros; apply norm_2_square). exact Hoccur.
  - intros. apply norm_2_nonnegative.
  - intros x Hx. pose proof (norm_2_nonnegative d x). lra.
Qed.

(** The first [n] coordinates with their signs changed. *)
Definition reflect (n : nat) (x : vector) : vector := fun j => if Nat.leb j n && Nat.leb 1 j then - x j else x j.

Lemma dot_reflect d x y : dot d (reflect d x) y = - dot d x y.
Proof.
  replace (- dot d x y) with (-1 * dot d x y) by ring. unfold dot. rewrite <- sum_scale. apply sum_ext. intros j Hj.
  unfold reflect. replace (Nat.leb j d) with true by (symmetry; apply Nat.leb_le; lia).
  replace (Nat.leb 1 j) with true by (symmetry; apply Nat.leb_le; lia). cbn [andb]. ring.
Qed.

(** ** Means over pairs *)

Section Means.

  Context (d : nat) (features noise : law vector).
  Hypothesis Hlaws : pair_laws d features noise.

  Lemma noise_mean_zero y : mean noise (fun e => dot d y e) = 0.
  Proof.
    destruct Hlaws as [_ _ _ [Hflip _]]. unfold dot. rewrite mean_sum. apply sum_zero. intros i Hi.
    assert (E : mean noise (fun e => y i * e i) = -1 * mean noise (fun e => y i * e i)); [|lra].
    rewrite <- (Hflip i (fun e => y i * e i) Hi) at 1. rewrite <- mean_scale. apply mean_ext. intros e.
    unfold flip. rewrite Nat.eqb_refl. ring.
  Qed.

  Lemma similar_mean_score : mean (similar_pairs features noise) (fun v => dot d (fst v) (snd v))
    = mean features (square d).
  Proof.
    rewrite mean_similar. cbn [fst snd]. apply mean_ext. intros x.
    rewrite (mean_ext _ _ (fun e => square d x + dot d x e)).
    - rewrite mean_add, noise_mean_zero, mean_constant by apply Hlaws. ring.
    - intros e. rewrite (mean_ext _ _ (fun e' => dot d (plus x e) x + dot d (plus x e) e')) by (intros; apply dot_plus).
      rewrite mean_add, noise_mean_zero, mean_constant by apply Hlaws.
      rewrite dot_comm, dot_plus. unfold square. ring.
  Qed.

  Lemma similar_mean_norm : mean (similar_pairs features noise) (fun v => norm_2 d (snd v))
    = mean (views features noise) (norm_2 d).
  Proof.
    rewrite mean_similar, mean_views. cbn [fst snd]. apply mean_ext. intros x. apply mean_constant, Hlaws.
  Qed.

  Lemma dissimilar_mean_score : mean (dissimilar_pairs features noise) (fun v => dot d (fst v) (snd v)) = 0.
  Proof.
    unfold dissimilar_pairs. rewrite mean_product. cbn [fst snd].
    rewrite (mean_ext _ _ (fun _ => 0)); [apply mean_constant_zero|].
    intros x. rewrite (mean_ext _ _ (fun y => dot d y x)) by (intros; apply dot_comm).
    apply (views_mean_zero d features noise Hlaws).
  Qed.

  Lemma dissimilar_mean_norm : mean (dissimilar_pairs features noise) (fun v => norm_2 d (snd v))
    = mean (views features noise) (norm_2 d).
  Proof.
    unfold dissimilar_pairs. rewrite mean_product. cbn [fst snd]. apply mean_constant, (views_law d), Hlaws.
  Qed.

  Lemma features_in_views : occur d features -> occur d (views features noise).
  Proof.
    intros H. unfold occur in *. rewrite mean_views. eapply Rlt_le_trans; [exact H|].
    apply mean_at_least_occurs; [apply Hlaws|]. intros x.
    rewrite (mean_ext noise _ (fun e => square d x + (2 * dot d x e + square d e)))
      by (intros; rewrite square_plus; ring).
    rewrite !mean_add, mean_scale, noise_mean_zero, mean_constant by apply Hlaws.
    assert (0 <= mean noise (square d))
      by (apply mean_nonnegative; [apply Hlaws | intros; apply square_nonnegative]). lra.
  Qed.

  (** The slope of the loss of balanced pairs at scale zero. *)
  Lemma slope_at_zero eps :
    mixed_slope (similar_pairs features noise) (dissimilar_pairs features noise)
      (fun _ => 0) (pull d eps similar) (fun _ => 0) (pull d eps dissimilar) (1 / 2) 0
    = (2 * eps * mean (views features noise) (norm_2 d) - mean features (square d)) / 4.
  Proof.
    unfold mixed_slope.
    assert (Half : forall (q : law (vector * vector)) kind,
      mean q (fun v => pull d eps kind v * sigmoid (0 + 0 * pull d eps kind v))
      = 1 / 2 * (kind * mean q (fun v => dot d (fst v) (snd v)) + eps * mean q (fun v => norm_2 d (snd v)))).
    { intros q kind. rewrite <- !mean_scale, <- mean_add, <- mean_scale. apply mean_ext. intros v.
      replace (0 + 0 * pull d eps kind v) with 0 by ring. rewrite sigmoid_0. unfold pull. ring. }
    rewrite !Half, similar_mean_score, similar_mean_norm, dissimilar_mean_score, dissimilar_mean_norm.
    unfold similar, dissimilar. field.
  Qed.

  (** Reflecting a view changes the signs of its coordinates, one after the other. *)
  Lemma views_reflected n f : (n <= d)%nat ->
    mean (views features noise) (fun x => f (reflect n x)) = mean (views features noise) f.
  Proof.
    induction n as [|n IH]; intros Hn.
    - apply mean_ext. intros x. f_equal. apply FunctionalExtensionality.functional_extensionality. intros j.
      destruct j; reflexivity.
    - rewrite <- IH by lia.
      rewrite <- (flip_views d features noise Hlaws (S n) (fun x => f (reflect n x))) by lia.
      apply mean_ext. intros x. f_equal. apply FunctionalExtensionality.functional_extensionality. intros j.
      unfold reflect, flip. destruct (Nat.eqb_spec j (S n)) as [-> | Hne].
      + replace (Nat.leb (S n) n) with false by (symmetry; apply Nat.leb_gt; lia).
        replace (Nat.leb (S n) (S n)) with true by (symmetry; apply Nat.leb_le; lia). reflexivity.
      + destruct (Nat.leb_spec j n), (Nat.leb_spec j (S n)); try lia; reflexivity.
  Qed.

  (** ** The mixed derivative *)

  Lemma is_derive_force_of a n s e :
    s <> 0 -> is_derive (fun e => (a + e * n) * sigmoid (0 + s * (a + e * n))) e (n * tilt (s * (a + e * n))).
  Proof.
    intros Hs.
    apply is_derive_ext with (fun e => / s * ((fun t => t * sigmoid t) (s * (a + e * n)))).
    - intros t. cbv beta. rewrite Rplus_0_l. match goal with |- ?x = ?y => change (@eq R x y) end. field. exact Hs.
    - replace (n * tilt (s * (a + e * n))) with (/ s * (s * n * tilt (s * (a + e * n)))) by (field; exact Hs).
      apply is_derive_scal.
      apply (is_derive_comp (fun t => t * sigmoid t) (fun e => s * (a + e * n)) e (tilt (s * (a + e * n))) (s * n)).
      + rewrite tilt_formula. apply is_derive_force.
      + auto_derive; [exact I | ring].
  Qed.

  Definition mixed_derivative (rho eps lambda : R) : R :=
    rho * mean (similar_pairs features noise)
            (fun v => norm_2 d (snd v) * tilt (lambda * (similar * dot d (fst v) (snd v) + eps * norm_2 d (snd v))))
    + (1 - rho) * mean (dissimilar_pairs features noise)
            (fun v => norm_2 d (snd v) * tilt (lambda * (dissimilar * dot d (fst v) (snd v) + eps * norm_2 d (snd v)))).

  Lemma Derive_mixed rho eps lambda :
    0 < lambda ->
    Derive (fun e => Derive (fun s => expected_loss d rho e (isotropic s) features noise) lambda) eps
    = mixed_derivative rho eps lambda.
  Proof.
    intros Hlambda.
    rewrite (Derive_ext _ (fun e => mixed_slope (similar_pairs features noise) (dissimilar_pairs features noise)
      (fun _ => 0) (pull d e similar) (fun _ => 0) (pull d e dissimilar) rho lambda)).
    - apply is_derive_unique. unfold mixed_slope, mixed_derivative.
      apply @is_derive_plus.
      + apply (is_derive_scal (fun e =>
          mean (similar_pairs features noise) (fun v =>
            pull d e similar v * sigmoid (0 + lambda * pull d e similar v)))).
        apply (is_derive_mean _ (fun e v => pull d e similar v * sigmoid (0 + lambda * pull d e similar v))).
        intros v. apply is_derive_force_of. lra.
      + apply (is_derive_scal (fun e =>
          mean (dissimilar_pairs features noise) (fun v =>
            pull d e dissimilar v * sigmoid (0 + lambda * pull d e dissimilar v)))).
        apply (is_derive_mean _ (fun e v => pull d e dissimilar v * sigmoid (0 + lambda * pull d e dissimilar v))).
        intros v. apply is_derive_force_of. lra.
    - intros e. apply is_derive_unique.
      apply is_derive_ext_loc with (scale_loss d features noise rho e).
      + exists (mkposreal lambda Hlambda). intros s Hs. symmetry. apply expected_of_scale.
        change (Rabs (s + - lambda) < lambda) in Hs. apply Rabs_def2 in Hs. lra.
      + apply is_derive_mixed_loss.
  Qed.

  (** Similar pairs contribute little that is negative, dissimilar ones nearly half, over both signs of a view. *)
  Lemma mixed_derivative_above rho eps lambda :
    0 <= rho <= 1 -> 0 < lambda -> 0 <= eps ->
    (rho * - (312 / 3125) + (1 - rho) * (2813 / 6250)) * mean (views features noise) (norm_2 d)
      <= mixed_derivative rho eps lambda.
  Proof.
    intros Hrho Hlambda Heps. set (n := mean (views features noise) (norm_2 d)).
    assert (S : - (312 / 3125) * n <= mean (similar_pairs features noise)
      (fun v => norm_2 d (snd v) * tilt (lambda * (similar * dot d (fst v) (snd v) + eps * norm_2 d (snd v))))).
    { unfold n. rewrite <- similar_mean_norm, <- mean_scale. apply mean_at_least_occurs; [now apply (similar_law d)|].
      intros v. pose proof (norm_2_nonnegative d (snd v)).
      pose proof (tilt_floor (lambda * (similar * dot d (fst v) (snd v) + eps * norm_2 d (snd v)))). nra. }
    assert (D : 2813 / 6250 * n <= mean (dissimilar_pairs features noise)
      (fun v => norm_2 d (snd v) * tilt (lambda * (dissimilar * dot d (fst v) (snd v) + eps * norm_2 d (snd v))))).
    { set (f := fun v : vector * vector =>
        norm_2 d (snd v) * tilt (lambda * (dissimilar * dot d (fst v) (snd v) + eps * norm_2 d (snd v)))).
      assert (Turned : mean (dissimilar_pairs features noise) f
        = mean (dissimilar_pairs features noise) (fun v => f (reflect d (fst v), snd v))).
      { unfold dissimilar_pairs. rewrite !mean_product. symmetry.
        exact (views_reflected d (fun x => mean (views features noise) (fun y => f (x, y))) (le_n d)). }
      assert (E : mean (dissimilar_pairs features noise) f
        = mean (dissimilar_pairs features noise) (fun v => 1 / 2 * (f v + f (reflect d (fst v), snd v)))).
      { rewrite mean_scale, mean_add, <- Turned. field. }
      rewrite E. unfold n. rewrite <- dissimilar_mean_norm, <- mean_scale.
      apply mean_at_least_occurs; [now apply (dissimilar_law d)|].
      intros v. unfold f, dissimilar. cbn [fst snd]. rewrite dot_reflect.
      pose proof (norm_2_nonnegative d (snd v)) as N.
      pose proof (tilt_two_images (lambda * (eps * norm_2 d (snd v))) (lambda * dot d (fst v) (snd v))) as T.
      specialize (T ltac:(apply Rmult_le_pos; [lra | now apply Rmult_le_pos])).
      replace (lambda * (1 * dot d (fst v) (snd v) + eps * norm_2 d (snd v)))
        with (lambda * (eps * norm_2 d (snd v)) + lambda * dot d (fst v) (snd v)) by ring.
      replace (lambda * (1 * (- dot d (fst v) (snd v)) + eps * norm_2 d (snd v)))
        with (lambda * (eps * norm_2 d (snd v)) - lambda * dot d (fst v) (snd v)) by ring.
      nra. }
    unfold mixed_derivative.
    pose proof (Rmult_le_compat_l rho _ _ (proj1 Hrho) S). pose proof (Rmult_le_compat_l (1 - rho) _ _ ltac:(lra) D).
    lra.
  Qed.

End Means.
