(** What is claimed of other attacks, contrastive pairs, inheritance and activations: statements alone; the proofs are
    in [Proofs_B.v].

    The sides that end in [_lhs] or [_rhs] are written by the exporter from the formulas of the ledger; every other
    word is defined in [Model.v], [Functions.v] or [Setups.v]. *)

From Coq Require Import Bool List ZArith Reals.
From Coquelicot Require Import Coquelicot.
Require Import Model Functions Setups Generated.
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

(** ** N2: dense dictionaries under l_inf attacks *)

(** Every effective map that agrees with the target on the support pays at least this. *)
Definition N2_lower_bound : Prop :=
  forall d M A theta m,
  orthogonal d M -> ~ same d (active_target A theta) (fun _ => 0) ->
  least (costs_of_fits d M A theta) m ->
  m >= N2_lower_bound_rhs (norm_2 d (active_target A theta)) (norm_inf d (apply d M (active_target A theta))).

(** The purified fit pays no less than the least. *)
Definition N2_purified : Prop :=
  forall d M A theta m,
  orthogonal d M -> ~ same d (active_target A theta) (fun _ => 0) ->
  least (costs_of_fits d M A theta) m ->
  m <= N2_purified_rhs (norm_1 d (apply d M (active_target A theta))).

(** If the range of the active columns holds the signs of [v], the largest pairing is what the purified fit pays. *)
Definition N2_ratio_one_if : Prop :=
  forall d M A theta v, (1 <= d)%nat ->
  v = apply d M (active_target A theta) -> ~ same d v (fun _ => 0) ->
  (exists x, norm_inf d (apply d M (active_target A x)) <= 1 /\
     forall i, (1 <= i <= d)%nat -> v i <> 0 -> apply d M (active_target A x) i = v i / Rabs (v i)) ->
  largest (pairings d M A v) (N2_ratio_one_if_rhs d v).

(** If the best response falls short of one of the signs by [kappa], the largest pairing stays below that. *)
Definition N2_ratio_one_only_if : Prop :=
  forall d M A theta v x kappa, (1 <= d)%nat -> 0 < kappa ->
  v = apply d M (active_target A theta) -> ~ same d v (fun _ => 0) ->
  norm_inf d (apply d M (active_target A x)) <= 1 ->
  largest (pairings d M A v) (dot d v (apply d M (active_target A x))) ->
  (exists i, (1 <= i <= d)%nat /\ Rabs (v i) * (1 - v i / Rabs (v i) * apply d M (active_target A x) i) >= kappa) ->
  dot d v (apply d M (active_target A x)) <= N2_ratio_one_only_if_rhs kappa d v.

(** What the purified fit pays over the least is at most this, at every support. *)
Definition N2_largest_ratio : Prop :=
  forall d M A theta m, (1 <= d)%nat ->
  orthogonal d M -> ~ same d (active_target A theta) (fun _ => 0) ->
  least (costs_of_fits d M A theta) m ->
  norm_1 d (apply d M (active_target A theta)) / m <= N2_largest_ratio_rhs d.

(** It is that where one feature is active whose column is proportional to [(1, t, ..., t)], [t = 1/(1 + sqrt d)]. *)
Definition N2_largest_ratio_attained : Prop :=
  forall d M i theta c m, (1 <= i <= d)%nat -> orthogonal d M -> theta i <> 0 ->
  (forall j, (1 <= j <= d)%nat -> column M i j = c * (if Nat.eqb j 1 then 1 else / (1 + sqrt (INR d)))) ->
  least (costs_of_fits d M (Nat.eqb i) theta) m ->
  norm_1 d (apply d M (active_target (Nat.eqb i) theta)) / m = N2_largest_ratio_attained_rhs d.

(** For one active feature the ratio is the product of two norms of its column. *)
Definition N2_one_feature : Prop :=
  forall d M i theta m, (1 <= i <= d)%nat -> orthogonal d M -> theta i <> 0 ->
  least (costs_of_fits d M (Nat.eqb i) theta) m ->
  norm_1 d (apply d M (active_target (Nat.eqb i) theta)) / m
    = N2_one_feature_rhs (norm_1 d (column M i)) (norm_inf d (column M i)).

