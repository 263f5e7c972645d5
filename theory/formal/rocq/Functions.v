(** Functions of one real variable that the clauses speak of: the loss of a pair
    and what follows from it, and the activations of nodes. *)

From Coq Require Import Reals.
From Coquelicot Require Import Coquelicot.
Require Import Model.
Open Scope R_scope.

(** The loss [log (1 + e^t)] of a pair with the exponent [t]. *)
Definition softplus (t : R) : R := ln (1 + exp t).

Definition sigmoid (t : R) : R := / (1 + exp (- t)).

(** [h], the derivative of the force [t l'(t)] for the loss [l] = softplus. *)
Definition tilt (t : R) : R := Derive (fun s => s * Derive softplus s) t.

(** The sum of [h] at two points that are mirror images about [u]. *)
Definition tilt_images (u w : R) : R := tilt (u + w) + tilt (u - w).

(** Activations; the gate is that of the model. *)
Definition relu (v : R) : R := Rmax 0 v.
Definition biased_relu (b v : R) : R := Rmax 0 (v - b).
Definition soft_threshold (b v : R) : R := Rmax 0 (v - b) - Rmax 0 (- v - b).
Definition silu (v : R) : R := v * sigmoid v.
Definition cube (v : R) : R := v ^ 3.

(** Density of the standard normal law, and its distribution function: one half,
    as the law is symmetric, plus the integral of the density from zero. *)
Definition normal_density (x : R) : R := exp (- x ^ 2 / 2) / sqrt (2 * PI).
Definition normal_cdf (x : R) : R := 1 / 2 + RInt normal_density 0 x.
Definition gelu (v : R) : R := v * normal_cdf v.

(** Two nodes of opposite weights and opposite heads. *)
Definition odd_pair (act : R -> R) (v : R) : R := act v - act (- v).
