(** Proofs of what [Statements_B.v] claims of the scale of the clean optimum (C2). *)

From Coq Require Import Bool List ZArith Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From Interval Require Import Tactic.
Require Import Model Sums Attacks Networks Walks Functions Setups Logistic PairLosses Dense ProofsFits Layers.
Require Import MultiplesOfHeads RobustAccuracy Encoders Curvature Scale Generated Statements_B.
Open Scope R_scope.

(** The slope of the clean loss. *)
Definition clean_slope (d : nat) (l : law vector) : R -> R :=
  mixed_slope l (product l l) (fun _ => 0) (fun x => pull d 0 similar (x, x)) (fun _ => 0) (pull d 0 dissimilar)
    (1 / 2).

Lemma is_derive_clean d l s : is_derive (clean_loss d l) s (clean_slope d l s).
Proof.
  apply is_derive_ext with (mixed_loss l (product l l) (fun _ => 0) (fun x => pull d 0 similar (x, x)) (fun _ => 0)
    (pull d 0 dissimilar) (1 / 2)).
  - intros t. symmetry. apply clean_of_scale.
  - apply is_derive_mixed_loss.
Qed.

Lemma clean_slope_formula d l s :
  clean_slope d l s
  = mean (product l l) (fun v => dot d (fst v) (snd v) * sigmoid (s * dot d (fst v) (snd v))) / 2
    - mean l (fun x => square d x * sigmoid (- (s * square d x))) / 2.
Proof.
  unfold clean_slope, mixed_slope.
  rewrite (mean_ext l _ (fun x => -1 * (square d x * sigmoid (- (s * square d x))))).
  2: { intros x. unfold pull, similar. cbn [fst snd]. change (dot d x x) with (square d x).
       replace (0 + s * (-1 * square d x + 0 * norm_2 d x)) with (- (s * square d x)) by ring. ring. }
  rewrite (mean_ext (product l l) _ (fun v => dot d (fst v) (snd v) * sigmoid (s * dot d (fst v) (snd v)))).
  2: { intros v. unfold pull, dissimilar.
       replace (0 + s * (1 * dot d (fst v) (snd v) + 0 * norm_2 d (snd v))) with (s * dot d (fst v) (snd v)) by ring.
       ring. }
  rewrite mean_scale. field.
Qed.

Theorem C2_stationary_equation_holds : C2_stationary_equation.
Proof.
  intros d l lambda Hl Hlambda. unfold C2_stationary_equation_rhs.
  match goal with |- is_derive _ _ ?r => replace r with (clean_slope d l lambda) end; [apply is_derive_clean|].
  rewrite clean_slope_formula.
  rewrite (mean_ext (product l l) _ (fun v => dot d (fst v) (snd v) / (1 + exp (- (dot d (fst v) (snd v) * lambda))))).
  2: { intros v. unfold sigmoid, Rdiv. now rewrite (Rmult_comm lambda). }
  rewrite (mean_ext l (fun x => square d x * _) (fun x => -1 * (- square d x / (exp (square d x * lambda) + 1)))).
  2: { intros x. unfold sigmoid. rewrite Ropp_involutive, (Rmult_comm lambda).
       pose proof (exp_pos (square d x * lambda)). field. lra. }
  rewrite mean_scale. field.
Qed.

Lemma clean_pull_occurs d l : is_law l -> occur d l -> 0 < mean (product l l) (fun v => pull d 0 dissimilar v ^ 2).
Proof. intros Hl Hoccur. apply dissimilar_pull_occurs; lra || assumption. Qed.

Theorem C2_strictly_convex_holds : C2_strictly_convex.
Proof.
  intros d l lambda Hl Hoccur Hlambda. unfold C2_strictly_convex_rhs.
  rewrite (Derive_n_ext _ (mixed_loss l (product l l) (fun _ => 0) (fun x => pull d 0 similar (x, x)) (fun _ => 0)
    (pull d 0 dissimilar) (1 / 2))) by (intros; apply clean_of_scale).
  rewrite Derive_2_mixed_loss. apply Rlt_gt, curvature_positive; try lra.
  - exact Hl.
  - now apply is_law_product.
  - now apply clean_pull_occurs.
