(** What is claimed of gates, attacks and purification: statements alone; the proofs are in [Proofs_A.v].

    The sides that end in [_lhs] or [_rhs] are written by the exporter from the formulas of the ledger; every other
    word is defined in [Model.v]. *)

From Coq Require Import Bool List ZArith Reals.
From Coquelicot Require Import Coquelicot.
Require Import Model Generated.
Open Scope R_scope.

(** ** G4: what an attack does to a pre-activation *)

(** In any norm, where [D] is the dual norm of the weights: the largest modulus that an attack of size [eps] can give a
    pre-activation. *)
Definition G4_largest_pre_activation : Prop :=
  forall d norm w z D eps,
  is_norm d norm -> dual_norm d norm w D -> 0 <= eps ->
  largest (attacked_moduli d norm eps w z) (G4_largest_pre_activation_rhs (Rabs (dot d w z)) eps D).

(** The same for l1 attacks, where the dual norm is l_inf. *)
Definition G4_reach_l1 : Prop :=
  forall d w z eps, 0 <= eps ->
  largest (attacked_moduli d (norm_1 d) eps w z)
    (G4_largest_pre_activation_rhs (Rabs (dot d w z)) eps (norm_inf d w)).

(** The same for l2 attacks, where the dual norm is l2. *)
Definition G4_reach_l2 : Prop :=
  forall d w z eps, 0 <= eps ->
  largest (attacked_moduli d (norm_2 d) eps w z)
    (G4_largest_pre_activation_rhs (Rabs (dot d w z)) eps (norm_2 d w)).

(** The same for l_inf attacks, where the dual norm is l1. *)
Definition G4_reach_linf : Prop :=
  forall d w z eps, 0 <= eps ->
  largest (attacked_moduli d (norm_inf d) eps w z)
    (G4_largest_pre_activation_rhs (Rabs (dot d w z)) eps (norm_1 d w)).

(** The least modulus that an attack of size [eps] can leave a pre-activation. *)
Definition G4_least_pre_activation : Prop :=
  forall d norm w z D eps,
  is_norm d norm -> dual_norm d norm w D -> 0 <= eps ->
  least (attacked_moduli d norm eps w z) (G4_least_pre_activation_rhs (Rabs (dot d w z)) eps D).

(** An attack of size [eps >= b / D] can fire any node, whatever it sees. *)
Definition G4_can_be_fired : Prop :=
  forall d norm w z D eps b,
  is_norm d norm -> dual_norm d norm w D -> 0 < D -> 0 < b -> b / D <= eps ->
  exists v_max, largest (attacked_moduli d norm eps w z) v_max /\ v_max >= b.

(** An attack of size [eps < b / D] cannot fire a pure node, of weights [omega M_i], whose feature is absent. *)
Definition G4_cannot_be_fired : Prop :=
  forall d norm M i omega x D eps b,
  is_norm d norm -> orthogonal d M -> (1 <= i <= d)%nat -> x i = 0 ->
  dual_norm d norm (scale omega (column M i)) D -> 0 < D -> 0 <= eps < b / D ->
  exists v_max,
    largest (attacked_moduli d norm eps (scale omega (column M i)) (apply d M x)) v_max /\ v_max < b.

(** A node that fires can be silenced by an attack that is larger than its margin over [D]. *)
Definition G4_can_be_silenced : Prop :=
  forall d norm w z D eps b,
  is_norm d norm -> dual_norm d norm w D -> 0 < D -> 0 < b <= Rabs (dot d w z) ->
  (Rabs (dot d w z) - b) / D < eps ->
  exists v_min, least (attacked_moduli d norm eps w z) v_min /\ v_min < b.

(** A node that fires cannot be silenced by an attack of up to its margin over [D]. *)
Definition G4_cannot_be_silenced : Prop :=
  forall d norm w z D eps b,
  is_norm d norm -> dual_norm d norm w D -> 0 < D -> b <= Rabs (dot d w z) ->
  0 <= eps <= (Rabs (dot d w z) - b) / D ->
  exists v_min, least (attacked_moduli d norm eps w z) v_min /\ v_min >= b.

(** ** P1: the effective map *)