(** Under a plane rotation by [t] it is this, for either feature. *)
Definition N2_plane_rotation : Prop :=
  forall t i theta m, (1 <= i <= 2)%nat -> theta i <> 0 ->
  least (costs_of_fits 2 (rotation (cos t) (sin t)) (Nat.eqb i) theta) m ->
  norm_1 2 (apply 2 (rotation (cos t) (sin t)) (active_target (Nat.eqb i) theta)) / m = N2_plane_rotation_rhs t.

(** What the nodes see of one feature alone and of two, against their thresholds. *)
Definition N2_gates_of_the_fit_that_beats_it : Prop :=
  forall b B y1 y2 k e eta most, forall M, orthogonal 2 M ->
  most * k < b < - (most * k) + 1 -> most * (eta + 1) < B < 2 -> 1 < y1 < most -> 1 < y2 < most ->
  0 < k < / (2 * most) -> - eta < e < eta -> 0 < eta < - 1 + 2 / most -> 1 < most < 2 ->
  preactivation 2 (six_nodes M k e b B) (apply 2 M (two y1 y2)) 1 > N2_gates_of_the_fit_that_beats_it_rhs1 b /\
  preactivation 2 (six_nodes M k e b B) (apply 2 M (two y1 y2)) 3 > N2_gates_of_the_fit_that_beats_it_rhs2 B /\
  preactivation 2 (six_nodes M k e b B) (apply 2 M (two y1 0)) 3 < N2_gates_of_the_fit_that_beats_it_rhs3 B /\
  preactivation 2 (six_nodes M k e b B) (apply 2 M (two y1 (- y2))) 3 < N2_gates_of_the_fit_that_beats_it_rhs4 B /\
  preactivation 2 (six_nodes M k e b B) (apply 2 M (two y1 0)) 2 < N2_gates_of_the_fit_that_beats_it_rhs5 b.

(** The fit is exact where both features are active: its effective map there is the target [(1, 1)]. *)
Definition N2_exact_fit : Prop :=
  forall k e b B most M y1 y2 s, 0 < k < 1 / 2 -> orthogonal 2 M -> six_nodes_ranges k e b B most ->
  1 <= y1 <= most -> 1 <= y2 <= most -> s = 1 \/ s = - 1 ->
  effective_map 2 M (six_nodes M k e b B) (apply 2 M (two (s * y1) (s * y2))) 1%nat = N2_exact_fit_rhs1 /\
  effective_map 2 M (six_nodes M k e b B) (apply 2 M (two (s * y1) (s * y2))) 2%nat = N2_exact_fit_rhs2 /\
  effective_map 2 M (six_nodes M k e b B) (apply 2 M (two (s * y1) (- s * y2))) 1%nat = N2_exact_fit_rhs3 /\
  effective_map 2 M (six_nodes M k e b B) (apply 2 M (two (s * y1) (- s * y2))) 2%nat = N2_exact_fit_rhs4.

(** What the fit of six nodes pays, whatever the amplitudes are. *)
Definition N2_what_it_pays : Prop :=
  forall k p e b B most amplitudes, 0 < k < 1 / 2 -> 0 <= p <= 1 -> six_nodes_ranges k e b B most ->
  (forall signs i, 1 <= amplitudes signs i <= most) ->
  mean (signs 2 p) (fun x => norm_1 2 (apply 2 (rotation_of_slope k)
    (effective_map 2 (rotation_of_slope k) (six_nodes (rotation_of_slope k) k e b B)
      (apply 2 (rotation_of_slope k) (with_amplitudes (amplitudes x) x)))))
  = N2_what_it_pays_rhs k p.

(** What the purified fit pays. *)
Definition N2_what_the_purified_fit_pays : Prop :=
  forall k p, 0 < k <= 1 -> 0 <= p <= 1 ->
  mean (signs 2 p) (fun x => norm_1 2 (apply 2 (rotation_of_slope k) (ones_on_support x)))
  = N2_what_the_purified_fit_pays_rhs k p.

(** The fit of six nodes pays less than the purified one. *)
Definition N2_it_beats_the_purified_fit : Prop :=
  forall k p e b B most amplitudes, 0 < k < 1 / 2 -> 0 < p < 1 -> six_nodes_ranges k e b B most ->
  (forall signs i, 1 <= amplitudes signs i <= most) ->
  mean (signs 2 p) (fun x => norm_1 2 (apply 2 (rotation_of_slope k)
    (effective_map 2 (rotation_of_slope k) (six_nodes (rotation_of_slope k) k e b B)
      (apply 2 (rotation_of_slope k) (with_amplitudes (amplitudes x) x)))))
  < N2_it_beats_the_purified_fit_rhs k p.