Qed.

(** ** The optimum *)

(** A scale of least loss that is positive is a zero of the slope. *)
Lemma slope_at_optimum f l s : is_derive f s l -> optimal f s -> 0 < s -> l = 0.
Proof.
  intros H [_ Hs] Hpos. apply is_derive_Reals in H.
  destruct (Rtotal_order l 0) as [Neg | [Z | Pos]]; [exfalso | exact Z | exfalso].
  - destruct (H (- l / 2) ltac:(lra)) as [delta Hdelta].
    set (t := delta / 2). assert (Ht : 0 < t < delta) by (unfold t; pose proof (cond_pos delta); lra).
    specialize (Hdelta t ltac:(lra)). rewrite Rabs_right in Hdelta by lra. specialize (Hdelta ltac:(lra)).
    apply Rabs_def2 in Hdelta. pose proof (Hs (s + t) ltac:(lra)).
    assert (E : f (s + t) - f s = (f (s + t) - f s) / t * t) by (field; lra).
    assert (Q : (f (s + t) - f s) / t < 0) by lra. nra.
  - destruct (H (l / 2) ltac:(lra)) as [delta Hdelta].
    set (t := Rmin (delta / 2) s).
    assert (Ht : 0 < t /\ t < delta /\ t <= s).
    { pose proof (cond_pos delta). unfold t. pose proof (Rmin_l (delta / 2) s). pose proof (Rmin_r (delta / 2) s).
      assert (0 < Rmin (delta / 2) s) by (apply Rmin_glb_lt; lra). lra. }
    specialize (Hdelta (- t) ltac:(lra)). rewrite Rabs_Ropp, Rabs_right in Hdelta by lra.
    specialize (Hdelta ltac:(lra)).
    apply Rabs_def2 in Hdelta. pose proof (Hs (s + - t) ltac:(lra)).
    assert (E : f (s + - t) - f s = (f (s + - t) - f s) / - t * - t) by (field; lra).
    assert (Q : 0 < (f (s + - t) - f s) / - t) by lra. nra.
Qed.

(** At scale zero the slope is negative. *)
Lemma clean_slope_at_zero d l : is_law l -> mirrored l -> clean_slope d l 0 = - mean l (square d) / 4.
Proof.
  intros Hl Hmirror. rewrite clean_slope_formula.
  rewrite (mean_ext (product l l) _ (fun v => 1 / 2 * dot d (fst v) (snd v))).
  2: { intros v. rewrite Rmult_0_l, sigmoid_0. ring. }
  rewrite (mean_ext l (fun x => square d x * _) (fun x => 1 / 2 * square d x)).
  2: { intros x. rewrite Rmult_0_l, Ropp_0, sigmoid_0. ring. }
  rewrite !mean_scale.
  assert (Z : mean (product l l) (fun v => dot d (fst v) (snd v)) = 0).
  { rewrite mean_product. cbn [fst snd].
    assert (E := Hmirror (fun x => mean l (fun y => dot d x y))). cbv beta in E.
    rewrite (mean_ext l (fun x => mean l (fun y => dot d (scale (- 1) x) y)) (fun x =>
      -1 * mean l (fun y => dot d x y))) in E.
    - rewrite mean_scale in E. lra.
    - intros x. rewrite <- mean_scale. apply mean_ext. intros y. rewrite dot_scale_l. ring. }
  rewrite Z. field.
Qed.

