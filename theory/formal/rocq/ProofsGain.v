(** P6: attack gains of purified networks and mixtures. *)

From Coq Require Import Bool List ZArith Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
Require Import Model Sums Attacks Networks Walks Groups Generated Statements_A ProofsFits ProofsFiring.
Open Scope R_scope.

(** ** P6 *)

Lemma mean_square_le {outcome} (l : law outcome) f : is_law l -> mean l f ^ 2 <= mean l (fun x => f x ^ 2).
Proof.
  intros Hl. pose proof Hl as [_ Hone]. set (c := mean l f).
  assert (H : 0 <= mean l (fun x => (f x - c) ^ 2)).
  { replace 0 with (mean l (fun _ => 0 * 1)) by (rewrite mean_scale; ring). apply mean_le_everywhere; [exact Hl|].
    intros x. rewrite Rmult_0_l. apply pow2_ge_0. }
  rewrite (mean_ext l _ (fun x => f x ^ 2 + (- 2 * c * f x + c ^ 2 * 1))) in H by (intros; ring).
  rewrite !mean_add, !mean_scale, Hone in H. fold c in H. lra.
Qed.

Theorem P6_bounds_holds : P6_bounds.
Proof.
  intros d M net theta l Hl Horth Hheads Htheta. unfold P6_bounds_rhs1, P6_bounds_rhs2. split.
  - apply Rle_ge. unfold Rdiv. rewrite Rmult_comm, <- mean_scale. apply mean_le_everywhere; [exact Hl|]. intros z.
    assert (Hproject : dot d (effective_map d M net z) theta = square d (effective_map d M net z)).
    { rewrite (projected_energy d M net theta z Horth Hheads). unfold dot at 1.
      rewrite (sum_ext d _ (fun i => sum 1 (nodes net) (fun h => head net h * indicator (node_fires d net z h)
        * (feature_weight d M net h i * theta i)))).
      - rewrite sum_swap. apply sum_ext. intros h Hh. rewrite sum_scale.
        fold (dot d (feature_weight d M net h) theta). rewrite (Hheads h Hh). destruct (Horth h h Hh Hh) as [Hsquare _].
        field. lra.
      - intros i _. rewrite effective_map_entry, <- sum_scale_r. apply sum_ext. intros. ring. }
    pose proof (dot_norm_2 d (effective_map d M net z) theta) as H. rewrite Hproject in H.
    apply Rmult_le_reg_l with (norm_2 d theta); [exact Htheta|]. rewrite <- Rmult_assoc, Rinv_r; lra.
  - set (mean_gain := mean l (fun z => norm_2 d (effective_map d M net z))).
    assert (H0 : 0 <= mean_gain).
    { unfold mean_gain. replace 0 with (mean l (fun _ => 0 * 1)) by (rewrite mean_scale; ring).
      apply mean_le_everywhere; [exact Hl|]. intros z. rewrite Rmult_0_l. apply norm_2_nonnegative. }
    rewrite <- (sqrt_pow2 mean_gain H0). apply sqrt_le_1_alt.
    eapply Rle_trans; [apply (mean_square_le l _ Hl)|]. apply Req_le, mean_ext. intros z. apply norm_2_square.
Qed.

(** A pure node of a low threshold fires where its feature is active. *)
Lemma purified_fires d M net theta r b h k :
  purified d M net theta -> (1 <= h <= d)%nat -> 0 < b < r -> threshold net h = b ->
  indicator (node_fires d net (apply d M (features r k)) h) = not_zero (k h).
Proof.
  intros [_ Hpure] Hh Hb Hthreshold. destruct (Hpure h Hh) as [Hu _].
  unfold node_fires. rewrite Hthreshold, preactivation_features, (dot_same d _ _ _ (features r k) Hu)
    by (intros i _; reflexivity).
  unfold dot. rewrite sum_delta by exact Hh. unfold features. apply fires_multiple, Hb.
Qed.

