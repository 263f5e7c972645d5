(** Proofs of what [Statements_B.v] claims of the scale of encoders (C2, C3) and of dissimilar pairs (C4). *)

From Coq Require Import Bool List ZArith Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From Interval Require Import Tactic.
Require Import Model Sums Attacks Networks Functions Setups Logistic PairLosses Dense Layers MultiplesOfHeads Encoders.
Require Import IsotropicOptimum Curvature Scale Generated Statements_B.
Open Scope R_scope.

(** ** C3 *)

Theorem C3_strictly_convex_in_the_scale_holds : C3_strictly_convex_in_the_scale.
Proof.
  intros d features noise eps lambda Hf Hn Hoccur Heps Hlambda. unfold C3_strictly_convex_in_the_scale_rhs.
  rewrite (Derive_n_ext_loc _ (scale_loss d features noise (1 / 2) eps)).
  - unfold scale_loss. rewrite Derive_2_mixed_loss. apply Rlt_gt, curvature_positive; try lra.
    + apply is_law_image, is_law_product; [exact Hf | now apply is_law_product].
    + apply is_law_product; now apply is_law_image, is_law_product.
    + apply dissimilar_pull_occurs; [now apply is_law_image, is_law_product | exact Hoccur | exact Heps].
  - exists (mkposreal lambda Hlambda). intros s Hs. apply expected_of_scale.
    change (Rabs (s + - lambda) < lambda) in Hs. apply Rabs_def2 in Hs. lra.
Qed.

Section Balanced.

  Context (d : nat) (features noise : law vector) (eps : R).
  Hypothesis Hlaws : pair_laws d features noise.
  Hypothesis Hoccur : occur d features.

  Let n := mean (views features noise) (norm_2 d).
  Let x2 := mean features (square d).
  Let loss := fun s => expected_loss d (1 / 2) eps (isotropic s) features noise.

  Lemma mean_norm_of_views : 0 < n.
  Proof. apply mean_norm_positive; [now apply (views_law d) | now apply features_in_views]. Qed.

  Lemma loss_above_start s : 0 <= eps -> 0 < s -> loss 0 + s * ((2 * eps * n - x2) / 4) < loss s.
  Proof.
    intros Heps Hs. unfold loss. rewrite !expected_of_scale by lra.
    pose proof (above_tangent (similar_pairs features noise) (dissimilar_pairs features noise)
      (fun _ => 0) (pull d eps similar) (fun _ => 0) (pull d eps dissimilar) (1 / 2) s 0) as T.
    rewrite (slope_at_zero d features noise Hlaws eps) in T. fold n x2 in T. rewrite Rminus_0_r in T. apply T; try lra.
    - now apply (similar_law d).
    - now apply (dissimilar_law d).
    - apply dissimilar_pull_occurs; [now apply (views_law d) | now apply features_in_views | exact Heps].
  Qed.

  Lemma collapse_radius : x2 / (2 * n) <= eps <-> x2 <= 2 * eps * n.
  Proof.
    pose proof mean_norm_of_views as Hn. split; intros H.
    - apply Rmult_le_compat_r with (r := 2 * n) in H; [|lra]. unfold Rdiv in H. rewrite Rmult_assoc, Rinv_l in H; lra.
    - apply Rmult_le_reg_r with (2 * n); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra.
  Qed.

End Balanced.

Theorem C3_slope_at_scale_zero_holds : C3_slope_at_scale_zero.
Proof.
  intros d features noise eps Hlaws Hoccur Heps. exists (scale_loss d features noise (1 / 2) eps). split.
  - intros s Hs. symmetry. now apply expected_of_scale.
  - unfold C3_slope_at_scale_zero_rhs.
    pose proof (mean_norm_of_views d features noise Hlaws Hoccur) as Hn.
    match goal with |- is_derive _ _ ?t => replace t
      with ((2 * eps * mean (views features noise) (norm_2 d) - mean features (square d)) / 4) by (field; lra) end.
    rewrite <- (slope_at_zero d features noise Hlaws eps). apply is_derive_mixed_loss.
