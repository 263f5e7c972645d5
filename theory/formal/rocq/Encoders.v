(** Lemmas on laws of pairs and on the loss at a Gram matrix, which is least at the isotropic one of its trace. *)

From Coq Require Import Bool List ZArith Reals Lra Lia Psatz FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
Require Import Model Sums Attacks Networks Functions Setups Logistic PairLosses Dense MultiplesOfHeads.
Open Scope R_scope.

(** ** Products and images of laws *)

Lemma mean_app {A} (l n : law A) f : mean (l ++ n) f = mean l f + mean n f.
Proof. induction l as [|[q x] l IH]; cbn; [ring | rewrite IH; ring]. Qed.

Lemma mean_image {A B} (g : A -> B) (l : law A) f : mean (image g l) f = mean l (fun x => f (g x)).
Proof. unfold image. induction l as [|[q x] l IH]; cbn; [reflexivity | now rewrite IH]. Qed.

Lemma mean_product {A B} (l : law A) (n : law B) f :
  mean (product l n) f = mean l (fun x => mean n (fun y => f (x, y))).
Proof.
  unfold product. induction l as [|[q x] l IH]; cbn; [reflexivity|]. rewrite mean_app, IH. f_equal.
  clear. induction n as [|[s y] n IH]; cbn; [ring | rewrite IH; ring].
Qed.

Lemma mean_constant {A} (l : law A) c : is_law l -> mean l (fun _ => c) = c.
Proof.
  intros [_ H]. transitivity (c * mean l (fun _ => 1)); [|rewrite H; ring].
  rewrite <- mean_scale. apply mean_ext. intros. ring.
Qed.

Lemma mean_constant_zero {A} (l : law A) : mean l (fun _ => 0) = 0.
Proof. induction l as [|[q x] l IH]; cbn; [reflexivity | rewrite IH; ring]. Qed.

Lemma is_law_image {A B} (g : A -> B) (l : law A) : is_law l -> is_law (image g l).
Proof.
  intros [H1 H2]. split; [|rewrite mean_image; exact H2].
  unfold image. clear H2. induction l as [|[q x] l IH]; simpl; [constructor|].
  inversion_clear H1. constructor; [assumption | now apply IH].
Qed.

Lemma is_law_product {A B} (l : law A) (n : law B) : is_law l -> is_law n -> is_law (product l n).
Proof.
  intros Hl Hn. split.
  - unfold product. apply List.Forall_flat_map. eapply List.Forall_impl; [|apply Hl]. intros [q x] Hq.
    apply List.Forall_map. eapply List.Forall_impl; [|apply Hn]. intros [s y] Hs. cbv beta iota in *.
    now apply Rmult_le_pos.
  - rewrite mean_product. transitivity (mean l (fun _ => 1)); [|exact (proj2 Hl)].
    apply mean_ext. intros. apply mean_constant, Hn.
Qed.

Lemma mean_nonnegative {A} (l : law A) f : is_law l -> (forall x, 0 <= f x) -> 0 <= mean l f.
Proof. intros Hl H. rewrite <- (mean_constant l 0 Hl). now apply mean_at_least_occurs. Qed.

(** What is positive wherever [h] is not zero has a positive mean if the mean square of [h] is positive. *)
Lemma mean_positive {A} (l : law A) f h :
  is_law l -> 0 < mean l (fun x => h x ^ 2) -> (forall x, 0 <= f x) -> (forall x, h x <> 0 -> 0 < f x) -> 0 < mean l f.
Proof.
  intros [Hl _] Hh Hf Hpos. induction l as [|[q x] l IH]; cbn [mean] in *; [apply Rlt_irrefl in Hh; contradiction|].
  inversion_clear Hl as [|? ? Hq Hrest].
  assert (Hall : 0 <= mean l f).
  { clear - Hrest Hf. induction l as [|[s y] l IH]; cbn; [lra|]. inversion_clear Hrest.
    apply Rplus_le_le_0_compat; [apply Rmult_le_pos; auto | now apply IH]. }
  pose proof (Rmult_le_pos _ _ Hq (Hf x)) as Hfirst.
  destruct (Req_dec (q * h x ^ 2) 0) as [E | E].
  - rewrite E in Hh. assert (0 < mean l f); [apply IH; [assumption | lra] | lra].
  - assert (Hq0 : q <> 0) by (intros ->; apply E; ring).
    assert (Hhx : h x <> 0) by (intros Z; apply E; rewrite Z; ring).
    pose proof (Rmult_lt_0_compat q (f x) ltac:(lra) (Hpos x Hhx)). lra.