(** ** D2: what a least-squares head makes of a mixture layer of order [m], for the target [theta] *)

(** The risk of any head [a] is a squared distance from the head of the mixture network. *)
Definition D2_risk_of_a_head : Prop :=
  forall d m M net theta U r b p a,
  integer_mixture d m M net theta U -> 0 < p <= 1 -> 0 < r -> 0 < b < r ->
  (forall h, (1 <= h <= d)%nat -> threshold net h = b) ->
  excess_risk d r p M theta (with_head net a) = D2_risk_of_a_head_rhs m p r d theta (layer_matrix m U) a.

(** The head of least risk is unique, and is that of the mixture network. *)
Definition D2_head : Prop :=
  forall d m M net theta U r b p a,
  integer_mixture d m M net theta U -> 0 < p <= 1 -> 0 < r -> 0 < b < r ->
  (forall h, (1 <= h <= d)%nat -> threshold net h = b) ->
  (forall other, excess_risk d r p M theta (with_head net a) <= excess_risk d r p M theta (with_head net other))
  <-> same d a (D2_head_rhs m d theta (layer_matrix m U)).

(** The effective map of that head has the mean energy of a mixture. *)
Definition D2_energy : Prop :=
  forall d m M net theta U r b p a,
  integer_mixture d m M net theta U -> unit_entries U -> 0 < p <= 1 -> 0 < b < r ->
  (forall h, (1 <= h <= d)%nat -> threshold net h = b) ->
  (forall other, excess_risk d r p M theta (with_head net a) <= excess_risk d r p M theta (with_head net other)) ->
  mean_energy d r p M (with_head net a) = D2_energy_rhs m p d theta.

(** Every mixture passes on more energy than a pure layer where features are rare enough. *)
Definition D2_worse_than_pure : Prop :=
  forall m p, (1 <= m)%nat -> 0 < p < 2 / 3 ->
  firing_probability 1 p = D2_worse_than_pure_rhs1 p /\ D2_worse_than_pure_lhs2 m p > 0.

(** ** D4: adversarial training of the head alone *)

(** Mean squared error plus [eps^2] times mean energy is a squared distance of the head from the best one, plus the
    least value. *)
Definition D4_surrogate : Prop :=
  forall d m M net theta U r b p eps a,
  integer_mixture d m M net theta U -> unit_entries U -> 0 < p <= 1 -> 0 < b < r -> 0 <= eps ->
  (forall h, (1 <= h <= d)%nat -> threshold net h = b) ->
  surrogate_risk d r p eps M theta (with_head net a) = D4_surrogate_rhs m p r eps d theta (layer_matrix m U) a.

(** That sum is least for a head that shrinks the target as a whole. *)
Definition D4_surrogates_head : Prop :=
  forall d m M net theta U r b p eps a,
  integer_mixture d m M net theta U -> unit_entries U -> 0 < p <= 1 -> 0 < b < r -> 0 <= eps ->
  (forall h, (1 <= h <= d)%nat -> threshold net h = b) ->
  ((forall other,
      surrogate_risk d r p eps M theta (with_head net a) <= surrogate_risk d r p eps M theta (with_head net other))
   <-> same d (apply d (fun i h => IZR (U i h)) a) (D4_surrogates_head_rhs1 m p r eps theta)) /\
  ((forall other,
      surrogate_risk d r p eps M theta (with_head net a) <= surrogate_risk d r p eps M theta (with_head net other)) ->
   surrogate_risk d r p eps M theta (with_head net a) = D4_surrogates_head_rhs2 m p r eps d theta).

(** The adversarial risk of a share [c] of the head of a network that fits, gates held. *)
Definition D4_along_the_target : Prop :=
  forall d M net theta l eps risk c,
  orthogonal d M -> is_law l -> exact_fit d M net theta l -> 0 <= eps -> adversarial_risk d M net theta eps l risk ->
  0 <= c <= 1 ->
  risk c = D4_along_the_target_rhs c eps (moment_A d theta l) (moment_B d M net theta l) (moment_C d M net l).