(** [t/(1 + e^t)] is small: it is at most 0.2785, slightly above its largest value. *)
Lemma decay_small t : t * sigmoid (- t) <= 557 / 2000.
Proof.
  unfold sigmoid. rewrite Ropp_involutive. pose proof (exp_pos t) as P.
  assert (H : t <= 557 / 2000 * (1 + exp t)).
  { assert (A : exp t = exp (t - ln (2000 / 557)) * (2000 / 557)).
    { unfold Rminus. rewrite exp_plus, exp_Ropp, exp_ln by lra. field. }
    pose proof (exp_above (t - ln (2000 / 557))) as B.
    assert (C : ln (2000 / 557) <= 1 + 557 / 2000) by interval.
    rewrite A. lra. }
  apply Rmult_le_reg_r with (1 + exp t); [lra|]. rewrite Rmult_assoc, Rinv_l; lra.
Qed.

(** At any positive scale the slope is above this, which is positive at a large one. *)
Lemma clean_slope_above d l s :
  is_law l -> mirrored l -> 0 < s ->
  mean (product l l) (fun v => Rabs (dot d (fst v) (snd v))) / 4 - 557 / 2000 / s <= clean_slope d l s.
Proof.
  intros Hl Hmirror Hs. rewrite clean_slope_formula.
  set (m := mean (product l l) (fun v => Rabs (dot d (fst v) (snd v)))).
  assert (Hprod : is_law (product l l)) by now apply is_law_product.
  assert (Small : forall t, t * sigmoid (- (s * t)) <= 557 / 2000 / s).
  { intros t. pose proof (decay_small (s * t)) as D. apply Rmult_le_reg_l with s; [exact Hs|].
    replace (s * (557 / 2000 / s)) with (557 / 2000) by (field; lra). lra. }
  assert (Q : mean l (fun x => square d x * sigmoid (- (s * square d x))) <= 557 / 2000 / s).
  { rewrite <- (mean_constant l (557 / 2000 / s) Hl). apply mean_at_least_occurs; [exact Hl|]. intros x. apply Small. }
  set (f := fun x y => dot d x y * sigmoid (s * dot d x y)).
  assert (E : mean (product l l) (fun v => f (fst v) (snd v))
    = mean (product l l) (fun v => 1 / 2 * (f (fst v) (snd v) + f (scale (- 1) (fst v)) (snd v)))).
  { rewrite mean_scale, mean_add.
    assert (T : mean (product l l) (fun v => f (scale (- 1) (fst v)) (snd v))
      = mean (product l l) (fun v => f (fst v) (snd v))).
    { rewrite !mean_product. exact (Hmirror (fun x => mean l (fun y => f x y))). }
    rewrite T. field. }
  assert (D : m / 2 - 557 / 2000 / s <= mean (product l l) (fun v => f (fst v) (snd v))).
  { rewrite E.
    assert (M : m / 2 - 557 / 2000 / s
      = mean (product l l) (fun v => 1 / 2 * Rabs (dot d (fst v) (snd v)) + - (557 / 2000 / s))).
    { rewrite mean_add, mean_scale, mean_constant by exact Hprod. unfold m. field. lra. }
    rewrite M. apply mean_at_least_occurs; [exact Hprod|]. intros v. unfold f. rewrite dot_scale_l.
    set (t := dot d (fst v) (snd v)). replace (s * (- 1 * t)) with (- (s * t)) by ring.
    pose proof (Small (Rabs t)) as S. pose proof (sigmoid_opp (s * t)) as O.
    assert (F : t * sigmoid (s * t) + - 1 * t * sigmoid (- (s * t)) = Rabs t - 2 * (Rabs t * sigmoid (- (s * Rabs t)))).
    { destruct (Rle_dec 0 t) as [P | P].
      - rewrite Rabs_right by lra. rewrite O. ring.
      - rewrite Rabs_left by lra. replace (- (s * - t)) with (s * t) by ring. rewrite O. ring. }
    rewrite F. lra. }
  unfold f in D. lra.
Qed.

Lemma optimum_between d l lambda m :
  is_law l -> mirrored l -> occur d l -> 0 < m -> m <= mean (product l l) (fun v => Rabs (dot d (fst v) (snd v))) ->
  optimal (clean_loss d l) lambda -> 0 < lambda < 28 / (25 * m).