(** At every observation the network is its effective map, applied in feature coordinates. *)
Definition P1_effective_map : Prop :=
  forall d M net z g,
  orthogonal d M -> (forall h, (1 <= h <= nodes net)%nat -> marks (node_fires d net z h = true) (g h)) ->
  output d net z
  = P1_effective_map_rhs d (nodes net) (head net) g (transpose (weight net)) M z
  /\ output d net z = dot d (effective_map d M net z) (apply d (transpose M) z).

(** The gradient with the gates held is [M beta]; a step that moves no gate adds its product with the gradient. *)
Definition P1_gradient : Prop :=
  forall d M net z step g,
  orthogonal d M -> (forall h, (1 <= h <= nodes net)%nat -> marks (node_fires d net z h = true) (g h)) ->
  (forall i, (1 <= i <= d)%nat ->
     is_derive (fun t => held_output d net z (plus z (scale t (delta i)))) 0
       (P1_gradient_rhs2 d (nodes net) (head net) g (transpose (weight net)) M i)) /\
  ((forall h, (1 <= h <= nodes net)%nat -> node_fires d net (plus z step) h = node_fires d net z h) ->
   output d net (plus z step) - output d net z
   = P1_gradient_rhs1 d (nodes net) (head net) g (transpose (weight net)) M step).

(** ** P2: the region certificate and the universal bound *)

(** A node that sees at least the threshold and the reach still fires after every attack. *)
Definition P2_active_nodes_stay : Prop :=
  forall d norm w z step D eps b,
  is_norm d norm -> dual_norm d norm w D -> 0 <= eps -> norm step <= eps ->
  b + eps * D <= Rabs (dot d w z) -> Rabs (dot d w (plus z step)) >= b.

(** A node that sees less than the threshold by more than the reach is still silent after every attack. *)
Definition P2_silent_nodes_stay : Prop :=
  forall d norm w z step D eps b,
  is_norm d norm -> dual_norm d norm w D -> 0 <= eps -> norm step <= eps ->
  eps * D + Rabs (dot d w z) < b -> Rabs (dot d w (plus z step)) < b.

(** Where no gate is within reach, this is the largest squared error in the ball; [G] is the dual norm of [M beta]. *)
Definition P2_worst_case : Prop :=
  forall d norm net z y e eps D G,
  is_norm d norm -> 0 <= eps -> e = y - output d net z ->
  (forall h, (1 <= h <= nodes net)%nat -> dual_norm d norm (weight net h) (D h)) ->
  dual_norm d norm (gradient d net z) G -> region_certificate d eps net z D ->
  is_lub (attacked_losses d norm eps net z y) (P2_worst_case_rhs e eps G).

(** Where no gate is within reach FGM, whose step the gradient of the loss favours most, attains the worst case, unless
    the network is exact. *)
Definition P2_attained_by_FGM : Prop :=
  forall d norm net z y e eps D G step,
  is_norm d norm -> 0 <= eps -> e = y - output d net z -> e <> 0 ->
  (forall h, (1 <= h <= nodes net)%nat -> dual_norm d norm (weight net h) (D h)) ->
  dual_norm d norm (gradient d net z) G -> region_certificate d eps net z D ->
  steepest d norm eps (scale (- 2 * e) (gradient d net z)) step ->
  (y - output d net (plus z step)) ^ 2 = P2_attained_by_FGM_rhs e eps G.

(** The slope of the loss in the output; and where no gate is within reach, the larger loss of the two steps along
    [M beta] is the worst case. *)
Definition P2_at_a_fit : Prop :=
  forall d norm net z y e eps D G step t,
  is_norm d norm -> 0 <= eps -> e = y - output d net z ->
  (forall h, (1 <= h <= nodes net)%nat -> dual_norm d norm (weight net h) (D h)) ->
  dual_norm d norm (gradient d net z) G -> region_certificate d eps net z D ->
  steepest d norm eps (gradient d net z) step ->
  is_derive (fun shift => (y - (output d net z + shift)) ^ 2) t (P2_at_a_fit_rhs2 e t) /\
  Rmax ((y - output d net (plus z step)) ^ 2) ((y - output d net (plus z (scale (- 1) step))) ^ 2)
  = P2_at_a_fit_rhs1 e eps G.

(** What an attack can do at every observation, with gates in reach or not: [s] marks the nodes that fire, [o] those
    that fire after some attack, [c] those that are silent after some attack; [G] is the dual norm of [M beta]. *)
