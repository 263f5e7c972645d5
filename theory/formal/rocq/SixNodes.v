(** The fit of six nodes: which of them fire, its effective map, and what it pays. *)

From Coq Require Import Bool List ZArith Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
Require Import Model Sums Attacks Networks Setups.
Open Scope R_scope.

Lemma sum_2 f : sum 1 2 f = f 1%nat + f 2%nat.
Proof. unfold sum. simpl. ring. Qed.

Lemma sum_6 f : sum 1 6 f = f 1%nat + f 2%nat + f 3%nat + f 4%nat + f 5%nat + f 6%nat.
Proof. unfold sum. simpl. ring. Qed.

Lemma dot_of_two x y : dot 2 x y = x 1%nat * y 1%nat + x 2%nat * y 2%nat.
Proof. apply sum_2. Qed.

Lemma six_sees M k e b B x h :
  orthogonal 2 M -> preactivation 2 (six_nodes M k e b B) (apply 2 M x) h = dot 2 (six_weights k e h) x.
Proof.
  intros HM. unfold preactivation. simpl weight. rewrite dot_apply.
  apply dot_same; [intros l _; reflexivity | apply dictionary_left_inverse, HM].
Qed.

(** The effective map in feature coordinates. *)
Lemma six_effective_map M k e b B x i :
  orthogonal 2 M -> (1 <= i <= 2)%nat ->
  effective_map 2 M (six_nodes M k e b B) (apply 2 M x) i
  = sum 1 6 (fun h => six_heads k e h * indicator (fires (six_thresholds b B h) (dot 2 (six_weights k e h) x))
                      * six_weights k e h i).
Proof.
  intros HM Hi. unfold effective_map, gradient. unfold apply at 1. unfold dot at 1.
  rewrite (sum_ext 2 _ (fun j => sum 1 6 (fun h =>
    six_heads k e h * indicator (fires (six_thresholds b B h) (dot 2 (six_weights k e h) x))
    * (transpose M i j * apply 2 M (six_weights k e h) j)))).
  - rewrite sum_swap. apply sum_ext. intros h _. rewrite sum_scale. f_equal.
    exact (dictionary_left_inverse 2 M (six_weights k e h) HM i Hi).
  - intros j _. rewrite <- sum_scale. apply sum_ext. intros h _.
    unfold node_fires. rewrite six_sees by exact HM. simpl threshold. simpl weight. simpl head. ring.
Qed.

Lemma fires_even b v : fires b (- v) = fires b v.
Proof. unfold fires. now rewrite Rabs_Ropp. Qed.

Lemma above_narrow b v : b <= v -> b <= Rabs v.
Proof. intros. eapply Rle_trans; [eassumption | apply Rle_abs]. Qed.