Proof.
  intros Hl Hmirror Hoccur Hm Hle Hopt.
  assert (Hpos : 0 < lambda).
  { destruct Hopt as [H0 H]. destruct (Req_dec lambda 0) as [-> | E]; [exfalso | lra].
    pose proof (above_tangent l (product l l) (fun _ => 0) (fun x => pull d 0 similar (x, x)) (fun _ => 0)
      (pull d 0 dissimilar) (1 / 2)) as T.
    pose proof (is_derive_clean d l 0) as D. rewrite (clean_slope_at_zero d l Hl Hmirror) in D.
    assert (Hneg : - mean l (square d) / 4 < 0) by (unfold occur in Hoccur; lra).
    apply is_derive_Reals in D. destruct (D (mean l (square d) / 8) ltac:(lra)) as [delta Hdelta].
    set (t := delta / 2). assert (Ht : 0 < t < delta) by (unfold t; pose proof (cond_pos delta); lra).
    specialize (Hdelta t ltac:(lra)). rewrite Rabs_right in Hdelta by lra. specialize (Hdelta ltac:(lra)).
    apply Rabs_def2 in Hdelta. rewrite Rplus_0_l in Hdelta. pose proof (H t ltac:(lra)).
    assert (E : clean_loss d l t - clean_loss d l 0 = (clean_loss d l t - clean_loss d l 0) / t * t) by (field; lra).
    assert (Q : (clean_loss d l t - clean_loss d l 0) / t < 0) by lra. nra. }
  split; [exact Hpos|].
  pose proof (slope_at_optimum _ _ _ (is_derive_clean d l lambda) Hopt Hpos) as Z.
  pose proof (clean_slope_above d l lambda Hl Hmirror Hpos) as A. rewrite Z in A.
  assert (B : m / 4 <= 557 / 2000 / lambda) by lra.
  apply Rmult_le_compat_r with (r := lambda) in B; [|lra].
  replace (557 / 2000 / lambda * lambda) with (557 / 2000) in B by (field; lra).
  apply Rmult_lt_reg_r with (25 * m); [lra|]. replace (28 / (25 * m) * (25 * m)) with 28 by (field; lra). lra.
Qed.

Lemma mean_modulus_positive d l :
  is_law l -> occur d l -> 0 < mean (product l l) (fun v => Rabs (dot d (fst v) (snd v))).
Proof.
  intros Hl Hoccur. apply mean_positive with (pull d 0 dissimilar).
  - now apply is_law_product.
  - now apply clean_pull_occurs.
  - intros v. apply Rabs_pos.
  - intros v Hv. apply Rabs_pos_lt. unfold pull, dissimilar in Hv. intros E. apply Hv. rewrite E. ring.
Qed.

Theorem C2_one_finite_minimiser_holds : C2_one_finite_minimiser.
Proof.
  intros d l lambda Hl Hmirror Hoccur Hopt. unfold C2_one_finite_minimiser_rhs1, C2_one_finite_minimiser_rhs2.
  pose proof (mean_modulus_positive d l Hl Hoccur) as Hm.
  destruct (optimum_between d l lambda _ Hl Hmirror Hoccur Hm (Rle_refl _) Hopt) as [Hpos Hlow].
  split; [exact Hpos|]. match goal with |- _ < ?t => replace t with (28 / (25 * mean (product l l)
    (fun v => Rabs (dot d (fst v) (snd v))))) by (field; lra) end. exact Hlow.
Qed.

(** ** Constant amplitude *)

(** The overlap of two independent sets of signs is a lazy walk that moves where both features are active. *)
Lemma mean_overlap d p g :
  mean (signs d p) (fun k => mean (signs d p) (fun k' => g (signed_sum d k k'))) = walk (p ^ 2) d g.
