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

(** ** Heads on frozen layers *)

(** The same layer with other heads. *)
Definition with_head (net : network) (a : vector) : network := Network (nodes net) (weight net) a (threshold net).

(** The orthogonal matrix [U / sqrt m] of a mixture layer. *)
Definition layer_matrix (m : nat) (U : nat -> nat -> Z) : matrix := fun i h => IZR (U i h) / sqrt (INR m).

(** Every weight is 0 or of modulus 1. *)
Definition unit_entries (U : nat -> nat -> Z) : Prop := forall i h, U i h = 0%Z \/ U i h = 1%Z \/ U i h = (-1)%Z.

(** Mean squared error of a network for the target [theta], beyond that of the label noise, at constant amplitude. *)
Definition excess_risk (d : nat) (r p : R) (M : matrix) (theta : vector) (net : network) : R :=
  mean (inputs d r p) (fun x => (dot d theta x - output d net (apply d M x)) ^ 2).

(** Mean energy of its effective map. *)
Definition mean_energy (d : nat) (r p : R) (M : matrix) (net : network) : R :=
  mean (inputs d r p) (fun x => square d (effective_map d M net (apply d M x))).

Definition surrogate_risk (d : nat) (r p eps : R) (M : matrix) (theta : vector) (net : network) : R :=
  excess_risk d r p M theta net + eps ^ 2 * mean_energy d r p M net.

(** Squared errors that an l2 attack of size [eps] can cause with the gates held as they are at [M x], for the label
    [theta^T x] and [c] times the head of the network. *)
Definition attacked_multiples (d : nat) (M : matrix) (net : network) (theta : vector) (eps c : R) (x : vector) : R ->
  Prop :=
  fun l => exists step, norm_2 d step <= eps /\
    l = (dot d theta x - held_output d (with_head net (scale c (head net))) (apply d M x) (plus (apply d M x) step))
      ^ 2.

(** [risk c] is the adversarial risk of [c] times the head, gates held, over a finite law of the features. *)
Definition adversarial_risk (d : nat) (M : matrix) (net : network) (theta : vector) (eps : R) (l : law vector)
    (risk : R -> R) : Prop :=
  forall c, exists worst,
    (forall x, largest (attacked_multiples d M net theta eps c x) (worst x)) /\ risk c = mean l worst.

(** The three moments that decide it. *)
Definition moment_A (d : nat) (theta : vector) (l : law vector) : R := mean l (fun x => dot d theta x ^ 2).
Definition moment_B (d : nat) (M : matrix) (net : network) (theta : vector) (l : law vector) : R :=
  mean l (fun x => Rabs (dot d theta x) * norm_2 d (effective_map d M net (apply d M x))).
Definition moment_C (d : nat) (M : matrix) (net : network) (l : law vector) : R :=
  mean l (fun x => square d (effective_map d M net (apply d M x))).

(** ** Robust accuracy *)

(** The products of the output with the label [y] that an l2 attack of size [eps] can cause. *)
Definition attacked_margins (d : nat) (net : network) (eps : R) (z : vector) (y : R) : R -> Prop :=
  fun v => exists step, norm_2 d step <= eps /\ v = y * output d net (plus z step).

(** The probability that [n] independent random signs add up to more than [c] in modulus. *)
Definition exceeds (n : nat) (c : R) : R :=
  probability (signs n 1) (fun k => negb (Reals.at_most (Rabs (sum 1 n (fun i => IZR (k i)))) c)).

(** The output has the sign of [theta^T x], not zero, under every l2 attack of size [eps] on the input. *)
Definition robust (d : nat) (M : matrix) (net : network) (theta : vector) (eps : R) (x : vector) : Prop :=
  forall step, norm_2 d step <= eps -> 0 < dot d theta x * output d net (plus (apply d M x) step).

(** No attack of size [eps] reaches a gate, at any input of constant amplitude that occurs. *)
Definition inside_region (d : nat) (M : matrix) (net : network) (eps r p : R) : Prop :=
  List.Forall (fun '(share, x) => 0 < share ->
    region_certificate d eps net (apply d M x) (fun h => norm_2 d (weight net h))) (inputs d r p).

(** ** Linear encoders and laws of pairs *)

(** The embedding [T M^T z] of an observation. *)
Definition embedding (d : nat) (T M : matrix) (z : vector) : vector := apply d T (apply d (transpose M) z).

(** The rows of the reflection [I - (2/d) 1 1^T]. *)
Definition reflection (d : nat) : matrix := fun i j => delta i j - 2 / INR d.

(** Participation ratio [(sum v_i^2)^2 / sum v_i^4]. *)
Definition participation (d : nat) (v : vector) : R := square d v ^ 2 / sum 1 d (fun i => v i ^ 4).

(** The law of two independent outcomes. *)
Definition product {A B : Type} (l : law A) (n : law B) : law (A * B) :=
  flat_map (fun '(q, x) => map (fun '(s, y) => (q * s, (x, y))) n) l.