Definition P2_universal_bound : Prop :=
  forall d norm net z y e eps D G s o c,
  is_norm d norm -> 0 <= eps -> e = y - output d net z ->
  (forall h, (1 <= h <= nodes net)%nat -> dual_norm d norm (weight net h) (D h)) ->
  dual_norm d norm (gradient d net z) G ->
  (forall h, (1 <= h <= nodes net)%nat -> marks (node_fires d net z h = true) (s h)) ->
  (forall h, (1 <= h <= nodes net)%nat ->
     marks (exists step, norm step <= eps /\ node_fires d net (plus z step) h = true) (o h)) ->
  (forall h, (1 <= h <= nodes net)%nat ->
     marks (exists step, norm step <= eps /\ node_fires d net (plus z step) h = false) (c h)) ->
  (forall step, norm step <= eps ->
     Rabs (y - output d net (plus z step))
     <= P2_universal_bound_rhs2 e eps (nodes net) G (head net) (threshold net) (preactivation d net z) s o c D) /\
  exists worst,
    is_lub (attacked_losses d norm eps net z y) worst /\
    worst <= P2_universal_bound_rhs1 e eps (nodes net) G (head net) (threshold net) (preactivation d net z) s o c D.

(** ** P3: what an exact fit and pure nodes make of absent features *)

(** Pure nodes with positive thresholds have no cross-talk: node [h] holds feature [f h] alone. *)
Definition P3_pure_nodes : Prop :=
  forall d M net f omega x i,
  (forall h, (1 <= h <= nodes net)%nat -> 0 < threshold net h /\
     same d (feature_weight d M net h) (scale (omega h) (delta (f h)))) ->
  (1 <= i <= d)%nat -> x i = 0 -> effective_map d M net (apply d M x) i = 0.

(** A network without cross-talk need not be pure: three impure nodes of threshold [b] fire only where both features are
    active with one sign, and what they then add cancels. *)
Definition P3_the_converse_fails : Prop :=
  forall M net b y1 y2 e eta R c,
  nodes net = 3%nat -> (forall h, (1 <= h <= 3)%nat -> threshold net h = b) ->
  same 2 (feature_weight 2 M net 1) (fun _ => 1) -> head net 1%nat = 2 * c ->
  same 2 (feature_weight 2 M net 2) (pair (1 + e) (1 - e)) -> head net 2%nat = - c ->
  same 2 (feature_weight 2 M net 3) (pair (1 - e) (1 + e)) -> head net 3%nat = - c ->
  1 < R < 2 -> 0 < eta < 2 / R - 1 -> - eta < e < eta -> R * (eta + 1) < b < 2 -> 1 < y1 < R -> 1 < y2 ->
  effective_map 2 M net (apply 2 M (pair y1 y2)) 1%nat = 0 /\
  preactivation 2 net (apply 2 M (pair y1 y2)) 2 > b /\
  preactivation 2 net (apply 2 M (pair y1 0)) 2 < b /\
  preactivation 2 net (apply 2 M (pair y1 (- y2))) 2 < b.

(** ** P3c: constant amplitudes, and look-up nodes *)

(** Every exact fit to a finite law has at least this mean energy; [iota] marks the inputs that are not zero. *)
Definition P3c_lower_bound : Prop :=
  forall d M net theta l iota,
  is_law l -> exact_fit d M net theta l ->
  (forall x, marks (exists i, (1 <= i <= d)%nat /\ x i <> 0) (iota x)) ->
  mean l (fun x => square d (effective_map d M net (apply d M x)))
  >= mean l (fun x => P3c_lower_bound_mean d theta x (iota x)).

(** [least_square x] is the least squared norm of any effective map that fits at the input [x] alone; its mean at
    constant amplitude [r]. *)
Definition P3c_its_value : Prop :=
  forall d theta r p least_square,
  (1 <= d)%nat -> 0 <= p <= 1 -> 0 < r ->
  (forall x, least (fun s => exists beta, dot d beta x = dot d theta x /\ s = square d beta) (least_square x)) ->
  mean (inputs d r p) least_square = P3c_its_value_rhs p d theta.

(** The shift [8^(k - d)], [k] from 0, keeps directions [s + g] and [s - g] apart from all other supports: [w] is a
    difference or sum of supports, [s] a support. *)
