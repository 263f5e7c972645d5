(** The finite model of the suite: vectors, gates, networks, laws and attacks.

    Every definition that can be computed stands in the functor [Definitions], which is applied twice: to the real
    numbers, where the theorems are proved, and to the rational numbers, where the same text is computed
    ([vm_compute]) and compared with the evaluators of the suite. What needs roots or suprema follows at the end, for
    real numbers alone.

    Vectors are functions of a natural number of which the entries [1 .. d] count, so that indices are those of the
    ledger. *)

From Coq Require Import Bool List ZArith QArith Qabs Qreduction Qminmax Reals.
Import ListNotations.

(** What the definitions need of their numbers. *)
Module Type Numbers.
  Parameter Inline number : Type.
  Parameter Inline of_Z : Z -> number.
  Parameter Inline add : number -> number -> number.
  Parameter Inline sub : number -> number -> number.
  Parameter Inline mul : number -> number -> number.
  Parameter Inline div : number -> number -> number.
  Parameter Inline abs : number -> number.
  Parameter Inline max : number -> number -> number.
  Parameter at_most : number -> number -> bool.
End Numbers.

Module Definitions (Import N : Numbers).

  (** ** Sums and vectors *)

  Fixpoint sum_of (count first : nat) (f : nat -> number) : number :=
    match count with
    | O => of_Z 0
    | S more => add (sum_of more first f) (f (first + more)%nat)
    end.

  (** The sum of [f i] over [first <= i <= last]; zero if there is no such [i]. *)
  Definition sum (first last : nat) (f : nat -> number) : number := sum_of (S last - first) first f.

  Definition vector := nat -> number.

  (** Entry [A i j] stands in row [i] and column [j]. *)
  Definition matrix := nat -> nat -> number.

  Definition dot (d : nat) (x y : vector) : number := sum 1 d (fun i => mul (x i) (y i)).

  Definition square (d : nat) (x : vector) : number := dot d x x.

  Definition plus (x y : vector) : vector := fun i => add (x i) (y i).

  Definition scale (c : number) (x : vector) : vector := fun i => mul c (x i).

  Definition column (A : matrix) (j : nat) : vector := fun i => A i j.

  Definition transpose (A : matrix) : matrix := fun i j => A j i.

  (** The product of a matrix of [d] columns with a vector. *)
  Definition apply (d : nat) (A : matrix) (x : vector) : vector := fun i => dot d (A i) x.

  (** The product of the diagonal matrix of [g] with a vector. *)
  Definition diagonal (g x : vector) : vector := fun i => mul (g i) (x i).

  (** Entry of the unit matrix. *)
  Definition delta (i j : nat) : number := if Nat.eqb i j then of_Z 1 else of_Z 0.

  Definition norm_1 (d : nat) (x : vector) : number := sum 1 d (fun i => abs (x i)).

  (** The largest modulus of the entries [1 .. d]; zero for no entry. *)
  Fixpoint norm_inf (d : nat) (x : vector) : number :=
    match d with
    | O => of_Z 0
    | S more => max (norm_inf more x) (abs (x d))
    end.

  (** ** Gates and networks *)

  Definition indicator (condition : bool) : number := if condition then of_Z 1 else of_Z 0.

  (** A gate of threshold [b] lets [v] through where [|v| >= b]. *)
  Definition fires (b v : number) : bool := at_most b (abs v).

  Definition gate (b v : number) : number := if fires b v then v else of_Z 0.

  (** Node [h], [1 <= h <= nodes], has the weights [weight h], the head [head h] and the threshold [threshold h]. *)
  Record network := Network {
    nodes : nat;
    weight : nat -> vector;
    head : vector;
    threshold : vector
  }.

  Definition preactivation (d : nat) (net : network) (z : vector) (h : nat) : number := dot d (weight net h) z.

  Definition node_fires (d : nat) (net : network) (z : vector) (h : nat) : bool :=
    fires (threshold net h) (preactivation d net z h).

  (** The sum over nodes of heads times gated pre-activations. *)
  Definition output (d : nat) (net : network) (z : vector) : number :=
    sum 1 (nodes net) (fun h => mul (head net h) (gate (threshold net h) (preactivation d net z h))).

  (** The output at [y] with the gates held as they are at [z]. *)
  Definition held_output (d : nat) (net : network) (z y : vector) : number :=
    sum 1 (nodes net)
      (fun h => mul (mul (head net h) (indicator (node_fires d net z h))) (preactivation d net y h)).

  (** The gradient of the output at [z] with the gates held, [W diag(g) a]; it is [M beta] where [M] is orthogonal. *)
  Definition gradient (d : nat) (net : network) (z : vector) : vector :=
    fun i => sum 1 (nodes net) (fun h => mul (mul (head net h) (indicator (node_fires d net z h))) (weight net h i)).

  (** The weights of a node in feature coordinates, [u_h = M^T w_h]. *)
  Definition feature_weight (d : nat) (M : matrix) (net : network) (h : nat) : vector :=
    apply d (transpose M) (weight net h).

  (** The effective map at [z], [beta = M^T W diag(g) a]. *)
  Definition effective_map (d : nat) (M : matrix) (net : network) (z : vector) : vector :=
    apply d (transpose M) (gradient d net z).

  (** ** Finite laws *)

  (** A finite law lists its outcomes with their probabilities. *)
  Definition law (outcome : Type) := list (number * outcome).

  Fixpoint mean {outcome : Type} (l : law outcome) (f : outcome -> number) : number :=
    match l with
    | [] => of_Z 0
    | (share, x) :: rest => add (mul share (f x)) (mean rest f)
    end.

  Definition probability {outcome : Type} (l : law outcome) (event : outcome -> bool) : number :=
    mean l (fun x => indicator (event x)).

  Definition with_entry (k : nat -> Z) (i : nat) (s : Z) : nat -> Z := fun j => if Nat.eqb j i then s else k j.

  (** The law of the signs of [d] independent features: each is absent (sign [0]) with probability [1 - p], and else
      plus or minus with equal odds. *)
  Fixpoint signs (d : nat) (p : number) : law (nat -> Z) :=
    match d with
    | O => [(of_Z 1, fun _ => 0%Z)]
    | S more =>
        flat_map
          (fun '(share, k) =>
             [ (mul share (sub (of_Z 1) p), with_entry k d 0%Z);
               (mul share (div p (of_Z 2)), with_entry k d 1%Z);
               (mul share (div p (of_Z 2)), with_entry k d (-1)%Z) ])
          (signs more p)
    end.

  (** The features of signs [k] at constant amplitude [r]. *)
  Definition features (r : number) (k : nat -> Z) : vector := fun i => mul r (of_Z (k i)).

  (** The law of the input at constant amplitude [r], on [{-r, 0, r}^d]. *)
  Definition inputs (d : nat) (r p : number) : law vector :=
    map (fun '(share, k) => (share, features r k)) (signs d p).

  (** The probability that a node of feature weights [u] and threshold [b] fires. *)
  Definition node_firing_probability (d : nat) (u : vector) (r b p : number) : number :=
    probability (inputs d r p) (fun x => fires b (dot d u x)).

  (** The probability that a node fires that holds [m] features with unit weights, at amplitude 1 and threshold 1/2.
      Any signs of the weights, and any [0 < b < r], give the same: that is a theorem ([P5_series]). *)
  Definition firing_probability (m : nat) (p : number) : number :=
    node_firing_probability m (fun _ => of_Z 1) (of_Z 1) (div (of_Z 1) (of_Z 2)) p.

  (** How many features fire a node of weights [w] and threshold [b] when they act alone, at amplitude [r]. *)
  Definition firing_alone (d : nat) (M : matrix) (w : vector) (r b : number) : number :=
    sum 1 d (fun i => indicator (fires b (dot d w (apply d M (scale r (delta i)))))).

  (** The vector of two entries. *)
  Definition pair (first second : number) : vector := fun i => if Nat.eqb i 1 then first else second.

End Definitions.

(** Rational numbers, in lowest terms after each operation. *)
Module Rationals <: Numbers.
  Definition number := Q.
  Definition of_Z := inject_Z.
  Definition add (x y : Q) := Qred (x + y).
  Definition sub (x y : Q) := Qred (x - y).
  Definition mul (x y : Q) := Qred (x * y).
  Definition div (x y : Q) := Qred (x / y).
  Definition abs := Qabs.
  Definition max (x y : Q) := if Qle_bool x y then y else x.
  Definition at_most := Qle_bool.
End Rationals.

Module Reals <: Numbers.
  Definition number := R.
  Definition of_Z := IZR.
  Definition add := Rplus.
  Definition sub := Rminus.
  Definition mul := Rmult.
  Definition div := Rdiv.
  Definition abs := Rabs.
  Definition max := Rmax.
  Definition at_most (x y : R) := if Rle_dec x y then true else false.
End Reals.

Module Rational := Definitions Rationals.
Module Export Real := Definitions Reals.

(** * What needs real numbers *)

Open Scope R_scope.

(** ** Vectors and norms *)

Definition norm_2 (d : nat) (x : vector) : R := sqrt (square d x).

(** The entries [1 .. d] of two vectors agree. *)
Definition same (d : nat) (x y : vector) : Prop := forall i, (1 <= i <= d)%nat -> x i = y i.

(** The columns of the dictionary are orthonormal, so that it is an orthogonal matrix. *)
Definition orthogonal (d : nat) (M : matrix) : Prop :=
  forall i j, (1 <= i <= d)%nat -> (1 <= j <= d)%nat -> dot d (column M i) (column M j) = delta i j.

(** A norm on the vectors of [d] entries. *)
Record is_norm (d : nat) (norm : vector -> R) : Prop := {
  norm_same : forall x y, same d x y -> norm x = norm y;
  norm_scale : forall c x, norm (scale c x) = Rabs c * norm x;
  norm_plus : forall x y, norm (plus x y) <= norm x + norm y;
  norm_zero : forall x, norm x = 0 -> same d x (fun _ => 0)
}.

(** [m] is the largest, or the least, member of a set of numbers. *)
Definition largest (among : R -> Prop) (m : R) : Prop := among m /\ forall v, among v -> v <= m.
Definition least (among : R -> Prop) (m : R) : Prop := among m /\ forall v, among v -> m <= v.

(** [D] is the dual norm of [w]: its largest inner product with a step of norm at most 1. *)
Definition dual_norm (d : nat) (norm : vector -> R) (w : vector) (D : R) : Prop :=
  largest (fun t => exists step, norm step <= 1 /\ t = dot d w step) D.

(** [s] is one where the proposition holds, else zero. *)
Definition marks (holds : Prop) (s : R) : Prop := (holds /\ s = 1) \/ (~ holds /\ s = 0).

(** ** Attacks *)

(** The moduli that an attack of size [eps] on the observation [z] can give the pre-activation of a node. *)
Definition attacked_moduli (d : nat) (norm : vector -> R) (eps : R) (w z : vector) : R -> Prop :=
  fun v => exists step, norm step <= eps /\ v = Rabs (dot d w (plus z step)).

(** The squared errors that such an attack can cause for the label [y]. *)
Definition attacked_losses (d : nat) (norm : vector -> R) (eps : R) (net : network) (z : vector) (y : R) : R -> Prop :=
  fun l => exists step, norm step <= eps /\ l = (y - output d net (plus z step)) ^ 2.

(** No attack of size [eps] reaches a gate: [D h] is the dual norm of the weights of node [h]. *)
Definition region_certificate (d : nat) (eps : R) (net : network) (z : vector) (D : nat -> R) : Prop :=
  forall h, (1 <= h <= nodes net)%nat -> 0 < threshold net h ->
  eps * D h < Rabs (Rabs (preactivation d net z h) - threshold net h).

(** The step of size [eps] that the gradient [g] favours most. *)
Definition steepest (d : nat) (norm : vector -> R) (eps : R) (g step : vector) : Prop :=
  norm step <= eps /\ forall other, norm other <= eps -> dot d g other <= dot d g step.

(** The vector [sum_h c_h V_h] of [n] nodes. *)
Definition combined (n : nat) (c : vector) (V : nat -> vector) : vector := fun i => sum 1 n (fun h => c h * V h i).

(** The squared errors that an l2 attack of size [eps] on [z] can cause for the label [y], where no gate moves, so that
    the output is the linear form [g]. *)
Definition linear_losses (d : nat) (eps : R) (g z : vector) (y : R) : R -> Prop :=
  fun l => exists step, norm_2 d step <= eps /\ l = (y - dot d g (plus z step)) ^ 2.

(** ** Laws, fits and nodes *)

(** A finite law has probabilities that are not negative and add up to 1. *)
Definition is_law {outcome : Type} (l : law outcome) : Prop :=
  Forall (fun '(share, _) => 0 <= share) l /\ mean l (fun _ => 1) = 1.

(** The signs of an input: each is 0, 1 or -1. *)
Definition are_signs (d : nat) (k : nat -> Z) : Prop :=
  forall i, (1 <= i <= d)%nat -> k i = 0%Z \/ k i = 1%Z \/ k i = (-1)%Z.

(** The network fits the target at every input of the law that occurs. *)
Definition exact_fit (d : nat) (M : matrix) (net : network) (theta : vector) (l : law vector) : Prop :=
  Forall (fun '(share, x) => 0 < share -> output d net (apply d M x) = dot d theta x) l.

(** Each feature [h] has one node of its own, which holds it alone, with the head [theta h]. *)
Definition purified (d : nat) (M : matrix) (net : network) (theta : vector) : Prop :=
  nodes net = d /\
  forall h, (1 <= h <= d)%nat -> same d (feature_weight d M net h) (delta h) /\ head net h = theta h.

(** The feature weights of the nodes are nonzero and pairwise orthogonal. *)
Definition orthogonal_nodes (d : nat) (M : matrix) (net : network) : Prop :=
  forall h k, (1 <= h <= nodes net)%nat -> (1 <= k <= nodes net)%nat ->
  0 < square d (feature_weight d M net h) /\
  (h <> k -> dot d (feature_weight d M net h) (feature_weight d M net k) = 0).

(** Heads [a_h = u_h^T theta / ||u_h||^2]. *)
Definition projecting_heads (d : nat) (M : matrix) (net : network) (theta : vector) : Prop :=
  forall h, (1 <= h <= nodes net)%nat ->
  head net h = dot d (feature_weight d M net h) theta / square d (feature_weight d M net h).

(** The node holds [m] of [d] features, each with a weight of modulus 1. *)
Definition node_of_order (d m : nat) (u : vector) : Prop :=
  (forall i, (1 <= i <= d)%nat -> u i = 0 \/ Rabs (u i) = 1) /\ square d u = INR m.

(** ** Mixtures *)

(** The feature weights of node [h] are [U i h]: integers with [U U^T = m I]; its head is [u_h^T theta / m]. *)
Record integer_mixture (d m : nat) (M : matrix) (net : network) (theta : vector) (U : nat -> nat -> Z) : Prop := {
  mixture_order : (1 <= m)%nat;
  mixture_nodes : nodes net = d;
  mixture_weights : forall h, (1 <= h <= d)%nat -> same d (feature_weight d M net h) (fun i => IZR (U i h));
  mixture_rows : forall i j, (1 <= i <= d)%nat -> (1 <= j <= d)%nat ->
    dot d (fun h => IZR (U i h)) (fun h => IZR (U j h)) = INR m * delta i j;
  mixture_heads : forall h, (1 <= h <= d)%nat -> head net h = dot d (fun i => IZR (U i h)) theta / INR m
}.

(** Whether two of the indices from 1 fall in the same group of [m] neighbours. *)
Definition same_group (m i h : nat) : Prop := ((i - 1) / m = (h - 1) / m)%nat.

(** The index of feature or node [j] of group [g]. *)
Definition in_group (m g j : nat) : nat := j + (g - 1) * m.

(** A mixture of [G] groups of [m] neighbouring features and nodes for the target of ones, with thresholds [b]: the
    weights of a group are the rows of a Hadamard matrix, the first of which is all ones. *)
Record mixture_of_ones (G m : nat) (M : matrix) (net : network) (U : nat -> nat -> Z) (b : R) : Prop := {
  ones_mixture : integer_mixture (G * m) m M net (fun _ => 1) U;
  ones_apart : forall i h, ~ same_group m i h -> U i h = 0%Z;
  ones_entries : forall i h, same_group m i h -> U i h = 1%Z \/ U i h = (-1)%Z;
  ones_row : forall i h, same_group m i h -> ((h - 1) mod m = 0)%nat -> U i h = 1%Z;
  ones_threshold : forall h, (1 <= h <= G * m)%nat -> threshold net h = b
}.

(** ** Mixtures that move *)

(** The effective map at the input [x] of two nodes whose weights and heads move along [u + s u'] and [a + s a'], in
    feature coordinates, with the gates held as they are at [s = 0]. *)
Definition moved_pair (u u' : nat -> vector) (a a' : vector) (b : R) (x : vector) (s : R) : vector :=
  combined 2 (fun h => indicator (fires b (dot 2 (u h) x)) * (a h + s * a' h)) (fun h => plus (u h) (scale s (u' h))).

(** The mixture of two features with two spare pure nodes: nodes of the given weights and the threshold [b], heads on
    the way from the mixture, [s = 0], to the pure nodes. *)
Definition unlocked_pair (weights : nat -> vector) (theta : vector) (b s : R) : network :=
  Network 4 weights
    (fun h => match h with
              | 1%nat => (1 - s) * (theta 1%nat + theta 2%nat) / 2
              | 2%nat => (1 - s) * (theta 1%nat - theta 2%nat) / 2
              | 3%nat => s * theta 1%nat
              | _ => s * theta 2%nat
              end)
    (fun _ => b).

(** ** Look-up nodes *)

(** The shift of look-up nodes, [8^(k - d)] where the ledger counts [k] from 0. *)
Definition shift (d : nat) : vector := fun k => / 8 ^ (S d - k).

(** The input of signs [k] is the input of signs [l] or its negative. *)
Definition same_pair (d : nat) (k l : nat -> Z) : Prop :=
  (forall i, (1 <= i <= d)%nat -> k i = l i) \/ (forall i, (1 <= i <= d)%nat -> k i = (- l i)%Z).

(** Two nodes of the direction [u], which only the inputs of the pair [own] take through their window: they have the
    heads [c] and [- c], and thresholds between which [|u^T z|] lies for these inputs and no others. *)
Definition window (d : nat) (M : matrix) (net : network) (r : R) (own : nat -> Z) (u : vector) (c : R) (h : nat)
  : Prop :=
  same d (feature_weight d M net h) u /\ same d (feature_weight d M net (S h)) u /\
  head net h = c /\ head net (S h) = - c /\
  threshold net h < Rabs (dot d u (features r own)) < threshold net (S h) /\
  forall k, are_signs d k -> ~ same_pair d k own ->
    ~ (threshold net h <= Rabs (dot d u (features r k)) < threshold net (S h)).

(** Look-up nodes: the nonzero inputs fall in [pairs] pairs, that of the signs [X j] and its negative. For each pair
    and for each of the directions [x + g] and [x - g] there are two such nodes, with [c = theta^T x/(2 ||x||^2)]. *)
Record look_up (d pairs : nat) (M : matrix) (net : network) (theta g : vector) (r : R) (X : nat -> nat -> Z) : Prop := {
  look_up_nodes : nodes net = (pairs * 4)%nat;
  look_up_signs : forall j, (1 <= j <= pairs)%nat -> are_signs d (X j) /\ exists i, (1 <= i <= d)%nat /\ X j i <> 0%Z;
  look_up_all : forall k, are_signs d k -> (exists i, (1 <= i <= d)%nat /\ k i <> 0%Z) ->
    exists j, (1 <= j <= pairs)%nat /\ same_pair d k (X j);
  look_up_once : forall i j, (1 <= i <= pairs)%nat -> (1 <= j <= pairs)%nat -> same_pair d (X i) (X j) -> i = j;
  look_up_windows : forall j, (1 <= j <= pairs)%nat ->
    let x := features r (X j) in
    let c := dot d theta x / (2 * square d x) in
    window d M net r (X j) (plus x g) c (1 + (j - 1) * 4) /\
    window d M net r (X j) (plus x (scale (- 1) g)) c (3 + (j - 1) * 4)
}.

(** ** Directions *)

(** The direction at the angle [f] from the axis of the feature [i] towards that of [j], with [u = tan (f/2)]. *)
Definition between_axes (i j : nat) (u : R) : vector :=
  plus (scale ((1 - u ^ 2) / (1 + u ^ 2)) (delta i)) (scale (2 * u / (1 + u ^ 2)) (delta j)).