(** A multiple beyond one does no better than the head itself, and a negative one no better than no head at all. *)
Definition D4_outside_of_0_1 : Prop :=
  forall d M net theta l eps risk u,
  orthogonal d M -> is_law l -> exact_fit d M net theta l -> 0 <= eps -> adversarial_risk d M net theta eps l risk ->
  0 <= u ->
  risk (- u) >= D4_outside_of_0_1_rhs1 (moment_A d theta l) /\
  risk (u + 1) >= D4_outside_of_0_1_rhs2 eps (moment_C d M net l).

(** The two thresholds are in order. *)
Definition D4_order_of_the_thresholds : Prop :=
  forall d M net theta l, is_law l ->
  moment_B d M net theta l ^ 2 <= D4_order_of_the_thresholds_rhs (moment_A d theta l) (moment_C d M net l).

(** A weak attack leaves the head as it is: no share of it has a lower risk. *)
Definition D4_weak_attack : Prop :=
  forall d M net theta l eps risk c,
  orthogonal d M -> is_law l -> exact_fit d M net theta l -> adversarial_risk d M net theta eps l risk ->
  0 < moment_A d theta l -> 0 < moment_B d M net theta l -> 0 < moment_C d M net l ->
  0 <= eps <= moment_B d M net theta l / moment_C d M net l -> 0 <= c <= 1 ->
  risk c >= D4_weak_attack_rhs eps (moment_C d M net l).

(** An attack in between shrinks the head: the best of all multiples is this, below one. *)
Definition D4_attack_in_between : Prop :=
  forall d M net theta l eps risk c,
  orthogonal d M -> is_law l -> exact_fit d M net theta l -> adversarial_risk d M net theta eps l risk ->
  0 < moment_A d theta l -> 0 < moment_B d M net theta l -> 0 < moment_C d M net l ->
  moment_B d M net theta l / moment_C d M net l < eps < moment_A d theta l / moment_B d M net theta l ->
  ((forall other, risk c <= risk other)
   <-> c = D4_attack_in_between_rhs1 eps (moment_A d theta l) (moment_B d M net theta l) (moment_C d M net l)) /\
  ((forall other, risk c <= risk other) -> c < D4_attack_in_between_rhs2).

(** Under a strong attack every share of the head has at least the risk of none. *)
Definition D4_strong_attack : Prop :=
  forall d M net theta l eps risk c,
  orthogonal d M -> is_law l -> exact_fit d M net theta l -> adversarial_risk d M net theta eps l risk ->
  0 < moment_A d theta l -> 0 < moment_B d M net theta l -> 0 < moment_C d M net l ->
  moment_A d theta l / moment_B d M net theta l <= eps -> 0 <= c <= 1 ->
  risk c >= D4_strong_attack_rhs (moment_A d theta l).

(** At a mixture of order [m] an attack inside the region, which ends at [min(b, r - b)/sqrt m], is never strong. *)
Definition D4_no_strong_attack_inside : Prop :=
  forall d m M net theta U r b p,
  integer_mixture d m M net theta U -> unit_entries U -> 0 < p <= 1 -> 0 < b < r ->
  (forall h, (1 <= h <= d)%nat -> threshold net h = b) ->
  0 < moment_B d M net theta (inputs d r p) ->
  (moment_A d theta (inputs d r p) / moment_B d M net theta (inputs d r p)) ^ 2
    >= D4_no_strong_attack_inside_rhs m r.

(** Two of the moments at a mixture of order [m]. *)
Definition D4_moments : Prop :=
  forall d m M net theta U r b p,
  integer_mixture d m M net theta U -> unit_entries U -> 0 < p <= 1 -> 0 < b < r ->
  (forall h, (1 <= h <= d)%nat -> threshold net h = b) ->
  moment_A d theta (inputs d r p) = D4_moments_rhs1 p r (norm_2 d theta) /\
  moment_C d M net (inputs d r p) = D4_moments_rhs2 m p (norm_2 d theta).

(** ** D5: robust accuracy of a purified network with [|theta_i| = 1] *)

