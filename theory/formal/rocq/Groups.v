(** Groups of features: sums in blocks, and how many groups have signs that do not balance. *)

From Coq Require Import Bool List ZArith Reals Lra Lia Psatz.
Require Import Model Sums Networks Walks.
Open Scope R_scope.

Lemma sum_append n j f : sum 1 (j + n) f = sum 1 n f + sum 1 j (fun i => f (i + n)%nat).
Proof.
  induction j as [|j IH]; [rewrite sum_O; cbn; ring|]. cbn [Nat.add]. rewrite !sum_S, IH. cbn [Nat.add]. ring.
Qed.

(** A sum over [G] blocks of [m] indices. *)
Lemma sum_blocks G m f : sum 1 (G * m) f = sum 1 G (fun g => sum 1 m (fun i => f (i + (g - 1) * m)%nat)).
Proof.
  induction G as [|G IH]; [reflexivity|]. cbn [Nat.mul]. rewrite sum_append, IH, sum_S.
  f_equal. apply sum_ext. intros. do 2 f_equal. lia.
Qed.

(** The sum of the signs of the [j] features after the first [n]. *)
Fixpoint block_sum (n j : nat) (k : nat -> Z) : Z :=
  match j with
  | O => 0%Z
  | S i => (block_sum n i k + k (S (i + n)))%Z
  end.

Lemma block_sum_with_entry n j k i s : (j + n < i)%nat -> block_sum n j (with_entry k i s) = block_sum n j k.
Proof. intros H. induction j as [|j IH]; cbn; [reflexivity|]. rewrite IH, with_entry_other by lia. reflexivity. Qed.

(** What a function of the first [n] signs and of the sum of the next [j] has as its mean. *)
Lemma mean_block n j p (a : (nat -> Z) -> Z -> R) :
  (forall k i s, (n < i)%nat -> a (with_entry k i s) = a k) ->
  mean (signs (j + n) p) (fun k => a k (block_sum n j k)) = mean (signs n p) (fun k => walk p j (a k)).
Proof.
  revert a. induction j as [|j IH]; intros a Ha; [reflexivity|].
  cbn [Nat.add]. rewrite mean_signs_S. cbn [block_sum walk].
  rewrite <- (IH (fun k s => (1 - p) * a k s + p / 2 * a k (s + 1)%Z + p / 2 * a k (s - 1)%Z)).
  - apply mean_ext. intros k. rewrite !block_sum_with_entry, !with_entry_same, !Ha by lia.
    rewrite Z.add_0_r. reflexivity.
  - intros k i s Hi. rewrite Ha by exact Hi. reflexivity.
Qed.

(** How many of the first [G] groups of [m] features have signs that do not balance. *)
Fixpoint firing_groups (G m : nat) (k : nat -> Z) : nat :=
  match G with
  | O => O
  | S g => if Z.eqb (block_sum (g * m) m k) 0 then firing_groups g m k else S (firing_groups g m k)
  end.

Lemma firing_groups_with_entry G m k i s : (G * m < i)%nat ->
  firing_groups G m (with_entry k i s) = firing_groups G m k.
Proof.
  intros H. induction G as [|G IH]; [reflexivity|]. cbn [firing_groups Nat.mul] in *.
  rewrite IH, block_sum_with_entry by lia. reflexivity.
Qed.

(** Groups fire independently, each with the firing probability of its order. *)
Lemma mean_firing_groups G m p a :
  mean (signs (G * m) p) (fun k => a (firing_groups G m k)) = binomial_mean (firing_probability m p) G a.
Proof.
  revert a. induction G as [|G IH]; intros a; [unfold binomial_mean, sum; cbn; ring|].
  cbn [Nat.mul firing_groups].
  rewrite (mean_block (G * m) m p (fun k s => a (if Z.eqb s 0 then firing_groups G m k else S (firing_groups G m k)))).
  2:{ intros k i s Hi. rewrite firing_groups_with_entry by exact Hi. reflexivity. }
  rewrite binomial_mean_S, <- !IH, <- !mean_scale, <- mean_add. apply mean_ext. intros k.
  rewrite firing_probability_walk, <- walk_not_zero.
  rewrite (walk_ext p m _ (fun s => a (firing_groups G m k)
    + (a (S (firing_groups G m k)) - a (firing_groups G m k)) * not_zero s)).
  - rewrite walk_add, walk_const, walk_scale. ring.
  - intros s. unfold not_zero. destruct (Z.eqb s 0); ring.
Qed.

(** The count as a sum over groups. *)
Lemma firing_groups_sum G m k :
  INR (firing_groups G m k) = sum 1 G (fun g => not_zero (block_sum ((g - 1) * m) m k)).
Proof.
  induction G as [|G IH]; [reflexivity|]. rewrite sum_S, <- IH. cbn [firing_groups]. unfold not_zero.
  replace (S G - 1)%nat with G by lia. destruct (Z.eqb _ 0); [ring|apply S_INR].
Qed.

Lemma block_sum_is_sum n j k : sum 1 j (fun i => IZR (k (i + n)%nat)) = IZR (block_sum n j k).
Proof.
  induction j as [|j IH]; [reflexivity|]. rewrite sum_S, IH. cbn [block_sum Nat.add]. rewrite plus_IZR.
  reflexivity.
Qed.