Qed.

Theorem C3_collapsed_holds : C3_collapsed.
Proof.
  intros d features noise eps lambda Hlaws Hoccur Hradius. unfold C3_collapsed_rhs.
  pose proof (mean_norm_of_views d features noise Hlaws Hoccur) as Hn.
  assert (Hx : 0 < mean features (square d)) by exact Hoccur.
  apply (collapse_radius d features noise eps Hlaws Hoccur) in Hradius.
  assert (Heps : 0 <= eps) by nra.
  assert (Above : forall s, 0 < s -> expected_loss d (1 / 2) eps (isotropic 0) features noise
                              < expected_loss d (1 / 2) eps (isotropic s) features noise).
  { intros s Hs. pose proof (loss_above_start d features noise eps Hlaws Hoccur s Heps Hs) as A. cbv beta in A.
    assert (0 <= s * ((2 * eps * mean (views features noise) (norm_2 d) - mean features (square d)) / 4))
      by (apply Rmult_le_pos; lra). lra. }
  split.
  - intros [H0 H]. destruct (Req_dec lambda 0) as [E | E]; [exact E|].
    pose proof (Above lambda ltac:(lra)). pose proof (H 0 (Rle_refl 0)). cbv beta in *. lra.
  - intros ->. split; [lra|]. intros other Ho. destruct (Req_dec other 0) as [-> | E]; [lra|].
    apply Rlt_le, Above. lra.
Qed.

(** Just after a point where the slope is negative a function is below its value there. *)
Lemma falls_after f l : is_derive f 0 l -> l < 0 -> exists s, 0 < s /\ f s < f 0.
Proof.
  intros H Hl. apply is_derive_Reals in H. destruct (H (- l / 2) ltac:(lra)) as [delta Hdelta].
  set (s := delta / 2). assert (Hs : 0 < s < delta) by (unfold s; pose proof (cond_pos delta); lra).
  specialize (Hdelta s ltac:(lra)). rewrite Rabs_right in Hdelta by lra. specialize (Hdelta ltac:(lra)).
  rewrite Rplus_0_l in Hdelta. apply Rabs_def2 in Hdelta. exists s. split; [lra|].
  assert (Q : (f s - f 0) / s < 0) by lra.
  assert (f s - f 0 = (f s - f 0) / s * s) by (field; lra). nra.
Qed.

Theorem C3_not_before_holds : C3_not_before.
Proof.
  intros d features noise eps lambda Hlaws Hoccur [Heps Hradius] [H0 H]. unfold C3_not_before_rhs.
  destruct (Req_dec lambda 0) as [-> | E]; [exfalso | lra].
  assert (L : 2 * eps * mean (views features noise) (norm_2 d) < mean features (square d)).
  { apply Rnot_le_lt. intros C. apply (collapse_radius d features noise eps Hlaws Hoccur) in C. lra. }
  pose proof (is_derive_mixed_loss (similar_pairs features noise) (dissimilar_pairs features noise)
    (fun _ => 0) (pull d eps similar) (fun _ => 0) (pull d eps dissimilar) (1 / 2) 0) as D.
  rewrite (slope_at_zero d features noise Hlaws eps) in D.
  destruct (falls_after _ _ D ltac:(lra)) as [s [Hs Hlow]].
  pose proof (H s ltac:(lra)) as Hle. cbv beta in Hle. rewrite !expected_of_scale in Hle by lra.
  unfold scale_loss in Hle. lra.
Qed.

Theorem C3_mixed_derivative_holds : C3_mixed_derivative.
Proof.
  intros d features noise eps lambda Hlaws Hoccur Hlambda Heps. unfold C3_mixed_derivative_rhs.
  rewrite (Derive_mixed d features noise) by exact Hlambda.
  pose proof (mixed_derivative_above d features noise Hlaws (1 / 2) eps lambda ltac:(lra) Hlambda Heps) as M.
  pose proof (mean_norm_positive d _ (views_law d features noise Hlaws) Hoccur). lra.