Proof.
  transitivity (mean (signs d p) (fun k => walk p (active d k) g)).
  - apply mean_signs_ext. intros k Hk. exact (mean_signed_sum d k p g Hk).
  - rewrite (mean_active d p (fun n => walk p n g)). revert g. induction d as [|d IH]; intros g.
    + unfold binomial_mean, sum. cbn. ring.
    + rewrite binomial_mean_S. change (walk (p ^ 2) (S d) g)
        with (walk (p ^ 2) d (fun s => (1 - p ^ 2) * g s + p ^ 2 / 2 * g (s + 1)%Z + p ^ 2 / 2 * g (s - 1)%Z)).
      rewrite <- IH. rewrite <- !binomial_mean_scale, <- binomial_mean_add. apply binomial_mean_ext. intros n.
      change (walk p (S n) g) with (walk p n (fun s => (1 - p) * g s + p / 2 * g (s + 1)%Z + p / 2 * g (s - 1)%Z)).
      rewrite <- !walk_scale, <- walk_add. apply walk_ext. intros s. field.
Qed.

Theorem C2_law_of_the_overlap_holds : C2_law_of_the_overlap.
Proof.
  intros d p t Hd Hp Ht. unfold C2_law_of_the_overlap_rhs. rewrite mean_product. cbn [fst snd].
  rewrite (mean_ext _ _ (fun k => mean (signs d p) (fun k' => Rpower t (IZR (signed_sum d k k'))))).
  2: { intros k. apply mean_ext. intros k'. now rewrite dot_signed_sum. }
  rewrite (mean_overlap d p (fun s => Rpower t (IZR s))).
  assert (W : forall n, walk (p ^ 2) n (fun s => Rpower t (IZR s)) = (1 - p ^ 2 + 1 / 2 * p ^ 2 * (t + / t)) ^ n).
  { induction n as [|n IH]; [cbn; now apply Rpower_O|].
    change (walk (p ^ 2) (S n) (fun s => Rpower t (IZR s))) with (walk (p ^ 2) n (fun s =>
      (1 - p ^ 2) * Rpower t (IZR s) + p ^ 2 / 2 * Rpower t (IZR (s + 1)) + p ^ 2 / 2 * Rpower t (IZR (s - 1)))).
    rewrite (walk_ext _ _ _ (fun s => (1 - p ^ 2 + 1 / 2 * p ^ 2 * (t + / t)) * Rpower t (IZR s))).
    - rewrite walk_scale, IH. reflexivity.
    - intros s. rewrite plus_IZR, minus_IZR. unfold Rminus at 2.
      rewrite !Rpower_plus, Rpower_Ropp, Rpower_1 by exact Ht.
      field. lra. }
  apply W.
Qed.

Lemma inputs_law d r p : 0 <= p <= 1 -> is_law (inputs d r p).
Proof. intros Hp. exact (is_law_image (features r) (signs d p) (signs_is_law d p Hp)). Qed.

Lemma dot_of_features d r k k' : dot d (features r k) (features r k') = r ^ 2 * IZR (signed_sum d k k').
Proof.
  rewrite dot_features, dot_comm, dot_features, <- dot_signed_sum, dot_comm. ring.
Qed.

Lemma mean_of_overlap d r p f :
  mean (product (inputs d r p) (inputs d r p)) (fun v => f (dot d (fst v) (snd v)))
    = walk (p ^ 2) d (fun s => f (r ^ 2 * IZR s)).
Proof.
  rewrite mean_product, mean_inputs. cbn [fst snd]. rewrite <- mean_overlap. apply mean_ext. intros k.
  rewrite mean_inputs. apply mean_ext. intros k'. now rewrite dot_of_features.
Qed.

Lemma mean_of_energy d r p f :
  mean (inputs d r p) (fun x => f (square d x)) = binomial_mean p d (fun n => f (r ^ 2 * INR n)).
Proof.
  rewrite mean_inputs, <- (mean_active d p (fun n => f (r ^ 2 * INR n))). apply mean_signs_ext. intros k Hk.
  f_equal. rewrite <- square_active by exact Hk. exact (square_scale d r (fun i => IZR (k i))).
Qed.

(** The slope at constant amplitude. *)
Lemma slope_at_constant_amplitude d r p s :
  clean_slope d (inputs d r p) s
  = walk (p ^ 2) d (fun k => r ^ 2 * IZR k * sigmoid (s * (r ^ 2 * IZR k))) / 2
    - binomial_mean p d (fun n => r ^ 2 * INR n * sigmoid (- (s * (r ^ 2 * INR n)))) / 2.
Proof.
  rewrite clean_slope_formula.
  rewrite (mean_of_overlap d r p (fun t => t * sigmoid (s * t))),
    (mean_of_energy d r p (fun t => t * sigmoid (- (s * t)))).
  reflexivity.
Qed.

Theorem C2_finite_sums_holds : C2_finite_sums.
Proof.
  intros d p r lambda Hd Hp Hr Hlambda. unfold C2_finite_sums_rhs.
  match goal with |- is_derive _ _ ?t => replace t
    with (clean_slope d (inputs d r p) lambda) end; [apply is_derive_clean|].
  rewrite slope_at_constant_amplitude, walk_lazy, <- !sum_is_sum_n_m.
  match goal with |- ?a / 2 - ?b / 2 = 1 / 2 * ?a' - 1 / 2 * ?b' =>
    assert (Ea : a = a'); [|assert (Eb : b = b'); [|rewrite Ea, Eb; field]] end.
  - apply sum_0_ext. intros n Hn. rewrite walk_simple, <- sum_is_sum_n_m. unfold binomial_mean. rewrite <- sum_0_scale.
    apply sum_0_ext. intros k Hk. rewrite !choose_C by assumption. rewrite minus_IZR, mult_IZR, <- !INR_IZR_INZ.
    replace (1 - 1 / 2) with (/ 2) by lra. replace (1 / 2) with (/ 2) by lra.
    unfold sigmoid. replace (- (lambda * (r ^ 2 * (2 * INR k - INR n))))
      with (- (lambda * r ^ 2 * (- INR n + 2 * INR k))) by ring.
    rewrite pow_mult. pose proof (exp_pos (- (lambda * r ^ 2 * (- INR n + 2 * INR k)))) as P.
    assert (H2 : (/ 2) ^ k * (/ 2) ^ (n - k) = / 2 ^ n).
    { rewrite <- pow_add. replace (k + (n - k))%nat with n by lia. apply pow_inv. }
    set (e := exp (- (lambda * r ^ 2 * (- INR n + 2 * INR k)))) in *.
    transitivity ((/ 2) ^ k * (/ 2) ^ (n - k) * (Binomial.C d n * (p ^ 2) ^ n * (1 - p ^ 2) ^ (d - n) * Binomial.C n k
      * (r ^ 2 * (2 * INR k - INR n)) * / (1 + e))); [ring|].
    rewrite H2. field. repeat split; (lra || (apply pow_nonzero; lra)).
  - apply sum_0_ext. intros n Hn. rewrite choose_C by exact Hn. unfold sigmoid. rewrite Ropp_involutive.
    replace (lambda * (r ^ 2 * INR n)) with (INR n * lambda * r ^ 2) by ring.
    pose proof (exp_pos (INR n * lambda * r ^ 2)). field. lra.
