(** P3c: what the least-norm fit of every input costs, and look-up nodes, which attain it. *)

From Coq Require Import Bool List ZArith Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
Require Import Model Sums Attacks Networks Walks Groups Generated Statements_A ProofsFits.
Open Scope R_scope.

(** ** P3c, at constant amplitude *)

Lemma least_unique among v v' : least among v -> least among v' -> v = v'.
Proof. intros [Hv Hmin] [Hv' Hmin']. apply Rle_antisym; [apply Hmin, Hv'|apply Hmin', Hv]. Qed.

(** The shortest effective map that fits at one input is the multiple of the input that does. *)
Lemma least_square_of_fit d theta x :
  0 < square d x ->
  least (fun s => exists beta, dot d beta x = dot d theta x /\ s = square d beta) (dot d theta x ^ 2 / square d x).
Proof.
  intros Hx. split.
  - exists (scale (dot d theta x / square d x) x). rewrite dot_scale_l, square_scale. fold (square d x).
    split; field; lra.
  - intros s [beta [<- ->]]. apply Rmult_le_reg_r with (square d x); [exact Hx|].
    unfold Rdiv. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra. apply dot_square.
Qed.

Lemma least_square_of_zero d theta x :
  same d x (fun _ => 0) -> least (fun s => exists beta, dot d beta x = dot d theta x /\ s = square d beta) 0.
Proof.
  intros Hx.
  assert (Hzero : forall y, dot d y x = 0).
  { intros y. apply sum_zero. intros i Hi. rewrite Hx by exact Hi. ring. }
  split.
  - exists (fun _ => 0). rewrite !Hzero. split; [reflexivity|]. symmetry. apply sum_zero. intros. ring.
  - intros s [beta [_ ->]]. apply square_nonnegative.
Qed.

(** The mean over the inputs of what the least-norm fit costs at each of them. *)
Lemma mean_least d theta p f :
  (1 <= d)%nat ->
  (forall k, are_signs d k -> f k = dot d theta (fun i => IZR (k i)) ^ 2 * / INR (active d k)) ->
  mean (signs d p) f = (1 - (1 - p) ^ d) * sum_n_m (fun k => theta k ^ 2) 1 d / INR d.
Proof.
  intros Hd Hf. rewrite <- sum_is_sum_n_m.
  replace (sum 1 d (fun k => theta k ^ 2)) with (square d theta) by (apply sum_ext; intros; ring).
  destruct d as [|d]; [lia|]. rewrite (mean_signs_ext (S d) p _ _ Hf).
  rewrite (mean_square_of_form d p theta (fun n => / INR n)), <- (binomial_mean_inverse p d). field.
  apply not_0_INR. lia.
Qed.

Lemma square_features d r k : are_signs d k -> square d (features r k) = r ^ 2 * INR (active d k).
Proof.
  intros Hk. rewrite <- square_active by exact Hk. apply (square_scale d r (fun i => IZR (k i))).
Qed.

(** An input without an active feature is zero. *)
Lemma inactive d k : are_signs d k -> active d k = O -> forall i, (1 <= i <= d)%nat -> k i = 0%Z.
Proof.
  intros Hk H0 i Hi. apply eq_IZR. apply (square_zero d (fun i => IZR (k i))); [|exact Hi].
  rewrite square_active, H0 by exact Hk. reflexivity.
Qed.

Theorem P3c_its_value_holds : P3c_its_value.
Proof.
  intros d theta r p least_square Hd Hp Hr Hleast. unfold P3c_its_value_rhs. rewrite mean_inputs.
  apply mean_least; [exact Hd|]. intros k Hk. pose proof (square_features d r k Hk) as Hx.
  destruct (active d k) as [|n] eqn:Hactive.
  - pose proof (inactive d k Hk Hactive) as Hzero.
    assert (Hx0 : same d (features r k) (fun _ => 0))
      by (intros i Hi; unfold features; rewrite Hzero by exact Hi; ring).
    rewrite (least_unique _ _ _ (Hleast (features r k)) (least_square_of_zero d theta _ Hx0)).
    assert (H0 : dot d theta (fun i => IZR (k i)) = 0)
      by (apply sum_zero; intros i Hi; rewrite Hzero by exact Hi; ring).
    rewrite H0. ring.
  - assert (Hn : 0 < INR (S n)) by (apply lt_0_INR; lia).
    assert (Hpositive : 0 < square d (features r k)) by (rewrite Hx; apply Rmult_lt_0_compat; nra).
    rewrite (least_unique _ _ _ (Hleast (features r k)) (least_square_of_fit d theta _ Hpositive)).
    rewrite Hx, dot_features. field. lra.