Qed.

Theorem C3_weight_on_similar_pairs_holds : C3_weight_on_similar_pairs.
Proof.
  intros d features noise rho eps lambda Hlaws Hoccur Hrho Hlambda Heps. unfold C3_weight_on_similar_pairs_rhs.
  rewrite (Derive_mixed d features noise) by exact Hlambda.
  pose proof (mixed_derivative_above d features noise Hlaws rho eps lambda ltac:(lra) Hlambda Heps) as M.
  pose proof (mean_norm_positive d _ (views_law d features noise Hlaws) Hoccur) as N.
  assert (0 < (rho * - (312 / 3125) + (1 - rho) * (2813 / 6250)) * mean (views features noise) (norm_2 d))
    by (apply Rmult_lt_0_compat; lra).
  lra.
Qed.

(** ** C4 *)

(** The increase of a loss as a function of the exponent and of what the attack adds to it. *)
Definition rise (t h : R) : R := softplus (t + h) - softplus t.

Lemma softplus_opp t : softplus (- t) = softplus t - t.
Proof.
  unfold softplus. rewrite exp_Ropp. pose proof (exp_pos t).
  replace (1 + / exp t) with ((1 + exp t) / exp t) by (field; lra).
  unfold Rdiv. rewrite ln_mult, ln_Rinv, ln_exp; [lra | assumption | lra | now apply Rinv_0_lt_compat].
Qed.

(** Increases grow with the exponent: [(1 + e^(t+u+h))(1 + e^t) - (1 + e^(t+u))(1 + e^(t+h))
  = e^t (e^u - 1)(e^h - 1)]. *)
Lemma rise_grows t u h : 0 <= u -> 0 <= h ->
  rise t h <= rise (t + u) h /\ (0 < u -> 0 < h -> rise t h < rise (t + u) h).
Proof.
  intros Hu Hh.
  assert (L : softplus (t + u + h) + softplus t = ln ((1 + exp (t + u + h)) * (1 + exp t))).
  { unfold softplus. rewrite ln_mult; [reflexivity | apply one_plus_exp_pos | apply one_plus_exp_pos]. }
  assert (R : softplus (t + u) + softplus (t + h) = ln ((1 + exp (t + u)) * (1 + exp (t + h)))).
  { unfold softplus. rewrite ln_mult; [reflexivity | apply one_plus_exp_pos | apply one_plus_exp_pos]. }
  assert (P : 0 < (1 + exp (t + u)) * (1 + exp (t + h))) by (apply Rmult_lt_0_compat; apply one_plus_exp_pos).
  assert (E : (1 + exp (t + u + h)) * (1 + exp t) - (1 + exp (t + u)) * (1 + exp (t + h))
              = exp t * ((exp u - 1) * (exp h - 1))) by (rewrite !exp_plus; ring).
  assert (G : forall w, 0 <= w -> 0 <= exp w - 1 /\ (0 < w -> 0 < exp w - 1)).
  { intros w Hw. split; [pose proof (exp_above w); lra|]. intros Hw'. pose proof (exp_increasing 0 w Hw') as G.
    rewrite exp_0 in G. lra. }
  destruct (G u Hu) as [Gu Gu']. destruct (G h Hh) as [Gh Gh']. pose proof (exp_pos t) as Pt. unfold rise. split.
  - assert (0 <= exp t * ((exp u - 1) * (exp h - 1))) by (apply Rmult_le_pos; [lra | now apply Rmult_le_pos]).
    assert (ln ((1 + exp (t + u)) * (1 + exp (t + h))) <= ln ((1 + exp (t + u + h)) * (1 + exp t)))
      by (apply ln_le; lra).
    lra.
  - intros Hu' Hh'. assert (0 < exp t * ((exp u - 1) * (exp h - 1))).
    { apply Rmult_lt_0_compat; [exact Pt | apply Rmult_lt_0_compat; auto]. }
    assert (ln ((1 + exp (t + u)) * (1 + exp (t + h))) < ln ((1 + exp (t + u + h)) * (1 + exp t)))
      by (apply ln_increasing; lra).
    lra.