Section Nodes.

  Context (k e b B most : R).
  Hypothesis Hk : 0 < k < 1 / 2.
  Hypothesis Hranges : six_nodes_ranges k e b B most.

  (** What the effective map is made of, one bit for each node. *)
  Definition six_map (s : nat -> bool) (i : nat) : R :=
    sum 1 6 (fun h => six_heads k e h * indicator (s h) * six_weights k e h i).

  Lemma ranges_linear y1 y2 :
    1 <= y1 <= most -> 1 <= y2 <= most ->
    k <= k * y1 <= k * most /\ k <= k * y2 <= k * most /\
    0 <= y1 + e * y1 /\ y1 + e * y1 < B /\ 0 <= y1 - e * y1 /\ y1 - e * y1 < B /\
    0 <= y2 + e * y2 /\ y2 + e * y2 < B /\ 0 <= y2 - e * y2 /\ y2 - e * y2 < B /\
    2 <= y1 + e * y1 + (y2 - e * y2) /\ 2 <= y1 - e * y1 + (y2 + e * y2) /\
    k * most < 1 - k * most /\ 0 < b.
  Proof.
    intros H1 H2. destruct Hranges as [Hmost Hnarrow Hwide Htilt].
    pose proof (Rabs_pos e) as He0. pose proof (Rle_abs e) as He1. pose proof (Rle_abs (- e)) as He2.
    rewrite Rabs_Ropp in He2.
    assert (He : Rabs e < 1) by nra.
    repeat split; nra.
  Qed.

  Ltac bounds := unfold six_thresholds, six_weights, two; rewrite dot_of_two; simpl Nat.leb; cbv iota beta.

  Lemma fires_together y1 y2 s h :
    1 <= y1 <= most -> 1 <= y2 <= most -> s = 1 \/ s = - 1 -> (1 <= h <= 6)%nat ->
    fires (six_thresholds b B h) (dot 2 (six_weights k e h) (two (s * y1) (s * y2))) = Nat.leb h 4.
  Proof.
    intros H1 H2 Hs Hh. pose proof (ranges_linear y1 y2 H1 H2) as L.
    destruct Hranges as [Hmost Hnarrow Hwide Htilt].
    replace (dot 2 (six_weights k e h) (two (s * y1) (s * y2))) with (s * dot 2 (six_weights k e h) (two y1 y2))
      by (rewrite !dot_of_two; unfold two; ring).
    replace (fires (six_thresholds b B h) (s * dot 2 (six_weights k e h) (two y1 y2)))
      with (fires (six_thresholds b B h) (dot 2 (six_weights k e h) (two y1 y2))).
    2: { destruct Hs as [-> | ->]; [now rewrite Rmult_1_l|]. rewrite <- fires_even. f_equal. ring. }
    assert (C : (h = 1 \/ h = 2 \/ h = 3 \/ h = 4 \/ h = 5 \/ h = 6)%nat) by lia.
    destruct C as [-> | [-> | [-> | [-> | [-> | ->]]]]]; bounds.
    1-4: apply fires_true, above_narrow; lra.
    1-2: apply fires_false, Rabs_def1; lra.
  Qed.

  Lemma fires_opposite y1 y2 s h :
    1 <= y1 <= most -> 1 <= y2 <= most -> s = 1 \/ s = - 1 -> (1 <= h <= 6)%nat ->
    fires (six_thresholds b B h) (dot 2 (six_weights k e h) (two (s * y1) (- s * y2)))
    = (Nat.leb h 2 || Nat.leb 5 h).
  Proof.
    intros H1 H2 Hs Hh. pose proof (ranges_linear y1 y2 H1 H2) as L.
    destruct Hranges as [Hmost Hnarrow Hwide Htilt].
    replace (dot 2 (six_weights k e h) (two (s * y1) (- s * y2)))
      with (s * dot 2 (six_weights k e h) (two y1 (- y2))) by (rewrite !dot_of_two; unfold two; ring).
    replace (fires (six_thresholds b B h) (s * dot 2 (six_weights k e h) (two y1 (- y2))))
      with (fires (six_thresholds b B h) (dot 2 (six_weights k e h) (two y1 (- y2)))).
    2: { destruct Hs as [-> | ->]; [now rewrite Rmult_1_l|]. rewrite <- fires_even. f_equal. ring. }
    assert (C : (h = 1 \/ h = 2 \/ h = 3 \/ h = 4 \/ h = 5 \/ h = 6)%nat) by lia.
    destruct C as [-> | [-> | [-> | [-> | [-> | ->]]]]]; bounds.
    1, 5, 6: apply fires_true, above_narrow; lra.
    1: rewrite <- fires_even; apply fires_true, above_narrow; lra.
    1-2: apply fires_false, Rabs_def1; lra.
  Qed.

  Lemma fires_first y1 s h :
    1 <= y1 <= most -> s = 1 \/ s = - 1 -> (1 <= h <= 6)%nat ->
    fires (six_thresholds b B h) (dot 2 (six_weights k e h) (two (s * y1) 0)) = Nat.eqb h 1.
  Proof.
    intros H1 Hs Hh. pose proof (ranges_linear y1 y1 H1 H1) as L.
    destruct Hranges as [Hmost Hnarrow Hwide Htilt].
    replace (dot 2 (six_weights k e h) (two (s * y1) 0)) with (s * dot 2 (six_weights k e h) (two y1 0))
      by (rewrite !dot_of_two; unfold two; ring).
    replace (fires (six_thresholds b B h) (s * dot 2 (six_weights k e h) (two y1 0)))
      with (fires (six_thresholds b B h) (dot 2 (six_weights k e h) (two y1 0))).
    2: { destruct Hs as [-> | ->]; [now rewrite Rmult_1_l|]. rewrite <- fires_even. f_equal. ring. }
    assert (C : (h = 1 \/ h = 2 \/ h = 3 \/ h = 4 \/ h = 5 \/ h = 6)%nat) by lia.
    destruct C as [-> | [-> | [-> | [-> | [-> | ->]]]]]; bounds.
    1: apply fires_true, above_narrow; lra.
    1-5: apply fires_false, Rabs_def1; lra.
  Qed.

  Lemma fires_second y2 s h :
    1 <= y2 <= most -> s = 1 \/ s = - 1 -> (1 <= h <= 6)%nat ->
    fires (six_thresholds b B h) (dot 2 (six_weights k e h) (two 0 (s * y2))) = Nat.eqb h 2.
  Proof.
    intros H2 Hs Hh. pose proof (ranges_linear y2 y2 H2 H2) as L.
    destruct Hranges as [Hmost Hnarrow Hwide Htilt].
    replace (dot 2 (six_weights k e h) (two 0 (s * y2))) with (s * dot 2 (six_weights k e h) (two 0 y2))
      by (rewrite !dot_of_two; unfold two; ring).
    replace (fires (six_thresholds b B h) (s * dot 2 (six_weights k e h) (two 0 y2)))
      with (fires (six_thresholds b B h) (dot 2 (six_weights k e h) (two 0 y2))).
    2: { destruct Hs as [-> | ->]; [now rewrite Rmult_1_l|]. rewrite <- fires_even. f_equal. ring. }
    assert (C : (h = 1 \/ h = 2 \/ h = 3 \/ h = 4 \/ h = 5 \/ h = 6)%nat) by lia.
    destruct C as [-> | [-> | [-> | [-> | [-> | ->]]]]]; bounds.
    2: apply fires_true, above_narrow; lra.
    1-5: apply fires_false, Rabs_def1; lra.
  Qed.

  Lemma fires_none h :
    (1 <= h <= 6)%nat -> fires (six_thresholds b B h) (dot 2 (six_weights k e h) (two 0 0)) = false.
  Proof.
    intros Hh. destruct Hranges as [Hmost Hnarrow Hwide Htilt].
    assert (0 < k * most) by (apply Rmult_lt_0_compat; lra).
    assert (0 <= Rabs e * most) by (apply Rmult_le_pos; [apply Rabs_pos | lra]).
    apply fires_false. replace (dot 2 (six_weights k e h) (two 0 0)) with 0 by (rewrite dot_of_two; unfold two; ring).
    rewrite Rabs_R0. unfold six_thresholds. destruct (Nat.leb h 2); nra.
  Qed.

  Context (M : matrix).
  Hypothesis HM : orthogonal 2 M.

  Lemma map_by_bits x s i :
    (1 <= i <= 2)%nat ->
    (forall h, (1 <= h <= 6)%nat -> fires (six_thresholds b B h) (dot 2 (six_weights k e h) x) = s h) ->
    effective_map 2 M (six_nodes M k e b B) (apply 2 M x) i = six_map s i.
  Proof.
    intros Hi H. rewrite six_effective_map by assumption. apply sum_ext. intros h Hh. now rewrite H.
  Qed.

  Ltac collect := unfold six_map; rewrite sum_6; unfold six_heads, six_weights, two, indicator; simpl;
    destruct Hranges as [_ _ _ Htilt]; field; exact Htilt.

  Lemma map_together i y1 y2 s :
    1 <= y1 <= most -> 1 <= y2 <= most -> s = 1 \/ s = - 1 -> (1 <= i <= 2)%nat ->
    effective_map 2 M (six_nodes M k e b B) (apply 2 M (two (s * y1) (s * y2))) i = 1.
  Proof.
    intros H1 H2 Hs Hi. rewrite (map_by_bits _ (fun h => Nat.leb h 4))
      by (intros; try apply fires_together; assumption).
    assert (C : (i = 1 \/ i = 2)%nat) by lia. destruct C as [-> | ->]; collect.
  Qed.

  Lemma map_opposite i y1 y2 s :
    1 <= y1 <= most -> 1 <= y2 <= most -> s = 1 \/ s = - 1 -> (1 <= i <= 2)%nat ->
    effective_map 2 M (six_nodes M k e b B) (apply 2 M (two (s * y1) (- s * y2))) i = 1.
  Proof.
    intros H1 H2 Hs Hi.
    rewrite (map_by_bits _ (fun h => Nat.leb h 2 || Nat.leb 5 h))
      by (intros; try apply fires_opposite; assumption).
    assert (C : (i = 1 \/ i = 2)%nat) by lia. destruct C as [-> | ->]; collect.
  Qed.

  Lemma map_first i y1 s :
    1 <= y1 <= most -> s = 1 \/ s = - 1 -> (1 <= i <= 2)%nat ->
    effective_map 2 M (six_nodes M k e b B) (apply 2 M (two (s * y1) 0)) i = two 1 (- k) i.
  Proof.
    intros H1 Hs Hi. rewrite (map_by_bits _ (fun h => Nat.eqb h 1)) by (intros; try apply fires_first; assumption).
    assert (C : (i = 1 \/ i = 2)%nat) by lia. destruct C as [-> | ->]; collect.
  Qed.

  Lemma map_second i y2 s :
    1 <= y2 <= most -> s = 1 \/ s = - 1 -> (1 <= i <= 2)%nat ->
    effective_map 2 M (six_nodes M k e b B) (apply 2 M (two 0 (s * y2))) i = two k 1 i.
  Proof.
    intros H2 Hs Hi. rewrite (map_by_bits _ (fun h => Nat.eqb h 2))
      by (intros; try apply fires_second; assumption).
    assert (C : (i = 1 \/ i = 2)%nat) by lia. destruct C as [-> | ->]; collect.
  Qed.

  Lemma map_none i :
    (1 <= i <= 2)%nat -> effective_map 2 M (six_nodes M k e b B) (apply 2 M (two 0 0)) i = 0.
  Proof.
    intros Hi. rewrite (map_by_bits _ (fun _ => false)) by (intros; try apply fires_none; assumption).
    unfold six_map. apply sum_zero. intros. unfold indicator. ring.
  Qed.

