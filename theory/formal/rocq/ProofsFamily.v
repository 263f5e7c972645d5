(** Proofs of what [Statements_B.v] claims of the mixture family (C5) and of multiples of a head (D4). *)

From Coq Require Import Bool List ZArith Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
Require Import Model Sums Attacks Networks Walks ProofsFits Functions Setups Dense SixNodes Layers MultiplesOfHeads.
Require Import RobustAccuracy ProofsLayers Generated Statements_B.
Open Scope R_scope.

Section Family.

  Context (d q m : nat) (M : matrix) (net : network) (theta : vector) (U : nat -> nat -> Z) (C V :
    matrix) (lambda r b : R).
  Hypothesis Hmix : integer_mixture d m M net theta U.
  Hypothesis Hencoder : mixture_encoder d q m lambda C V U.
  Hypothesis Hlambda : 0 < lambda.
  Hypothesis Hb : 0 < b < r.
  Hypothesis Hthreshold : forall h, (1 <= h <= d)%nat -> threshold net h = b.

  Let W : matrix := fun i h => IZR (U i h).

  (** Every encoder of the family maps an input to [sqrt(lambda) V x]. *)
  Lemma family_embedding k j :
    gated_embedding d C net (apply d M (features r k)) j = sqrt lambda * dot d (V j) (features r k).
  Proof.
    unfold gated_embedding. rewrite (layer_output d m M net theta U r b Hmix Hb Hthreshold).
    rewrite <- dot_scale_l. apply dot_same; [|intros i _; reflexivity]. intros i Hi.
    pose proof (order_positive d m M net theta U Hmix) as Hm.
    pose proof (image_of_pulls d m M net theta U (V j) Hmix i Hi) as E.
    unfold scale in *. transitivity (sqrt lambda / INR m * (apply d W (apply d (transpose W) (V j)) i)).
    - unfold W, apply at 1 2. unfold dot at 1 2. rewrite <- sum_scale. apply sum_ext. intros h _.
      rewrite (encoder_heads _ _ _ _ _ _ _ Hencoder). rewrite (dot_comm d (V j)). unfold apply, transpose. ring.
    - unfold W. rewrite E. field. lra.
  Qed.

  (** The isometry leaves inner products as they are. *)
  Lemma isometry_dot x y : dot q (fun j => dot d (V j) x) (fun j => dot d (V j) y) = dot d x y.
  Proof.
    change (dot q (apply d V x) (apply d V y) = dot d x y). rewrite dot_apply.
    apply dot_same; [intros i _; reflexivity|]. intros i Hi.
    change (dot q (column V i) (apply d V y) = y i). rewrite dot_comm, dot_apply, dot_comm. unfold dot at 1.
    rewrite (sum_ext d _ (fun j => delta i j * y j)); [now apply sum_delta|]. intros j Hj. f_equal.
    change (dot q (column V j) (column V i) = delta i j).
    rewrite (encoder_isometry _ _ _ _ _ _ _ Hencoder) by assumption. apply delta_sym.
  Qed.

  (** The heads of the score with the embedding of [k]: those of the mixture network for the target [lambda x]. *)
  Definition score_heads (k : nat -> Z) : vector := scale (lambda / INR m) (apply d (transpose W) (features r k)).

  Lemma gradient_of_score k z :
    same d (score_gradient d q C M net z (gated_embedding d C net (apply d M (features r k))))
      (effective_map d M (with_head net (score_heads k)) z).
  Proof.
    intros i Hi. unfold score_gradient. rewrite effective_map_sum by exact Hi. simpl nodes.
    rewrite (sum_ext q _ (fun j => sum 1 (nodes net) (fun h => (sqrt lambda * dot d (V j) (features r k))
      * (C j h * indicator (node_fires d net z h) * feature_weight d M net h i)))).
    2: { intros j _. rewrite family_embedding, effective_map_sum by exact Hi. rewrite <- sum_scale. reflexivity. }
    rewrite sum_swap. apply sum_ext. intros h _. simpl head.
    change (node_fires d (with_head net (score_heads k)) z h) with (node_fires d net z h).
    change (feature_weight d M (with_head net (score_heads k)) h) with (feature_weight d M net h).
    pose proof (order_positive d m M net theta U Hmix) as Hm.
    rewrite (sum_ext q _ (fun j => lambda / INR m * (dot d (V j) (features r k) * dot d (V j) (fun l => IZR (U l h)))
      * (indicator (node_fires d net z h) * feature_weight d M net h i))).
    2: { intros j _. rewrite (encoder_heads _ _ _ _ _ _ _ Hencoder). rewrite <- (sqrt_sqrt lambda) at 3 by lra.
         field. lra. }
    rewrite sum_scale_r, sum_scale.
    change (sum 1 q (fun j => dot d (V j) (features r k) * dot d (V j) (fun l => IZR (U l h))))
      with (dot q (fun j => dot d (V j) (features r k)) (fun j => dot d (V j) (fun l => IZR (U l h)))).
    rewrite isometry_dot. unfold score_heads, scale, W. rewrite dot_comm.
    change (apply d (transpose (fun i0 h0 => IZR (U i0 h0))) (features r k) h)
      with (dot d (fun l => IZR (U l h)) (features r k)).
    ring.
  Qed.

  Lemma score_heads_square k : INR m * square d (score_heads k) = lambda ^ 2 * square d (features r k).
  Proof.
    pose proof (order_positive d m M net theta U Hmix) as Hm.
    unfold score_heads, W. rewrite square_scale, (pulls_square d m M net theta U Hmix). field. lra.
  Qed.