Qed.

(** A lazy walk of [m] steps ends at a distance of at least the probability that it moves at all. *)
Lemma walk_modulus q m : 0 <= q <= 1 -> 1 - (1 - q) ^ m <= walk q m (fun s => Rabs (IZR s)).
Proof.
  intros Hq. induction m as [|m IH]; [cbn; rewrite Rabs_R0; lra|].
  change (walk q (S m) (fun s => Rabs (IZR s))) with (walk q m (fun s =>
    (1 - q) * Rabs (IZR s) + q / 2 * Rabs (IZR (s + 1)) + q / 2 * Rabs (IZR (s - 1)))).
  rewrite (walk_ext _ _ _ (fun s => Rabs (IZR s) + q * at_place 0 s)).
  - rewrite walk_add, walk_scale.
    pose proof (walk_at_least q m (at_place 0) Hq ltac:(intros s; unfold at_place; destruct (Z.eqb s 0); lra)) as V.
    unfold at_place at 1 in V. cbn [Z.eqb] in V. cbn [pow]. nra.
  - intros s. unfold at_place. rewrite plus_IZR, minus_IZR. destruct (Z.eqb_spec s 0) as [-> | Hs].
    + rewrite Rabs_R0, Rplus_0_l, Rminus_0_l, Rabs_Ropp, Rabs_R1. lra.
    + assert (C : (s <= -1 \/ 1 <= s)%Z) by lia. destruct C as [C | C]; apply IZR_le in C.
      * rewrite !Rabs_left1 by lra. lra.
      * rewrite !Rabs_right by lra. lra.
