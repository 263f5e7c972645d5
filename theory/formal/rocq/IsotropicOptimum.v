(** The expected loss at a Gram matrix exceeds that at the isotropic one of its trace. *)

From Coq Require Import Bool List ZArith Reals Lra Lia Psatz FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
Require Import Model Sums Attacks Networks Functions Setups Logistic PairLosses Dense MultiplesOfHeads Encoders.
Open Scope R_scope.

(** ** Moments of the views *)

Section Views.

  Context (d : nat) (features noise : law vector).
  Hypothesis Hlaws : pair_laws d features noise.
  Hypothesis Hoccur : occur d (views features noise).

  Let l := views features noise.

  Lemma flip_l i f : (1 <= i <= d)%nat -> mean l (fun x => f (flip i x)) = mean l f.
  Proof. exact (flip_views d features noise Hlaws i f). Qed.

  Lemma exchange_l i j f : (1 <= i <= d)%nat -> (1 <= j <= d)%nat -> mean l (fun x => f (exchange i j x)) = mean l f.
  Proof. exact (exchange_views d features noise Hlaws i j f). Qed.

  (** Mean square of a coordinate of a view. *)
  Definition radius : R := mean l (fun x => x 1%nat ^ 2).

  Lemma views_mean_zero y : mean l (fun x => dot d x y) = 0.
  Proof.
    unfold dot. rewrite mean_sum. apply sum_zero. intros i Hi.
    assert (E : mean l (fun x => x i * y i) = -1 * mean l (fun x => x i * y i)); [|lra].
    rewrite <- (flip_l i (fun x => x i * y i) Hi) at 1.
    rewrite <- mean_scale. apply mean_ext. intros x. unfold flip. rewrite Nat.eqb_refl. ring.
  Qed.

  Lemma views_mean_square i : (1 <= i <= d)%nat -> mean l (fun x => x i ^ 2) = radius.
  Proof.
    intros Hi. unfold radius.
    rewrite <- (exchange_l i 1 (fun x => x i ^ 2)) by lia.
    apply mean_ext. intros x. unfold exchange. now rewrite Nat.eqb_refl.
  Qed.

  Lemma views_uncorrelated i j : (1 <= i <= d)%nat -> i <> j -> mean l (fun x => x i * x j) = 0.
  Proof.
    intros Hi Hne. assert (E : mean l (fun x => x i * x j) = -1 * mean l (fun x => x i * x j)); [|lra].
    rewrite <- (flip_l i (fun x => x i * x j) Hi) at 1.
    rewrite <- mean_scale. apply mean_ext. intros x. unfold flip. rewrite Nat.eqb_refl.
    destruct (Nat.eqb_spec j i) as [-> | _]; [congruence | ring].
  Qed.

  Lemma views_mean_form y : mean l (fun x => dot d x y ^ 2) = radius * square d y.
  Proof.
    rewrite (mean_ext _ _ (fun x => sum 1 d (fun i => sum 1 d (fun j => y i * y j * (x i * x j))))).
    2: { intros x. unfold dot. rewrite <- Rsqr_pow2. unfold Rsqr. rewrite <- sum_scale_r. apply sum_ext. intros i _.
         rewrite <- sum_scale. apply sum_ext. intros j _. ring. }
    rewrite mean_sum. unfold square, dot. rewrite <- sum_scale. apply sum_ext. intros i Hi.
    rewrite mean_sum. rewrite (sum_ext d _ (fun j => delta i j * (radius * (y i * y j)))).
    - now rewrite sum_delta.
    - intros j Hj. rewrite mean_scale. unfold delta. destruct (Nat.eqb_spec i j) as [<- | Hne].
      + rewrite (mean_ext _ _ (fun x => x i ^ 2)) by (intros; ring). rewrite views_mean_square by exact Hi. ring.
      + rewrite views_uncorrelated by assumption. ring.
  Qed.

  Lemma radius_positive : 0 < radius.
  Proof.
    assert (E : mean l (square d) = INR d * radius).
    { unfold square, dot. rewrite mean_sum. rewrite (sum_ext d _ (fun _ => radius)).
      - apply sum_const.
      - intros i Hi. rewrite <- (views_mean_square i Hi). apply mean_ext. intros. ring. }
    unfold occur in Hoccur. fold l in Hoccur. rewrite E in Hoccur.
    pose proof (pos_INR d). destruct (Rlt_le_dec 0 radius) as [H0 | H0]; [exact H0|]. exfalso. nra.
  Qed.

  (** The mean square of a form of independent views, and of the form plus something of the second view alone. *)
  Lemma dissimilar_mean_form H g :
    mean (dissimilar_pairs features noise) (fun v => (dot d (fst v) (apply d H (snd v)) + g (snd v)) ^ 2)
    = radius * (radius * sum 1 d (fun i => square d (H i))) + mean l (fun y => g y ^ 2).
  Proof.
    unfold dissimilar_pairs. rewrite mean_product. fold l. cbn [fst snd].
    assert (Swap : forall f : vector -> vector ->
      R, mean l (fun x => mean l (fun y => f x y)) = mean l (fun y => mean l (fun x => f x y))).
    { intros f. generalize l at 1 4. intros n. induction n as [|[q x] n IH]; cbn [mean].
      - symmetry. apply (mean_constant_zero l).
      - rewrite IH, mean_add, mean_scale. reflexivity. }
    rewrite Swap.
    rewrite (mean_ext _ _ (fun y => radius * square d (apply d H y) + g y ^ 2)).
    - rewrite mean_add, mean_scale. do 2 f_equal.
      unfold square at 1, dot at 1. rewrite mean_sum, <- sum_scale. apply sum_ext. intros i _.
      rewrite (mean_ext _ _ (fun y => dot d y (H i) ^ 2)) by (intros; unfold apply; rewrite dot_comm; ring).
      apply views_mean_form.
    - intros y. rewrite (mean_ext _ _ (fun x =>
        dot d x (apply d H y) ^ 2 + (2 * g y * dot d x (apply d H y) + g y ^ 2)))
        by (intros; ring).
      rewrite !mean_add, mean_scale, views_mean_zero, views_mean_form.
      rewrite mean_constant by (apply (views_law d); exact Hlaws). ring.
  Qed.

  Lemma direction_seen H :
    (exists i j, (1 <= i <= d)%nat /\ (1 <= j <= d)%nat /\ H i j <> 0) -> 0 < sum 1 d (fun i => square d (H i)).
  Proof.
    intros [i [j [Hi [Hj Hne]]]].
    pose proof (term_le_sum d (fun i => square d (H i)) i ltac:(intros; apply square_nonnegative) Hi) as T.
    pose proof (term_le_sum d (fun j => H i j * H i j) j ltac:(intros; nra) Hj) as T'. cbv beta in T, T'.
    change (sum 1 d (fun j => H i j * H i j)) with (square d (H i)) in T'.
    assert (0 < H i j * H i j) by (pose proof (Rsqr_pos_lt _ Hne) as Q; exact Q). lra.
  Qed.

