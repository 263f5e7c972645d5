(** Lemmas on heads of frozen mixture layers: their risk, their energy, and multiples of a head under attack. *)

From Coq Require Import Bool List ZArith Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
Require Import Model Sums Attacks Networks Walks ProofsFits Setups.
Open Scope R_scope.

(** ** Second moments of the features *)

Lemma mean_one l : is_law (outcome := nat -> Z) l -> mean l (fun _ => 1) = 1.
Proof. intros [_ H]. exact H. Qed.

(** [E (w^T x)^2 = p r^2 ||w||^2]: features are uncorrelated. *)
Lemma mean_square_form d r p w : 0 <= p <= 1 -> mean (inputs d r p) (fun x => dot d w x ^ 2) = p * r ^ 2 * square d w.
Proof.
  intros Hp. rewrite mean_inputs.
  rewrite (mean_ext _ _ (fun k => r ^ 2 * dot d w (fun i => IZR (k i)) ^ 2)).
  2: { intros k. rewrite dot_features. ring. }
  rewrite mean_scale. replace (p * r ^ 2 * square d w) with (r ^ 2 * (p * square d w)) by ring. f_equal.
  induction d as [|d IH].
  - cbn. unfold square, dot, sum. simpl. ring.
  - rewrite mean_signs_S.
    rewrite (mean_ext _ _ (fun k => dot d w (fun i => IZR (k i)) ^ 2 + p * w (S d) ^ 2 * 1)).
    + rewrite mean_add, IH, mean_scale, mean_one by (apply signs_is_law; exact Hp).
      unfold square, dot. rewrite sum_S. ring.
    + intros k.
      assert (E : forall s, dot (S d) w (fun i => IZR (with_entry k (S d) s i))
                            = dot d w (fun i => IZR (k i)) + w (S d) * IZR s).
      { intros s. unfold dot. rewrite sum_S, with_entry_same. f_equal. apply sum_ext. intros i Hi.
        rewrite with_entry_other by lia. reflexivity. }
      rewrite !E. simpl IZR. field.
Qed.

(** ** The layer *)

Lemma effective_map_sum d M net z i :
  (1 <= i <= d)%nat ->
  effective_map d M net z i
  = sum 1 (nodes net) (fun h => head net h * indicator (node_fires d net z h) * feature_weight d M net h i).
Proof.
  intros Hi. unfold effective_map, gradient. unfold apply at 1. unfold dot at 1.
  rewrite (sum_ext d _ (fun j => sum 1 (nodes net) (fun h =>
    head net h * indicator (node_fires d net z h) * (transpose M i j * weight net h j)))).
  - rewrite sum_swap. apply sum_ext. intros h _. rewrite sum_scale. reflexivity.
  - intros j _. rewrite <- sum_scale. apply sum_ext. intros h _. ring.
Qed.

Lemma norm_same_square d x y : same d x y -> square d x = square d y.
Proof. intros H. apply dot_same; exact H. Qed.

