(** What is claimed of other attacks, contrastive pairs, inheritance and activations: statements alone; the proofs are
    in [Proofs_B.v].

    The sides that end in [_lhs] or [_rhs] are written by the exporter from the formulas of the ledger; every other
    word is defined in [Model.v], [Functions.v] or [Pairs.v]. *)

From Coq Require Import Bool List ZArith Reals.
From Coquelicot Require Import Coquelicot.
Require Import Model Functions Pairs Generated.
Open Scope R_scope.

(** ** C3: attacked pairs, and the function [h] *)

(** The largest losses of a dissimilar and of a similar pair under an l2 attack on one view. *)
Definition C3_worst_case : Prop :=
  forall d G x x' eps, 0 <= eps ->
  largest (attacked_pair_losses d G eps dissimilar x x')
    (C3_worst_case_rhs1 eps (score d G x x') (norm_2 d (apply d G x'))) /\
  largest (attacked_pair_losses d G eps similar x x')
    (C3_worst_case_rhs2 eps (score d G x x') (norm_2 d (apply d G x'))).

(** The largest loss at the midpoint of two Gram matrices is at most the mean of those at either. *)
Definition C3_convex : Prop :=
  forall d G1 G2 x x' eps kind l, 0 <= eps -> kind = similar \/ kind = dissimilar ->
  largest (attacked_pair_losses d (matrix_scale (1 / 2) (matrix_plus G1 G2)) eps kind x x') l ->
  l <= C3_convex_rhs eps (kind * score d G1 x x') (kind * score d G2 x x')
         (norm_2 d (apply d G1 x')) (norm_2 d (apply d G2 x')).

(** The exponents of the largest losses of a dissimilar pair at two Gram matrices of difference [H] differ, for the
    attacked view or for its reflection, unless [x^T H x' = 0]. *)
Definition C3_exponents_apart : Prop :=
  forall d G1 G2 H x x' eps t1 t2 t1' t2', 0 <= eps -> (forall i j, H i j = G1 i j - G2 i j) ->
  largest (attacked_exponents d G1 eps dissimilar x x') t1 ->
  largest (attacked_exponents d G2 eps dissimilar x x') t2 ->
  largest (attacked_exponents d G1 eps dissimilar (scale (- 1) x) x') t1' ->
  largest (attacked_exponents d G2 eps dissimilar (scale (- 1) x) x') t2' ->
  (t1 - t2) ^ 2 + (t1' - t2') ^ 2 >= C3_exponents_apart_rhs (score d H x x').

(** Mirror images of [h] add up to one. *)
Definition C3_mirror_images_of_h : Prop :=
  forall t, C3_mirror_images_of_h_lhs t = C3_mirror_images_of_h_rhs t.

(** [h] is hardly negative. *)
Definition C3_floor_of_h : Prop :=
  forall t, C3_floor_of_h_lhs t > C3_floor_of_h_rhs.

(** Two mirror images of [h] about a point that is not negative add up to nearly one or more. *)
Definition C3_two_images_about_a_point : Prop :=
  forall u w, 0 <= u -> tilt_images u w > C3_two_images_about_a_point_rhs.

(** ** C4: what an attack does to a similar pair without noise, [x' = x], at the scale [lambda] *)

(** A small attack raises its loss by at most half of the largest change of its score. *)
Definition C4_similar_pair_small_attack : Prop :=
  forall d x lambda eps l, 0 < lambda -> 0 < norm_2 d x -> 0 < eps <= 2 * norm_2 d x ->
  largest (attacked_pair_losses d (isotropic lambda) eps similar x x) l ->
  l - softplus (similar * score d (isotropic lambda) x x)
    <= C4_similar_pair_small_attack_rhs lambda (norm_2 d x) eps.

(** A large one raises it by more. *)
Definition C4_similar_pair_large_attack : Prop :=
  forall d x lambda eps l, 0 < lambda -> 0 < norm_2 d x -> 2 * norm_2 d x < eps ->
  largest (attacked_pair_losses d (isotropic lambda) eps similar x x) l ->
  l - softplus (similar * score d (isotropic lambda) x x)
    > C4_similar_pair_large_attack_rhs lambda (norm_2 d x) eps.

(** ** A1: activations at rest *)

(** Activations with a positive threshold are flat at rest. *)
Definition A1_no_leak : Prop :=
  forall b, 0 < b ->
  is_derive (biased_relu b) 0 A1_no_leak_rhs1 /\
  is_derive (gate b) 0 A1_no_leak_rhs2 /\
  is_derive (soft_threshold b) 0 A1_no_leak_rhs3.

(** Smooth activations have these slopes at rest. *)
Definition A1_smooth_activations_leak : Prop :=
  is_derive gelu 0 A1_smooth_activations_leak_rhs1 /\
  is_derive sigmoid 0 A1_smooth_activations_leak_rhs2 /\
  is_derive silu 0 A1_smooth_activations_leak_rhs3 /\
  is_derive tanh 0 A1_smooth_activations_leak_rhs4.

(** Two ReLUs of opposite weights and opposite heads have the slope one everywhere. *)
Definition A1_relu_a_pair : Prop :=
  forall v, is_derive (odd_pair relu) v (A1_relu_a_pair_rhs v).

(** Two nodes of opposite weights and opposite heads are exactly linear. *)
Definition A1_odd_pairs_are_linear : Prop :=
  forall v,
  odd_pair gelu v = A1_odd_pairs_are_linear_rhs1 v /\
  odd_pair relu v = A1_odd_pairs_are_linear_rhs2 v /\
  odd_pair silu v = A1_odd_pairs_are_linear_rhs3 v.

(** A pure node, of weights [omega M_i], whose feature is absent passes nothing of an attack if its activation is
    constant on the reach of the attack. *)
Definition A1_exact_up_to_a_size : Prop :=
  forall d norm M i omega x D eps act,
  is_norm d norm -> orthogonal d M -> (1 <= i <= d)%nat -> x i = 0 ->
  dual_norm d norm (scale omega (column M i)) D -> 0 < D -> 0 <= eps ->
  (forall v, Rabs v <= eps * D -> act v = act 0) ->
  largest (attacked_changes d norm eps act (scale omega (column M i)) (apply d M x)) A1_exact_up_to_a_size_rhs.

(** Such a node passes at least as much as its activation varies on the reach. *)
Definition A1_exact_only_then : Prop :=
  forall d norm M i omega x D eps act u c,
  is_norm d norm -> orthogonal d M -> (1 <= i <= d)%nat -> x i = 0 ->
  dual_norm d norm (scale omega (column M i)) D -> 0 < D -> 0 <= eps -> - 1 <= u <= 1 ->
  largest (attacked_changes d norm eps act (scale omega (column M i)) (apply d M x)) c ->
  c >= A1_exact_only_then_rhs u eps D act.

(** A gate passes nothing of an attack below its threshold. *)
Definition A1_the_gate_is_exact_below_its_threshold : Prop :=
  forall d norm M i omega x D eps b,
  is_norm d norm -> orthogonal d M -> (1 <= i <= d)%nat -> x i = 0 ->
  dual_norm d norm (scale omega (column M i)) D -> 0 < D -> 0 < b -> 0 <= eps < b / D ->
  largest (attacked_changes d norm eps (gate b) (scale omega (column M i)) (apply d M x))
    A1_the_gate_is_exact_below_its_threshold_rhs.

(** The cube is flat at rest and passes something of every attack. *)
Definition A1_the_cube_separates_the_two : Prop :=
  forall d norm M i omega x D eps,
  is_norm d norm -> orthogonal d M -> (1 <= i <= d)%nat -> x i = 0 ->
  dual_norm d norm (scale omega (column M i)) D -> 0 < D -> 0 <= eps ->
  largest (attacked_changes d norm eps cube (scale omega (column M i)) (apply d M x))
    (A1_the_cube_separates_the_two_rhs1 eps D) /\
  is_derive cube 0 A1_the_cube_separates_the_two_rhs2.