Definition P3c_separation : Prop :=
  forall d (w s : nat -> Z) direction,
  (1 <= d)%nat -> (forall k, (-2 <= w k <= 2)%Z) -> (exists k, (1 <= k <= d)%nat /\ w k <> 0%Z) ->
  dot d (fun k => IZR (s k)) (fun k => IZR (w k)) <> 0 -> direction = 1 \/ direction = - 1 ->
  Rabs (dot d (shift d) (fun k => IZR (w k))) >= P3c_separation_rhs1 d /\
  Rabs (dot d (plus (fun k => IZR (s k)) (scale direction (shift d))) (fun k => IZR (w k))) > P3c_separation_rhs2 /\
  Rabs (dot d (shift d) (fun k => IZR (w k))) < P3c_separation_rhs3.

(** Look-up nodes attain the lower bound, and they fit at every input. *)
Definition P3c_attained : Prop :=
  forall d pairs M net theta g r p X,
  (1 <= d)%nat -> 0 <= p <= 1 -> 0 < r -> look_up d pairs M net theta g r X ->
  mean (inputs d r p) (fun x => square d (effective_map d M net (apply d M x))) = P3c_attained_rhs1 p d theta /\
  forall k, are_signs d k -> output d net (apply d M (features r k)) = P3c_attained_rhs2 p d theta (features r k).

(** Look-up nodes for two or more features have a smaller mean energy than the purified fit. *)
Definition P3c_cheaper_than_pure : Prop :=
  forall n pairs M net theta g r p X,
  (1 <= n)%nat -> 0 < p <= 1 -> 0 < r -> 0 < square (n + 1) theta -> look_up (n + 1) pairs M net theta g r X ->
  mean (inputs (n + 1) r p) (fun x => square (n + 1) (effective_map (n + 1) M net (apply (n + 1) M x)))
  / square (n + 1) theta < p.

(** ** P4: clean training cannot see mixtures *)

(** A gate of a threshold up to [r] lets pass what a node with integer weights [u] sees of the signs [k]. *)
Definition P4_gate : Prop :=
  forall d (u k : nat -> Z) r b,
  0 < r -> 0 <= b <= r ->
  gate b (dot d (fun i => IZR (u i)) (features r k))
  = P4_gate_rhs (dot d (fun i => IZR (u i)) (fun i => IZR (k i))) r.

(** The mixture network of every order fits the target at every input of constant amplitude. *)
Definition P4_fit : Prop :=
  forall d m M net theta U k r b,
  integer_mixture d m M net theta U -> 0 < r -> 0 <= b <= r ->
  (forall h, (1 <= h <= d)%nat -> threshold net h = b) -> (forall i, k i = 0%Z \/ k i = 1%Z \/ k i = (-1)%Z) ->
  output d net (apply d M (features r k)) = P4_fit_rhs d r theta (fun i => IZR (k i)).

(** Without their gates the nodes of a mixture give the target at every input. *)
Definition P4_target_by_nodes : Prop :=
  forall d m M net theta U x,
  integer_mixture d m M net theta U ->
  sum 1 (nodes net) (fun h => head net h * preactivation d net (apply d M x) h) = P4_target_by_nodes_rhs d theta x.

(** At inputs of any amplitudes a mixture network misses the target by no more than this: [s] marks the nodes that fire,
    [t] those that hold an active feature. *)
Definition P4_any_amplitudes : Prop :=
  forall d m M net theta U x b s t,
  integer_mixture d m M net theta U -> 0 <= b -> (forall h, (1 <= h <= d)%nat -> threshold net h = b) ->
  (forall h, (1 <= h <= d)%nat -> marks (node_fires d net (apply d M x) h = true) (s h)) ->
  (forall h, (1 <= h <= d)%nat -> marks (exists i, (1 <= i <= d)%nat /\ U i h <> 0%Z /\ x i <> 0) (t h)) ->
  Rabs (output d net (apply d M x) - dot d theta x) <= P4_any_amplitudes_rhs b d (head net) s t.

(** ** P5: the price of a mixture is its firing probability *)

(** A node that holds [m] of [d] features fires as often as this, whatever the signs of its weights, the amplitude and
    the threshold below it. *)
Definition P5_series : Prop :=
  forall d u m r b p,
  (1 <= m)%nat -> 0 < p <= 1 -> 0 < b < r -> node_of_order d m u ->
  node_firing_probability d u r b p = firing_probability m p /\ firing_probability m p = P5_series_rhs m p.