Section Layer.

  Context (d m : nat) (M : matrix) (net : network) (theta : vector) (U : nat -> nat -> Z) (r b p : R).
  Hypothesis Hmix : integer_mixture d m M net theta U.
  Hypothesis Hp : 0 < p <= 1.
  Hypothesis Hb : 0 < b < r.
  Hypothesis Hthreshold : forall h, (1 <= h <= d)%nat -> threshold net h = b.

  Let V : matrix := fun i h => IZR (U i h).

  Lemma order_positive : 0 < INR m.
  Proof. destruct Hmix as [Hm _ _ _ _]. apply lt_0_INR. lia. Qed.

  Lemma root_of_order : 0 < sqrt (INR m) /\ sqrt (INR m) * sqrt (INR m) = INR m.
  Proof. pose proof order_positive. split; [now apply sqrt_lt_R0 | apply sqrt_sqrt; lra]. Qed.

  Lemma layer_columns h k :
    (1 <= h <= d)%nat -> (1 <= k <= d)%nat -> dot d (column V h) (column V k) = INR m * delta h k.
  Proof.
    intros Hh Hk. destruct Hmix as [_ _ _ Hrows _].
    apply (orthogonal_rows d (INR m) (fun h i => IZR (U i h))); assumption.
  Qed.

  Lemma square_by_gram A c a :
    (forall h k, (1 <= h <= d)%nat -> (1 <= k <= d)%nat -> dot d (column A h) (column A k) = c * delta h k) ->
    square d (apply d A a) = c * square d a.
  Proof.
    intros H. unfold square. rewrite dot_apply.
    transitivity (dot d a (scale c a)); [|apply dot_scale].
    apply dot_same; [intros h _; reflexivity|]. intros h Hh. symmetry.
    change (c * a h = dot d (column A h) (apply d A a)). rewrite dot_comm, dot_apply, dot_comm.
    unfold dot. rewrite (sum_ext d _ (fun k => delta h k * (c * a k))).
    - now rewrite sum_delta.
    - intros k Hk. change (apply d (transpose A) (column A h) k) with (dot d (column A k) (column A h)).
      rewrite H by assumption. rewrite delta_sym. ring.
  Qed.

  Lemma layer_square a : square d (apply d V a) = INR m * square d a.
  Proof. apply square_by_gram, layer_columns. Qed.

  Lemma pulls_square v : square d (apply d (transpose V) v) = INR m * square d v.
  Proof.
    apply square_by_gram. intros i j Hi Hj. destruct Hmix as [_ _ _ Hrows _]. exact (Hrows i j Hi Hj).
  Qed.

  (** The gates of the layer take nothing away at constant amplitude. *)
  Lemma layer_output a k :
    output d (with_head net a) (apply d M (features r k)) = dot d (apply d V a) (features r k).
  Proof.
    destruct Hmix as [_ Hnodes Hu _ _]. rewrite dot_comm, dot_comm, dot_apply. unfold output. simpl nodes.
    rewrite Hnodes. apply sum_ext. intros h Hh. simpl head. f_equal. simpl threshold.
    rewrite Hthreshold by exact Hh.
    change (preactivation d (with_head net a) (apply d M (features r k)) h)
      with (preactivation d net (apply d M (features r k)) h).
    rewrite preactivation_features, (dot_same d _ _ _ (features r k) (Hu h Hh)) by (intros j _; reflexivity).
    change (apply d (transpose V) (features r k) h) with (dot d (fun i => IZR (U i h)) (features r k)).
    rewrite dot_features. destruct (integer_dot d (fun i => U i h) k) as [n ->]. apply gate_of_multiple; lra.
  Qed.

  (** The head of the mixture network. *)
  Let best : vector := scale (/ INR m) (apply d (transpose V) theta).

  Lemma distance a c :
    INR m * square d (plus a (scale (- c) best))
    = INR m * square d a - 2 * c * dot d theta (apply d V a) + c ^ 2 * square d theta.
  Proof.
    pose proof order_positive. unfold best. rewrite square_plus, !square_scale, pulls_square, !dot_scale.
    rewrite (dot_comm d a), dot_apply, transpose_involutive. field. lra.
  Qed.

  Lemma risk_of_head a :
    excess_risk d r p M theta (with_head net a) = INR m * p * r ^ 2 * square d (plus a (scale (- 1) best)).
  Proof.
    unfold excess_risk.
    rewrite mean_inputs.
    rewrite (mean_ext _ _ (fun k => (fun x => dot d (plus theta (scale (- 1) (apply d V a))) x ^ 2) (features r k))).
    2: { intros k. cbv beta. rewrite layer_output. f_equal.
         rewrite (dot_comm d (plus _ _)), dot_plus, dot_scale, !(dot_comm d (features r k)). ring. }
    rewrite <- (mean_inputs d r p (fun x => dot d (plus theta (scale (- 1) (apply d V a))) x ^ 2)).
    rewrite mean_square_form by lra.
    replace (INR m * p * r ^ 2 * square d (plus a (scale (- 1) best)))
      with (p * r ^ 2 * (INR m * square d (plus a (scale (- 1) best)))) by ring.
    etransitivity; [|apply f_equal; symmetry; exact (distance a 1)].
    rewrite square_plus, square_scale, layer_square, dot_scale. ring.
  Qed.

  (** The squared length of the effective map of any head: its nodes are orthogonal. *)
  Lemma square_of_map a x :
    square d (effective_map d M (with_head net a) (apply d M x))
    = sum 1 d (fun h => INR m * a h ^ 2 * indicator (fires b (dot d (column V h) x))).
  Proof.
    destruct Hmix as [Hm Hnodes Hu Hrows Hheads].
    rewrite (norm_same_square d _ (apply d V (fun h => a h * indicator (fires b (dot d (column V h) x))))).
    - rewrite layer_square. unfold square at 1. unfold dot at 1. rewrite <- sum_scale. apply sum_ext. intros h _.
      unfold indicator. destruct (fires b (dot d (column V h) x)); ring.
    - intros i Hi. rewrite effective_map_sum by exact Hi. simpl nodes. rewrite Hnodes.
      match goal with |- _ = apply d V ?v i => change (apply d V v i) with (sum 1 d (fun h => V i h * v h)) end.
      apply sum_ext. intros h Hh. simpl head.
      change (feature_weight d M (with_head net a) h) with (feature_weight d M net h).
      rewrite (Hu h Hh i Hi). unfold node_fires. simpl threshold. rewrite Hthreshold by exact Hh.
      change (preactivation d (with_head net a) (apply d M x) h) with (preactivation d net (apply d M x) h).
      rewrite preactivation_features, (dot_same d _ _ _ x (Hu h Hh)) by (intros j _; reflexivity).
      unfold V, column. ring.
  Qed.

  (** The mean energy of any head: its nodes fire with one probability. *)
  Lemma energy_of_head a :
    unit_entries U -> mean_energy d r p M (with_head net a) = INR m * firing_probability m p * square d a.
  Proof.
    intros HU. unfold mean_energy. rewrite (mean_ext _ _ _ (square_of_map a)), mean_sum.
    change (square d a) with (sum 1 d (fun h => a h * a h)). rewrite <- sum_scale. apply sum_ext. intros h Hh.
    rewrite mean_scale.
    change (mean (inputs d r p) (fun x => indicator (fires b (dot d (column V h) x))))
      with (node_firing_probability d (column V h) r b p).
    rewrite (node_fires_walk d m), <- firing_probability_walk; [ring | exact Hb |]. split.
    - intros i _. unfold column, V. destruct (HU i h) as [-> | [-> | ->]];
        [left; reflexivity | right; apply Rabs_R1 | right; rewrite Rabs_left; lra].
    - unfold square. rewrite layer_columns by assumption. unfold delta. rewrite Nat.eqb_refl. ring.
  Qed.

End Layer.