End Family.

Theorem C5_scores_holds : C5_scores.
Proof.
  intros d q m M net theta U C V lambda r b k k' Hmix Hencoder Hlambda Hb Hthreshold. unfold C5_scores_rhs.
  rewrite <- (isometry_dot d q m U C V lambda Hencoder).
  unfold dot at 1. rewrite (sum_ext q _ (fun j => lambda * (dot d (V j) (features r k) * dot d (V j) (features r k')))).
  - rewrite sum_scale. reflexivity.
  - intros j _. rewrite !(family_embedding d q m M net theta U C V lambda r b) by assumption.
    rewrite <- (sqrt_sqrt lambda) at 3 by lra. ring.
Qed.

Theorem C5_similar_pairs_holds : C5_similar_pairs.
Proof.
  intros d q m M net theta U C V lambda r b k Hmix Hencoder Hlambda Hb Hthreshold. unfold C5_similar_pairs_rhs.
  rewrite (norm_same_square d _ _
    (gradient_of_score d q m M net theta U C V lambda r b Hmix Hencoder Hlambda Hb Hthreshold k _)).
  rewrite (square_of_map d m M net theta U b Hmix Hthreshold).
  change (dot d (features r k) (features r k)) with (square d (features r k)).
  rewrite <- (score_heads_square d m M net theta U lambda r Hmix k).
  set (heads := score_heads d m U lambda r k).
  change (square d heads) with (sum 1 d (fun h => heads h * heads h)). rewrite <- sum_scale. apply sum_ext. intros h Hh.
  set (a := heads h).
  assert (Fires : a = 0 \/ fires b (dot d (column (fun i l => IZR (U i l)) h) (features r k)) = true).
  { unfold a, heads, score_heads, scale, column.
    change (apply d (transpose (fun i h => IZR (U i h))) (features r k) h)
      with (dot d (fun i => IZR (U i h)) (features r k)).
    rewrite dot_features. destruct (integer_dot d (fun i => U i h) k) as [n ->].
    destruct (Z.eq_dec n 0) as [-> | Hn]; [left; ring | right].
    apply fires_true. rewrite Rabs_mult, (Rabs_right r), <- abs_IZR by lra.
    assert (1 <= IZR (Z.abs n)) by (apply IZR_le; lia). nra. }
  destruct Fires as [-> | ->]; unfold indicator; ring.
Qed.

Theorem C5_dissimilar_pairs_holds : C5_dissimilar_pairs.
Proof.
  intros d q m M net theta U C V lambda r b p Hmix HU Hencoder Hlambda Hp Hb Hthreshold. unfold C5_dissimilar_pairs_rhs.
  rewrite mean_inputs.
  rewrite (mean_ext _ _ (fun k => lambda ^ 2 * firing_probability m p * square d (features r k))).
  - rewrite mean_scale, <- (mean_inputs d r p (square d)).
    unfold square, dot. rewrite mean_sum. rewrite (sum_ext d _ (fun _ => p * r ^ 2)).
    + rewrite sum_const. ring.
    + intros i Hi. rewrite (mean_ext _ _ (fun x => dot d (delta i) x ^ 2)).
      * rewrite mean_square_form by lra. unfold square, dot. rewrite sum_delta by exact Hi. unfold delta.
        rewrite Nat.eqb_refl. ring.
      * intros x. unfold dot. rewrite sum_delta by exact Hi. ring.
  - intros k.
    rewrite (mean_ext _ _ (fun x =>
      square d (effective_map d M (with_head net (score_heads d m U lambda r k)) (apply d M x)))).
    + change (mean (inputs d r p) _) with (mean_energy d r p M (with_head net (score_heads d m U lambda r k))).
      rewrite (energy_of_head d m M net theta U r b p) by assumption.
      replace (INR m * firing_probability m p * square d (score_heads d m U lambda r k))
        with (firing_probability m p * (INR m * square d (score_heads d m U lambda r k))) by ring.
      rewrite (score_heads_square d m M net theta U lambda r Hmix k). ring.
    + intros x. apply norm_same_square.
      exact (gradient_of_score d q m M net theta U C V lambda r b Hmix Hencoder Hlambda Hb Hthreshold k (apply d M x)).
Qed.

Theorem D4_cross_talk_holds : D4_cross_talk.
Proof.
  intros d m M net theta U a c g z Hmix Hc Hg i Hi. unfold D4_cross_talk_rhs.
  pose proof (root_of_order d m M net theta U Hmix) as [Hroot _]. destruct Hmix as [_ Hnodes Hu _ _].
  rewrite effective_map_sum by exact Hi. simpl nodes. rewrite Hnodes.
  change (scale (c * sqrt (INR m)) (apply d (layer_matrix m U) (diagonal g a)) i)
    with (c * sqrt (INR m) * sum 1 d (fun h => layer_matrix m U i h * diagonal g a h)).
  rewrite <- sum_scale. apply sum_ext. intros h Hh.
  change (feature_weight d M (with_head net (scale c a)) h) with (feature_weight d M net h).
  change (node_fires d (with_head net (scale c a)) z h) with (node_fires d net z h).
  rewrite (Hu h Hh i Hi), <- (marks_indicator _ _ (Hg h Hh)).
  unfold layer_matrix, diagonal. simpl head. unfold scale. field. lra.
Qed.