(** The law of a function of the outcome. *)
Definition image {A B : Type} (f : A -> B) (l : law A) : law B := map (fun '(q, x) => (q, f x)) l.

(** Views: features plus noise, in feature coordinates. *)
Definition views (features noise : law vector) : law vector :=
  image (fun '(x, e) => plus x e) (product features noise).

(** A similar pair shows the same features twice; a dissimilar pair has independent views. *)
Definition similar_pairs (features noise : law vector) : law (vector * vector) :=
  image (fun '(x, (e, e')) => (plus x e, plus x e')) (product features (product noise noise)).
Definition dissimilar_pairs (features noise : law vector) : law (vector * vector) :=
  product (views features noise) (views features noise).

(** The largest loss of a pair under an l2 attack of size [eps] on the first view (C3, worst case); [eps = 0] is no
    attack. *)
Definition worst_loss (d : nat) (G : matrix) (eps kind : R) (views : vector * vector) : R :=
  softplus (kind * score d G (fst views) (snd views) + eps * norm_2 d (apply d G (snd views))).

(** The expected loss where a share [rho] of the pairs is similar; half of them where pairs are balanced. *)
Definition expected_loss (d : nat) (rho eps : R) (G : matrix) (features noise : law vector) : R :=
  rho * mean (similar_pairs features noise) (worst_loss d G eps similar)
  + (1 - rho) * mean (dissimilar_pairs features noise) (worst_loss d G eps dissimilar).

(** Changing the sign of coordinate [i], and exchanging the coordinates [i] and [j]. *)
Definition flip (i : nat) (x : vector) : vector := fun j => if Nat.eqb j i then - x j else x j.
Definition exchange (i j : nat) (x : vector) : vector :=
  fun k => if Nat.eqb k i then x j else if Nat.eqb k j then x i else x k.

(** Changes of signs and exchanges, which generate the signed permutations, leave the law as it is. *)
Definition signed_permutation_invariant (d : nat) (l : law vector) : Prop :=
  (forall i f, (1 <= i <= d)%nat -> mean l (fun x => f (flip i x)) = mean l f) /\
  (forall i j f, (1 <= i <= d)%nat -> (1 <= j <= d)%nat -> mean l (fun x => f (exchange i j x)) = mean l f).

(** The outcomes are not almost surely zero. *)
Definition occur (d : nat) (l : law vector) : Prop := 0 < mean l (square d).

(** Laws of features and noise as the clauses on pairs assume them. *)
Record pair_laws (d : nat) (features noise : law vector) : Prop := {
  features_law : is_law features;
  noise_law : is_law noise;
  features_invariant : signed_permutation_invariant d features;
  noise_invariant : signed_permutation_invariant d noise
}.

Definition trace (d : nat) (G : matrix) : R := sum 1 d (fun i => G i i).

(** Reflecting the outcomes leaves the law as it is. *)
Definition mirrored (l : law vector) : Prop := forall f, mean l (fun x => f (scale (- 1) x)) = mean l f.

(** How much an attack raises the loss of a pair under the encoder of scale [lambda]. *)
Definition increase (d : nat) (lambda eps kind : R) (views : vector * vector) : R :=
  worst_loss d (isotropic lambda) eps kind views - worst_loss d (isotropic lambda) 0 kind views.

(** The loss of balanced pairs without noise and attack at the scale [s]: a similar pair shows one view twice. *)
Definition clean_loss (d : nat) (l : law vector) (s : R) : R :=
  1 / 2 * mean l (fun x => worst_loss d (isotropic s) 0 similar (x, x))
  + 1 / 2 * mean (product l l) (worst_loss d (isotropic s) 0 dissimilar).

(** The scale [s >= 0] is one of least loss. *)
Definition optimal (loss : R -> R) (s : R) : Prop := 0 <= s /\ forall other, 0 <= other -> loss s <= loss other.

(** ** Gated encoders *)

(** The embedding of an observation by gated nodes with the heads [C k] for output [k]. *)
Definition gated_embedding (d : nat) (C : matrix) (net : network) (z : vector) : vector :=
  fun k => output d (with_head net (C k)) z.

(** The gradient [J(z)^T y] of the score of the embedding with [y], gates held, in feature coordinates. *)
Definition score_gradient (d q : nat) (C M : matrix) (net : network) (z y : vector) : vector :=
  fun i => sum 1 q (fun k => y k * effective_map d M (with_head net (C k)) z i).

(** The heads [C_h = sqrt(lambda) V u_h / m] of an encoder of the mixture family, [V] an isometry with [q] rows. *)
Record mixture_encoder (d q m : nat) (lambda : R) (C V : matrix) (U : nat -> nat -> Z) : Prop := {
  encoder_isometry : forall i j, (1 <= i <= d)%nat -> (1 <= j <= d)%nat -> dot q (column V i) (column V j) = delta i j;
  encoder_heads : forall k h, C k h = sqrt lambda / INR m * dot d (V k) (fun i => IZR (U i h))
}.
