(** The law of the signs, the walk that it drives, and binomial sums. *)

From Coq Require Import Bool List ZArith Reals Lra Lia Psatz.
Require Import Model Sums Networks.
Open Scope R_scope.

(** ** One more feature *)

Lemma mean_signs_S d p f :
  mean (signs (S d) p) f
  = mean (signs d p) (fun k => (1 - p) * f (with_entry k (S d) 0%Z)
                               + p / 2 * f (with_entry k (S d) 1%Z) + p / 2 * f (with_entry k (S d) (-1)%Z)).
Proof.
  cbn [signs]. induction (signs d p) as [|[q k] l IH]; cbn [flat_map app mean]; [reflexivity|]. rewrite IH. ring.
Qed.

Lemma signs_is_law d p : 0 <= p <= 1 -> is_law (signs d p).
Proof.
  intros Hp. split.
  - induction d as [|d IH]; [constructor; [cbn; lra|constructor]|]. cbn [signs].
    induction (signs d p) as [|[q k] l IHl]; cbn [flat_map app]; [constructor|].
    inversion_clear IH. assert (0 <= q * (p / 2)) by (apply Rmult_le_pos; lra).
    assert (0 <= q * (1 - p)) by (apply Rmult_le_pos; lra). repeat (apply Forall_cons; [assumption|]).
    apply IHl. assumption.
  - induction d as [|d IH]; [cbn; lra|]. rewrite mean_signs_S.
    transitivity (mean (signs d p) (fun _ => 1)); [apply mean_ext; intros; lra|exact IH].
Qed.

Lemma mean_inputs d r p f : mean (inputs d r p) f = mean (signs d p) (fun k => f (features r k)).
Proof.
  unfold inputs. induction (signs d p) as [|[q k] l IH]; cbn; [reflexivity|]. rewrite IH. reflexivity.
Qed.

Lemma with_entry_same k i s : with_entry k i s i = s.
Proof. unfold with_entry. rewrite Nat.eqb_refl. reflexivity. Qed.

Lemma with_entry_other k i s j : j <> i -> with_entry k i s j = k j.
Proof. intros H. unfold with_entry. destruct (Nat.eqb_spec j i); congruence. Qed.

(** ** The walk *)

(** The mean of [g] over a walk of [m] lazy steps: each is [0] with probability [1 - p], else [1] or [-1]. *)
Fixpoint walk (p : R) (m : nat) (g : Z -> R) : R :=
  match m with
  | O => g 0%Z
  | S n => walk p n (fun s => (1 - p) * g s + p / 2 * g (s + 1)%Z + p / 2 * g (s - 1)%Z)
  end.

Lemma walk_ext p m g g' : (forall s, g s = g' s) -> walk p m g = walk p m g'.
Proof.
  revert g g'. induction m as [|m IH]; intros g g' H; cbn; [apply H|]. apply IH. intros s. rewrite !H. reflexivity.
Qed.

Lemma walk_add p m g g' : walk p m (fun s => g s + g' s) = walk p m g + walk p m g'.
Proof.
  revert g g'. induction m as [|m IH]; intros g g'; cbn; [reflexivity|]. rewrite <- IH. apply walk_ext. intros. ring.
Qed.

Lemma walk_scale p m c g : walk p m (fun s => c * g s) = c * walk p m g.
Proof.
  revert g. induction m as [|m IH]; intros g; cbn; [reflexivity|]. rewrite <- IH. apply walk_ext. intros. ring.
Qed.

Lemma walk_le p m g g' : 0 <= p <= 1 -> (forall s, g s <= g' s) -> walk p m g <= walk p m g'.
Proof.
  intros Hp. revert g g'. induction m as [|m IH]; intros g g' H; cbn; [apply H|]. apply IH. intros s.
  repeat apply Rplus_le_compat; apply Rmult_le_compat_l; try apply H; lra.
Qed.

Lemma walk_const p m c : walk p m (fun _ => c) = c.
Proof.
  induction m as [|m IH]; cbn; [reflexivity|].
  transitivity (walk p m (fun _ => c)); [apply walk_ext; intros; lra|exact IH].
Qed.

Lemma walk_mirror p m g : walk p m (fun s => g (- s)%Z) = walk p m g.
Proof.
  revert g. induction m as [|m IH]; intros g; cbn; [reflexivity|].
  rewrite <- (IH (fun s => (1 - p) * g s + p / 2 * g (s + 1)%Z + p / 2 * g (s - 1)%Z)). apply walk_ext. intros s.
  replace (- (s + 1))%Z with (- s - 1)%Z by lia. replace (- (s - 1))%Z with (- s + 1)%Z by lia. ring.
Qed.