Theorem P6_pure_features_holds : P6_pure_features.
Proof.
  intros d M net theta r b p g t Hpure Hg Hp Hb Hthreshold Ht. unfold P6_pure_features_rhs. rewrite mean_inputs.
  destruct Hpure as [Hnodes Hall] eqn:E. clear E. destruct (Hall g Hg) as [Hu Ha].
  rewrite (mean_ext _ _ (fun k => exp (- t * (theta g * not_zero (k g)) ^ 2))).
  - rewrite (mean_one_sign d p g (fun s => exp (- t * (theta g * not_zero s) ^ 2)) Hg). unfold not_zero. cbn [Z.eqb].
    replace (- t * (theta g * 0) ^ 2) with 0 by ring. rewrite exp_0.
    replace (- t * (theta g * 1) ^ 2) with (- (t * theta g ^ 2)) by ring. field.
  - intros k. do 2 f_equal. rewrite square_scale, (purified_fires d M net theta r b g k Hpure Hg Hb Hthreshold), Ha.
    unfold square. rewrite (dot_same d _ _ _ _ Hu Hu). unfold dot. rewrite sum_delta by exact Hg.
    unfold delta. rewrite Nat.eqb_refl. ring.
Qed.

Theorem P6_purified_gain_holds : P6_purified_gain.
Proof.
  intros d M net theta r b p Hpure Htheta Hp Hb Hthreshold. unfold P6_purified_gain_rhs.
  rewrite <- sum_is_sum_n_m, mean_inputs.
  rewrite (mean_signs_ext d p _ (fun k => sqrt (INR (active d k)))).
  - rewrite (mean_active d p (fun n => sqrt (INR n))). apply sum_0_ext. intros n Hn. rewrite choose_C by exact Hn. ring.
  - intros k Hk. unfold norm_2. f_equal. rewrite <- square_active by exact Hk. apply sum_ext. intros i Hi.
    assert (Hentry : effective_map d M net (apply d M (features r k)) i = theta i * not_zero (k i)).
    { rewrite effective_map_entry. destruct Hpure as [Hnodes Hall] eqn:E. rewrite Hnodes.
      rewrite (sum_ext d _ (fun h => delta i h * (theta h * not_zero (k h)))); [apply sum_delta; exact Hi|].
      intros h Hh. destruct (Hall h Hh) as [Hu Ha].
      rewrite (Hu i Hi), Ha, (purified_fires d M net theta r b h k Hpure Hh Hb (Hthreshold h Hh)), (delta_sym i h).
      ring. }
    rewrite Hentry. assert (Hone : theta i * theta i = 1).
    { pose proof (Htheta i Hi) as H. pose proof (Rsqr_abs (theta i)) as H1. unfold Rsqr in H1. rewrite H1, H. ring. }
    replace (theta i * not_zero (k i) * (theta i * not_zero (k i)))
      with (theta i * theta i * (not_zero (k i) * not_zero (k i))) by ring.
    rewrite Hone. destruct (Hk i Hi) as [->|[->| ->]]; unfold not_zero; cbn; ring.
Qed.

(** *** Mixtures for the target of ones *)