(** A node that holds one feature more fires strictly more often where features are rare enough. *)
Definition P5_growth : Prop :=
  forall m p, (1 <= m)%nat -> 0 < p < 2 / 3 -> P5_growth_lhs m p > 0.

(** Where features are active with probabilities up to 7/10, one feature more need not make a node fire more often. *)
Definition P5_growth_fails_up_to_seven_tenths : Prop :=
  ~ (forall m p, (1 <= m)%nat -> 0 < p < 7 / 10 -> P5_growth_lhs m p > 0).

(** The second feature changes the firing probability by this, which is not positive from 2/3 on. *)
Definition P5_only_below : Prop :=
  forall p, 0 < p <= 1 ->
  P5_only_below_lhs p = P5_only_below_rhs p /\ (2 / 3 <= p -> P5_only_below_lhs p <= 0).

(** A node fires at most as often as one of its features is active, and that is at most the sum of their
    probabilities. *)
Definition P5_bounds : Prop :=
  forall m p, (1 <= m)%nat -> 0 < p <= 1 ->
  firing_probability m p <= P5_bounds_rhs1 m p /\ firing_probability m p <= P5_bounds_rhs2 m p.

(** The effective map is the projection of the target on the span of the firing nodes, marked by [s]: orthogonal nodes
    with projecting heads see no difference between them, at any observation. *)
Definition P5_projection : Prop :=
  forall d M net theta z s k,
  orthogonal_nodes d M net -> projecting_heads d M net theta -> (1 <= k <= nodes net)%nat ->
  (forall h, (1 <= h <= nodes net)%nat -> marks (node_fires d net z h = true) (s h)) ->
  dot d (feature_weight d M net k) (effective_map d M net z)
  = P5_projection_rhs k (nodes net) (fun h => dot d (feature_weight d M net h) theta) s.

(** The mean energy of the effective map of orthogonal nodes with projecting heads, for any finite law [l] of the
    observation. *)
Definition P5_energy_of_orthogonal_nodes : Prop :=
  forall d M net theta l,
  is_law l -> orthogonal_nodes d M net -> projecting_heads d M net theta ->
  mean l (fun z => square d (effective_map d M net z))
  = P5_energy_of_orthogonal_nodes_rhs (nodes net) (fun h => probability l (fun z => node_fires d net z h))
      (fun h => dot d (feature_weight d M net h) theta) (fun h => square d (feature_weight d M net h)).

(** The mean energy of a mixture network of order [m], whose nodes hold [m] features each. *)
Definition P5_energy_of_a_mixture : Prop :=
  forall d m M net theta U r b p,
  integer_mixture d m M net theta U ->
  (forall i h, U i h = 0%Z \/ U i h = 1%Z \/ U i h = (-1)%Z) ->
  0 < p <= 1 -> 0 < b < r -> (forall h, (1 <= h <= d)%nat -> threshold net h = b) ->
  mean (inputs d r p) (fun x => square d (effective_map d M net (apply d M x)))
  = P5_energy_of_a_mixture_rhs m p d theta.

(** The firing probability is an integral over the characteristic function of one feature. *)
Definition P5_integral : Prop :=
  forall m p, (1 <= m)%nat -> 0 < p <= 1 -> firing_probability m p = P5_integral_rhs m p.

(** Two features more make a node of even order fire strictly more often. *)
Definition P5_growth_over_even_orders : Prop :=
  forall n p, 0 < p <= 1 -> P5_growth_over_even_orders_lhs n p > 0.

(** Two features more need not make a node of odd order fire more often. *)
Definition P5_growth_over_odd_orders_fails : Prop :=
  ~ (forall n p, 0 < p <= 1 -> - firing_probability (2 * n + 1) p + firing_probability (2 * n + 3) p > 0).

(** ** P6: attack gains *)

(** The mean gain lies between the mean energy over the length of the target and the root of the mean energy, for any
    finite law [l] of the observation. *)
Definition P6_bounds : Prop :=
  forall d M net theta l,
  is_law l -> orthogonal_nodes d M net -> projecting_heads d M net theta -> 0 < norm_2 d theta ->
  mean l (fun z => norm_2 d (effective_map d M net z))
  >= P6_bounds_rhs1 (mean l (fun z => square d (effective_map d M net z))) (norm_2 d theta) /\
  mean l (fun z => norm_2 d (effective_map d M net z))
  <= P6_bounds_rhs2 (mean l (fun z => square d (effective_map d M net z))).

