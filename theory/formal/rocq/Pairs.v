(** Pairs of views under linear encoders, attacked or not. *)

From Coq Require Import Reals.
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