Qed.

Lemma rise_ordered t s h : t <= s -> 0 <= h -> rise t h <= rise s h.
Proof. intros H Hh. replace s with (t + (s - t)) by ring. apply rise_grows; lra. Qed.

Lemma rise_strict t s h : t < s -> 0 < h -> rise t h < rise s h.
Proof. intros H Hh. replace s with (t + (s - t)) by ring. apply rise_grows; lra. Qed.

Lemma rise_in_two t h h' : rise t (h + h') = rise t h + rise (t + h) h'.
Proof. unfold rise. replace (t + (h + h')) with (t + h + h') by ring. ring. Qed.

Lemma increase_rise d lambda eps kind v :
  0 <= lambda -> increase d lambda eps kind v
    = rise (lambda * (kind * dot d (fst v) (snd v))) (lambda * eps * norm_2 d (snd v)).
Proof.
  intros Hlambda. unfold increase, rise. rewrite !worst_of_scale by auto. unfold pull.
  f_equal; f_equal; ring.
Qed.

Theorem C4_dissimilar_pair_given_the_other_view_holds : C4_dissimilar_pair_given_the_other_view.
Proof.
  intros d l y lambda eps Hl Hmirror Hlambda Heps. unfold C4_dissimilar_pair_given_the_other_view_rhs.
  set (f := fun x => increase d lambda eps dissimilar (x, y)).
  assert (E : mean l f = mean l (fun x => 1 / 2 * (f x + f (scale (- 1) x)))).
  { rewrite mean_scale, mean_add, (Hmirror f). field. }
  rewrite E. apply Rle_ge. rewrite <- (mean_constant l (1 / 2 * norm_2 d y * eps * lambda) Hl).
  apply mean_at_least_occurs; [exact Hl|]. intros x. unfold f. rewrite !increase_rise by lra. cbn [fst snd].
  rewrite dot_scale_l. unfold dissimilar.
  set (u := lambda * (1 * dot d x y)). replace (lambda * (1 * (- 1 * dot d x y))) with (- u) by (unfold u; ring).
  set (h := lambda * eps * norm_2 d y). unfold rise.
  replace (- u + h) with (- (u - h)) by ring. rewrite !softplus_opp.
  pose proof (softplus_midpoint (u + h) (u - h)) as M. replace ((u + h + (u - h)) / 2) with u in M by field.
  replace (1 / 2 * norm_2 d y * eps * lambda) with (h / 2) by (unfold h; field). lra.
Qed.

(** Both orders of a pair and both signs of its product, the longer view first. *)
Lemma both_orders a b t lambda eps :
  0 <= b <= a -> 0 <= t <= a * b -> 0 < lambda -> 0 < eps ->
  2 * rise (- (lambda * a ^ 2)) (lambda * eps * a) + 2 * rise (- (lambda * b ^ 2)) (lambda * eps * b)
  <= rise (lambda * t) (lambda * eps * b) + rise (- (lambda * t)) (lambda * eps * b)
     + rise (lambda * t) (lambda * eps * a) + rise (- (lambda * t)) (lambda * eps * a) /\
  (0 < a ->
   2 * rise (- (lambda * a ^ 2)) (lambda * eps * a) + 2 * rise (- (lambda * b ^ 2)) (lambda * eps * b)
   < rise (lambda * t) (lambda * eps * b) + rise (- (lambda * t)) (lambda * eps * b)
     + rise (lambda * t) (lambda * eps * a) + rise (- (lambda * t)) (lambda * eps * a)).
Proof.
  intros Hab Ht Hlambda Heps.
  set (h := lambda * eps * b). set (h' := lambda * eps * (a - b)).
  assert (Ha : lambda * eps * a = h + h') by (unfold h, h'; ring).
  assert (Hle : 0 < lambda * eps) by (now apply Rmult_lt_0_compat).
  assert (Hh : 0 <= h) by (apply Rmult_le_pos; lra). assert (Hh' : 0 <= h') by (apply Rmult_le_pos; lra).
  rewrite Ha, !rise_in_two.
  set (A := lambda * a ^ 2). set (B := lambda * b ^ 2). set (T := lambda * t).
  assert (HT : 0 <= T <= A). { unfold T, A. split; [apply Rmult_le_pos; lra | apply Rmult_le_compat_l; nra]. }
  assert (HB : 0 <= B) by (apply Rmult_le_pos; [lra | apply pow2_ge_0]).
  pose proof (rise_ordered (- B) T h ltac:(lra) Hh) as R1.
  pose proof (rise_ordered (- A) (- T) h ltac:(lra) Hh) as R2.
  pose proof (rise_ordered (- A + h) (T + h) h' ltac:(lra) Hh') as R3.
  pose proof (rise_ordered (- A + h) (- T + h) h' ltac:(lra) Hh') as R4.
  split; [lra|]. intros Ha0.
  assert (HA : 0 < A) by (apply Rmult_lt_0_compat; [lra | now apply pow_lt]).
  destruct (Req_dec b 0) as [E | E].
  - assert (S : rise (- A + h) h' < rise (T + h) h').
    { apply rise_strict; [lra|]. unfold h'. apply Rmult_lt_0_compat; lra. }
    lra.
  - assert (0 < B) by (apply Rmult_lt_0_compat; [lra | apply pow_lt; lra]).
    assert (S : rise (- B) h < rise T h) by (apply rise_strict; [lra | apply Rmult_lt_0_compat; lra]).
    lra.
Qed.

Lemma mean_swapped {A} (l : law A) (f : A -> A -> R) :
  mean l (fun x => mean l (fun y => f x y)) = mean l (fun y => mean l (fun x => f x y)).
Proof.
  generalize l at 1 4. intros n. induction n as [|[q x] n IH]; cbn [mean].
  - symmetry. apply (mean_constant_zero l).
  - rewrite IH, mean_add, mean_scale. reflexivity.
Qed.

Theorem C4_on_average_holds : C4_on_average.
Proof.
  intros d l lambda eps Hl Hmirror Hoccur Hlambda Heps. unfold C4_on_average_rhs.
  set (D := fun x y => rise (lambda * dot d x y) (lambda * eps * norm_2 d y)).
  set (S := fun x => rise (- (lambda * norm_2 d x ^ 2)) (lambda * eps * norm_2 d x)).
  assert (ED : mean (product l l) (increase d lambda eps dissimilar) = mean (product l l) (fun v => D (fst v) (snd v))).
  { apply mean_ext. intros v. rewrite increase_rise by lra. unfold D, dissimilar. f_equal. ring. }
  assert (ES : mean l (fun x => increase d lambda eps similar (x, x)) = mean l S).
  { apply mean_ext. intros x. rewrite increase_rise by lra. unfold S, similar. cbn [fst snd]. f_equal.
    rewrite norm_2_square. unfold square. ring. }
  rewrite ED, ES.
  set (Q := fun v : vector * vector => D (fst v) (snd v) + D (scale (- 1) (fst v)) (snd v)
    + D (snd v) (fst v) + D (scale (- 1) (snd v)) (fst v) - 2 * S (fst v) - 2 * S (snd v)).
  assert (E : mean (product l l) (fun v => D (fst v) (snd v)) - mean l S = 1 / 4 * mean (product l l) Q).
  { rewrite (mean_ext _ Q (fun v => D (fst v) (snd v) + (D (scale (- 1) (fst v)) (snd v)
      + (D (snd v) (fst v) + (D (scale (- 1) (snd v)) (fst v) + (-2 * S (fst v) + -2 * S (snd v)))))))
      by (intros v; unfold Q; ring).
    rewrite !mean_add, !mean_scale. rewrite !mean_product. cbn [fst snd].
    assert (M1 : mean l (fun x => mean l (fun y => D (scale (- 1) x) y)) = mean l (fun x => mean l (fun y => D x y)))
      by exact (Hmirror (fun x => mean l (fun y => D x y))).
    assert (M2 : mean l (fun x => mean l (fun y => D y x)) = mean l (fun x => mean l (fun y => D x y)))
      by (symmetry; apply mean_swapped).
    assert (M3 : mean l (fun x => mean l (fun y => D (scale (- 1) y) x)) = mean l (fun x => mean l (fun y => D x y))).
    { rewrite <- M2. apply mean_ext. intros x. exact (Hmirror (fun y => D y x)). }
    assert (M4 : mean l (fun x => mean l (fun y => S x)) = mean l S)
      by (apply mean_ext; intros; now apply mean_constant).
    assert (M5 : mean l (fun x => mean l (fun y => S y)) = mean l S) by (now apply mean_constant).
    rewrite M1, M2, M3, M4, M5. field. }
  rewrite E.
  assert (Pointwise : forall x y, 0 <= Q (x, y) /\ (norm_2 d x <> 0 -> 0 < Q (x, y))).
  { assert (Ordered : forall x y, norm_2 d y <= norm_2 d x -> 0 <= Q (x, y) /\ (norm_2 d x <> 0 -> 0 < Q (x, y))).
    { intros x y Hxy. unfold Q, D, S. cbn [fst snd]. rewrite !dot_scale_l, (dot_comm d y x).
      replace (lambda * (- 1 * dot d x y)) with (- (lambda * dot d x y)) by ring.
      pose proof (norm_2_nonnegative d y) as Ny. pose proof (norm_2_nonnegative d x) as Nx.
      pose proof (dot_norm_2 d x y) as C. pose proof (dot_norm_2 d (scale (- 1) x) y) as C'.
      rewrite dot_scale_l, (norm_scale _ _ (norm_2_is_norm d)) in C'.
      replace (Rabs (- 1)) with 1 in C' by (rewrite Rabs_left; lra).
      destruct (Rle_dec 0 (dot d x y)) as [P | P].
      - destruct (both_orders (norm_2 d x) (norm_2 d y) (dot d x y) lambda eps (conj Ny Hxy) (conj P C) Hlambda Heps)
          as [W W'].
        split; [lra|]. intros Hx. specialize (W' ltac:(lra)). lra.
      - apply Rnot_le_lt in P.
        assert (Hdot : 0 <= - dot d x y <= norm_2 d x * norm_2 d y) by (split; lra).
        destruct (both_orders (norm_2 d x) (norm_2 d y) (- dot d x y) lambda eps (conj Ny Hxy)
          Hdot Hlambda Heps) as [W W'].
        replace (lambda * - dot d x y) with (- (lambda * dot d x y)) in W, W' by ring.
        rewrite Ropp_involutive in W, W'.
        split; [lra|]. intros Hx. specialize (W' ltac:(lra)). lra. }
    intros x y. destruct (Rle_dec (norm_2 d y) (norm_2 d x)) as [H | H]; [now apply Ordered|].
    assert (Sym : Q (x, y) = Q (y, x)) by (unfold Q; cbn [fst snd]; ring).
    rewrite Sym. destruct (Ordered y x ltac:(lra)) as [W W']. split; [exact W|]. intros _. apply W'.
    pose proof (norm_2_nonnegative d x). lra. }
  assert (Pos : 0 < mean (product l l) Q).
  { apply mean_positive with (fun v => norm_2 d (fst v)).
    - now apply is_law_product.
    - rewrite mean_product. cbn [fst].
      rewrite (mean_ext _ _ (square d)) by (intros; rewrite mean_constant by exact Hl; apply norm_2_square).
      exact Hoccur.
    - intros [x y]. apply Pointwise.
    - intros [x y]. apply Pointwise. }
  lra.
Qed.

Lemma is_derive_rise t k : is_derive (fun e => rise t (k * e)) 0 (k * sigmoid t).
Proof.
  unfold rise. replace (k * sigmoid t) with (minus (k * sigmoid (t + 0 * k)) 0)
    by (unfold minus, Hierarchy.plus, opp; cbn; rewrite Rmult_0_l, Rplus_0_r; ring).
  apply @is_derive_minus; [|apply @is_derive_const].
  apply is_derive_ext with (fun e => softplus (t + e * k)).
  - intros e. do 2 f_equal. apply Rmult_comm.
  - apply is_derive_loss.
Qed.

Theorem C4_first_order_holds : C4_first_order.
Proof.
  intros d l lambda Hl Hmirror Hlambda. unfold C4_first_order_rhs1, C4_first_order_rhs2.
  assert (Each : forall kind v, is_derive (fun e => increase d lambda e kind v) 0
    (lambda * norm_2 d (snd v) * sigmoid (lambda * (kind * dot d (fst v) (snd v))))).
  { intros kind v. apply is_derive_ext
      with (fun e => rise (lambda * (kind * dot d (fst v) (snd v))) (lambda * norm_2 d (snd v) * e)).
    - intros e. rewrite increase_rise by lra. f_equal. match goal with |- ?x = ?y => change (@eq R x y) end. ring.
    - apply is_derive_rise. }
  split.
  - replace (1 / 2 * lambda * mean l (norm_2 d))
      with (mean (product l l) (fun v =>
        lambda * norm_2 d (snd v) * sigmoid (lambda * (dissimilar * dot d (fst v) (snd v))))).
    + apply (is_derive_mean (product l l) (fun e v => increase d lambda e dissimilar v)). apply Each.
    + set (f := fun x y => lambda * norm_2 d y * sigmoid (lambda * (dissimilar * dot d x y))).
      change (mean (product l l) (fun v => f (fst v) (snd v)) = 1 / 2 * lambda * mean l (norm_2 d)).
      rewrite mean_product. cbn [fst snd].
      assert (E : mean l (fun x => mean l (fun y => f x y))
        = mean l (fun x => mean l (fun y => 1 / 2 * (f x y + f (scale (- 1) x) y)))).
      { rewrite (mean_ext _ (fun x => mean l (fun y => 1 / 2 * (f x y + f (scale (- 1) x) y)))
          (fun x => 1 / 2 * (mean l (fun y => f x y) + mean l (fun y => f (scale (- 1) x) y))))
          by (intros; now rewrite mean_scale, mean_add).
        rewrite mean_scale, mean_add, (Hmirror (fun x => mean l (fun y => f x y))). field. }
      rewrite E.
      rewrite (mean_ext _ _ (fun _ => 1 / 2 * lambda * mean l (norm_2 d))); [now apply mean_constant|].
      intros x. rewrite (mean_ext _ _ (fun y => lambda / 2 * norm_2 d y)).
      * rewrite mean_scale. field.
      * intros y. unfold f, dissimilar. rewrite dot_scale_l.
        replace (lambda * (1 * (- 1 * dot d x y))) with (- (lambda * (1 * dot d x y))) by ring.
        rewrite sigmoid_opp. field.
  - replace (lambda * mean l (fun x => norm_2 d x / (exp (lambda * norm_2 d x ^ 2) + 1)))
      with (mean l (fun x => lambda * norm_2 d x * sigmoid (lambda * (similar * dot d x x)))).
    + apply (is_derive_mean l (fun e x => increase d lambda e similar (x, x))). intros x. apply (Each similar (x, x)).
    + rewrite <- mean_scale. apply mean_ext. intros x. rewrite norm_2_square. unfold similar, sigmoid, square.
      replace (- (lambda * (-1 * dot d x x))) with (lambda * dot d x x) by ring.
      pose proof (exp_pos (lambda * dot d x x)). field. lra.
Qed.