End Nodes.

(** ** What fits pay under the rotation *)

Lemma apply_agrees d M x x' : same d x x' -> apply d M x = apply d M x'.
Proof.
  intros H. apply FunctionalExtensionality.functional_extensionality. intros i.
  unfold apply. apply dot_same; [intros j _; reflexivity | exact H].
Qed.

Lemma rotation_orthogonal c s : c ^ 2 + s ^ 2 = 1 -> orthogonal 2 (rotation c s).
Proof.
  intros H i j Hi Hj. rewrite dot_of_two. unfold column, rotation, two, delta.
  assert (Ci : (i = 1 \/ i = 2)%nat) by lia. assert (Cj : (j = 1 \/ j = 2)%nat) by lia.
  destruct Ci as [-> | ->], Cj as [-> | ->]; simpl; lra.
Qed.

Lemma root_positive k : 0 < sqrt (1 + k ^ 2).
Proof. apply sqrt_lt_R0. pose proof (pow2_ge_0 k). lra. Qed.

Lemma root_square k : sqrt (1 + k ^ 2) * sqrt (1 + k ^ 2) = 1 + k ^ 2.
Proof. apply sqrt_sqrt. pose proof (pow2_ge_0 k). lra. Qed.

Lemma slope_orthogonal k : orthogonal 2 (rotation_of_slope k).
Proof.
  apply rotation_orthogonal. pose proof (root_positive k) as P. pose proof (root_square k) as S.
  replace ((/ sqrt (1 + k ^ 2)) ^ 2 + (k / sqrt (1 + k ^ 2)) ^ 2)
    with ((1 + k ^ 2) / (sqrt (1 + k ^ 2) * sqrt (1 + k ^ 2))) by (field; lra).
  rewrite S. field. pose proof (pow2_ge_0 k). lra.