Qed.

(** The shift as an integer over [8^d]. *)
Fixpoint shifted (d : nat) (w : nat -> Z) : Z :=
  match d with
  | O => 0%Z
  | S n => (shifted n w + 8 ^ Z.of_nat n * w (S n))%Z
  end.

Lemma shift_is_shifted d w : dot d (shift d) (fun k => IZR (w k)) = IZR (shifted d w) / 8 ^ d.
Proof.
  assert (H : forall e, (e <= d)%nat -> dot e (shift d) (fun k => IZR (w k)) = IZR (shifted e w) / 8 ^ d);
    [|apply H; lia].
  unfold dot, shift. induction e as [|e IH]; intros He; [cbn; lra|].
  rewrite sum_S, IH by lia. cbn [shifted]. rewrite plus_IZR, mult_IZR, <- pow_IZR.
  replace (8 ^ d) with (8 ^ e * 8 ^ (S d - S e)) by (rewrite <- pow_add; f_equal; lia).
  field. split; apply pow_nonzero; lra.
Qed.

Lemma shifted_bound d w :
  (forall k, (-2 <= w k <= 2)%Z) -> (7 * Z.abs (shifted d w) <= 2 * (8 ^ Z.of_nat d - 1))%Z.
Proof.
  intros Hw. induction d as [|d IH]; [cbn; lia|]. cbn [shifted].
  rewrite Nat2Z.inj_succ, Z.pow_succ_r by lia. pose proof (Hw (S d)) as H.
  pose proof (Z.pow_pos_nonneg 8 (Z.of_nat d) ltac:(lia) ltac:(lia)). nia.
Qed.

Lemma shifted_nonzero d w :
  (forall k, (-2 <= w k <= 2)%Z) -> (exists k, (1 <= k <= d)%nat /\ w k <> 0%Z) -> shifted d w <> 0%Z.
Proof.
  intros Hw [k [Hk Hwk]]. induction d as [|d IH]; [lia|]. cbn [shifted].
  pose proof (shifted_bound d w Hw) as Hbound. pose proof (Z.pow_pos_nonneg 8 (Z.of_nat d) ltac:(lia) ltac:(lia)).
  destruct (Z.eq_dec (w (S d)) 0) as [E|E].
  - rewrite E. assert (k <> S d) by congruence. pose proof (IH ltac:(lia)). lia.
  - nia.
Qed.

Theorem P3c_separation_holds : P3c_separation.
Proof.
  intros d w s direction Hd Hw Hnonzero Hs Hdirection.
  unfold P3c_separation_rhs1, P3c_separation_rhs2, P3c_separation_rhs3.
  assert (Hpow : 0 < 8 ^ d) by (apply pow_lt; lra).
  assert (Hg : Rabs (dot d (shift d) (fun k => IZR (w k))) = IZR (Z.abs (shifted d w)) / 8 ^ d).
  { rewrite shift_is_shifted. unfold Rdiv. rewrite Rabs_mult, <- abs_IZR, (Rabs_right (/ 8 ^ d)); [reflexivity|].
    apply Rle_ge, Rlt_le, Rinv_0_lt_compat, Hpow. }
  assert (Hlow : 1 <= IZR (Z.abs (shifted d w))) by (apply IZR_le; pose proof (shifted_nonzero d w Hw Hnonzero); lia).
  assert (Hhigh : 7 * IZR (Z.abs (shifted d w)) <= 2 * (8 ^ d - 1)).
  { rewrite pow_IZR, <- minus_IZR, <- !mult_IZR. apply IZR_le, shifted_bound, Hw. }
  assert (Hbelow : Rabs (dot d (shift d) (fun k => IZR (w k))) < 2 / 7).
  { rewrite Hg. apply Rmult_lt_reg_r with (8 ^ d); [exact Hpow|]. unfold Rdiv at 1. rewrite Rmult_assoc, Rinv_l; lra. }
  split; [|split; [|exact Hbelow]].
  - rewrite Hg. apply Rle_ge, Rmult_le_compat_r; [apply Rlt_le, Rinv_0_lt_compat, Hpow|]. cbn [pow]. exact Hlow.
  - rewrite dot_comm, dot_plus, dot_scale, (dot_comm d _ (shift d)), (dot_comm d _ (fun k => IZR (s k))).
    destruct (integer_dot d s w) as [n Hn]. rewrite Hn in *.
    assert (Hone : 1 <= Rabs (IZR n)).
    { rewrite <- abs_IZR. apply IZR_le. assert (n <> 0%Z) by (intros ->; apply Hs; reflexivity). lia. }
    set (t := dot d (shift d) (fun k => IZR (w k))) in *.
    pose proof (Rabs_triang (IZR n + direction * t) (- (direction * t))) as H. rewrite Rabs_Ropp, Rabs_mult in H.
    replace (IZR n + direction * t + - (direction * t)) with (IZR n) in H by ring.
    assert (Hunit : Rabs direction = 1) by (destruct Hdirection as [->| ->]; [apply Rabs_R1|rewrite Rabs_left; lra]).
    rewrite Hunit in H. lra.