(** What the nodes of group [g] of a mixture add to the effective map:
  the entries of [theta] in the group are [theta_g],
    [O] has the rows [u_h^T / sqrt m], and the diagonal matrix [D] marks the nodes that fire. *)
Definition P6_group_energy : Prop :=
  forall G m M net theta U z g s,
  integer_mixture (G * m) m M net theta U -> (forall i h, ~ same_group m i h -> U i h = 0%Z) -> (1 <= g <= G)%nat ->
  (forall h, (1 <= h <= G * m)%nat -> marks (node_fires (G * m) net z h = true) (s h)) ->
  square (G * m) (combined m (fun j => head net (in_group m g j) * s (in_group m g j))
                             (fun j => feature_weight (G * m) M net (in_group m g j)))
  = P6_group_energy_rhs m (fun j k => s (in_group m g j) * delta j k)
      (fun j i => IZR (U (in_group m g i) (in_group m g j)) / sqrt (INR m)) (fun i => theta (in_group m g i)).

(** What the node of a pure feature [g] adds to the effective map has this Laplace transform of its energy. *)
Definition P6_pure_features : Prop :=
  forall d M net theta r b p g t,
  purified d M net theta -> (1 <= g <= d)%nat -> 0 < p <= 1 -> 0 < b < r -> threshold net g = b -> 0 < t ->
  mean (inputs d r p) (fun x => exp (- t * square d
    (scale (head net g * indicator (node_fires d net (apply d M x) g)) (feature_weight d M net g))))
  = P6_pure_features_rhs g p t theta.

(** A purified network for a target of unit entries has the mean gain of the root of a binomial count. *)
Definition P6_purified_gain : Prop :=
  forall d M net theta r b p,
  purified d M net theta -> (forall i, (1 <= i <= d)%nat -> Rabs (theta i) = 1) ->
  0 < p <= 1 -> 0 < b < r -> (forall h, (1 <= h <= d)%nat -> threshold net h = b) ->
  mean (inputs d r p) (fun x => norm_2 d (effective_map d M net (apply d M x))) = P6_purified_gain_rhs d p.

(** In a mixture of [G] groups of order [m] for the target of ones, the mean gain is that of a binomial count of
    groups. *)
Definition P6_gain_of_a_mixture : Prop :=
  forall G m M net U r b p,
  (1 <= G)%nat -> mixture_of_ones G m M net U b -> 0 < p <= 1 -> 0 < b < r ->
  mean (inputs (G * m) r p) (fun x => norm_2 (G * m) (effective_map (G * m) M net (apply (G * m) M x)))
  = P6_gain_of_a_mixture_rhs m G p.