Qed.

(** ** Changes of signs and exchanges *)

Lemma flip_plus i x y : flip i (plus x y) = plus (flip i x) (flip i y).
Proof. apply functional_extensionality. intros j. unfold flip, plus. destruct (Nat.eqb j i); ring. Qed.

Lemma exchange_plus i j x y : exchange i j (plus x y) = plus (exchange i j x) (exchange i j y).
Proof.
  apply functional_extensionality. intros k. unfold exchange, plus.
  destruct (Nat.eqb k i), (Nat.eqb k j); reflexivity.
Qed.

Lemma dot_flip d i x y : dot d (flip i x) (flip i y) = dot d x y.
Proof. apply sum_ext. intros j _. unfold flip. destruct (Nat.eqb j i); ring. Qed.

Lemma sum_exchange d i j f :
  (1 <= i <= d)%nat -> (1 <= j <= d)%nat ->
  sum 1 d (fun k => f (if Nat.eqb k i then j else if Nat.eqb k j then i else k)) = sum 1 d f.
Proof.
  intros Hi Hj.
  rewrite (sum_ext d _ (fun k => f k +
    (delta i k * (f j - f i) + (if Nat.eqb i j then 0 else 1) * (delta j k * (f i - f j))))).
  - rewrite !sum_add, sum_scale. rewrite !sum_delta by assumption. destruct (Nat.eqb_spec i j) as [-> | _]; ring.
  - intros k _. unfold delta. rewrite (Nat.eqb_sym i k), (Nat.eqb_sym j k).
    destruct (Nat.eqb_spec k i) as [-> | Hki].
    + destruct (Nat.eqb_spec i j) as [-> | Hij]; ring.
    + destruct (Nat.eqb_spec k j) as [-> | Hkj].
      * destruct (Nat.eqb_spec i j) as [-> | Hij]; [congruence | ring].
      * destruct (Nat.eqb i j); ring.
Qed.

Lemma exchange_entry i j x k : exchange i j x k = x (if Nat.eqb k i then j else if Nat.eqb k j then i else k).
Proof. unfold exchange. destruct (Nat.eqb k i), (Nat.eqb k j); reflexivity. Qed.

Lemma dot_exchange d i j x y :
  (1 <= i <= d)%nat -> (1 <= j <= d)%nat -> dot d (exchange i j x) (exchange i j y) = dot d x y.
Proof.
  intros Hi Hj. unfold dot. rewrite <- (sum_exchange d i j (fun k => x k * y k) Hi Hj).
  apply sum_ext. intros k _. now rewrite !exchange_entry.
Qed.

(** [P] acts on vectors entry by entry and leaves inner products as they are. *)
Record motion (d : nat) (P : vector -> vector) : Prop := {
  motion_plus : forall x y, P (plus x y) = plus (P x) (P y);
  motion_dot : forall x y, dot d (P x) (P y) = dot d x y
}.

Lemma flip_motion d i : motion d (flip i).
Proof. split; [apply flip_plus | apply dot_flip]. Qed.

Lemma exchange_motion d i j : (1 <= i <= d)%nat -> (1 <= j <= d)%nat -> motion d (exchange i j).
Proof. intros Hi Hj. split; [apply exchange_plus | intros; now apply dot_exchange]. Qed.

(** Both views of a pair moved together. *)
Definition moved (P : vector -> vector) (pair : vector * vector) : vector * vector := (P (fst pair), P (snd pair)).

