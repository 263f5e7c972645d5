(** What the statements assume can be met: an instance of every kind of network that they speak of, so that none of
    them holds for want of one. *)

From Coq Require Import Bool List ZArith Reals Lra Lia Psatz.
Require Import Model Sums Attacks Networks Walks.
Open Scope R_scope.

(** ** The dictionary of the unit vectors *)

Lemma unit_dictionary d : orthogonal d delta.
Proof.
  intros i j Hi Hj. unfold dot, column.
  rewrite (sum_ext d _ (fun k => delta i k * delta k j)) by (intros k _; rewrite (delta_sym i); reflexivity).
  exact (sum_delta d i (fun k => delta k j) Hi).
Qed.

Lemma unit_feature_weight d net h : same d (feature_weight d delta net h) (weight net h).
Proof.
  intros i Hi. rewrite <- (dot_delta d i (weight net h) Hi). apply sum_ext. intros j _. unfold transpose.
  rewrite delta_sym. reflexivity.
Qed.

(** ** Purified networks *)

Definition pure_network (d : nat) (theta : vector) (b : R) : network := Network d delta theta (fun _ => b).

Theorem purified_networks_exist d theta b : purified d delta (pure_network d theta b) theta.
Proof.
  split; [reflexivity|]. intros h _. split; [|reflexivity]. exact (unit_feature_weight d (pure_network d theta b) h).
Qed.

(** ** Mixtures *)