Lemma walk_at_least p m g : 0 <= p <= 1 -> (forall s, 0 <= g s) -> (1 - p) ^ m * g 0%Z <= walk p m g.
Proof.
  intros Hp. revert g. induction m as [|m IH]; intros g Hg; cbn; [lra|].
  assert (Hg' : forall s, 0 <= (1 - p) * g s + p / 2 * g (s + 1)%Z + p / 2 * g (s - 1)%Z).
  { intros s. pose proof (Hg s). pose proof (Hg (s + 1)%Z). pose proof (Hg (s - 1)%Z).
    assert (0 <= (1 - p) * g s) by (apply Rmult_le_pos; lra).
    assert (0 <= p / 2 * g (s + 1)%Z) by (apply Rmult_le_pos; lra).
    assert (0 <= p / 2 * g (s - 1)%Z) by (apply Rmult_le_pos; lra). lra. }
  eapply Rle_trans; [|apply (IH _ Hg')].
  rewrite (Rmult_comm (1 - p)), Rmult_assoc. apply Rmult_le_compat_l; [apply pow_le; lra|].
  pose proof (Hg 1%Z). pose proof (Hg (-1)%Z). cbn.
  assert (0 <= p / 2 * g 1%Z) by (apply Rmult_le_pos; lra).
  assert (0 <= p / 2 * g (-1)%Z) by (apply Rmult_le_pos; lra). lra.
Qed.

(** ** What a node sees *)

(** The sum of the signs of the features, turned by the signs of the weights. *)
Fixpoint signed_sum (d : nat) (u k : nat -> Z) : Z :=
  match d with
  | O => 0%Z
  | S n => (signed_sum n u k + u (S n) * k (S n))%Z
  end.

(** The number of features that the node holds. *)
Fixpoint held (d : nat) (u : nat -> Z) : nat :=
  match d with
  | O => O
  | S n => if Z.eqb (u (S n)) 0 then held n u else S (held n u)
  end.

Lemma signed_sum_with_entry d u k i s : (d < i)%nat -> signed_sum d u (with_entry k i s) = signed_sum d u k.
Proof.
  intros Hd. induction d as [|d IH]; cbn; [reflexivity|]. rewrite IH, with_entry_other by lia. reflexivity.
Qed.

Lemma dot_signed_sum d u k : dot d (fun i => IZR (u i)) (fun i => IZR (k i)) = IZR (signed_sum d u k).
Proof.
  unfold dot. induction d as [|d IH]; [reflexivity|]. rewrite sum_S, IH. cbn. rewrite plus_IZR, mult_IZR. reflexivity.
Qed.

(** Features drive a walk of as many steps as the node holds. *)
Lemma mean_signed_sum d u p g :
  (forall i, (1 <= i <= d)%nat -> u i = 0%Z \/ u i = 1%Z \/ u i = (-1)%Z) ->
  mean (signs d p) (fun k => g (signed_sum d u k)) = walk p (held d u) g.
Proof.
  revert g. induction d as [|d IH]; intros g Hu; [cbn; ring|].
  rewrite mean_signs_S. cbn [signed_sum held].
  rewrite (mean_ext _ _ (fun k => (1 - p) * g (signed_sum d u k + u (S d) * 0)%Z
    + p / 2 * g (signed_sum d u k + u (S d) * 1)%Z + p / 2 * g (signed_sum d u k + u (S d) * -1)%Z)).
  2:{ intros k. rewrite !signed_sum_with_entry, !with_entry_same by lia. reflexivity. }
  assert (Hu' : forall i, (1 <= i <= d)%nat -> u i = 0%Z \/ u i = 1%Z \/ u i = (-1)%Z) by (intros; apply Hu; lia).
  destruct (Hu (S d)) as [E|[E|E]]; [lia|..]; rewrite E; cbn [Z.eqb walk].
  all: rewrite <- IH by exact Hu'; apply mean_ext; intros k; set (s := signed_sum d u k).
  - replace (s + 0 * 0)%Z with s by lia. replace (s + 0 * 1)%Z with s by lia. replace (s + 0 * -1)%Z with s by lia. lra.
  - replace (s + 1 * 0)%Z with s by lia. replace (s + 1 * 1)%Z with (s + 1)%Z by lia.
    replace (s + 1 * -1)%Z with (s - 1)%Z by lia. reflexivity.
  - replace (s + -1 * 0)%Z with s by lia. replace (s + -1 * 1)%Z with (s - 1)%Z by lia.
    replace (s + -1 * -1)%Z with (s + 1)%Z by lia. ring.
Qed.

(** Weights of modulus 0 or 1 are integers, and their squares count the features that the node holds. *)
Definition to_sign (t : R) : Z := if Req_EM_T t 0 then 0%Z else if Rlt_dec 0 t then 1%Z else (-1)%Z.

Lemma to_sign_spec t : t = 0 \/ Rabs t = 1 ->
  IZR (to_sign t) = t /\ (to_sign t = 0%Z \/ to_sign t = 1%Z \/ to_sign t = (-1)%Z).
Proof.
  intros H. unfold to_sign. destruct (Req_EM_T t 0) as [E|E]; [auto|].
  destruct H as [H|H]; [contradiction|]. destruct (Rlt_dec 0 t).
  - rewrite Rabs_right in H by lra. auto.
  - rewrite Rabs_left in H by lra. split; [lra|auto].
Qed.

Lemma square_held d u :
  (forall i, (1 <= i <= d)%nat -> u i = 0%Z \/ u i = 1%Z \/ u i = (-1)%Z) ->
  square d (fun i => IZR (u i)) = INR (held d u).
Proof.
  unfold square, dot. induction d as [|d IH]; intros Hu; [reflexivity|].
  rewrite sum_S, IH by (intros; apply Hu; lia). cbn [held].
  destruct (Hu (S d)) as [E|[E|E]]; [lia|..]; rewrite E; cbn [Z.eqb]; rewrite ?S_INR; ring.
Qed.

Definition not_zero (s : Z) : R := if Z.eqb s 0 then 0 else 1.
Definition at_place (k s : Z) : R := if Z.eqb s k then 1 else 0.

(** The probability to be at [k] after [m] steps. *)
Definition visit (p : R) (m : nat) (k : Z) : R := walk p m (at_place k).

Lemma fires_multiple r b s : 0 < b < r -> indicator (fires b (r * IZR s)) = not_zero s.
Proof.
  intros Hb. unfold not_zero. destruct (Z.eqb_spec s 0) as [->|Hs].
  - rewrite fires_false; [reflexivity|]. rewrite Rmult_0_r, Rabs_R0. lra.
  - rewrite fires_true; [reflexivity|]. rewrite Rabs_mult, (Rabs_right r), <- abs_IZR by lra.
    assert (1 <= IZR (Z.abs s)) by (apply IZR_le; lia). nra.
Qed.

Lemma walk_not_zero p m : walk p m not_zero = 1 - visit p m 0.
Proof.
  unfold visit. rewrite (walk_ext p m not_zero (fun s => 1 + - 1 * at_place 0 s)).
  - rewrite walk_add, walk_const, walk_scale. lra.
  - intros s. unfold not_zero, at_place. destruct (Z.eqb s 0); lra.
Qed.

(** A node that holds [m] features fires unless the walk ends at 0. *)
Lemma node_fires_walk d m u r b p :
  0 < b < r -> node_of_order d m u -> node_firing_probability d u r b p = 1 - visit p m 0.
Proof.
  intros Hb [Hu Hm]. unfold node_firing_probability, probability. rewrite mean_inputs.
  set (U := fun i => to_sign (u i)).
  assert (HU : forall i, (1 <= i <= d)%nat -> U i = 0%Z \/ U i = 1%Z \/ U i = (-1)%Z)
    by (intros i Hi; apply to_sign_spec, Hu, Hi).
  assert (HuU : same d u (fun i => IZR (U i)))
    by (intros i Hi; symmetry; apply to_sign_spec, Hu, Hi).
  assert (Hheld : held d U = m).
  { apply INR_eq. rewrite <- Hm, <- square_held by exact HU. apply dot_same; intros i Hi; symmetry; apply HuU, Hi. }
  rewrite <- walk_not_zero, <- Hheld, <- (mean_signed_sum d U p not_zero HU). apply mean_ext. intros k.
  rewrite (dot_same d u _ _ (features r k) HuU) by (intros i _; reflexivity).
  change (features r k) with (scale r (fun i => IZR (k i))). rewrite dot_scale, dot_signed_sum.
  apply fires_multiple, Hb.
Qed.

Lemma ones_of_order m : node_of_order m m (fun _ => 1).
Proof.
  split; [intros; right; apply Rabs_R1|]. unfold square, dot. rewrite sum_const. ring.
Qed.

Lemma firing_probability_walk m p : firing_probability m p = 1 - visit p m 0.
Proof. apply node_fires_walk; [lra|apply ones_of_order]. Qed.

(** ** Recursions of the walk *)

Lemma visit_S p m k :
  visit p (S m) k = (1 - p) * visit p m k + p / 2 * visit p m (k - 1) + p / 2 * visit p m (k + 1).
Proof.
  unfold visit. cbn [walk]. rewrite <- !walk_scale, <- !walk_add. apply walk_ext. intros s. unfold at_place.
  destruct (Z.eqb_spec s k), (Z.eqb_spec (s + 1) k), (Z.eqb_spec (s - 1) k), (Z.eqb_spec s (k - 1)),
    (Z.eqb_spec s (k + 1));
    lia || lra.
Qed.

Lemma visit_mirror p m k : visit p m (- k) = visit p m k.
Proof.
  unfold visit. rewrite <- (walk_mirror p m (at_place k)). apply walk_ext. intros s. unfold at_place.
  destruct (Z.eqb_spec s (- k)), (Z.eqb_spec (- s) k); lia || reflexivity.
Qed.

(** The law falls away from zero where a step is no likelier than two thirds. *)
Lemma visit_falls p m :
  0 < p < 2 / 3 ->
  0 < visit p m 0 - visit p m 1 /\ forall k, (1 <= k)%Z -> 0 <= visit p m k - visit p m (k + 1).
Proof.
  intros Hp. induction m as [|m [IH0 IH]].
  - unfold visit, at_place. cbn. split; [lra|]. intros k Hk.
    destruct k as [|k|k]; try lia. cbn. destruct (Z.pos k + 1)%Z eqn:E; try lia; cbn; lra.
  - split.
    + rewrite !visit_S. change (0 - 1)%Z with (Z.opp 1). rewrite visit_mirror.
      change (0 + 1)%Z with 1%Z. change (1 - 1)%Z with 0%Z. change (1 + 1)%Z with 2%Z.
      pose proof (IH 1%Z ltac:(lia)) as H1. change (1 + 1)%Z with 2%Z in H1.
      assert (0 < (1 - 3 * p / 2) * (visit p m 0 - visit p m 1)) by (apply Rmult_lt_0_compat; lra).
      assert (0 <= p / 2 * (visit p m 1 - visit p m 2)) by (apply Rmult_le_pos; lra). lra.
    + intros k Hk. rewrite !visit_S. replace (k + 1 - 1)%Z with k by lia.
      assert (H0 : 0 <= visit p m (k - 1) - visit p m k).
      { destruct (Z.eq_dec k 1) as [->|Hne]; [change (1 - 1)%Z with 0%Z; lra|].
        pose proof (IH (k - 1)%Z ltac:(lia)) as H. replace (k - 1 + 1)%Z with k in H by lia. exact H. }
      pose proof (IH k Hk) as H1. pose proof (IH (k + 1)%Z ltac:(lia)) as H2.
      assert (0 <= (1 - p) * (visit p m k - visit p m (k + 1))) by (apply Rmult_le_pos; lra).
      assert (0 <= p / 2 * (visit p m (k - 1) - visit p m k)) by (apply Rmult_le_pos; lra).
      assert (0 <= p / 2 * (visit p m (k + 1) - visit p m (k + 1 + 1))) by (apply Rmult_le_pos; lra). lra.
Qed.

(** ** Binomial sums *)

Lemma sum_0_S m f : sum 0 (S m) f = sum 0 m f + f (S m).
Proof. reflexivity. Qed.

Lemma sum_0_first m f : sum 0 (S m) f = f O + sum 0 m (fun i => f (S i)).
Proof.
  induction m as [|m IH]; [cbn; ring|]. rewrite sum_0_S, IH, sum_0_S. ring.
Qed.

Lemma sum_0_ext m f g : (forall i, (i <= m)%nat -> f i = g i) -> sum 0 m f = sum 0 m g.
Proof.
  intros H. induction m as [|m IH]; [unfold sum; cbn; rewrite H by lia; reflexivity|].
  rewrite !sum_0_S, IH, H by (intros; apply H || lia; lia). reflexivity.
Qed.

Lemma sum_0_add m f g : sum 0 m (fun i => f i + g i) = sum 0 m f + sum 0 m g.
Proof. induction m as [|m IH]; [cbn; ring|]. rewrite !sum_0_S, IH. ring. Qed.

Lemma sum_0_scale m c f : sum 0 m (fun i => c * f i) = c * sum 0 m f.
Proof. induction m as [|m IH]; [cbn; ring|]. rewrite !sum_0_S, IH. ring. Qed.

(** Pascal's triangle, zero beyond the diagonal. *)
Fixpoint choose (n k : nat) : nat :=
  match n, k with
  | _, O => 1
  | O, S _ => 0
  | S n', S k' => choose n' k' + choose n' k
  end.

Lemma choose_beyond n k : (n < k)%nat -> choose n k = 0%nat.
Proof. revert k. induction n as [|n IH]; intros [|k] H; cbn; try lia. rewrite !IH; lia. Qed.

Lemma choose_diagonal n : choose n n = 1%nat.
Proof. induction n as [|n IH]; cbn; [reflexivity|]. rewrite IH, choose_beyond; lia. Qed.

Lemma choose_C n k : (k <= n)%nat -> INR (choose n k) = Binomial.C n k.
Proof.
  revert k. induction n as [|n IH]; intros [|k] H; try lia.
  - cbn. unfold Binomial.C. cbn. lra.
  - unfold Binomial.C. rewrite Nat.sub_0_r. cbn [choose]. change (INR (fact 0)) with 1.
    change (INR 1) with 1. field. apply INR_fact_neq_0.
  - cbn [choose]. rewrite plus_INR. destruct (Nat.eq_dec k n) as [->|Hne].
    + rewrite choose_diagonal, choose_beyond by lia. unfold Binomial.C. rewrite Nat.sub_diag. cbn [INR].
      change (INR (fact 0)) with 1. field. apply INR_fact_neq_0.
    + rewrite !IH by lia. apply Binomial.pascal. lia.
Qed.

(** The mean of [a] over a binomial count of [m] trials. *)
Definition binomial_mean (p : R) (m : nat) (a : nat -> R) : R :=
  sum 0 m (fun n => INR (choose m n) * p ^ n * (1 - p) ^ (m - n) * a n).

Lemma binomial_mean_S p m a :
  binomial_mean p (S m) a = (1 - p) * binomial_mean p m a + p * binomial_mean p m (fun n => a (S n)).
Proof.
  unfold binomial_mean at 1. rewrite sum_0_first.
  rewrite (sum_0_ext m _ (fun i => p * (INR (choose m i) * p ^ i * (1 - p) ^ (m - i) * a (S i))
     + INR (choose m (S i)) * p ^ S i * (1 - p) ^ (S m - S i) * a (S i))).
  2:{ intros i Hi. cbn [choose pow]. rewrite plus_INR. replace (S m - S i)%nat with (m - i)%nat by lia. ring. }
  rewrite sum_0_add, sum_0_scale. fold (binomial_mean p m (fun n => a (S n))).
  assert (H : INR (choose (S m) 0) * p ^ 0 * (1 - p) ^ (S m - 0) * a O
    + sum 0 m (fun i => INR (choose m (S i)) * p ^ S i * (1 - p) ^ (S m - S i) * a (S i))
    = (1 - p) * binomial_mean p m a).
  { replace (choose (S m) 0) with (choose m 0) by (destruct m; reflexivity).
    rewrite <- (sum_0_first m (fun n => INR (choose m n) * p ^ n * (1 - p) ^ (S m - n) * a n)), sum_0_S.
    rewrite choose_beyond by lia. unfold binomial_mean. rewrite <- sum_0_scale. cbn [INR].
    rewrite !Rmult_0_l, Rplus_0_r.
    apply sum_0_ext. intros n Hn. replace (S m - n)%nat with (S (m - n)) by lia. cbn [pow]. ring. }
  lra.
Qed.

Lemma binomial_mean_add p m a b : binomial_mean p m (fun n => a n + b n) = binomial_mean p m a + binomial_mean p m b.
Proof. unfold binomial_mean. rewrite <- sum_0_add. apply sum_0_ext. intros. ring. Qed.

Lemma binomial_mean_scale p m c a : binomial_mean p m (fun n => c * a n) = c * binomial_mean p m a.
Proof. unfold binomial_mean. rewrite <- sum_0_scale. apply sum_0_ext. intros. ring. Qed.

Lemma binomial_mean_ext p m a b : (forall n, a n = b n) -> binomial_mean p m a = binomial_mean p m b.
Proof. intros H. apply sum_0_ext. intros. rewrite H. reflexivity. Qed.

(** A lazy walk takes a binomial number of steps. *)
Lemma walk_lazy p m g : walk p m g = binomial_mean p m (fun n => walk 1 n g).
Proof.
  revert g. induction m as [|m IH]; intros g; [unfold binomial_mean, sum; cbn; ring|].
  rewrite binomial_mean_S. cbn [walk].
  rewrite (walk_ext p m _ (fun s => (1 - p) * g s + p * (1 / 2 * g (s + 1)%Z + 1 / 2 * g (s - 1)%Z))) by (intros; lra).
  rewrite walk_add, !walk_scale, !IH. do 2 f_equal. apply binomial_mean_ext. intros n. apply walk_ext. intros s. lra.
Qed.

(** A walk that is not lazy takes a binomial number of steps upwards. *)
Lemma walk_simple n g : walk 1 n g = binomial_mean (1 / 2) n (fun i => g (2 * Z.of_nat i - Z.of_nat n)%Z).
Proof.
  revert g. induction n as [|n IH]; intros g; [unfold binomial_mean, sum; cbn; ring|].
  rewrite binomial_mean_S. cbn [walk]. rewrite IH.
  rewrite <- (binomial_mean_scale _ _ (1 - 1 / 2)), <- (binomial_mean_scale _ _ (1 / 2)), <- binomial_mean_add.
  apply binomial_mean_ext. intros i.
  replace (2 * Z.of_nat i - Z.of_nat (S n))%Z with (2 * Z.of_nat i - Z.of_nat n - 1)%Z by lia.
  replace (2 * Z.of_nat (S i) - Z.of_nat (S n))%Z with (2 * Z.of_nat i - Z.of_nat n + 1)%Z by lia. lra.
Qed.

Lemma sum_0_zero m f : (forall i, (i <= m)%nat -> f i = 0) -> sum 0 m f = 0.
Proof.
  intros H. rewrite (sum_0_ext m f (fun _ => 0 * 0)) by (intros; rewrite H by assumption; ring). rewrite sum_0_scale.
  ring.
Qed.

Lemma sum_0_single m i f : (i <= m)%nat -> (forall j, (j <= m)%nat -> j <> i -> f j = 0) -> sum 0 m f = f i.
Proof.
  intros Hi H. induction m as [|m IH].
  - replace i with O by lia. unfold sum; cbn; ring.
  - rewrite sum_0_S. destruct (Nat.eq_dec i (S m)) as [->|Hne].
    + rewrite sum_0_zero by (intros; apply H; lia). ring.
    + rewrite IH, (H (S m)) by (lia || (intros; apply H; lia)). ring.
Qed.

(** Signs balance where half of them are plus. *)
Lemma balanced_even j : walk 1 (2 * j) (at_place 0) = INR (choose (2 * j) j) * (1 / 2) ^ (2 * j).
Proof.
  rewrite walk_simple. unfold binomial_mean. rewrite (sum_0_single _ j); [|lia|].
  - unfold at_place. destruct (Z.eqb_spec (2 * Z.of_nat j - Z.of_nat (2 * j)) 0) as [_|H]; [|lia].
    replace (1 - 1 / 2) with (1 / 2) by lra. rewrite Rmult_1_r, Rmult_assoc, <- pow_add. do 2 f_equal. lia.
  - intros i _ Hne. unfold at_place. destruct (Z.eqb_spec (2 * Z.of_nat i - Z.of_nat (2 * j)) 0); [lia|ring].
Qed.

Lemma balanced_odd j : walk 1 (2 * j + 1) (at_place 0) = 0.
Proof.
  rewrite walk_simple. apply sum_0_zero. intros i _. unfold at_place.
  destruct (Z.eqb_spec (2 * Z.of_nat i - Z.of_nat (2 * j + 1)) 0); [lia|ring].
Qed.

(** Only the terms of even index count. *)
Lemma sum_0_even m f : (forall j, f (2 * j + 1)%nat = 0) -> sum 0 m f = sum 0 (m / 2) (fun j => f (2 * j)%nat).
Proof.
  intros H.
  assert (Hboth : forall j, sum 0 (2 * j) f = sum 0 j (fun j => f (2 * j)%nat)
                            /\ sum 0 (2 * j + 1) f = sum 0 j (fun j => f (2 * j)%nat)).
  { induction j as [|j [_ IH]].
    - split; [unfold sum; cbn; ring|]. change (2 * 0 + 1)%nat with 1%nat. rewrite sum_0_S. pose proof (H O) as H0.
      cbn in H0 |- *. rewrite H0. unfold sum; cbn. ring.
    - assert (E : sum 0 (2 * S j) f = sum 0 (S j) (fun j => f (2 * j)%nat)).
      { replace (2 * S j)%nat with (S (2 * j + 1)) at 1 by lia. rewrite !sum_0_S, IH. do 2 f_equal. lia. }
      split; [exact E|]. replace (2 * S j + 1)%nat with (S (2 * S j)) by lia. rewrite sum_0_S, E.
      replace (S (2 * S j)) with (2 * S j + 1)%nat by lia. rewrite H. ring. }
  destruct (Nat.Even_or_Odd m) as [[j ->]|[j ->]].
  - rewrite (Nat.mul_comm 2 j), Nat.div_mul, (Nat.mul_comm j 2) by lia. apply Hboth.
  - replace ((2 * j + 1) / 2)%nat with j; [apply Hboth|].
    apply (Nat.div_unique (2 * j + 1) 2 j 1); lia.
Qed.

Lemma visit_series p m :
  visit p m 0
  = sum 0 (m / 2) (fun j => (p / 2) ^ (2 * j) * (1 - p) ^ (m - 2 * j) * INR (choose (2 * j) j)
    * INR (choose m (2 * j))).
Proof.
  unfold visit. rewrite walk_lazy. unfold binomial_mean. rewrite sum_0_even.
  - apply sum_0_ext. intros j _. rewrite balanced_even. replace (p / 2) with (p * (1 / 2)) by lra.
    rewrite Rpow_mult_distr. ring.
  - intros j. rewrite balanced_odd. ring.
Qed.

(** ** Counts of active features *)

Fixpoint active (d : nat) (k : nat -> Z) : nat :=
  match d with
  | O => O
  | S n => if Z.eqb (k (S n)) 0 then active n k else S (active n k)
  end.

Lemma active_with_entry d k i s : (d < i)%nat -> active d (with_entry k i s) = active d k.
Proof. intros Hd. induction d as [|d IH]; cbn; [reflexivity|]. rewrite IH, with_entry_other by lia. reflexivity. Qed.

Lemma active_S d k s :
  active (S d) (with_entry k (S d) s) = if Z.eqb s 0 then active d k else S (active d k).
Proof. cbn [active]. rewrite with_entry_same, active_with_entry by lia. reflexivity. Qed.

Lemma square_active d k :
  (forall i, (1 <= i <= d)%nat -> k i = 0%Z \/ k i = 1%Z \/ k i = (-1)%Z) ->
  square d (fun i => IZR (k i)) = INR (active d k).
Proof. exact (square_held d k). Qed.

(** The number of active features is binomial. *)
Lemma mean_active d p a : mean (signs d p) (fun k => a (active d k)) = binomial_mean p d a.
Proof.
  revert a. induction d as [|d IH]; intros a; [unfold binomial_mean, sum; cbn; ring|].
  rewrite mean_signs_S, binomial_mean_S, <- !IH, <- !mean_scale, <- mean_add. apply mean_ext. intros k.
  rewrite !active_S. cbn [Z.eqb]. lra.
Qed.

(** The signs of an input are those of a feature that is absent or of modulus 1. *)
Lemma mean_signs_ext d p f g :
  (forall k, (forall i, (1 <= i <= d)%nat -> k i = 0%Z \/ k i = 1%Z \/ k i = (-1)%Z) -> f k = g k) ->
  mean (signs d p) f = mean (signs d p) g.
Proof.
  revert f g. induction d as [|d IH]; intros f g H; [cbn; rewrite H by lia; reflexivity|].
  rewrite !mean_signs_S. apply IH. intros k Hk.
  assert (Hentry : forall s, s = 0%Z \/ s = 1%Z \/ s = (-1)%Z -> f (with_entry k (S d) s) = g (with_entry k (S d) s)).
  { intros s Hs. apply H. intros i Hi. destruct (Nat.eq_dec i (S d)) as [->|Hne].
    - rewrite with_entry_same. exact Hs.
    - rewrite with_entry_other by exact Hne. apply Hk. lia. }
  rewrite !Hentry by auto. reflexivity.
Qed.

(** The mean over the signs of a function of one of them. *)
Lemma mean_one_sign d p i f :
  (1 <= i <= d)%nat ->
  mean (signs d p) (fun k => f (k i)) = (1 - p) * f 0%Z + p / 2 * f 1%Z + p / 2 * f (-1)%Z.
Proof.
  intros Hi. induction d as [|d IH]; [lia|]. rewrite mean_signs_S. destruct (Nat.eq_dec i (S d)) as [->|Hne].
  - transitivity (mean (signs d p) (fun _ => ((1 - p) * f 0%Z + p / 2 * f 1%Z + p / 2 * f (-1)%Z) * 1)).
    + apply mean_ext. intros k. rewrite !with_entry_same. ring.
    + rewrite mean_scale. assert (Hone : mean (signs d p) (fun _ => 1) = 1).
      { clear. induction d as [|d IH]; [cbn; lra|]. rewrite mean_signs_S.
        transitivity (mean (signs d p) (fun _ => 1)); [apply mean_ext; intros; lra|exact IH]. }
      rewrite Hone. ring.
  - rewrite <- IH by lia. apply mean_ext. intros k. rewrite !with_entry_other by exact Hne. lra.
Qed.

(** ** Squares of linear forms of the signs *)

(** For independent symmetric signs, the mixed products cancel, and every square has the same share: it is [p] times the
    mean of [g] over one feature more than the others have active. *)
Lemma mean_square_of_form d p (theta : vector) g :
  mean (signs (S d) p) (fun k => dot (S d) theta (fun i => IZR (k i)) ^ 2 * g (active (S d) k))
  = square (S d) theta * (p * binomial_mean p d (fun n => g (S n))).
Proof.
  revert g. induction d as [|d IH]; intros g.
  - rewrite mean_signs_S. unfold binomial_mean, square, dot, sum. cbn. field.
  - rewrite mean_signs_S.
    set (form := fun k : nat -> Z => dot (S d) theta (fun i => IZR (k i))).
    transitivity ((1 - p) * mean (signs (S d) p) (fun k => form k ^ 2 * g (active (S d) k))
      + p * mean (signs (S d) p) (fun k => form k ^ 2 * g (S (active (S d) k)))
      + theta (S (S d)) ^ 2 * (p * mean (signs (S d) p) (fun k => g (S (active (S d) k))))).
    + rewrite <- !mean_scale, <- !mean_add. apply mean_ext. intros k.
      assert (Hform : forall s, dot (S (S d)) theta (fun i => IZR (with_entry k (S (S d)) s i))
        = form k + theta (S (S d)) * IZR s).
      { intros s. unfold dot. rewrite sum_S, with_entry_same. f_equal. apply sum_ext. intros i Hi.
        rewrite with_entry_other by lia. reflexivity. }
      rewrite !Hform, !active_S. cbn [Z.eqb]. field.
    + unfold form. rewrite (IH g), (IH (fun n => g (S n))), (mean_active (S d) p (fun n => g (S n))).
      rewrite binomial_mean_S. unfold square, dot. rewrite (sum_S (S d)). ring.
Qed.

(** The same for quadratic forms. *)
Definition quadratic (d : nat) (A : matrix) (x : vector) : R := dot d x (apply d A x).

Lemma quadratic_S d A x s :
  quadratic (S d) A (fun i => if Nat.eqb i (S d) then s else x i)
  = quadratic d A x + s * (dot d x (column A (S d)) + dot d (A (S d)) x) + s ^ 2 * A (S d) (S d).
Proof.
  set (y := fun i => if Nat.eqb i (S d) then s else x i).
  assert (Hlast : y (S d) = s) by (unfold y; rewrite Nat.eqb_refl; reflexivity).
  assert (Hsame : same d y x).
  { intros i Hi. unfold y. destruct (Nat.eqb_spec i (S d)); [lia|reflexivity]. }
  unfold quadratic, apply. unfold dot at 1. rewrite sum_S, Hlast.
  rewrite (sum_ext d _ (fun i => x i * dot d (A i) x + s * (x i * column A (S d) i))).
  - rewrite sum_add, sum_scale. unfold dot at 2. rewrite sum_S, Hlast. fold (dot d (A (S d)) y).
    rewrite (dot_same d (A (S d)) (A (S d)) y x (fun _ _ => eq_refl) Hsame). unfold dot. ring.
  - intros i Hi. rewrite (Hsame i Hi). unfold dot at 1. rewrite sum_S, Hlast. fold (dot d (A i) y).
    rewrite (dot_same d (A i) (A i) y x (fun _ _ => eq_refl) Hsame). unfold column. ring.
Qed.

Lemma mean_quadratic d p A g :
  mean (signs (S d) p) (fun k => quadratic (S d) A (fun i => IZR (k i)) * g (active (S d) k))
  = sum 1 (S d) (fun i => A i i) * (p * binomial_mean p d (fun n => g (S n))).
Proof.
  revert g. induction d as [|d IH]; intros g.
  - rewrite mean_signs_S. unfold binomial_mean, quadratic, apply, dot, sum. cbn. field.
  - rewrite mean_signs_S.
    set (form := fun k : nat -> Z => quadratic (S d) A (fun i => IZR (k i))).
    transitivity ((1 - p) * mean (signs (S d) p) (fun k => form k * g (active (S d) k))
      + p * mean (signs (S d) p) (fun k => form k * g (S (active (S d) k)))
      + A (S (S d)) (S (S d)) * (p * mean (signs (S d) p) (fun k => g (S (active (S d) k))))).
    + rewrite <- !mean_scale, <- !mean_add. apply mean_ext. intros k.
      assert (Hform : forall s, quadratic (S (S d)) A (fun i => IZR (with_entry k (S (S d)) s i))
        = form k + IZR s * (dot (S d) (fun i => IZR (k i)) (column A (S (S d)))
                            + dot (S d) (A (S (S d))) (fun i => IZR (k i))) + IZR s ^ 2 * A (S (S d)) (S (S d))).
      { intros s. unfold form. rewrite <- quadratic_S. unfold quadratic.
        assert (Hsame : same (S (S d)) (fun i => IZR (with_entry k (S (S d)) s i))
                                       (fun i => if Nat.eqb i (S (S d)) then IZR s else IZR (k i)))
          by (intros i _; unfold with_entry; destruct (Nat.eqb i (S (S d))); reflexivity).
        apply dot_same; [exact Hsame|]. intros i _. apply dot_same; [intros j _; reflexivity|exact Hsame]. }
      rewrite !Hform, !active_S. cbn [Z.eqb]. field.
    + unfold form. rewrite (IH g), (IH (fun n => g (S n))), (mean_active (S d) p (fun n => g (S n))).
      rewrite binomial_mean_S, (sum_S (S d)). ring.
Qed.

(** The share of one feature in a binomial mean, times the number of features. *)
Lemma binomial_mean_share p d g :
  INR (S d) * (p * binomial_mean p d (fun n => g (S n))) = binomial_mean p (S d) (fun n => INR n * g n).
Proof.
  revert g. induction d as [|d IH]; intros g; [unfold binomial_mean, sum; cbn; ring|].
  rewrite (binomial_mean_S p (S d)), <- (IH g).
  rewrite (binomial_mean_ext p (S d) (fun n => INR (S n) * g (S n)) (fun n => INR n * g (S n) + g (S n)))
    by (intros n; rewrite S_INR; ring).
  rewrite binomial_mean_add, <- (IH (fun n => g (S n))), (binomial_mean_S p d (fun n => g (S n))), (S_INR (S d)).
  ring.
Qed.

Lemma binomial_mean_one p m : binomial_mean p m (fun _ => 1) = 1.
Proof. induction m as [|m IH]; [unfold binomial_mean, sum; cbn; ring|]. rewrite binomial_mean_S, IH. ring. Qed.

(** A count is not zero with the probability that it is not: [n/n] is 0 at 0. *)
Lemma binomial_mean_inverse p d :
  INR (S d) * (p * binomial_mean p d (fun n => / INR (S n))) = 1 - (1 - p) ^ S d.
Proof.
  rewrite (binomial_mean_share p d (fun n => / INR n)).
  assert (Hall : forall m, binomial_mean p m (fun n => INR n * / INR n) = 1 - (1 - p) ^ m); [|apply Hall].
  induction m as [|m IH]; [unfold binomial_mean, sum; cbn; ring|]. rewrite binomial_mean_S, IH.
  rewrite (binomial_mean_ext p m (fun n => INR (S n) * / INR (S n)) (fun _ => 1))
    by (intros n; apply Rinv_r, not_0_INR; lia).
  rewrite binomial_mean_one. cbn [pow]. ring.
Qed.

Lemma binomial_mean_le p m a b :
  0 <= p <= 1 -> (forall n, a n <= b n) -> binomial_mean p m a <= binomial_mean p m b.
Proof.
  intros Hp. revert a b. induction m as [|m IH]; intros a b H.
  - unfold binomial_mean, sum. cbn. pose proof (H O). lra.
  - rewrite !binomial_mean_S. apply Rplus_le_compat; (apply Rmult_le_compat_l; [lra|]); apply IH; intros n; apply H.
Qed.

Lemma binomial_mean_power p m x : binomial_mean p m (fun n => x ^ n) = (1 - p + p * x) ^ m.
Proof.
  induction m as [|m IH]; [unfold binomial_mean, sum; cbn; ring|]. rewrite binomial_mean_S. cbn [pow].
  rewrite (binomial_mean_scale p m x (fun n => x ^ n)), IH. ring.
Qed.

(** The mean over the signs of a function of two of them. *)
Definition mean_sign (p : R) (f : Z -> R) : R := (1 - p) * f 0%Z + p / 2 * f 1%Z + p / 2 * f (-1)%Z.

Lemma mean_two_signs d p i j f :
  (1 <= i <= d)%nat -> (1 <= j <= d)%nat -> i <> j ->
  mean (signs d p) (fun k => f (k i) (k j)) = mean_sign p (fun s => mean_sign p (fun t => f s t)).
Proof.
  intros Hi Hj Hij. unfold mean_sign. induction d as [|d IH]; [lia|]. rewrite mean_signs_S.
  destruct (Nat.eq_dec i (S d)) as [->|Hne].
  - rewrite (mean_ext _ _ (fun k => (1 - p) * f 0%Z (k j) + p / 2 * f 1%Z (k j) + p / 2 * f (-1)%Z (k j))).
    + rewrite (mean_one_sign d p j (fun t => (1 - p) * f 0%Z t + p / 2 * f 1%Z t + p / 2 * f (-1)%Z t)) by lia. ring.
    + intros k. rewrite !with_entry_same, !with_entry_other by lia. reflexivity.
  - destruct (Nat.eq_dec j (S d)) as [->|Hne'].
    + rewrite (mean_ext _ _ (fun k => (1 - p) * f (k i) 0%Z + p / 2 * f (k i) 1%Z + p / 2 * f (k i) (-1)%Z)).
      * rewrite (mean_one_sign d p i (fun t => (1 - p) * f t 0%Z + p / 2 * f t 1%Z + p / 2 * f t (-1)%Z)) by lia. ring.
      * intros k. rewrite !with_entry_same, !with_entry_other by lia. reflexivity.
    + rewrite <- IH by lia. apply mean_ext. intros k. rewrite !with_entry_other by lia. lra.
Qed.