Section Pairs.

  Context (d : nat) (features noise : law vector).
  Hypothesis Hlaws : pair_laws d features noise.

  Lemma similar_law : is_law (similar_pairs features noise).
  Proof. destruct Hlaws as [Hf Hn _ _]. now apply is_law_image, is_law_product, is_law_product. Qed.

  Lemma views_law : is_law (views features noise).
  Proof. destruct Hlaws as [Hf Hn _ _]. now apply is_law_image, is_law_product. Qed.

  Lemma dissimilar_law : is_law (dissimilar_pairs features noise).
  Proof. apply is_law_product; apply views_law. Qed.

  Lemma mean_similar f :
    mean (similar_pairs features noise) f
    = mean features (fun x => mean noise (fun e => mean noise (fun e' => f (plus x e, plus x e')))).
  Proof.
    unfold similar_pairs. rewrite mean_image, mean_product. apply mean_ext. intros x. now rewrite mean_product.
  Qed.

  Lemma mean_views f : mean (views features noise) f = mean features (fun x => mean noise (fun e => f (plus x e))).
  Proof. unfold views. now rewrite mean_image, mean_product. Qed.

  Section Motion.

    Context (P : vector -> vector).
    Hypothesis HP : motion d P.
    Hypothesis Hfeatures : forall f, mean features (fun x => f (P x)) = mean features f.
    Hypothesis Hnoise : forall f, mean noise (fun x => f (P x)) = mean noise f.

    Lemma similar_moved f : mean (similar_pairs features noise) (fun v => f (moved P v))
      = mean (similar_pairs features noise) f.
    Proof.
      rewrite !mean_similar.
      etransitivity; [|exact (Hfeatures (fun x =>
        mean noise (fun e => mean noise (fun e' => f (plus x e, plus x e')))))].
      apply mean_ext. intros x.
      etransitivity; [|exact (Hnoise (fun e => mean noise (fun e' => f (plus (P x) e, plus (P x) e'))))].
      apply mean_ext. intros e.
      etransitivity; [|exact (Hnoise (fun e' => f (plus (P x) (P e), plus (P x) e')))].
      apply mean_ext. intros e'. unfold moved. cbn [fst snd]. now rewrite !(motion_plus d P HP).
    Qed.

    Lemma views_moved f : mean (views features noise) (fun x => f (P x)) = mean (views features noise) f.
    Proof.
      rewrite !mean_views.
      etransitivity; [|exact (Hfeatures (fun x => mean noise (fun e => f (plus x e))))].
      apply mean_ext. intros x. etransitivity; [|exact (Hnoise (fun e => f (plus (P x) e)))].
      apply mean_ext. intros e. now rewrite (motion_plus d P HP).
    Qed.

    Lemma dissimilar_moved f :
      mean (dissimilar_pairs features noise) (fun v => f (moved P v)) = mean (dissimilar_pairs features noise) f.
    Proof.
      unfold dissimilar_pairs. rewrite !mean_product.
      etransitivity; [|exact (views_moved (fun x => mean (views features noise) (fun y => f (x, y))))].
      apply mean_ext. intros x. exact (views_moved (fun y => f (P x, y))).
    Qed.

  End Motion.

  Lemma flip_similar i f : (1 <= i <= d)%nat ->
    mean (similar_pairs features noise) (fun v => f (moved (flip i) v)) = mean (similar_pairs features noise) f.
  Proof. intros Hi. destruct Hlaws as [_ _ [Hf _] [Hn _]]. apply similar_moved; auto using flip_motion. Qed.

  Lemma flip_dissimilar i f : (1 <= i <= d)%nat ->
    mean (dissimilar_pairs features noise) (fun v => f (moved (flip i) v)) = mean (dissimilar_pairs features noise) f.
  Proof. intros Hi. destruct Hlaws as [_ _ [Hf _] [Hn _]]. apply dissimilar_moved; auto using flip_motion. Qed.

  Lemma exchange_similar i j f : (1 <= i <= d)%nat -> (1 <= j <= d)%nat ->
    mean (similar_pairs features noise) (fun v => f (moved (exchange i j) v)) = mean (similar_pairs features noise) f.
  Proof. intros Hi Hj. destruct Hlaws as [_ _ [_ Hf] [_ Hn]]. apply similar_moved; auto using exchange_motion. Qed.

  Lemma exchange_dissimilar i j f : (1 <= i <= d)%nat -> (1 <= j <= d)%nat ->
    mean (dissimilar_pairs features noise) (fun v => f (moved (exchange i j) v))
      = mean (dissimilar_pairs features noise) f.
  Proof. intros Hi Hj. destruct Hlaws as [_ _ [_ Hf] [_ Hn]]. apply dissimilar_moved; auto using exchange_motion. Qed.

  Lemma flip_views i f : (1 <= i <= d)%nat ->
    mean (views features noise) (fun x => f (flip i x)) = mean (views features noise) f.
  Proof. intros Hi. destruct Hlaws as [_ _ [Hf _] [Hn _]]. apply views_moved; auto using flip_motion. Qed.

  Lemma exchange_views i j f : (1 <= i <= d)%nat -> (1 <= j <= d)%nat ->
    mean (views features noise) (fun x => f (exchange i j x)) = mean (views features noise) f.
  Proof. intros Hi Hj. destruct Hlaws as [_ _ [_ Hf] [_ Hn]]. apply views_moved; auto using exchange_motion. Qed.