(** Entry of Sylvester's Hadamard matrix of order 8; the first four rows and columns are that of order 4. *)
Definition sylvester (i j : nat) : Z :=
  let both k := Nat.testbit i k && Nat.testbit j k in
  if xorb (both 0%nat) (xorb (both 1%nat) (both 2%nat)) then (-1)%Z else 1%Z.

Definition blocks (m i h : nat) : Z :=
  if Nat.eqb ((i - 1) / m) ((h - 1) / m) then sylvester ((i - 1) mod m) ((h - 1) mod m) else 0%Z.

Definition mixed_network (d m : nat) (b : R) : network :=
  Network d (fun h i => IZR (blocks m i h)) (fun h => dot d (fun i => IZR (blocks m i h)) (fun _ => 1) / INR m)
    (fun _ => b).

Definition rows_orthogonal (d m : nat) : bool :=
  forallb (fun i => forallb (fun j =>
    Z.eqb (signed_sum d (blocks m i) (blocks m j)) (if Nat.eqb i j then Z.of_nat m else 0)) (seq 1 d)) (seq 1 d).

Lemma blocks_mixture d m b :
  (1 <= m)%nat -> rows_orthogonal d m = true ->
  integer_mixture d m delta (mixed_network d m b) (fun _ => 1) (blocks m).
Proof.
  intros Hm Hrows. split; [exact Hm|reflexivity| | |reflexivity].
  - intros h _. exact (unit_feature_weight d (mixed_network d m b) h).
  - intros i j Hi Hj. rewrite dot_signed_sum. unfold rows_orthogonal in Hrows. rewrite forallb_forall in Hrows.
    specialize (Hrows i ltac:(apply in_seq; lia)). rewrite forallb_forall in Hrows.
    specialize (Hrows j ltac:(apply in_seq; lia)). apply Z.eqb_eq in Hrows. rewrite Hrows. unfold delta.
    destruct (Nat.eqb i j); [rewrite <- INR_IZR_INZ; ring|ring].
Qed.

Lemma sylvester_sign i j : sylvester i j = 1%Z \/ sylvester i j = (-1)%Z.
Proof. unfold sylvester. destruct (xorb _ _); auto. Qed.

Lemma blocks_of_ones G m b :
  (1 <= m)%nat -> rows_orthogonal (G * m) m = true ->
  mixture_of_ones G m delta (mixed_network (G * m) m b) (blocks m) b.
Proof.
  intros Hm Hrows. split; [apply blocks_mixture; assumption| | | |reflexivity]; unfold same_group, blocks;
    intros i h Hg.
  - destruct (Nat.eqb_spec ((i - 1) / m) ((h - 1) / m)); [contradiction|reflexivity].
  - rewrite Hg, Nat.eqb_refl. apply sylvester_sign.
  - intros Hfirst. rewrite Hg, Nat.eqb_refl, Hfirst. unfold sylvester. rewrite !Nat.bits_0, !andb_false_r. reflexivity.
Qed.

Theorem mixture_of_eight_exists b : mixture_of_ones 1 8 delta (mixed_network 8 8 b) (blocks 8) b.
Proof. apply (blocks_of_ones 1 8); [lia|vm_compute; reflexivity]. Qed.

Theorem two_mixtures_of_four_exist b : mixture_of_ones 2 4 delta (mixed_network 8 4 b) (blocks 4) b.
Proof. apply (blocks_of_ones 2 4); [lia|vm_compute; reflexivity]. Qed.

(** ** Look-up nodes for two features of amplitude 1 *)

Definition patterns (j i : nat) : Z :=
  match j, i with
  | 1, 1 | 2, 2 | 3, 1 | 3, 2 | 4, 1 => 1%Z
  | 4, 2 => (-1)%Z
  | _, _ => 0%Z
  end%nat.

(** The pattern with the shift added or taken away. *)
Definition look_up_direction (j : nat) (added : bool) : vector :=
  if added then plus (features 1 (patterns j)) (shift 2) else plus (features 1 (patterns j)) (scale (- 1) (shift 2)).

Definition of_pair (h : nat) : nat := S ((h - 1) / 4).

(** Four nodes for each pair; thresholds lie half a grain of the shift on either side of what the pair makes them see.
*)
Definition look_up_network (theta : vector) : network :=
  let added h := Nat.ltb ((h - 1) mod 4) 2 in
  let side h := if Nat.even (h - 1) then 1 else - 1 in
  let x h := features 1 (patterns (of_pair h)) in
  Network 16
    (fun h => look_up_direction (of_pair h) (added h))
    (fun h => side h * (dot 2 theta (x h) / (2 * square 2 (x h))))
    (fun h => Rabs (dot 2 (look_up_direction (of_pair h) (added h)) (x h)) - side h / 128).

Lemma look_up_sees j (added : bool) k :
  let sign := if added then 1 else - 1 in
  dot 2 (look_up_direction j added) (features 1 k)
  = (IZR (patterns j 1) + sign / 64) * IZR (k 1%nat) + (IZR (patterns j 2) + sign / 8) * IZR (k 2%nat).
Proof.
  unfold dot, look_up_direction, plus, scale, features, shift. rewrite !sum_S, sum_O. destruct added; cbn; field.
Qed.

(** Rational numbers whose moduli are compared. *)
Ltac compare_moduli := unfold Rabs in *; repeat destruct Rcase_abs; lra.

Lemma look_up_window theta j added h :
  (1 <= j <= 4)%nat ->
  let x := features 1 (patterns j) in
  let c := dot 2 theta x / (2 * square 2 x) in
  weight (look_up_network theta) h = look_up_direction j added ->
  weight (look_up_network theta) (S h) = look_up_direction j added ->
  head (look_up_network theta) h = 1 * c -> head (look_up_network theta) (S h) = - 1 * c ->
  threshold (look_up_network theta) h = Rabs (dot 2 (look_up_direction j added) x) - 1 / 128 ->
  threshold (look_up_network theta) (S h) = Rabs (dot 2 (look_up_direction j added) x) - - 1 / 128 ->
  window 2 delta (look_up_network theta) 1 (patterns j) (look_up_direction j added) c h.
Proof.
  intros Hj x c Hw Hw' Ha Ha' Hb Hb'. unfold window. rewrite Hb, Hb'. fold x.
  split; [rewrite <- Hw; apply unit_feature_weight|]. split; [rewrite <- Hw'; apply unit_feature_weight|].
  split; [rewrite Ha; ring|]. split; [rewrite Ha'; ring|]. split; [lra|]. unfold x. rewrite look_up_sees.
  intros k Hk Hother [Hlow Hhigh]. rewrite look_up_sees in Hlow, Hhigh.
  assert (Hpair : (k 1%nat = patterns j 1 /\ k 2%nat = patterns j 2)
                  \/ (k 1%nat = - patterns j 1 /\ k 2%nat = - patterns j 2)%Z -> False).
  { intros [[E1 E2]|[E1 E2]]; apply Hother; [left|right]; intros [|[|[|i]]] Hi; lia || assumption. }
  destruct j as [|[|[|[|[|j]]]]]; try lia; cbn in Hpair, Hlow, Hhigh;
  destruct (Hk 1%nat ltac:(lia)) as [E1|[E1|E1]]; destruct (Hk 2%nat ltac:(lia)) as [E2|[E2|E2]];
  rewrite E1, E2 in Hpair, Hlow, Hhigh; try (apply Hpair; lia);
  destruct added; compare_moduli.
Qed.

Theorem look_up_nodes_exist theta : look_up 2 4 delta (look_up_network theta) theta (shift 2) 1 patterns.
Proof.
  split; [reflexivity| | | |].
  - intros j Hj. split.
    + intros i Hi. destruct j as [|[|[|[|[|j]]]]], i as [|[|[|i]]]; try lia; cbn; auto.
    + destruct j as [|[|[|[|[|j]]]]]; try lia; [exists 1%nat|exists 2%nat|exists 1%nat|exists 1%nat]; split; cbn; lia.
  - intros k Hk [i [Hi Hki]].
    assert (Hmatch : forall j, (1 <= j <= 4)%nat ->
      (k 1%nat = patterns j 1 /\ k 2%nat = patterns j 2)
      \/ (k 1%nat = - patterns j 1 /\ k 2%nat = - patterns j 2)%Z ->
        exists j, (1 <= j <= 4)%nat /\ same_pair 2 k (patterns j)).
    { intros j Hj H. exists j. split; [exact Hj|].
      destruct H as [[E1 E2]|[E1 E2]]; [left|right]; intros [|[|[|l]]] Hl; lia || assumption. }
    destruct (Hk 1%nat ltac:(lia)) as [E1|[E1|E1]]; destruct (Hk 2%nat ltac:(lia)) as [E2|[E2|E2]];
      try (destruct i as [|[|[|i]]]; lia);
      first [ apply (Hmatch 1%nat); cbn; lia | apply (Hmatch 2%nat); cbn; lia
            | apply (Hmatch 3%nat); cbn; lia | apply (Hmatch 4%nat); cbn; lia ].
  - intros i j Hi Hj H.
    assert (H1 : forall l, (1 <= l <= 2)%nat -> patterns i l = patterns j l \/ patterns i l = (- patterns j l)%Z)
      by (intros l Hl; destruct H as [H|H]; [left|right]; apply H, Hl).
    pose proof (H1 1%nat ltac:(lia)) as E1. pose proof (H1 2%nat ltac:(lia)) as E2.
    destruct i as [|[|[|[|[|i]]]]], j as [|[|[|[|[|j]]]]]; try lia; try reflexivity; cbn in E1, E2; try lia;
      exfalso; destruct H as [H|H]; pose proof (H 1%nat ltac:(lia)) as F1; pose proof (H 2%nat ltac:(lia)) as F2;
      cbn in F1, F2; lia.
  - intros j Hj x c. unfold x, c.
    destruct j as [|[|[|[|[|j]]]]]; try lia;
      (split; [apply (look_up_window theta _ true)|apply (look_up_window theta _ false)];
        lia || reflexivity).
Qed.