End Views.

(** ** The tangent at the isotropic Gram matrix *)

(** The direction of the second view. *)
Definition direction (d : nat) (y : vector) : vector := scale (/ norm_2 d y) y.

Lemma direction_dot d y : dot d (direction d y) y = norm_2 d y.
Proof.
  unfold direction. rewrite dot_scale_l. change (dot d y y) with (square d y). rewrite <- norm_2_square.
  destruct (Req_dec (norm_2 d y) 0) as [-> | H]; [ring | field; exact H].
Qed.

Lemma direction_short d y : norm_2 d (direction d y) <= 1.
Proof.
  unfold direction. rewrite (norm_scale _ _ (norm_2_is_norm d)).
  destruct (Req_dec (norm_2 d y) 0) as [-> | H]; [rewrite Rmult_0_r; lra|].
  pose proof (norm_2_nonnegative d y). rewrite Rabs_right by (apply Rle_ge, Rlt_le, Rinv_0_lt_compat; lra).
  rewrite Rinv_l; lra.
Qed.

Section Gap.

  Context (d : nat) (features noise : law vector) (eps c : R) (G H : matrix).
  Hypothesis Hlaws : pair_laws d features noise.
  Hypothesis Hoccur : occur d (views features noise).
  Hypothesis Hsize : 0 <= eps /\ 0 <= c \/ eps = 0.
  (** [H] is what is not isotropic in [G]: it has no trace and is not zero. *)
  Hypothesis HG : forall i j, G i j = isotropic c i j + H i j.
  Hypothesis Htrace : trace d H = 0.
  Hypothesis Hdirection : exists i j, (1 <= i <= d)%nat /\ (1 <= j <= d)%nat /\ H i j <> 0.

  (** The exponent at the isotropic matrix, and a lower bound of what [H] adds to it. *)
  Definition centre (kind : R) (v : vector * vector) : R :=
    kind * (c * dot d (fst v) (snd v)) + eps * (c * norm_2 d (snd v)).
  Definition step (kind : R) (v : vector * vector) : R :=
    kind * dot d (fst v) (apply d H (snd v)) + eps * dot d (direction d (snd v)) (apply d H (snd v)).

  Lemma apply_G y : same d (apply d G y) (plus (scale c y) (apply d H y)).
  Proof.
    intros i Hi. pose proof (apply_isotropic d c y i Hi) as E. unfold plus. rewrite <- E.
    unfold apply, dot. rewrite <- sum_add. apply sum_ext. intros j _. rewrite HG. ring.
  Qed.

  Lemma worst_isotropic kind v : worst_loss d (isotropic c) eps kind v = softplus (centre kind v).
  Proof.
    unfold worst_loss, centre. rewrite score_isotropic. do 2 f_equal.
    destruct Hsize as [[He Hc] | ->]; [now rewrite norm_isotropic | ring].
  Qed.

  Lemma worst_above kind v : softplus (centre kind v + step kind v) <= worst_loss d G eps kind v.
  Proof.
    apply softplus_increasing. unfold centre, step. destruct v as [x y]. cbn [fst snd].
    assert (S : score d G x y = c * dot d x y + dot d x (apply d H y)).
    { unfold score. rewrite (dot_same d x x _ _ ltac:(intros i _; reflexivity) (apply_G y)).
      rewrite dot_plus, dot_scale. reflexivity. }
    rewrite S.
    assert (N : 0 <= eps -> eps * (c * norm_2 d y + dot d (direction d y) (apply d H y))
      <= eps * norm_2 d (apply d G y)).
    { intros He. apply Rmult_le_compat_l; [exact He|].
      pose proof (dot_norm_2 d (direction d y) (apply d G y)) as C.
      rewrite (dot_same d (direction d y) (direction d y) _ _ ltac:(intros i _; reflexivity) (apply_G y)) in C.
      rewrite dot_plus, dot_scale, direction_dot in C.
      pose proof (direction_short d y). pose proof (norm_2_nonnegative d (apply d G y)). nra. }
    destruct Hsize as [[He Hc] | He]; specialize (N ltac:(lra)); lra.
  Qed.

  Lemma centre_moved P kind v : motion d P -> centre kind (moved P v) = centre kind v.
  Proof.
    intros HP. unfold centre, moved, norm_2, square. cbn [fst snd]. now rewrite !(motion_dot d P HP).
  Qed.

  Lemma direction_moved P y k : motion d P -> (forall a x k, P (scale a x) k = scale a (P x) k) ->
    direction d (P y) k = P (direction d y) k.
  Proof.
    intros HP Hscale. unfold direction. rewrite Hscale. unfold norm_2, square. now rewrite (motion_dot d P HP).
  Qed.

  Lemma flip_scale i a x k : flip i (scale a x) k = scale a (flip i x) k.
  Proof. unfold flip, scale. destruct (Nat.eqb k i); ring. Qed.

  Lemma exchange_scale i j a x k : exchange i j (scale a x) k = scale a (exchange i j x) k.
  Proof. unfold exchange, scale. destruct (Nat.eqb k i), (Nat.eqb k j); reflexivity. Qed.

  (** The slope along [H] vanishes, for either kind of pair. *)
  Lemma tangent_vanishes l kind :
    (forall i f, (1 <= i <= d)%nat -> mean l (fun v => f (moved (flip i) v)) = mean l f) ->
    (forall i j f, (1 <= i <= d)%nat -> (1 <= j <= d)%nat -> mean l (fun v => f (moved (exchange i j) v)) = mean l f) ->
    mean l (fun v => sigmoid (centre kind v) * step kind v) = 0.
  Proof.
    intros Hflip Hexchange.
    assert (First := traceless_form d l (fun v => sigmoid (centre kind v)) fst snd Hflip Hexchange).
    assert (Second := traceless_form d l (fun v => sigmoid (centre kind v)) (fun v =>
      direction d (snd v)) snd Hflip Hexchange).
    rewrite (mean_ext _ _ (fun v => kind * (sigmoid (centre kind v) * dot d (fst v) (apply d H (snd v)))
      + eps * (sigmoid (centre kind v) * dot d (direction d (snd v)) (apply d H (snd v)))))
          by (intros; unfold step; ring).
    rewrite mean_add, !mean_scale, First, Second; try exact Htrace; try (intros; reflexivity); try ring;
      try (intros P v HP; now rewrite centre_moved).
    - intros i v k. apply direction_moved; [apply flip_motion | apply flip_scale].
    - intros i j v k Hi Hj. apply direction_moved; [now apply exchange_motion | apply exchange_scale].
  Qed.

  Lemma part_above l kind :
    is_law l ->
    (forall i f, (1 <= i <= d)%nat -> mean l (fun v => f (moved (flip i) v)) = mean l f) ->
    (forall i j f, (1 <= i <= d)%nat -> (1 <= j <= d)%nat -> mean l (fun v => f (moved (exchange i j) v)) = mean l f) ->
    mean l (worst_loss d (isotropic c) eps kind) + mean l (fun v => excess (centre kind v) (step kind v))
    <= mean l (worst_loss d G eps kind).
  Proof.
    intros Hl Hflip Hexchange.
    apply Rle_trans with (mean l (fun v => softplus (centre kind v + step kind v))).
    - apply Req_le. rewrite (mean_ext _ (fun v => softplus (centre kind v + step kind v))
        (fun v => softplus (centre kind v) +
          (excess (centre kind v) (step kind v) + sigmoid (centre kind v) * step kind v)))
        by (intros; unfold excess; ring).
      rewrite !mean_add, (tangent_vanishes l kind Hflip Hexchange), Rplus_0_r. f_equal.
      apply mean_ext. intros v. apply worst_isotropic.
    - apply mean_at_least_occurs; [exact Hl|]. intros v. apply worst_above.
  Qed.

  Lemma excess_occurs : 0 < mean (dissimilar_pairs features noise) (fun v =>
    excess (centre dissimilar v) (step dissimilar v)).
  Proof.
    apply mean_positive with (step dissimilar).
    - now apply (dissimilar_law d).
    - rewrite (mean_ext _ _ (fun v => (dot d (fst v) (apply d H (snd v))
        + eps * dot d (direction d (snd v)) (apply d H (snd v))) ^ 2)) by (intros; unfold step, dissimilar; ring).
      rewrite (dissimilar_mean_form d features noise Hlaws H (fun y => eps * dot d (direction d y) (apply d H y))).
      pose proof (radius_positive d features noise Hlaws Hoccur) as R.
      pose proof (direction_seen d H Hdirection) as D.
      assert (0 <= mean (views features noise) (fun y => (eps * dot d (direction d y) (apply d H y)) ^ 2)).
      { apply mean_nonnegative; [now apply (views_law d)|]. intros y. apply pow2_ge_0. }
      pose proof (Rmult_lt_0_compat _ _ R (Rmult_lt_0_compat _ _ R D)). lra.
    - intros v. apply excess_nonnegative.
    - intros v. apply excess_nonnegative.
  Qed.

  Lemma isotropic_is_best : expected_loss d (1 / 2) eps (isotropic c) features noise
    < expected_loss d (1 / 2) eps G features noise.
  Proof.
    unfold expected_loss.
    pose proof (part_above (similar_pairs features noise) similar (similar_law d features noise Hlaws)
      (flip_similar d features noise Hlaws) (exchange_similar d features noise Hlaws)) as S.
    pose proof (part_above (dissimilar_pairs features noise) dissimilar (dissimilar_law d features noise Hlaws)
      (flip_dissimilar d features noise Hlaws) (exchange_dissimilar d features noise Hlaws)) as D.
    pose proof excess_occurs as E.
    assert (0 <= mean (similar_pairs features noise) (fun v => excess (centre similar v) (step similar v))).
    { apply mean_nonnegative; [now apply (similar_law d)|]. intros v. apply excess_nonnegative. }
    lra.
  Qed.

End Gap.