Qed.

(** *** Look-up nodes *)

Lemma agree_dec d (k l : nat -> Z) :
  {forall i, (1 <= i <= d)%nat -> k i = l i} + {~ forall i, (1 <= i <= d)%nat -> k i = l i}.
Proof.
  induction d as [|d [IH|IH]].
  - left. lia.
  - destruct (Z.eq_dec (k (S d)) (l (S d))) as [E|E].
    + left. intros i Hi. destruct (Nat.eq_dec i (S d)) as [->|Hne]; [exact E|apply IH; lia].
    + right. intros H. apply E, H. lia.
  - right. intros H. apply IH. intros i Hi. apply H. lia.
Defined.

Lemma same_pair_dec d k l : {same_pair d k l} + {~ same_pair d k l}.
Proof.
  unfold same_pair. destruct (agree_dec d k l); [auto|]. destruct (agree_dec d k (fun i => (- l i)%Z)); [auto|].
  right. intros [H|H]; contradiction.
Defined.

Lemma same_pair_sym d k l : same_pair d k l -> same_pair d l k.
Proof.
  intros [H|H]; [left|right]; intros i Hi; rewrite H by exact Hi; lia.
Qed.

Lemma same_pair_trans d k l m : same_pair d k l -> same_pair d l m -> same_pair d k m.
Proof.
  intros [H|H] [H'|H']; [left|right|right|left]; intros i Hi; rewrite H, H' by exact Hi; lia.
Qed.

Lemma same_pair_features d k l r :
  same_pair d k l -> same d (features r k) (features r l) \/ same d (features r k) (scale (- 1) (features r l)).
Proof.
  unfold features, scale.
  intros [H|H]; [left|right]; intros i Hi; rewrite H by exact Hi; [reflexivity|rewrite opp_IZR; ring].
Qed.

(** What the two nodes of a window add to the effective map: their direction, for their own inputs alone. *)
Lemma window_adds d M net r own u c h k i :
  window d M net r own u c h -> are_signs d k -> (1 <= i <= d)%nat ->
  head net h * indicator (node_fires d net (apply d M (features r k)) h) * feature_weight d M net h i
  + head net (S h) * indicator (node_fires d net (apply d M (features r k)) (S h)) * feature_weight d M net (S h) i
  = (if same_pair_dec d k own then c else 0) * u i.
