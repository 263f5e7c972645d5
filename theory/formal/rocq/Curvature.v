(** Derivatives of expected losses over finite laws. *)

From Coq Require Import Bool List ZArith Reals Lra Lia Psatz FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
Require Import Model Sums Attacks Networks Functions Setups Logistic PairLosses Dense MultiplesOfHeads Encoders.
Open Scope R_scope.

Lemma is_derive_mean {A} (l : law A) (g : R -> A -> R) (g' : A -> R) t :
  (forall x, is_derive (fun s => g s x) t (g' x)) -> is_derive (fun s => mean l (g s)) t (mean l g').
Proof.
  intros H. induction l as [|[q x] l IH]; cbn [mean].
  - apply @is_derive_const.
  - apply (is_derive_plus (fun s => q * g s x) (fun s => mean l (g s))); [|exact IH].
    apply (is_derive_scal (fun s => g s x)), H.
Qed.

(** A loss with an affine exponent, and its first two derivatives. *)
Lemma is_derive_loss a b t : is_derive (fun s => softplus (a + s * b)) t (b * sigmoid (a + t * b)).
Proof.
  apply (is_derive_comp softplus (fun s => a + s * b) t (sigmoid (a + t * b)) b).
  - apply is_derive_softplus.
  - auto_derive; [exact I | ring].
Qed.

Lemma is_derive_slope a b t :
  is_derive (fun s => b * sigmoid (a + s * b)) t (b ^ 2 * (sigmoid (a + t * b) * sigmoid (- (a + t * b)))).
Proof.
  replace (b ^ 2 * (sigmoid (a + t * b) * sigmoid (- (a + t * b))))
    with (b * (b * (sigmoid (a + t * b) * sigmoid (- (a + t * b))))) by ring.
  apply (is_derive_scal (fun s => sigmoid (a + s * b))).
  apply (is_derive_comp sigmoid (fun s => a + s * b) t (sigmoid (a + t * b) * sigmoid (- (a + t * b))) b).
  - apply is_derive_sigmoid.
  - auto_derive; [exact I | ring].
Qed.

Lemma Derive_mean_loss {A} (l : law A) (a b : A -> R) t :
  is_derive (fun s => mean l (fun x => softplus (a x + s * b x))) t (mean l (fun x => b x * sigmoid (a x + t * b x))).
Proof. apply (is_derive_mean l (fun s x => softplus (a x + s * b x))). intros x. apply is_derive_loss. Qed.

Lemma Derive_mean_slope {A} (l : law A) (a b : A -> R) t :
  is_derive (fun s => mean l (fun x => b x * sigmoid (a x + s * b x))) t
    (mean l (fun x => b x ^ 2 * (sigmoid (a x + t * b x) * sigmoid (- (a x + t * b x))))).
Proof. apply (is_derive_mean l (fun s x => b x * sigmoid (a x + s * b x))). intros x. apply is_derive_slope. Qed.

(** A mixture of two such losses. *)
Section Two.

  Context {A B : Type} (l : law A) (n : law B) (a b : A -> R) (a' b' : B -> R) (rho : R).

  Definition mixed_loss (s : R) : R :=
    rho * mean l (fun x => softplus (a x + s * b x)) + (1 - rho) * mean n (fun x => softplus (a' x + s * b' x)).
  Definition mixed_slope (s : R) : R :=
    rho * mean l (fun x => b x * sigmoid (a x + s * b x)) + (1 - rho) * mean n (fun x =>
      b' x * sigmoid (a' x + s * b' x)).
  Definition mixed_curvature (s : R) : R :=
    rho * mean l (fun x => b x ^ 2 * (sigmoid (a x + s * b x) * sigmoid (- (a x + s * b x))))
    + (1 - rho) * mean n (fun x => b' x ^ 2 * (sigmoid (a' x + s * b' x) * sigmoid (- (a' x + s * b' x)))).

  Lemma is_derive_mixed_loss t : is_derive mixed_loss t (mixed_slope t).
  Proof.
    apply @is_derive_plus; apply (is_derive_scal (fun s => mean _ (fun x => softplus (_ x + s * _ x))));
      apply Derive_mean_loss.
  Qed.

  Lemma is_derive_mixed_slope t : is_derive mixed_slope t (mixed_curvature t).
  Proof.
    apply @is_derive_plus; apply (is_derive_scal (fun s => mean _ (fun x => _ x * sigmoid (_ x + s * _ x))));
      apply Derive_mean_slope.
  Qed.

  Lemma Derive_2_mixed_loss t : Derive_n mixed_loss 2 t = mixed_curvature t.
  Proof.
    change (Derive (fun s => Derive mixed_loss s) t = mixed_curvature t).
    rewrite (Derive_ext _ mixed_slope) by (intros s; apply is_derive_unique, is_derive_mixed_loss).
    apply is_derive_unique, is_derive_mixed_slope.
  Qed.

  Lemma curvature_positive t :
    is_law l -> is_law n -> 0 <= rho -> rho < 1 -> 0 < mean n (fun x => b' x ^ 2) -> 0 < mixed_curvature t.
  Proof.
    intros Hl Hn H0 H1 Hb.
    assert (W : forall s, 0 < sigmoid s * sigmoid (- s)) by (intros; apply Rmult_lt_0_compat; apply sigmoid_pos).
    assert (S : 0 <= mean l (fun x => b x ^ 2 * (sigmoid (a x + t * b x) * sigmoid (- (a x + t * b x))))).
    { apply mean_nonnegative; [exact Hl|]. intros x. apply Rmult_le_pos; [apply pow2_ge_0 | apply Rlt_le, W]. }
    assert (D : 0 < mean n (fun x => b' x ^ 2 * (sigmoid (a' x + t * b' x) * sigmoid (- (a' x + t * b' x))))).
    { apply mean_positive with b'; [exact Hn | exact Hb | |].
      - intros x. apply Rmult_le_pos; [apply pow2_ge_0 | apply Rlt_le, W].
      - intros x Hx. apply Rmult_lt_0_compat; [now apply pow2_gt_0 | apply W]. }
    unfold mixed_curvature. pose proof (Rmult_le_pos _ _ H0 S).
    pose proof (Rmult_lt_0_compat (1 - rho) _ ltac:(lra) D). lra.
  Qed.

  (** The loss lies strictly above its tangents. *)
  Lemma above_tangent s t :
    is_law l -> is_law n -> 0 <= rho -> rho < 1 -> 0 < mean n (fun x => b' x ^ 2) -> s <> t ->
    mixed_loss t + (s - t) * mixed_slope t < mixed_loss s.
  Proof.
    intros Hl Hn H0 H1 Hb Hst.
    assert (E : forall {C} (q : law C) (f g : C -> R),
      mean q (fun x => softplus (f x + s * g x))
      = mean q (fun x => softplus (f x + t * g x)) + (s - t) * mean q (fun x => g x * sigmoid (f x + t * g x))
        + mean q (fun x => excess (f x + t * g x) ((s - t) * g x))).
    { intros C q f g. rewrite <- mean_scale, <- !mean_add. apply mean_ext. intros x. unfold excess.
      replace (f x + t * g x + (s - t) * g x) with (f x + s * g x) by ring. ring. }
    unfold mixed_loss, mixed_slope. rewrite (E A l a b), (E B n a' b').
    assert (S : 0 <= mean l (fun x => excess (a x + t * b x) ((s - t) * b x))).
    { apply mean_nonnegative; [exact Hl|]. intros x. apply excess_nonnegative. }
    assert (D : 0 < mean n (fun x => excess (a' x + t * b' x) ((s - t) * b' x))).
    { apply mean_positive with b'; [exact Hn | exact Hb | |].
      - intros x. apply excess_nonnegative.
      - intros x Hx. apply excess_nonnegative. apply Rmult_integral_contrapositive_currified; lra || assumption. }
    pose proof (Rmult_le_pos _ _ H0 S). pose proof (Rmult_lt_0_compat (1 - rho) _ ltac:(lra) D). lra.
  Qed.

End Two.