(** The mean gain can fall as the order grows: eight features in one group, against two groups of four. *)
Definition P6_not_monotone : Prop :=
  forall M net U M' net' U' r b,
  mixture_of_ones 1 8 M net U b -> mixture_of_ones 2 4 M' net' U' b -> 0 < b < r ->
  mean (inputs 8 r (1 / 2)) (fun x => norm_2 8 (effective_map 8 M net (apply 8 M x))) = P6_not_monotone_rhs1 /\
  mean (inputs 8 r (1 / 2)) (fun x => norm_2 8 (effective_map 8 M' net' (apply 8 M' x))) > P6_not_monotone_rhs2.

(** ** P7: forces on cross-talk *)

(** The clean loss does not change with the weight of a feature that is absent: two networks whose feature weights
    differ for absent features alone have the same loss. *)
Definition P7_clean_force : Prop :=
  forall d M net net' x y,
  nodes net' = nodes net ->
  (forall h, (1 <= h <= nodes net)%nat -> head net' h = head net h /\ threshold net' h = threshold net h /\
     forall i, (1 <= i <= d)%nat -> x i <> 0 -> feature_weight d M net' h i = feature_weight d M net h i) ->
  (y - output d net' (apply d M x)) ^ 2 - (y - output d net (apply d M x)) ^ 2 = 0.

(** Where no gate moves, the largest loss under attack between two networks with the products [P0] and [P1] of heads and
    weights lies below its chord: [s] marks the nodes that fire. *)
Definition P7_convex_cells : Prop :=
  forall d H (P0 P1 : nat -> vector) s z y t eps worst e0 e1,
  0 <= t <= 1 -> 0 <= eps ->
  e0 = y - dot d (combined H s P0) z -> e1 = y - dot d (combined H s P1) z ->
  is_lub (linear_losses d eps (combined H s (fun h => plus (scale (1 - t) (P0 h)) (scale t (P1 h)))) z y) worst ->
  worst <= P7_convex_cells_rhs t eps (norm_2 d (combined H s P0)) (norm_2 d (combined H s P1)) e0 e1.

(** The velocity of the cross-talk of an absent feature [j], where the feature weights [U] of the [n] active nodes
    follow the negative gradient of the largest loss, with gates and heads [a] held: [worst V] is this loss for the
    weights [V], and [force h] its derivative in the weight of node [h] for the feature. *)
Definition P7_cross_talk_flow : Prop :=
  forall d n j a (U : nat -> vector) x y eps worst force e,
  (1 <= j <= d)%nat -> x j = 0 -> 0 <= eps -> e = y - dot d (combined n a U) x ->
  (forall V, is_lub (linear_losses d eps (combined n a V) x y) (worst V)) ->
  0 < norm_2 d (combined n a U) ->
  (forall h, (1 <= h <= n)%nat ->
     is_derive (fun t => worst (fun k => plus (U k) (scale (t * delta h k) (delta j)))) 0 (force h)) ->
  dot n a (fun h => - force h)
  = P7_cross_talk_flow_rhs eps n a (combined n a U j) (norm_2 d (combined n a U)) e.

(** Under the same flow, cross-talk shrinks at this rate at least. *)
Definition P7_least_rate : Prop :=
  forall d n j a (U : nat -> vector) x y eps worst force,
  (1 <= j <= d)%nat -> x j = 0 -> 0 <= eps ->
  (forall V, is_lub (linear_losses d eps (combined n a V) x y) (worst V)) ->
  combined n a U j <> 0 ->
  (forall h, (1 <= h <= n)%nat ->
     is_derive (fun t => worst (fun k => plus (U k) (scale (t * delta h k) (delta j)))) 0 (force h)) ->
  - dot n a (fun h => - force h) / combined n a U j >= P7_least_rate_rhs eps n a.

(** The mixture of two features is locked: whatever the direction [u'], [a'] in which weights and heads move, the risk,
    the mean of the largest loss with the gates held, has no negative slope to the right. *)
Definition P7_locked_pair : Prop :=
  forall theta u u' a a' r b p eps worst slope,
  0 < p <= 1 -> 0 < b < r -> 0 <= eps <= r / 2 ->
  same 2 (u 1%nat) (pair 1 1) -> a 1%nat = (theta 1%nat + theta 2%nat) / 2 ->
  same 2 (u 2%nat) (pair 1 (- 1)) -> a 2%nat = (theta 1%nat - theta 2%nat) / 2 ->
  (forall s x, is_lub (linear_losses 2 eps (moved_pair u u' a a' b x s) x (dot 2 theta x)) (worst s x)) ->
  filterlim (fun s => (mean (inputs 2 r p) (worst s) - mean (inputs 2 r p) (worst 0)) / s) (at_right 0)
    (locally slope) ->
  slope >= 0.

(** Spare pure nodes unlock the mixture of two features, whose nodes are [(1, 1)] and [(1, -1)]: as the heads move to
    them the fit is kept, and the risk, the mean of the largest loss with the gates held, falls at this rate. *)
Definition P7_spare_nodes : Prop :=
  forall M weights theta r b p eps worst,
  orthogonal 2 M -> 0 < p <= 1 -> 0 < b < r -> 0 <= eps ->
  same 2 (apply 2 (transpose M) (weights 1%nat)) (pair 1 1) ->
  same 2 (apply 2 (transpose M) (weights 2%nat)) (pair 1 (- 1)) ->
  same 2 (apply 2 (transpose M) (weights 3%nat)) (pair 1 0) ->
  same 2 (apply 2 (transpose M) (weights 4%nat)) (pair 0 1) ->
  (forall s x, is_lub (linear_losses 2 eps (gradient 2 (unlocked_pair weights theta b s) (apply 2 M x)) (apply 2 M x)
                         (dot 2 theta x)) (worst s x)) ->
  (forall s k, are_signs 2 k ->
     output 2 (unlocked_pair weights theta b s) (apply 2 M (features r k)) = dot 2 theta (features r k)) /\
  is_derive (fun s => mean (inputs 2 r p) (worst s)) 0 (P7_spare_nodes_rhs p eps (theta 1%nat) (theta 2%nat)).

(** ** P8: the gate caps mixing *)

(** At most this many features of amplitude [r] fire a node of weights [w] when they act alone. *)
Definition P8_features_alone : Prop :=
  forall d M w r b,
  orthogonal d M -> 0 < r -> 0 < b ->
  firing_alone d M w r b <= P8_features_alone_rhs r b (norm_2 d w).

(** A node with a large gate ratio is fired by at most one feature that acts alone. *)
Definition P8_one_feature_alone : Prop :=
  forall d M w r b,
  orthogonal d M -> 0 < r -> 0 < norm_2 d w -> sqrt 2 * norm_2 d w * r / 2 < b -> firing_alone d M w r b < 2.

(** Two features of equal weights [c], neither of which fires the node alone, can fire it together. *)
Definition P8_features_together : Prop :=
  forall d M w i j c r b,
  (1 <= i <= d)%nat -> (1 <= j <= d)%nat -> i <> j ->
  apply d (transpose M) w i = c -> apply d (transpose M) w j = c ->
  0 < r -> 0 < c -> c * r < b <= 2 * c * r ->
  dot d w (apply d M (plus (scale r (delta i)) (scale r (delta j)))) >= b /\
  dot d w (apply d M (scale r (delta i))) < b.

(** ** P9: how rarely a node can fire *)

(** A mixture of [m] features fires at least as often as this, and for two or more more often than a pure node. *)
Definition P9_geometric_bound : Prop :=
  forall m p, (1 <= m)%nat -> 0 < p <= 1 ->
  firing_probability m p >= 2 / 3 * (1 - (1 - 3 * p / 2) ^ m) /\
  ((2 <= m)%nat -> p < 2 / 3 -> 2 / 3 * (1 - (1 - 3 * p / 2) ^ m) > p).

(** ** C1q: what an attack costs a direction *)

(** The mean modulus along a direction between the axis of the feature [i] and 45 degrees to that of [j], less that
    along the axis. *)
Definition C1q_two_features : Prop :=
  forall d i j u p r,
  (1 <= i <= d)%nat -> (1 <= j <= d)%nat -> i <> j -> 0 < u <= -1 + sqrt 2 -> 0 < p <= 1 -> 0 < r ->
  mean (inputs d r p) (fun x => Rabs (dot d (between_axes i j u) x)) - p * r = C1q_two_features_rhs u p r.

(** Among features that are common enough, the direction at 45 degrees undercuts the axis. *)
Definition C1q_beyond_the_threshold : Prop :=
  forall d i j p r,
  (1 <= i <= d)%nat -> (1 <= j <= d)%nat -> i <> j -> 2 - sqrt 2 < p <= 1 -> 0 < r ->
  mean (inputs d r p) (fun x => Rabs (dot d (scale (/ sqrt 2) (plus (delta i) (delta j))) x))
  - mean (inputs d r p) (fun x => Rabs (dot d (delta i) x)) < 0.

(** Mean squares of what the two directions contribute to the squared cost, at amplitude 1. *)
Definition C1q_dense_features : Prop :=
  forall d i j p,
  (1 <= i <= d)%nat -> (1 <= j <= d)%nat -> i <> j -> 0 < p <= 1 ->
  mean (inputs d 1 p) (fun x => (dot d (scale (/ sqrt 2) (plus (delta i) (delta j))) x ^ 2) ^ 2)
  - mean (inputs d 1 p) (fun x => (dot d (delta i) x ^ 2) ^ 2) = C1q_dense_features_rhs p.

(** The conjecture for encoders of rank [q] holds where the rank is the number of features: an attack costs the encoder
    [G] at least as much as coordinate axes of equal scale, with the same trace, at any rate of the features. *)
Definition C1q_full_rank : Prop :=
  forall d G r p,
  (1 <= d)%nat -> 0 < p <= 1 -> 0 < r ->
  mean (inputs d r p) (fun x => norm_2 d (apply d G x))
  >= r * mean (inputs d 1 p) (fun x => norm_2 d x) * sum 1 d (fun i => G i i) / INR d.