Qed.

Lemma signs_mirrored d p g : mean (signs d p) (fun k => g (fun i => (- k i)%Z)) = mean (signs d p) g.
Proof.
  revert g. induction d as [|d IH]; intros g.
  - cbn. reflexivity.
  - rewrite !mean_signs_S.
    rewrite <- (IH (fun k => (1 - p) * g (with_entry k (S d) 0%Z) + p / 2 * g (with_entry k (S d) 1%Z)
      + p / 2 * g (with_entry k (S d) (-1)%Z))).
    apply mean_ext. intros k.
    assert (E : forall s, (fun i => (- with_entry k (S d) s i)%Z) = with_entry (fun i => (- k i)%Z) (S d) (- s)%Z).
    { intros s. apply FunctionalExtensionality.functional_extensionality. intros i. unfold with_entry.
      destruct (Nat.eqb i (S d)); reflexivity. }
    rewrite !E. cbn [Z.opp]. lra.
Qed.

Lemma inputs_mirrored d r p : mirrored (inputs d r p).
Proof.
  intros f. rewrite !mean_inputs, <- (signs_mirrored d p (fun k => f (features r k))). apply mean_ext. intros k.
  f_equal.
  apply FunctionalExtensionality.functional_extensionality. intros i. unfold scale, features. rewrite opp_IZR. ring.
Qed.

Lemma inputs_occur d r p : (1 <= d)%nat -> 0 < p <= 1 -> 0 < r -> occur d (inputs d r p).
Proof.
  intros Hd Hp Hr. unfold occur. apply Rlt_le_trans with (p * r ^ 2 * square d (delta 1)).
  - assert (E : square d (delta 1) = 1).
    { unfold square, dot. rewrite (sum_delta d 1 (delta 1)) by lia. unfold delta. now rewrite Nat.eqb_refl. }
    rewrite E, Rmult_1_r. apply Rmult_lt_0_compat; [lra | now apply pow_lt].
  - rewrite <- mean_square_form by lra. apply mean_at_least_occurs; [apply inputs_law; lra|]. intros x.
    unfold dot. rewrite sum_delta by lia. replace (x 1%nat ^ 2) with (x 1%nat * x 1%nat) by ring.
    apply (term_le_sum d (fun i => x i * x i)); [intros; nra | lia].
Qed.