Qed.

(** What the effective map [(x, y)] pays. *)
Definition pays (k x y : R) : R := (Rabs (x - k * y) + Rabs (k * x + y)) / sqrt (1 + k ^ 2).

Lemma norm_of_rotated k beta x y :
  same 2 beta (two x y) -> norm_1 2 (apply 2 (rotation_of_slope k) beta) = pays k x y.
Proof.
  intros H. rewrite (apply_agrees _ _ _ _ H). unfold norm_1. rewrite sum_2. unfold apply. rewrite !dot_of_two.
  unfold rotation_of_slope, rotation, two, pays. pose proof (root_positive k) as P.
  set (root := sqrt (1 + k ^ 2)) in *.
  replace (/ root * x + - (k / root) * y) with ((x - k * y) * / root) by (field; lra).
  replace (k / root * x + / root * y) with ((k * x + y) * / root) by (field; lra).
  assert (0 < / root) by (now apply Rinv_0_lt_compat).
  rewrite !Rabs_mult, (Rabs_right (/ root)) by lra. field. lra.
Qed.

(** The mean over the nine inputs of two features, by how many of them are active. *)
Lemma mean_signs_2 p f alone together :
  (forall a b, (a = 0 /\ (b = 1 \/ b = -1) \/ (a = 1 \/ a = -1) /\ b = 0)%Z -> forall x, x 1%nat = a ->
    x 2%nat = b -> f x = alone) ->
  (forall a b, ((a = 1 \/ a = -1) /\ (b = 1 \/ b = -1))%Z -> forall x, x 1%nat = a -> x 2%nat = b -> f x = together) ->
  (forall x, x 1%nat = 0%Z -> x 2%nat = 0%Z -> f x = 0) ->
  mean (signs 2 p) f = 2 * p * (1 - p) * alone + p ^ 2 * together.
Proof.
  intros Ha Ht Hn. cbn [signs flat_map app mean].
  repeat match goal with
  | |- context [f ?x] =>
      first
        [ rewrite (Hn x eq_refl eq_refl)
        | rewrite (Ha (x 1%nat) (x 2%nat) ltac:(cbn; lia) x eq_refl eq_refl)
        | rewrite (Ht (x 1%nat) (x 2%nat) ltac:(cbn; lia) x eq_refl eq_refl) ]
  end.
  field.
Qed.
