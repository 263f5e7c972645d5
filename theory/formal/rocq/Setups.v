(** What the clauses of [Statements_B.v] are about, beyond the model: pairs of views, attacked nodes, costs of fits. *)

From Coq Require Import Bool List ZArith Reals.
From Coquelicot Require Import Coquelicot.
Require Import Model Functions.
Open Scope R_scope.

Definition matrix_plus (A B : matrix) : matrix := fun i j => A i j + B i j.
Definition matrix_scale (c : R) (A : matrix) : matrix := fun i j => c * A i j.

(** The score [x^T G x'] of two views under the encoder of Gram matrix [G], in feature coordinates. *)
Definition score (d : nat) (G : matrix) (x x' : vector) : R := dot d x (apply d G x').

(** The kind of a pair is the sign of its score in the loss [log (1 + e^(sign * score))]. *)
Definition similar : R := -1.
Definition dissimilar : R := 1.

(** Exponents of the loss of a pair that an attack of size [eps] on the view [x] can cause. *)
Definition attacked_exponents (d : nat) (G : matrix) (eps kind : R) (x x' : vector) : R -> Prop :=
  fun t => exists step, norm_2 d step <= eps /\ t = kind * score d G (plus x step) x'.

(** Losses of a pair that an attack of size [eps] on the view [x] can cause. *)
Definition attacked_pair_losses (d : nat) (G : matrix) (eps kind : R) (x x' : vector) : R -> Prop :=
  fun l => exists step, norm_2 d step <= eps /\ l = softplus (kind * score d G (plus x step) x').

(** The Gram matrix [lambda I]. *)
Definition isotropic (lambda : R) : matrix := fun i j => lambda * delta i j.

(** What an attack of size [eps] can add to the activation [act] of a node of weights [w] at the input [z]. *)
Definition attacked_changes (d : nat) (norm : vector -> R) (eps : R) (act : R -> R) (w z : vector) : R -> Prop :=
  fun c => exists step, norm step <= eps /\ c = Rabs (act (dot d w (plus z step)) - act (dot d w z)).

(** ** Costs of fits under l_inf attacks *)

(** The target on the support [A], else zero. *)
Definition active_target (A : nat -> bool) (theta : vector) : vector := fun i => if A i then theta i else 0.

(** What effective maps pay, [||M beta||_1], that agree with the target on the support. *)
Definition costs_of_fits (d : nat) (M : matrix) (A : nat -> bool) (theta : vector) : R -> Prop :=
  fun c => exists beta,
    (forall i, (1 <= i <= d)%nat -> A i = true -> beta i = theta i) /\ c = norm_1 d (apply d M beta).

(** Inner products of [v] with those combinations of the columns of the support that have no entry above one. *)
Definition pairings (d : nat) (M : matrix) (A : nat -> bool) (v : vector) : R -> Prop :=
  fun c => exists x, norm_inf d (apply d M (active_target A x)) <= 1 /\ c = dot d v (apply d M (active_target A x)).

(** The vector [(a, b)], and the plane rotation by the angle of the cosine [c] and the sine [s]. *)
Definition two (a b : R) : vector := fun i => match i with 1%nat => a | 2%nat => b | _ => 0 end.
Definition rotation (c s : R) : matrix :=
  fun i => match i with 1%nat => two c (- s) | 2%nat => two s c | _ => two 0 0 end.

(** The rotation by [t] with [tan t = k] and [cos t > 0]. *)
Definition rotation_of_slope (k : R) : matrix := rotation (/ sqrt (1 + k ^ 2)) (k / sqrt (1 + k ^ 2)).

(** Six nodes for two features, their weights in feature coordinates. *)
Definition six_weights (k e : R) (h : nat) : vector :=
  match h with
  | 1%nat => two 1 (- k)
  | 2%nat => two k 1
  | 3%nat => two (1 + e) (1 - e)
  | 4%nat => two (1 - e) (1 + e)
  | 5%nat => two (1 + e) (e - 1)
  | 6%nat => two (1 - e) (- 1 - e)
  | _ => two 0 0
  end.
Definition six_heads (k e : R) : vector :=
  fun h => match h with
  | 1%nat => 1 | 2%nat => 1
  | 3%nat => - k / (2 * e) | 4%nat => k / (2 * e)
  | 5%nat => - k / 2 | 6%nat => - k / 2
  | _ => 0
  end.
Definition six_thresholds (b B : R) : vector := fun h => if Nat.leb h 2 then b else B.
Definition six_nodes (M : matrix) (k e b B : R) : network :=
  Network 6 (fun h => apply 2 M (six_weights k e h)) (six_heads k e) (six_thresholds b B).

(** The ranges for which the six nodes are made; amplitudes lie between 1 and [most]. *)
Record six_nodes_ranges (k e b B most : R) : Prop := {
  six_most : 1 <= most < / (2 * k);
  six_narrow : k * most < b < 1 - k * most;
  six_wide : (1 + Rabs e) * most < B < 2;
  six_tilt : e <> 0
}.

(** Features of signs [k] and any amplitudes. *)
Definition with_amplitudes (y : vector) (k : nat -> Z) : vector := fun i => IZR (k i) * y i.

(** The target [(1, 1)] on the support of the signs [k]. *)
Definition ones_on_support (k : nat -> Z) : vector := active_target (fun i => negb (Z.eqb (k i) 0)) (fun _ => 1).