Section Ones.

  Context {G m : nat} {M : matrix} {net : network} {U : nat -> nat -> Z} {b : R}.
  Hypothesis Hones : mixture_of_ones G m M net U b.

  Local Notation d := (G * m)%nat.
  Local Notation first g := (1 + (g - 1) * m)%nat.

  Lemma ones_order : (1 <= m)%nat.
  Proof. exact (mixture_order _ _ _ _ _ _ (ones_mixture _ _ _ _ _ _ Hones)). Qed.

  Lemma ones_nodes : nodes net = d.
  Proof. exact (mixture_nodes _ _ _ _ _ _ (ones_mixture _ _ _ _ _ _ Hones)). Qed.

  Lemma group_of i g : (1 <= i <= m)%nat -> ((i + (g - 1) * m - 1) / m = g - 1)%nat.
  Proof.
    intros Hi. symmetry. apply (Nat.div_unique _ m (g - 1) (i - 1));
      [|rewrite (Nat.mul_comm m); generalize ((g - 1) * m)%nat; intros]; lia.
  Qed.

  Lemma place_of i g : (1 <= i <= m)%nat -> ((i + (g - 1) * m - 1) mod m = i - 1)%nat.
  Proof.
    intros Hi. symmetry. apply (Nat.mod_unique _ m (g - 1) (i - 1));
      [|rewrite (Nat.mul_comm m); generalize ((g - 1) * m)%nat; intros]; lia.
  Qed.

  Lemma in_range i g : (1 <= i <= m)%nat -> (1 <= g <= G)%nat -> (1 <= i + (g - 1) * m <= d)%nat.
  Proof. intros Hi Hg. nia. Qed.

  (** The first node of a group sees the sum of its features. *)
  Lemma first_sees g x :
    (1 <= g <= G)%nat ->
    dot d (feature_weight d M net (first g)) x = sum 1 m (fun i => x (i + (g - 1) * m)%nat).
  Proof.
    intros Hg. pose proof ones_order as Hm.
    assert (Hfirst : (1 <= first g <= d)%nat) by (apply in_range; lia).
    rewrite (dot_same d _ _ x x (mixture_weights _ _ _ _ _ _ (ones_mixture _ _ _ _ _ _ Hones) _ Hfirst))
      by (intros i _; reflexivity).
    unfold dot. rewrite sum_blocks. rewrite (sum_single G g); [|exact Hg|].
    - apply sum_ext. intros i Hi. rewrite (ones_row _ _ _ _ _ _ Hones); [ring| |].
      + unfold same_group. rewrite !group_of by lia. reflexivity.
      + rewrite place_of by lia. reflexivity.
    - intros g' Hg' Hne. apply sum_zero. intros i Hi. rewrite (ones_apart _ _ _ _ _ _ Hones); [ring|].
      unfold same_group. rewrite !group_of by lia. lia.
  Qed.

  (** The other nodes of a group see nothing of the target. *)
  Lemma others_blind i g :
    (2 <= i <= m)%nat -> (1 <= g <= G)%nat -> dot d (feature_weight d M net (i + (g - 1) * m)) (fun _ => 1) = 0.
  Proof.
    intros Hi Hg. pose proof (ones_mixture _ _ _ _ _ _ Hones) as Hmix.
    assert (Hh : (1 <= i + (g - 1) * m <= d)%nat) by (apply in_range; lia).
    assert (Hfirst : (1 <= first g <= d)%nat) by (apply in_range; lia).
    transitivity (dot d (feature_weight d M net (i + (g - 1) * m)) (feature_weight d M net (first g))).
    - apply sum_ext. intros j Hj.
      rewrite (mixture_weights _ _ _ _ _ _ Hmix _ Hh j Hj), (mixture_weights _ _ _ _ _ _ Hmix _ Hfirst j Hj).
      destruct (Nat.eq_dec ((j - 1) / m) (g - 1)) as [Hgroup|Hgroup].
      + rewrite (ones_row _ _ _ _ _ _ Hones j (first g)); [ring| |].
        * unfold same_group. rewrite group_of by lia. exact Hgroup.
        * rewrite place_of by lia. reflexivity.
      + rewrite (ones_apart _ _ _ _ _ _ Hones j (i + (g - 1) * m)); [ring|].
        unfold same_group. rewrite group_of by lia. exact Hgroup.
    - rewrite (mixture_columns d m M net (fun _ => 1) U _ _ Hmix Hh Hfirst). unfold delta.
      destruct (Nat.eqb_spec (i + (g - 1) * m) (1 + (g - 1) * m)); [lia|ring].
  Qed.

  Lemma ones_energy r k :
    0 < b < r ->
    square d (effective_map d M net (apply d M (features r k))) = INR m * INR (firing_groups G m k).
  Proof.
    intros Hb. pose proof ones_order as Hm. pose proof (ones_mixture _ _ _ _ _ _ Hones) as Hmix.
    assert (Hm' : INR m <> 0) by (apply not_0_INR; lia).
    rewrite (projected_energy d M net (fun _ => 1) _ (mixture_is_orthogonal _ _ _ _ _ _ Hmix)
      (mixture_projects _ _ _ _ _ _ Hmix)).
    rewrite ones_nodes, firing_groups_sum, <- sum_scale. rewrite sum_blocks. apply sum_ext. intros g Hg.
    rewrite (sum_single m 1); [|lia|].
    - assert (Hfirst : (1 <= first g <= d)%nat) by (apply in_range; lia).
      unfold square. rewrite (mixture_columns d m M net (fun _ => 1) U _ _ Hmix Hfirst Hfirst).
      rewrite (first_sees g (fun _ => 1) Hg), sum_const. unfold delta. rewrite Nat.eqb_refl.
      unfold node_fires. rewrite (ones_threshold _ _ _ _ _ _ Hones _ Hfirst), preactivation_features,
        (first_sees g _ Hg).
      unfold features. rewrite (sum_scale m r (fun i => IZR (k (i + (g - 1) * m)%nat))), block_sum_is_sum.
      rewrite (fires_multiple r b _ Hb). field. exact Hm'.
    - intros i Hi Hne. rewrite (others_blind i g) by lia. unfold Rdiv. ring.
  Qed.

  Lemma ones_gain r p :
    0 < b < r ->
    mean (inputs d r p) (fun x => norm_2 d (effective_map d M net (apply d M x)))
    = binomial_mean (firing_probability m p) G (fun n => sqrt (INR m) * sqrt (INR n)).
  Proof.
    intros Hb. rewrite mean_inputs, <- (mean_firing_groups G m p). apply mean_ext. intros k.
    unfold norm_2. rewrite (ones_energy r k Hb). apply sqrt_mult; apply pos_INR.
  Qed.

End Ones.

(** The square of a combination of orthogonal vectors. *)
Lemma square_of_orthogonal d n c (V : nat -> vector) q :
  (forall h k, (1 <= h <= n)%nat -> (1 <= k <= n)%nat -> dot d (V h) (V k) = q * delta h k) ->
  square d (combined n c V) = q * sum 1 n (fun h => c h ^ 2).
Proof.
  intros Horth. unfold square, combined. unfold dot at 1.
  rewrite (sum_ext d _ (fun i => sum 1 n (fun h => sum 1 n (fun k => c h * c k * (V h i * V k i))))).
  2:{ intros i _. rewrite <- sum_scale_r. apply sum_ext. intros h _. rewrite <- sum_scale. apply sum_ext. intros. ring.
      }
  rewrite sum_swap, <- sum_scale. apply sum_ext. intros h Hh. rewrite sum_swap.
  rewrite (sum_ext n _ (fun k => delta h k * (q * c h * c k))).
  - rewrite sum_delta by exact Hh. ring.
  - intros k Hk. rewrite sum_scale. unfold dot in Horth. rewrite (Horth h k Hh Hk). ring.
Qed.

Theorem P6_group_energy_holds : P6_group_energy.
Proof.
  intros G m M net theta U z g s Hmix Hapart Hg Hs. pose proof Hmix as [Hm _ Hu _ Hheads].
  assert (Hpositive : 0 < INR m) by (apply lt_0_INR; lia).
  assert (Hrange : forall j, (1 <= j <= m)%nat -> (1 <= in_group m g j <= G * m)%nat)
    by (intros j Hj; unfold in_group; nia).
  rewrite (square_of_orthogonal _ m _ _ (INR m)).
  2:{ intros j k Hj Hk. rewrite (mixture_columns _ m M net theta U _ _ Hmix (Hrange j Hj) (Hrange k Hk)). f_equal.
      unfold delta, in_group. destruct (Nat.eqb_spec (j + (g - 1) * m) (k + (g - 1) * m)), (Nat.eqb_spec j k); lia ||
        reflexivity. }
  set (O := fun j i : nat => IZR (U (in_group m g i) (in_group m g j)) / sqrt (INR m)).
  set (theta_g := fun i => theta (in_group m g i)).
  assert (Hseen : forall j, (1 <= j <= m)%nat ->
    dot (G * m) (fun i => IZR (U i (in_group m g j))) theta = sqrt (INR m) * apply m O theta_g j).
  { intros j Hj. unfold dot, apply. rewrite sum_blocks, (sum_single G g _ Hg).
    - unfold dot. rewrite <- sum_scale. apply sum_ext. intros i _. unfold O, theta_g, in_group. field.
      apply Rgt_not_eq, sqrt_lt_R0, Hpositive.
    - intros g' Hg' Hne. apply sum_zero. intros i Hi. rewrite Hapart; [ring|].
      unfold same_group, in_group. rewrite !group_of by lia. lia. }
  unfold P6_group_energy_rhs. fold O theta_g.
  set (D := fun j k => s (in_group m g j) * delta j k). set (v := apply m O theta_g).
  assert (Hmarked : forall w j, (1 <= j <= m)%nat -> apply m D w j = s (in_group m g j) * w j).
  { intros w j Hj. unfold apply, dot, D. rewrite (sum_ext m _ (fun k => delta j k * (s (in_group m g j) * w k)))
      by (intros; ring). apply sum_delta. exact Hj. }
  rewrite dot_comm, dot_apply, transpose_involutive, dot_apply, transpose_involutive. fold v.
  rewrite <- sum_scale. apply sum_ext. intros j Hj. rewrite !Hmarked by exact Hj.
  rewrite Hheads, Hseen by auto. fold v. rewrite (marks_indicator _ _ (Hs _ (Hrange j Hj))).
  assert (Hroot : sqrt (INR m) * sqrt (INR m) = INR m) by (apply sqrt_sqrt; lra).
  assert (Hroot0 : sqrt (INR m) <> 0) by (apply Rgt_not_eq, sqrt_lt_R0, Hpositive).
  set (root := sqrt (INR m)) in *. rewrite <- Hroot. field. exact Hroot0.
Qed.

Theorem P6_gain_of_a_mixture_holds : P6_gain_of_a_mixture.
Proof.
  intros G m M net U r b p _ Hones Hp Hb. rewrite (ones_gain Hones r p Hb). unfold P6_gain_of_a_mixture_rhs.
  rewrite <- sum_is_sum_n_m. apply sum_0_ext. intros k Hk. rewrite choose_C by exact Hk. ring.
Qed.

Theorem P6_not_monotone_holds : P6_not_monotone.
Proof.
  intros M net U M' net' U' r b H8 H4 Hb. unfold P6_not_monotone_rhs1, P6_not_monotone_rhs2.
  pose proof (ones_gain H8 r (1 / 2) Hb) as E8. pose proof (ones_gain H4 r (1 / 2) Hb) as E4.
  cbn [Nat.mul Nat.add] in E8, E4. rewrite E8, E4.
  assert (P8 : firing_probability 8 (1 / 2) = 26333 / 32768).
  { rewrite firing_probability_walk, visit_series. cbn -[pow INR]. cbn. lra. }
  assert (P4 : firing_probability 4 (1 / 2) = 93 / 128).
  { rewrite firing_probability_walk, visit_series. cbn -[pow INR]. cbn. lra. }
  rewrite P8, P4. unfold binomial_mean. cbn -[sqrt].
  assert (S4 : sqrt (1 + 1 + 1 + 1) = 2) by (replace (1 + 1 + 1 + 1) with (2 ^ 2) by ring; apply sqrt_pow2; lra).
  assert (S8 : sqrt (1 + 1 + 1 + 1 + 1 + 1 + 1 + 1) = 2 * sqrt 2).
  { replace (1 + 1 + 1 + 1 + 1 + 1 + 1 + 1) with (2 ^ 2 * 2) by ring.
    rewrite sqrt_mult by lra. rewrite sqrt_pow2 by lra. reflexivity. }
  replace (1 + 1) with 2 in * by ring. rewrite ?S4, ?S8, sqrt_0, sqrt_1.
  pose proof (sqrt_lt_1_alt 2 4 ltac:(lra)).
  assert (Hroot : sqrt 2 < 144 / 100).
  { rewrite <- (sqrt_pow2 (144 / 100)) by lra. apply sqrt_lt_1_alt. lra. }
  split; [field|lra].
Qed.