(** The least margin that an attack leaves, with [N] active features. *)
Definition D5_margin : Prop :=
  forall d M net theta r b eps k y N,
  orthogonal d M -> purified d M net theta -> (forall i, (1 <= i <= d)%nat -> Rabs (theta i) = 1) ->
  0 < r -> 0 < b < r -> (forall h, (1 <= h <= d)%nat -> threshold net h = b) -> 0 <= eps -> are_signs d k ->
  square d (fun i => IZR (k i)) = INR N ->
  region_certificate d eps net (apply d M (features r k)) (fun h => norm_2 d (weight net h)) ->
  y = 1 \/ y = - 1 -> 0 <= y * dot d theta (features r k) ->
  least (attacked_margins d net eps (apply d M (features r k)) y)
    (D5_margin_rhs r eps N (Rabs (dot d theta (fun i => IZR (k i))))).

(** Given [N] active features, the share of robust inputs counts strings of signs. *)
Definition D5_given_the_support : Prop :=
  forall r eps N, 0 < r -> 0 <= eps -> D5_given_the_support_lhs r eps N = D5_given_the_support_rhs r eps N.

(** The robust accuracy of a purified network: [s] marks the inputs at which no attack succeeds. *)
Definition D5_robust_accuracy : Prop :=
  forall d M net theta r b p eps s,
  (1 <= d)%nat -> orthogonal d M -> purified d M net theta -> (forall i, (1 <= i <= d)%nat -> Rabs (theta i) = 1) ->
  0 < p <= 1 -> 0 < r -> 0 < b < r -> (forall h, (1 <= h <= d)%nat -> threshold net h = b) -> 0 <= eps ->
  inside_region d M net eps r p -> (forall x, marks (robust d M net theta eps x) (s x)) ->
  mean (inputs d r p) s = D5_robust_accuracy_rhs d p r eps.

(** ** C1: linear encoders *)