Proof.
  intros [Hu [Hu' [Ha [Ha' [Hown Hother]]]]] Hk Hi. unfold node_fires. rewrite Ha, Ha', !preactivation_features.
  rewrite (Hu i Hi), (Hu' i Hi), (dot_same d _ _ (features r k) (features r k) Hu),
    (dot_same d _ _ (features r k) (features r k) Hu') by (intros j _; reflexivity).
  set (v := dot d u (features r k)) in *. destruct (same_pair_dec d k own) as [Hpair|Hpair].
  - assert (Hv : Rabs v = Rabs (dot d u (features r own))).
    { unfold v. destruct (same_pair_features d k own r Hpair) as [H|H].
      - f_equal. apply dot_same; [intros j _; reflexivity|exact H].
      - rewrite (dot_same d u u _ _ (fun j _ => eq_refl) H), dot_scale, Rabs_mult, Rabs_left; lra. }
    rewrite <- Hv in Hown. rewrite fires_true, fires_false by lra. cbn. ring.
  - specialize (Hother k Hk Hpair). fold v in Hother.
    destruct (fires_spec (threshold net h) v) as [[-> H1]|[-> H1]];
    destruct (fires_spec (threshold net (S h)) v) as [[-> H2]|[-> H2]]; cbn; try ring; exfalso; lra.
Qed.

Lemma square_of_signs d k r :
  0 < r -> are_signs d k -> (exists i, (1 <= i <= d)%nat /\ k i <> 0%Z) -> 0 < square d (features r k).
Proof.
  intros Hr Hk [i [Hi Hki]]. apply (square_nonzero d _ i Hi). unfold features. apply Rmult_integral_contrapositive.
  split; [lra|]. apply not_0_IZR. exact Hki.
Qed.

(** Look-up nodes have the least-norm fit as their effective map at every input. *)
Lemma look_up_map d pairs M net theta g r X k :
  0 < r -> look_up d pairs M net theta g r X -> are_signs d k ->
  same d (effective_map d M net (apply d M (features r k)))
    (scale (dot d theta (features r k) / square d (features r k)) (features r k)).
Proof.
  intros Hr [Hnodes HX Hall Honce Hwindows] Hk i Hi. rewrite effective_map_entry, Hnodes, sum_blocks.
  set (own := fun j => if same_pair_dec d k (X j) then 1 else 0).
  set (fit := fun x => dot d theta x / square d x * x i).
  rewrite (sum_ext pairs _ (fun j => own j * fit (features r (X j)))).
  2:{ intros j Hj. destruct (HX j Hj) as [Hsigns Hactive]. pose proof (square_of_signs d (X j) r Hr Hsigns Hactive).
      destruct (Hwindows j Hj) as [H1 H3]. rewrite !sum_S, sum_O.
      pose proof (window_adds _ _ _ _ _ _ _ _ k i H1 Hk Hi) as E1.
      pose proof (window_adds _ _ _ _ _ _ _ _ k i H3 Hk Hi) as E3.
      cbn [Nat.add] in E1, E3 |- *. unfold own, fit. unfold plus, scale in E1, E3.
      destruct (same_pair_dec d k (X j)).
      - rewrite Rplus_0_l, E1, Rplus_assoc, E3. field. lra.
      - rewrite Rplus_0_l, E1, Rplus_assoc, E3. ring. }
  change (sum 1 pairs (fun j => own j * fit (features r (X j))) = fit (features r k)).
  destruct (active d k) as [|n] eqn:Hactive.
  - pose proof (inactive d k Hk Hactive) as Hzero. rewrite sum_zero.
    + unfold fit, features. rewrite Hzero by exact Hi. ring.
    + intros j Hj. unfold own. destruct (same_pair_dec d k (X j)) as [Hpair|_]; [|ring]. exfalso.
      destruct (HX j Hj) as [_ [l [Hl Hlj]]]. apply Hlj. destruct (same_pair_sym _ _ _ Hpair) as [H|H];
        rewrite H, Hzero by exact Hl; reflexivity.
  - assert (Hk' : exists l, (1 <= l <= d)%nat /\ k l <> 0%Z).
    { destruct (agree_dec d k (fun _ => 0%Z)) as [H|H].
      - exfalso. assert (E : square d (fun i => IZR (k i)) = 0)
          by (apply sum_zero; intros l Hl; rewrite H by exact Hl; ring).
        rewrite square_active, Hactive in E by exact Hk. pose proof (lt_0_INR (S n) ltac:(lia)). lra.
      - clear - H. induction d as [|d IH]; [exfalso; apply H; lia|].
        destruct (Z.eq_dec (k (S d)) 0) as [E|E].
        + destruct IH as [l [Hl Hkl]]; [|exists l; split; [lia|exact Hkl]].
          intros H'. apply H. intros l Hl. destruct (Nat.eq_dec l (S d)) as [->|Hne]; [exact E|apply H'; lia].
        + exists (S d). split; [lia|exact E]. }
    destruct (Hall k Hk Hk') as [j [Hj Hpair]]. rewrite (sum_single pairs j _ Hj).
    + unfold own. destruct (same_pair_dec d k (X j)) as [_|Hno]; [|contradiction]. rewrite Rmult_1_l. unfold fit.
      pose proof (square_of_signs d k r Hr Hk Hk') as Hsquare.
      destruct (same_pair_features d (X j) k r (same_pair_sym _ _ _ Hpair)) as [H|H]; rewrite (H i Hi).
      * unfold square. rewrite (dot_same d theta theta _ _ (fun l _ => eq_refl) H), (dot_same d _ _ _ _ H H).
        reflexivity.
      * unfold square. rewrite (dot_same d theta theta _ _ (fun l _ => eq_refl) H), (dot_same d _ _ _ _ H H).
        rewrite dot_scale, dot_scale_l, dot_scale. unfold scale. unfold square in Hsquare. field. lra.
    + intros l Hl Hne. unfold own. destruct (same_pair_dec d k (X l)) as [Hpair'|_]; [|ring]. exfalso. apply Hne.
      apply (Honce l j Hl Hj). eapply same_pair_trans; [apply same_pair_sym; exact Hpair'|exact Hpair].
Qed.

Lemma look_up_energy d pairs M net theta g r p X :
  (1 <= d)%nat -> 0 < r -> look_up d pairs M net theta g r X ->
  mean (inputs d r p) (fun x => square d (effective_map d M net (apply d M x)))
  = (1 - (1 - p) ^ d) * sum_n_m (fun k => theta k ^ 2) 1 d / INR d.
Proof.
  intros Hd Hr Hlook. rewrite mean_inputs. apply mean_least; [exact Hd|]. intros k Hk.
  pose proof (look_up_map d pairs M net theta g r X k Hr Hlook Hk) as Hmap.
  unfold square at 1. rewrite (dot_same d _ _ _ _ Hmap Hmap). fold (square d (scale
    (dot d theta (features r k) / square d (features r k)) (features r k))).
  rewrite square_scale, (square_features d r k Hk), dot_features. destruct (active d k) as [|n] eqn:Hactive.
  - pose proof (inactive d k Hk Hactive) as Hzero.
    assert (H0 : dot d theta (fun i => IZR (k i)) = 0)
      by (apply sum_zero; intros i Hi; rewrite Hzero by exact Hi; ring).
    rewrite H0. unfold Rdiv. rewrite !Rmult_0_r. ring.
  - assert (Hn : 0 < INR (S n)) by (apply lt_0_INR; lia). field. split; [lra|apply Rgt_not_eq; lra].
Qed.

Theorem P3c_attained_holds : P3c_attained.
Proof.
  intros d pairs M net theta g r p X Hd Hp Hr Hlook. unfold P3c_attained_rhs1, P3c_attained_rhs2. split.
  - exact (look_up_energy d pairs M net theta g r p X Hd Hr Hlook).
  - intros k Hk. rewrite output_effective_map, <- sum_is_sum_n_m. fold (dot d theta (features r k)).
    rewrite (dot_same d _ _ _ (features r k) (look_up_map d pairs M net theta g r X k Hr Hlook Hk))
      by (intros i _; reflexivity).
    rewrite dot_scale_l. fold (square d (features r k)). pose proof (square_features d r k Hk) as Hsquare.
    destruct (active d k) as [|n] eqn:Hactive.
    + pose proof (inactive d k Hk Hactive) as Hzero.
      assert (H0 : dot d theta (features r k) = 0)
        by (apply sum_zero; intros i Hi; unfold features; rewrite Hzero by exact Hi; ring).
      rewrite H0. unfold Rdiv. ring.
    + assert (Hn : 0 < INR (S n)) by (apply lt_0_INR; lia).
      assert (0 < square d (features r k)) by (rewrite Hsquare; apply Rmult_lt_0_compat; nra). field. lra.
Qed.

Lemma strict_bernoulli p n : 0 < p <= 1 -> (1 <= n)%nat -> 1 - INR (S n) * p < (1 - p) ^ S n.
Proof.
  intros Hp Hn. induction n as [|n IH]; [lia|]. destruct n as [|n].
  - cbn. nra.
  - specialize (IH ltac:(lia)). rewrite S_INR. cbn [pow] in *. pose proof (pos_INR (S (S n))) as HI.
    assert (0 <= (1 - p) * ((1 - p) * (1 - p) ^ n)) by (repeat apply Rmult_le_pos; try apply pow_le; lra).
    assert (0 < INR (S (S n))) by (apply lt_0_INR; lia).
    assert ((1 - p) * (1 - INR (S (S n)) * p) <= (1 - p) * ((1 - p) * ((1 - p) * (1 - p) ^ n)))
      by (apply Rmult_le_compat_l; lra).
    nra.
Qed.

Theorem P3c_cheaper_than_pure_holds : P3c_cheaper_than_pure.
Proof.
  intros n pairs M net theta g r p X Hn Hp Hr Htheta Hlook.
  rewrite (look_up_energy (n + 1) pairs M net theta g r p X ltac:(lia) Hr Hlook), <- sum_is_sum_n_m.
  replace (sum 1 (n + 1) (fun k => theta k ^ 2)) with (square (n + 1) theta) by (apply sum_ext; intros; ring).
  rewrite Nat.add_1_r in *. pose proof (strict_bernoulli p n Hp Hn) as H.
  assert (Hd : 0 < INR (S n)) by (apply lt_0_INR; lia).
  replace ((1 - (1 - p) ^ S n) * square (S n) theta / INR (S n) / square (S n) theta)
    with ((1 - (1 - p) ^ S n) / INR (S n)) by (field; lra).
  apply Rmult_lt_reg_r with (INR (S n)); [exact Hd|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra.
Qed.