Theorem C2_bracket_holds : C2_bracket.
Proof.
  intros d p r lambda Hd Hp Hr Hopt. unfold C2_bracket_rhs.
  assert (Hp2 : 0 < p ^ 2 <= 1) by (split; [apply pow_lt; lra | simpl; nra]).
  assert (Hpow : 0 <= (1 - p ^ 2) ^ d < 1).
  { set (q := p ^ 2) in *. split; [apply pow_le; lra|]. destruct d as [|d]; [lia|]. cbn [pow].
    assert (0 <= (1 - q) ^ d) by (apply pow_le; lra).
    assert ((1 - q) ^ d <= 1) by (apply Rle_trans with (1 ^ d); [apply pow_incr; lra | rewrite pow1; lra]). nra. }
  set (m := r ^ 2 * (1 - (1 - p ^ 2) ^ d)).
  assert (Hm : 0 < m) by (apply Rmult_lt_0_compat; [now apply pow_lt | lra]).
  match goal with |- _ < ?t => replace t with (28 / (25 * m)) end.
  2: { unfold m. set (w := (1 - p ^ 2) ^ d) in *. field. split; lra. }
  apply (optimum_between d (inputs d r p) lambda m); try assumption.
  - apply inputs_law; lra.
  - apply inputs_mirrored.
  - now apply inputs_occur.
  - rewrite (mean_of_overlap d r p Rabs).
    rewrite (walk_ext _ _ _ (fun s => r ^ 2 * Rabs (IZR s))).
    + rewrite walk_scale. apply Rmult_le_compat_l; [apply pow2_ge_0 | apply walk_modulus; lra].
    + intros s. rewrite Rabs_mult, Rabs_right; [reflexivity | apply Rle_ge, pow2_ge_0].
Qed.

Theorem C2_one_feature_holds : C2_one_feature.
Proof.
  intros p r lambda Hp Hr. unfold C2_one_feature_rhs.
  set (s0 := ln (1 + 2 / p) / r ^ 2). set (l := inputs 1 r p).
  assert (Hl : is_law l) by (apply inputs_law; lra).
  assert (Hoccur : occur 1 l) by (apply inputs_occur; lia || lra).
  assert (Hr2 : 0 < r ^ 2) by now apply pow_lt.
  assert (H2 : 0 < 2 / p) by (apply Rdiv_lt_0_compat; lra).
  assert (Hs0 : 0 < s0).
  { unfold s0. apply Rdiv_lt_0_compat; [|exact Hr2]. rewrite <- ln_1. apply ln_increasing; lra. }
  assert (Eexp : exp (s0 * r ^ 2) = 1 + 2 / p).
  { unfold s0. replace (ln (1 + 2 / p) / r ^ 2 * r ^ 2) with (ln (1 + 2 / p)).
    - apply exp_ln. lra.
    - unfold Rdiv. now rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra. }
  assert (Slope : clean_slope 1 l s0 = 0).
  { unfold l. rewrite slope_at_constant_amplitude. unfold binomial_mean, sum. cbn [sum_of walk choose Nat.sub Nat.add].
    change (0 + 1)%Z with 1%Z. change (0 - 1)%Z with (-1)%Z. cbn [INR Nat.sub].
    rewrite !Rmult_0_r, Ropp_0, !Rmult_0_l, !Rmult_1_r.
    replace (s0 * (r ^ 2 * -1)) with (- (s0 * r ^ 2)) by ring.
    unfold sigmoid. rewrite Ropp_involutive, !exp_Ropp, Eexp. cbn [pow]. simpl INR. field. lra. }
  assert (Above : forall s, s <> s0 -> clean_loss 1 l s0 < clean_loss 1 l s).
  { intros s Hs. rewrite !clean_of_scale.
    pose proof (above_tangent l (product l l) (fun _ => 0) (fun x => pull 1 0 similar (x, x)) (fun _ => 0)
      (pull 1 0 dissimilar) (1 / 2) s s0 Hl (is_law_product l l Hl Hl) ltac:(lra) ltac:(lra)
        (clean_pull_occurs 1 l Hl Hoccur) Hs) as T.
    fold (clean_slope 1 l s0) in T. rewrite Slope in T. lra. }
  split.
  - intros [_ H]. destruct (Req_dec lambda s0) as [E | E]; [exact E|].
    pose proof (Above lambda E). pose proof (H s0 ltac:(lra)). lra.
  - intros ->. split; [lra|]. intros other _. destruct (Req_dec other s0) as [-> | E]; [lra|]. now apply Rlt_le, Above.
Qed.