(** The score of two observations depends on the encoder [T], of [q] outputs, through its Gram matrix alone. *)
Definition C1_gram_matrix : Prop :=
  forall d q T M x x', orthogonal d M ->
  dot q (embedding d T M (apply d M x)) (embedding d T M (apply d M x')) = C1_gram_matrix_rhs d q x T x'.

(** Every positive semidefinite matrix [B^T B] is the Gram matrix of an encoder with at least [d] outputs. *)
Definition C1_every_gram_matrix : Prop :=
  forall d q B T i j, (1 <= i <= d)%nat -> (1 <= j <= d)%nat -> (d <= q)%nat ->
  (forall k l, T k l = if Nat.leb k d then B k l else 0) ->
  dot q (column T i) (column T j) = C1_every_gram_matrix_rhs d B i j.

(** Moved views have at the moved Gram matrix the score that the views had. *)
Definition C1_invariant : Prop :=
  forall d P G x x', orthogonal d P ->
  dot d (apply d P x) (apply d P (apply d G (apply d (transpose P) (apply d P x')))) = C1_invariant_rhs d x G x'.

(** A scaled isometry has the isotropic Gram matrix of its trace. *)
Definition C1_scaled_isometries : Prop :=
  forall c d q T V i j, 0 < c -> (1 <= i <= d)%nat -> (1 <= j <= d)%nat ->
  (forall i j, (1 <= i <= d)%nat -> (1 <= j <= d)%nat -> dot q (column V i) (column V j) = delta i j) ->
  (forall k l, T k l = sqrt (c / INR d) * V k l) ->
  dot q (column T i) (column T j) = C1_scaled_isometries_rhs c d i j.

(** The reflection is an isometry, and its nodes mix features. *)
Definition C1_not_purified : Prop :=
  forall d, (3 <= d)%nat ->
  square d (reflection d 1%nat) = C1_not_purified_rhs1 /\
  dot d (reflection d 1%nat) (reflection d 2%nat) = C1_not_purified_rhs2 /\
  participation d (reflection d 1%nat) > C1_not_purified_rhs3.

(** The loss of balanced pairs without attack is strictly convex in the Gram matrix. *)
Definition C1_strictly_convex : Prop :=
  forall d G H features noise,
  pair_laws d features noise -> occur d (views features noise) ->
  (exists i j, (1 <= i <= d)%nat /\ (1 <= j <= d)%nat /\ H i j <> 0) ->
  Derive_n (fun t => expected_loss d (1 / 2) 0 (matrix_plus G (matrix_scale t H)) features noise) 2 0
    > C1_strictly_convex_rhs.

(** Of all Gram matrices of one trace the isotropic one alone has the least loss. *)
Definition C1_only_minimiser : Prop :=
  forall d G features noise, (1 <= d)%nat ->
  pair_laws d features noise -> occur d (views features noise) ->
  (exists i j, (1 <= i <= d)%nat /\ (1 <= j <= d)%nat /\ G i j <> trace d G / INR d * delta i j) ->
  expected_loss d (1 / 2) 0 G features noise
    - expected_loss d (1 / 2) 0 (isotropic (trace d G / INR d)) features noise > C1_only_minimiser_rhs.

(** Under attacks of any size, too, where the trace is not negative as that of every Gram matrix. *)
Definition C3_isotropic_optimum : Prop :=
  forall d G eps features noise, (1 <= d)%nat -> 0 <= eps -> 0 <= trace d G ->
  pair_laws d features noise -> occur d (views features noise) ->
  (exists i j, (1 <= i <= d)%nat /\ (1 <= j <= d)%nat /\ G i j <> trace d G / INR d * delta i j) ->
  expected_loss d (1 / 2) eps G features noise
    - expected_loss d (1 / 2) eps (isotropic (trace d G / INR d)) features noise > C3_isotropic_optimum_rhs.

(** ** N1: the purification bound with the identity as dictionary *)

(** At an input where no gate is at its threshold and that has the network fit all inputs of its support nearby, an
    attack whose dual norm is absolute gains at least the norm of the active target.  Almost every input is one, of an
    exact fit of density amplitudes. *)
Definition N1_bound : Prop :=
  forall d net theta norm x near,
  is_norm d norm -> (forall u v, (forall i, (1 <= i <= d)%nat -> Rabs (u i) = Rabs (v i)) -> norm u = norm v) ->
  0 < near ->
  (forall h, (1 <= h <= nodes net)%nat -> Rabs (preactivation d net (apply d delta x) h) <> threshold net h) ->
  (forall y, (forall i, (1 <= i <= d)%nat -> x i = 0 -> y i = 0) ->
     (forall i, (1 <= i <= d)%nat -> Rabs (y i - x i) < near) -> output d net (apply d delta y) = dot d theta y) ->
  norm (apply d delta (effective_map d delta net (apply d delta x)))
    >= norm (active_target (fun i => if Req_EM_T (x i) 0 then false else true) theta).

(** Under an l1 attack, whose dual norm is that of l_inf, the bound is attained with cross-talk too. *)
Definition N1_l1_attack_the_equality_case_fails : Prop :=
  forall d beta c t1, (1 <= d)%nat -> 0 < c <= 1 -> 0 < t1 ->
  Rabs (beta 1%nat) = t1 -> (forall i, (2 <= i <= d)%nat -> Rabs (beta i) = c * t1) ->
  norm_inf d beta = N1_l1_attack_the_equality_case_fails_rhs t1.

(** ** C2: the scale of the clean optimum *)

(** The derivative of the loss in the scale; [Q] is the score of a similar pair and [D] that of a dissimilar one. *)
Definition C2_stationary_equation : Prop :=
  forall d l lambda, is_law l -> 0 < lambda ->
  is_derive (clean_loss d l) lambda
    (C2_stationary_equation_rhs
      (mean (product l l) (fun v => dot d (fst v) (snd v) / (1 + exp (- (dot d (fst v) (snd v) * lambda)))))
      (mean l (fun x => - square d x / (exp (square d x * lambda) + 1)))).

(** The loss is strictly convex in the scale. *)
Definition C2_strictly_convex : Prop :=
  forall d l lambda, is_law l -> occur d l -> 0 < lambda -> Derive_n (clean_loss d l) 2 lambda > C2_strictly_convex_rhs.

(** The scale of least loss is positive and bounded. *)
Definition C2_one_finite_minimiser : Prop :=
  forall d l lambda, is_law l -> mirrored l -> occur d l -> optimal (clean_loss d l) lambda ->
  lambda > C2_one_finite_minimiser_rhs1 /\
  lambda < C2_one_finite_minimiser_rhs2 (mean (product l l) (fun v => Rabs (dot d (fst v) (snd v)))).

(** The generating function of the overlap of two independent views of constant amplitude, in units of [r^2]. *)
Definition C2_law_of_the_overlap : Prop :=
  forall d p t, (1 <= d)%nat -> 0 < p <= 1 -> 0 < t ->
  mean (product (signs d p) (signs d p))
    (fun v => Rpower t (dot d (fun i => IZR (fst v i)) (fun i => IZR (snd v i)))) = C2_law_of_the_overlap_rhs d p t.

(** At constant amplitude the derivative of the loss is a finite sum over the numbers of active and of common
    features. *)
Definition C2_finite_sums : Prop :=
  forall d p r lambda, (1 <= d)%nat -> 0 < p <= 1 -> 0 < r -> 0 < lambda ->
  is_derive (clean_loss d (inputs d r p)) lambda (C2_finite_sums_rhs d p r lambda).

(** At constant amplitude the scale of least loss is bounded explicitly. *)
Definition C2_bracket : Prop :=
  forall d p r lambda, (1 <= d)%nat -> 0 < p <= 1 -> 0 < r -> optimal (clean_loss d (inputs d r p)) lambda ->
  lambda < C2_bracket_rhs d p r.

(** For one feature of constant amplitude this scale and no other has the least loss. *)
Definition C2_one_feature : Prop :=
  forall p r lambda, 0 < p <= 1 -> 0 < r ->
  optimal (clean_loss 1 (inputs 1 r p)) lambda <-> lambda = C2_one_feature_rhs p r.

(** ** C3: the scale of the optimum under attack *)

(** Under attack the loss is strictly convex in the scale. *)
Definition C3_strictly_convex_in_the_scale : Prop :=
  forall d features noise eps lambda,
  is_law features -> is_law noise -> occur d (views features noise) -> 0 <= eps -> 0 < lambda ->
  Derive_n (fun s => expected_loss d (1 / 2) eps (isotropic s) features noise) 2 lambda
    > C3_strictly_convex_in_the_scale_rhs.

(** The slope at scale zero: scales are not negative, so that it is that of any extension of the loss. *)
Definition C3_slope_at_scale_zero : Prop :=
  forall d features noise eps,
  pair_laws d features noise -> occur d features -> 0 <= eps ->
  exists loss,
    (forall s, 0 <= s -> loss s = expected_loss d (1 / 2) eps (isotropic s) features noise) /\
    is_derive loss 0
      (C3_slope_at_scale_zero_rhs eps (mean (views features noise) (norm_2 d)) (mean features (square d))).

(** From the collapse radius on the optimal encoder is zero. *)
Definition C3_collapsed : Prop :=
  forall d features noise eps lambda,
  pair_laws d features noise -> occur d features ->
  mean features (square d) / (2 * mean (views features noise) (norm_2 d)) <= eps ->
  optimal (fun s => expected_loss d (1 / 2) eps (isotropic s) features noise) lambda <-> lambda = C3_collapsed_rhs.

(** Before it the optimal scale is positive. *)
Definition C3_not_before : Prop :=
  forall d features noise eps lambda,
  pair_laws d features noise -> occur d features ->
  0 <= eps < mean features (square d) / (2 * mean (views features noise) (norm_2 d)) ->
  optimal (fun s => expected_loss d (1 / 2) eps (isotropic s) features noise) lambda -> lambda > C3_not_before_rhs.

(** A larger attack makes the loss rise faster with the scale, at least in proportion to the mean norm of a view. *)
Definition C3_mixed_derivative : Prop :=
  forall d features noise eps lambda,
  pair_laws d features noise -> occur d (views features noise) -> 0 < lambda -> 0 <= eps ->
  Derive (fun e => Derive (fun s => expected_loss d (1 / 2) e (isotropic s) features noise) lambda) eps
    > C3_mixed_derivative_rhs (mean (views features noise) (norm_2 d)).

(** It still does if the share [rho] of similar pairs is this large. *)
Definition C3_weight_on_similar_pairs : Prop :=
  forall d features noise rho eps lambda,
  pair_laws d features noise -> occur d (views features noise) -> 0 < rho < 1023 / 1250 -> 0 < lambda -> 0 <= eps ->
  Derive (fun e => Derive (fun s => expected_loss d rho e (isotropic s) features noise) lambda) eps
    > C3_weight_on_similar_pairs_rhs.

(** ** C4: dissimilar pairs lose more *)

(** Averaged over the attacked view, with the other view [y] given, an attack raises the loss of a dissimilar pair by at
    least half of the largest change of its score. *)
Definition C4_dissimilar_pair_given_the_other_view : Prop :=
  forall d l y lambda eps, is_law l -> mirrored l -> 0 < lambda -> 0 < eps ->
  mean l (fun x => increase d lambda eps dissimilar (x, y))
    >= C4_dissimilar_pair_given_the_other_view_rhs lambda eps (norm_2 d y).

(** The expected loss of dissimilar pairs rises by more than that of similar pairs. *)
Definition C4_on_average : Prop :=
  forall d l lambda eps, is_law l -> mirrored l -> occur d l -> 0 < lambda -> 0 < eps ->
  mean (product l l) (increase d lambda eps dissimilar) - mean l (fun x => increase d lambda eps similar (x, x))
    > C4_on_average_rhs.

(** As an attack sets in, the expected losses rise at these rates. *)
Definition C4_first_order : Prop :=
  forall d l lambda, is_law l -> mirrored l -> 0 < lambda ->
  is_derive (fun e => mean (product l l) (increase d lambda e dissimilar)) 0
    (C4_first_order_rhs1 lambda (mean l (norm_2 d))) /\
  is_derive (fun e => mean l (fun x => increase d lambda e similar (x, x))) 0
    (C4_first_order_rhs2 lambda (mean l (fun x => norm_2 d x / (exp (lambda * norm_2 d x ^ 2) + 1)))).

(** ** C5: the mixture family at constant amplitude *)

(** The score of two views does not depend on the order of the mixture. *)
Definition C5_scores : Prop :=
  forall d q m M net theta U C V lambda r b k k',
  integer_mixture d m M net theta U -> mixture_encoder d q m lambda C V U -> 0 < lambda -> 0 < b < r ->
  (forall h, (1 <= h <= d)%nat -> threshold net h = b) ->
  dot q (gated_embedding d C net (apply d M (features r k))) (gated_embedding d C net (apply d M (features r k')))
    = C5_scores_rhs lambda d (features r k) (features r k').

(** Nor does the squared attack gain of a similar pair. *)
Definition C5_similar_pairs : Prop :=
  forall d q m M net theta U C V lambda r b k,
  integer_mixture d m M net theta U -> mixture_encoder d q m lambda C V U -> 0 < lambda -> 0 < b < r ->
  (forall h, (1 <= h <= d)%nat -> threshold net h = b) ->
  square d (score_gradient d q C M net (apply d M (features r k)) (gated_embedding d C net (apply d M (features r k))))
    = C5_similar_pairs_rhs lambda d (features r k).

(** That of dissimilar pairs is on average proportional to the probability that a node fires; [p r^2] is the mean square
    of a feature. *)
Definition C5_dissimilar_pairs : Prop :=
  forall d q m M net theta U C V lambda r b p,
  integer_mixture d m M net theta U -> unit_entries U -> mixture_encoder d q m lambda C V U -> 0 < lambda ->
  0 < p <= 1 -> 0 < b < r -> (forall h, (1 <= h <= d)%nat -> threshold net h = b) ->
  mean (inputs d r p) (fun x' => mean (inputs d r p) (fun x =>
    square d (score_gradient d q C M net (apply d M x) (gated_embedding d C net (apply d M x')))))
    = C5_dissimilar_pairs_rhs lambda m p d (p * r ^ 2).

(** ** D4: cross-talk of a multiple of a head *)

(** A smaller multiple of a head shrinks the effective map on and off the support alike: [g] marks the nodes that
    fire. *)
Definition D4_cross_talk : Prop :=
  forall d m M net theta U a c g z,
  integer_mixture d m M net theta U -> 0 < c ->
  (forall h, (1 <= h <= d)%nat -> marks (node_fires d net z h = true) (g h)) ->
  same d (effective_map d M (with_head net (scale c a)) z) (D4_cross_talk_rhs m c d (layer_matrix m U) g a).

(** ** A1: first order *)

(** A pure node whose feature is absent, with the head [a] and the weights [omega M_i], passes this of an infinitesimal
    attack along that feature; [slope] is the derivative of its activation at rest. *)
Definition A1_first_order : Prop :=
  forall d M i omega x a act slope,
  orthogonal d M -> (1 <= i <= d)%nat -> x i = 0 -> is_derive act 0 slope ->
  is_derive (fun t => a * act (dot d (scale omega (column M i)) (plus (apply d M x) (scale t (column M i))))) 0
    (A1_first_order_rhs a omega slope).