End Pairs.

(** ** Forms of no trace vanish on average *)

Lemma form_sum d u H v : dot d u (apply d H v) = sum 1 d (fun i => sum 1 d (fun j => H i j * (u i * v j))).
Proof.
  unfold dot at 1. apply sum_ext. intros i _. unfold apply, dot. rewrite <- sum_scale. apply sum_ext. intros j _. ring.
Qed.

Section Traceless.

  Context (d : nat) (l : law (vector * vector)) (w : vector * vector -> R) (U V : vector * vector -> vector).
  Hypothesis Hflip : forall i f, (1 <= i <= d)%nat -> mean l (fun v => f (moved (flip i) v)) = mean l f.
  Hypothesis Hexchange : forall i j f, (1 <= i <= d)%nat -> (1 <= j <= d)%nat ->
    mean l (fun v => f (moved (exchange i j) v)) = mean l f.
  (** The weight does not see motions, and the vectors follow them. *)
  Hypothesis Hw : forall P v, motion d P -> w (moved P v) = w v.
  Hypothesis HUf : forall i v k, U (moved (flip i) v) k = flip i (U v) k.
  Hypothesis HVf : forall i v k, V (moved (flip i) v) k = flip i (V v) k.
  Hypothesis HUe : forall i j v k, (1 <= i <= d)%nat -> (1 <= j <= d)%nat ->
    U (moved (exchange i j) v) k = exchange i j (U v) k.
  Hypothesis HVe : forall i j v k, (1 <= i <= d)%nat -> (1 <= j <= d)%nat ->
    V (moved (exchange i j) v) k = exchange i j (V v) k.

  Lemma mixed_moment_zero i j : (1 <= i <= d)%nat -> (1 <= j <= d)%nat -> i <> j ->
    mean l (fun v => w v * (U v i * V v j)) = 0.
  Proof.
    intros Hi Hj Hne. set (m := mean l (fun v => w v * (U v i * V v j))).
    assert (E : m = -1 * m); [|lra].
    unfold m at 1. rewrite <- (Hflip i (fun v => w v * (U v i * V v j)) Hi). unfold m. rewrite <- mean_scale.
    apply mean_ext. intros v. rewrite Hw, HUf, HVf by apply flip_motion. unfold flip. rewrite Nat.eqb_refl.
    destruct (Nat.eqb_spec j i) as [-> | _]; [congruence | ring].
  Qed.

  Lemma square_moment_same i j : (1 <= i <= d)%nat -> (1 <= j <= d)%nat ->
    mean l (fun v => w v * (U v i * V v i)) = mean l (fun v => w v * (U v j * V v j)).
  Proof.
    intros Hi Hj. rewrite <- (Hexchange i j (fun v => w v * (U v i * V v i)) Hi Hj). apply mean_ext. intros v.
    rewrite Hw by (now apply exchange_motion). rewrite HUe, HVe by assumption. unfold exchange.
    now rewrite Nat.eqb_refl.
  Qed.

  Lemma traceless_form H :
    trace d H = 0 -> mean l (fun v => w v * dot d (U v) (apply d H (V v))) = 0.
  Proof.
    intros HH.
    rewrite (mean_ext _ _ (fun v => sum 1 d (fun i => sum 1 d (fun j => H i j * (w v * (U v i * V v j)))))).
    2: { intros v. rewrite form_sum, <- sum_scale. apply sum_ext. intros i _. rewrite <- sum_scale. apply sum_ext.
         intros j _. ring. }
    rewrite mean_sum.
    destruct d as [|d'] eqn:Ed; [reflexivity|]. rewrite <- Ed in *.
    set (m := mean l (fun v => w v * (U v 1%nat * V v 1%nat))).
    rewrite (sum_ext d _ (fun i => m * H i i)).
    - rewrite sum_scale. unfold trace in HH. rewrite HH. ring.
    - intros i Hi. rewrite mean_sum.
      rewrite (sum_ext d _ (fun j => delta i j * (m * H i j))).
      + now rewrite sum_delta.
      + intros j Hj. rewrite mean_scale. unfold delta. destruct (Nat.eqb_spec i j) as [<- | Hne].
        * rewrite (square_moment_same i 1) by lia. fold m. ring.
        * rewrite mixed_moment_zero by assumption. ring.
  Qed.

End Traceless.
