(** P7: without spare nodes the mixture of two features is locked to first order. *)

From Coq Require Import Bool List ZArith Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
Require Import Model Sums Attacks Networks Walks Generated Statements_A ProofsNetwork ProofsFits ProofsForces.
Open Scope R_scope.

(** A map that moves along [b0 + s b1 + s^2 b2]. *)
Definition moving (b0 b1 b2 : vector) (s : R) : vector := plus b0 (scale s (plus b1 (scale s b2))).

(** To first order, what the largest loss at a fit gains as the map moves; and how far it can fall below that. *)
Definition first_order (d : nat) (eps : R) (b0 b1 x : vector) : R :=
  2 * eps * (eps * dot d b0 b1 + norm_2 d b0 * Rabs (dot d b1 x)).

Definition second_order (d : nat) (eps : R) (b0 b1 b2 x : vector) : R :=
  2 * eps ^ 2 * Rabs (dot d b0 b2)
  + 2 * eps * (norm_2 d b0 * Rabs (dot d b2 x)
               + (norm_2 d b1 + norm_2 d b2) * (Rabs (dot d b1 x) + Rabs (dot d b2 x))).

Lemma loss_from_below d eps b0 b1 b2 x s :
  0 <= eps -> 0 <= s <= 1 ->
  (eps * norm_2 d b0) ^ 2 + s * first_order d eps b0 b1 x - s ^ 2 * second_order d eps b0 b1 b2 x
  <= (eps * norm_2 d (moving b0 b1 b2 s) + Rabs (s * dot d b1 x + s ^ 2 * dot d b2 x)) ^ 2.
Proof.
  intros Heps Hs. set (v := plus b1 (scale s b2)). pose proof (norm_2_is_norm d) as Hn.
  set (N := norm_2 d (moving b0 b1 b2 s)). set (E := Rabs (s * dot d b1 x + s ^ 2 * dot d b2 x)).
  unfold first_order, second_order.
  set (N0 := norm_2 d b0). set (N1 := norm_2 d b1). set (N2 := norm_2 d b2).
  set (k := Rabs (dot d b1 x)). set (l := Rabs (dot d b2 x)).
  assert (HN0 : 0 <= N0) by apply norm_2_nonnegative. assert (HN1 : 0 <= N1) by apply norm_2_nonnegative.
  assert (HN2 : 0 <= N2) by apply norm_2_nonnegative. assert (HN : 0 <= N) by apply norm_2_nonnegative.
  assert (Hk : 0 <= k) by apply Rabs_pos. assert (Hl : 0 <= l) by apply Rabs_pos.
  assert (HE : 0 <= E) by apply Rabs_pos.
  assert (Hsquare : N0 ^ 2 + 2 * s * dot d b0 b1 - 2 * s ^ 2 * Rabs (dot d b0 b2) <= N ^ 2).
  { unfold N, N0, moving. rewrite !norm_2_square, square_plus, square_scale, dot_scale. fold v.
    unfold v at 1. rewrite dot_plus, dot_scale. pose proof (square_nonnegative d v). pose proof (pow2_ge_0 s).
    assert (0 <= s ^ 2 * square d v) by (apply Rmult_le_pos; assumption).
    pose proof (Rle_abs (- dot d b0 b2)) as Habs. rewrite Rabs_Ropp in Habs.
    assert (s ^ 2 * - dot d b0 b2 <= s ^ 2 * Rabs (dot d b0 b2)) by (apply Rmult_le_compat_l; assumption). lra. }
  assert (Hfar : N0 - s * (N1 + N2) <= N).
  { assert (Hv : norm_2 d v <= N1 + N2).
    { unfold v. eapply Rle_trans; [apply (norm_plus _ _ Hn)|]. rewrite (norm_scale _ _ Hn), Rabs_right by lra.
      fold N1 N2. assert (s * N2 <= 1 * N2) by (apply Rmult_le_compat_r; lra). lra. }
    assert (Htri : N0 <= N + s * norm_2 d v).
    { unfold N0. rewrite (norm_same _ _ Hn b0 (plus (moving b0 b1 b2 s) (scale (- s) v))).
      - eapply Rle_trans; [apply (norm_plus _ _ Hn)|]. rewrite (norm_scale _ _ Hn), Rabs_Ropp, Rabs_right by lra.
        fold N. lra.
      - intros i _. unfold moving, plus, scale, v, plus, scale. ring. }
    assert (s * norm_2 d v <= s * (N1 + N2)) by (apply Rmult_le_compat_l; lra). lra. }
  assert (Hlow : s * k - s ^ 2 * l <= E).
  { unfold E, k, l. pose proof (Rabs_triang_inv (s * dot d b1 x) (- (s ^ 2 * dot d b2 x))) as H.
    rewrite Rabs_Ropp, !Rabs_mult, (Rabs_right s), (Rabs_right (s ^ 2)) in H by (try apply Rle_ge, pow2_ge_0; lra).
    replace (s * dot d b1 x - - (s ^ 2 * dot d b2 x)) with (s * dot d b1 x + s ^ 2 * dot d b2 x) in H by ring. lra. }
  assert (Hhigh : E <= s * (k + l)).
  { unfold E, k, l. eapply Rle_trans; [apply Rabs_triang|].
    rewrite !Rabs_mult, (Rabs_right s), (Rabs_right (s ^ 2)) by (try apply Rle_ge, pow2_ge_0; lra).
    assert (s ^ 2 * l <= s * l) by (apply Rmult_le_compat_r; nra). unfold l in *. lra. }
  assert (Hproduct : N0 * (s * k - s ^ 2 * l) - s ^ 2 * ((N1 + N2) * (k + l)) <= N * E).
  { assert (N0 * (s * k - s ^ 2 * l) <= N0 * E) by (apply Rmult_le_compat_l; assumption).
    assert ((N0 - s * (N1 + N2)) * E <= N * E) by (apply Rmult_le_compat_r; assumption).
    assert (s * (N1 + N2) * E <= s * (N1 + N2) * (s * (k + l))).
    { apply Rmult_le_compat_l; [|exact Hhigh]. apply Rmult_le_pos; lra. }
    lra. }
  assert (H2 : eps ^ 2 * (N0 ^ 2 + 2 * s * dot d b0 b1 - 2 * s ^ 2 * Rabs (dot d b0 b2)) <= eps ^ 2 * N ^ 2)
    by (apply Rmult_le_compat_l; [apply pow2_ge_0|exact Hsquare]).
  assert (H3 : 2 * eps * (N0 * (s * k - s ^ 2 * l) - s ^ 2 * ((N1 + N2) * (k + l))) <= 2 * eps * (N * E))
    by (apply Rmult_le_compat_l; [lra|exact Hproduct]).
  pose proof (pow2_ge_0 E).
  replace ((eps * N + E) ^ 2) with (eps ^ 2 * N ^ 2 + 2 * eps * (N * E) + E ^ 2) by ring. lra.
Qed.

(** The length of a vector of two entries is at most the sum of their moduli. *)
Lemma two_entries v : norm_2 2 v <= Rabs (v 1%nat) + Rabs (v 2%nat).
Proof.
  unfold norm_2, square. rewrite dot_2.
  pose proof (Rabs_pos (v 1%nat)). pose proof (Rabs_pos (v 2%nat)).
  rewrite <- (sqrt_pow2 (Rabs (v 1%nat) + Rabs (v 2%nat))) by lra. apply sqrt_le_1_alt.
  pose proof (pow2_abs (v 1%nat)). pose proof (pow2_abs (v 2%nat)). nra.
Qed.

(** A slope to the right of what lies above [f 0 + s m - s^2 c] is at least [m]. *)
Lemma slope_from_below f m c slope :
  (forall s, 0 <= s <= 1 -> f 0 + s * m - s ^ 2 * c <= f s) ->
  filterlim (fun s => (f s - f 0) / s) (at_right 0) (locally slope) -> m <= slope.
Proof.
  intros Hf Hlim.
  apply (filterlim_le (F := at_right 0) (fun s => m - s * c) (fun s => (f s - f 0) / s) m slope).
  - exists (mkposreal 1 Rlt_0_1). intros s Hs Hs0.
    unfold ball in Hs; cbn in Hs; unfold AbsRing_ball, abs, minus, plus, opp in Hs; cbn in Hs.
    rewrite Ropp_0, Rplus_0_r, Rabs_right in Hs by lra.
    apply Rmult_le_reg_r with s; [exact Hs0|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra.
    specialize (Hf s ltac:(lra)). lra.
  - apply (filterlim_filter_le_1 (F := locally 0) (G := at_right 0)).
    + apply filter_le_within.
    + assert (H : continuity_pt (fun s => m - s * c) 0) by reg. apply continuity_pt_filterlim in H.
      replace (m - 0 * c) with m in H by ring. exact H.
  - exact Hlim.
Qed.

Section Lock.

  Context {theta : vector} {u u' : nat -> vector} {a a' : vector} {r b eps : R}.
  Hypothesis Hb : 0 < b < r.
  Hypothesis Heps : 0 <= eps <= r / 2.
  Hypothesis Hu1 : same 2 (u 1%nat) (pair 1 1).
  Hypothesis Ha1 : a 1%nat = (theta 1%nat + theta 2%nat) / 2.
  Hypothesis Hu2 : same 2 (u 2%nat) (pair 1 (- 1)).
  Hypothesis Ha2 : a 2%nat = (theta 1%nat - theta 2%nat) / 2.

  (** What node [h] adds to the map to first and to second order. *)
  Let velocity h : vector := plus (scale (a' h) (u h)) (scale (a h) (u' h)).
  Let bend h : vector := scale (a' h) (u' h).

  (** The same of both nodes together, at the signs [k1], [k2]. *)
  Let start k1 k2 : vector :=
    plus (scale (not_zero (k1 + k2) * a 1%nat) (pair 1 1)) (scale (not_zero (k1 - k2) * a 2%nat) (pair 1 (- 1))).
  Let first k1 k2 : vector := plus (scale (not_zero (k1 + k2)) (velocity 1)) (scale (not_zero (k1 - k2)) (velocity 2)).
  Let second k1 k2 : vector := plus (scale (not_zero (k1 + k2)) (bend 1)) (scale (not_zero (k1 - k2)) (bend 2)).
  Let input (k1 k2 : Z) : vector := pair (r * IZR k1) (r * IZR k2).

  Lemma input_of_signs k : same 2 (features r k) (input (k 1%nat) (k 2%nat)).
  Proof. intros [|[|[|i]]] Hi; lia || reflexivity. Qed.

  Lemma moved_pair_map k s :
    same 2 (moved_pair u u' a a' b (features r k) s)
      (moving (start (k 1%nat) (k 2%nat)) (first (k 1%nat) (k 2%nat)) (second (k 1%nat) (k 2%nat)) s).
  Proof.
    assert (Hfires : forall h c n, same 2 (u h) (pair 1 c) -> IZR (k 1%nat) + c * IZR (k 2%nat) = IZR n ->
      indicator (fires b (dot 2 (u h) (features r k))) = not_zero n).
    { intros h c n Hu Hn. rewrite (dot_same 2 _ _ _ _ Hu (input_of_signs k)), dot_2. unfold pair, input, pair.
      cbn [Nat.eqb]. replace (1 * (r * IZR (k 1%nat)) + c * (r * IZR (k 2%nat))) with (r * IZR n)
        by (rewrite <- Hn; ring).
      apply fires_multiple, Hb. }
    intros i Hi. unfold moved_pair, combined. rewrite !sum_S, sum_O.
    rewrite (Hfires 1%nat 1 (k 1%nat + k 2%nat)%Z Hu1 ltac:(rewrite plus_IZR; ring)).
    rewrite (Hfires 2%nat (- 1) (k 1%nat - k 2%nat)%Z Hu2 ltac:(rewrite minus_IZR; ring)).
    unfold moving, start, first, second, velocity, bend, plus, scale. rewrite <- (Hu1 i Hi), <- (Hu2 i Hi). ring.
  Qed.

  Lemma start_fits k1 k2 :
    k1 = 0%Z \/ k1 = 1%Z \/ k1 = (-1)%Z -> k2 = 0%Z \/ k2 = 1%Z \/ k2 = (-1)%Z ->
    dot 2 (start k1 k2) (input k1 k2) = dot 2 theta (input k1 k2).
  Proof.
    intros H1 H2. rewrite !dot_2. unfold start, input, plus, scale, pair. cbn [Nat.eqb]. rewrite Ha1, Ha2.
    destruct H1 as [->|[->| ->]]; destruct H2 as [->|[->| ->]]; unfold not_zero; cbn; field.
  Qed.

  Lemma moved_pair_loss worst k s :
    are_signs 2 k ->
    (forall x, is_lub (linear_losses 2 eps (moved_pair u u' a a' b x s) x (dot 2 theta x)) (worst x)) ->
    let k1 := k 1%nat in let k2 := k 2%nat in
    worst (features r k)
    = (eps * norm_2 2 (moving (start k1 k2) (first k1 k2) (second k1 k2) s)
       + Rabs (s * dot 2 (first k1 k2) (input k1 k2) + s ^ 2 * dot 2 (second k1 k2) (input k1 k2))) ^ 2.
  Proof.
    intros Hk Hworst k1 k2. set (x := features r k). set (g := moved_pair u u' a a' b x s).
    destruct (Hworst x) as [Hup Hleast]. fold g in Hup, Hleast.
    destruct (linear_worst 2 eps g x (dot 2 theta x) ltac:(lra)) as [Hup' Hleast'].
    transitivity ((eps * norm_2 2 g + Rabs (dot 2 theta x - dot 2 g x)) ^ 2);
      [apply Rle_antisym; [apply Hleast, Hup'|apply Hleast', Hup]|].
    pose proof (moved_pair_map k s) as Hmap. fold x g k1 k2 in Hmap. pose proof (input_of_signs k) as Hx.
    fold x k1 k2 in Hx. rewrite (norm_same _ _ (norm_2_is_norm 2) _ _ Hmap), (dot_same 2 g _ x _ Hmap Hx).
    rewrite (dot_same 2 theta theta x _ (fun _ _ => eq_refl) Hx).
    rewrite <- (start_fits k1 k2 (Hk 1%nat ltac:(lia)) (Hk 2%nat ltac:(lia))).
    do 2 f_equal. rewrite <- Rabs_Ropp. f_equal. unfold moving.
    rewrite dot_of_plus, dot_scale_l, dot_of_plus, dot_scale_l. ring.
  Qed.

  Let gain k1 k2 := first_order 2 eps (start k1 k2) (first k1 k2) (input k1 k2).

  Lemma gain_is c v k1 k2 :
    same 2 (start k1 k2) c -> same 2 (first k1 k2) v ->
    gain k1 k2 = 2 * eps * (eps * dot 2 c v + norm_2 2 c * Rabs (dot 2 v (input k1 k2))).
  Proof.
    intros Hc Hv. unfold gain, first_order.
    rewrite (norm_same _ _ (norm_2_is_norm 2) _ _ Hc), (dot_same 2 _ _ _ _ Hc Hv),
      (dot_same 2 _ _ _ _ Hv (fun _ _ => eq_refl)). reflexivity.
  Qed.

  (** Where one node fires alone, its map lies along what it sees. *)
  Lemma one_node_gains c t v x :
    Rabs t = 1 -> same 2 x (scale r (pair 1 t)) \/ same 2 x (scale (- r) (pair 1 t)) ->
    0 <= 2 * eps * (eps * dot 2 (scale c (pair 1 t)) v + norm_2 2 (scale c (pair 1 t)) * Rabs (dot 2 v x)).
  Proof.
    intros Ht Hx. set (z := dot 2 (pair 1 t) v). rewrite dot_scale_l. fold z.
    assert (Hsees : Rabs (dot 2 v x) = r * Rabs z).
    { destruct Hx as [Hx|Hx]; rewrite (dot_same 2 v v x _ (fun _ _ => eq_refl) Hx), dot_scale, dot_comm; fold z;
        rewrite Rabs_mult, ?Rabs_Ropp, (Rabs_right r) by lra; reflexivity. }
    assert (Hlong : Rabs c <= norm_2 2 (scale c (pair 1 t))).
    { rewrite (norm_scale _ _ (norm_2_is_norm 2)). rewrite <- (Rmult_1_r (Rabs c)) at 1.
      apply Rmult_le_compat_l; [apply Rabs_pos|]. unfold norm_2. rewrite <- sqrt_1 at 1. apply sqrt_le_1_alt.
      unfold square. rewrite dot_2. unfold pair. cbn [Nat.eqb]. nra. }
    rewrite Hsees. pose proof (Rabs_pos z). pose proof (Rabs_pos c).
    assert (Rabs c * (r * Rabs z) <= norm_2 2 (scale c (pair 1 t)) * (r * Rabs z))
      by (apply Rmult_le_compat_r; [apply Rmult_le_pos; lra|exact Hlong]).
    assert (Hcz : - (Rabs c * Rabs z) <= c * z).
    { rewrite <- Rabs_mult. pose proof (Rle_abs (- (c * z))) as Habs. rewrite Rabs_Ropp in Habs. lra. }
    assert (eps * - (Rabs c * Rabs z) <= eps * (c * z)) by (apply Rmult_le_compat_l; lra).
    assert (eps * (Rabs c * Rabs z) <= r * (Rabs c * Rabs z))
      by (apply Rmult_le_compat_r; [apply Rmult_le_pos; assumption|lra]).
    apply Rmult_le_pos; lra.
  Qed.

  (** Where both fire, a step that lowers the map at one feature is seen at one of them. *)
  Lemma both_nodes_gain v :
    0 <= 2 * eps * (eps * dot 2 theta v + norm_2 2 theta * Rabs (r * v 1%nat))
         + 2 * eps * (eps * dot 2 theta v + norm_2 2 theta * Rabs (r * v 2%nat)).
  Proof.
    rewrite !Rabs_mult, (Rabs_right r) by lra. pose proof (two_entries v) as Hv.
    pose proof (norm_2_nonnegative 2 theta) as Htheta. pose proof (norm_2_nonnegative 2 v) as Hv0.
    pose proof (dot_norm_2 2 theta (scale (- 1) v)) as Hcs.
    rewrite dot_scale, (norm_scale _ _ (norm_2_is_norm 2)), Rabs_left in Hcs by lra.
    set (n := norm_2 2 theta) in *. set (w := norm_2 2 v) in *.
    assert (eps * (- dot 2 theta v) <= eps * (n * w)) by (apply Rmult_le_compat_l; lra).
    assert (n * r * w <= n * r * (Rabs (v 1%nat) + Rabs (v 2%nat)))
      by (apply Rmult_le_compat_l; [apply Rmult_le_pos; lra|exact Hv]).
    assert (2 * eps * (n * w) <= r * (n * w)) by (apply Rmult_le_compat_r; [apply Rmult_le_pos; assumption|lra]).
    replace (2 * eps * (eps * dot 2 theta v + n * (r * Rabs (v 1%nat))) + 2 * eps
      * (eps * dot 2 theta v + n * (r * Rabs (v 2%nat))))
      with (2 * eps * (2 * (eps * dot 2 theta v) + n * r * (Rabs (v 1%nat) + Rabs (v 2%nat)))) by ring.
    apply Rmult_le_pos; lra.
  Qed.

  Lemma mean_gain_nonnegative p : 0 < p <= 1 -> 0 <= mean_sign p (fun k1 => mean_sign p (fun k2 => gain k1 k2)).
  Proof.
    intros Hp.
    assert (Hrest : gain 0 0 = 0).
    { rewrite (gain_is (fun _ => 0) (fun _ => 0)).
      - replace (dot 2 (fun _ => 0) (fun _ => 0)) with 0 by (rewrite dot_2; ring).
        rewrite (norm_of_zero (norm_2_is_norm 2)) by (intros i _; reflexivity). ring.
      - intros i _. unfold start, plus, scale, not_zero. cbn. ring.
      - intros i _. unfold first, plus, scale, not_zero. cbn. ring. }
    set (v := plus (velocity 1) (velocity 2)).
    assert (Hboth : forall k1 k2, (k1 + k2 <> 0)%Z -> (k1 - k2 <> 0)%Z ->
      gain k1 k2 = 2 * eps * (eps * dot 2 theta v + norm_2 2 theta * Rabs (dot 2 v (input k1 k2)))).
    { intros k1 k2 Hplus Hminus. apply gain_is; intros i Hi; unfold start, first, v, not_zero, plus, scale;
        apply Z.eqb_neq in Hplus; apply Z.eqb_neq in Hminus; rewrite Hplus, Hminus; [|ring].
      rewrite Ha1, Ha2. unfold pair. destruct i as [|[|[|i]]]; try lia; cbn [Nat.eqb]; field. }
    assert (Hsum : forall s t, (s = 1%Z \/ s = (-1)%Z) -> (t = 1%Z \/ t = (-1)%Z) -> 0 <= gain s 0 + gain 0 t).
    { intros s t Hs Ht. rewrite !Hboth by lia. rewrite !(dot_2 v). unfold input, pair. cbn [Nat.eqb].
      pose proof (both_nodes_gain v) as H.
      replace (Rabs (v 1%nat * (r * IZR s) + v 2%nat * (r * 0))) with (Rabs (r * v 1%nat)).
      - replace (Rabs (v 1%nat * (r * 0) + v 2%nat * (r * IZR t))) with (Rabs (r * v 2%nat)); [exact H|].
        destruct Ht as [->| ->]; [f_equal; ring|rewrite <- Rabs_Ropp; f_equal; ring].
      - destruct Hs as [->| ->]; [f_equal; ring|rewrite <- Rabs_Ropp; f_equal; ring]. }
    assert (Hsame : forall s, s = 1%Z \/ s = (-1)%Z -> 0 <= gain s s).
    { intros s Hs. rewrite (gain_is (scale (a 1%nat) (pair 1 1)) (velocity 1)).
      - apply one_node_gains; [apply Rabs_R1|].
        destruct Hs as [->| ->]; [left|right]; intros i _; unfold input, scale, pair; destruct (Nat.eqb i 1); ring.
      - intros i _. unfold start, plus, scale, not_zero. destruct Hs as [->| ->]; cbn; ring.
      - intros i _. unfold first, plus, scale, not_zero. destruct Hs as [->| ->]; cbn; ring. }
    assert (Hopposite : forall s, s = 1%Z \/ s = (-1)%Z -> 0 <= gain s (- s)).
    { intros s Hs. rewrite (gain_is (scale (a 2%nat) (pair 1 (- 1))) (velocity 2)).
      - apply one_node_gains; [rewrite Rabs_left; lra|].
        destruct Hs as [->| ->]; [left|right]; intros i _; unfold input, scale, pair; cbn [Z.opp];
          destruct (Nat.eqb i 1); ring.
      - intros i _. unfold start, plus, scale, not_zero. destruct Hs as [->| ->]; cbn; ring.
      - intros i _. unfold first, plus, scale, not_zero. destruct Hs as [->| ->]; cbn; ring. }
    pose proof (Hsum 1%Z 1%Z ltac:(auto) ltac:(auto)) as E1.
    pose proof (Hsum (-1)%Z (-1)%Z ltac:(auto) ltac:(auto)) as E2.
    pose proof (Hsame 1%Z ltac:(auto)) as E3. pose proof (Hsame (-1)%Z ltac:(auto)) as E4.
    pose proof (Hopposite 1%Z ltac:(auto)) as E5. pose proof (Hopposite (-1)%Z ltac:(auto)) as E6.
    cbn [Z.opp] in E5, E6.
    unfold mean_sign. rewrite Hrest.
    assert (0 <= (1 - p) * (p / 2) * (gain 1 0 + gain 0 1 + (gain (-1) 0 + gain 0 (-1))))
      by (apply Rmult_le_pos; [apply Rmult_le_pos|]; lra).
    assert (0 <= p / 2 * (p / 2) * (gain 1 1 + gain (-1) (-1) + gain 1 (-1) + gain (-1) 1))
      by (apply Rmult_le_pos; [apply Rmult_le_pos|]; lra).
    lra.
  Qed.

  Lemma locked p worst slope :
    0 < p <= 1 ->
    (forall s x, is_lub (linear_losses 2 eps (moved_pair u u' a a' b x s) x (dot 2 theta x)) (worst s x)) ->
    filterlim (fun s => (mean (inputs 2 r p) (worst s) - mean (inputs 2 r p) (worst 0)) / s) (at_right 0)
      (locally slope) ->
    slope >= 0.
  Proof.
    intros Hp Hworst Hslope. apply Rle_ge. eapply Rle_trans; [exact (mean_gain_nonnegative p Hp)|].
    set (loss := fun s k => let k1 := k 1%nat in let k2 := k 2%nat in
      (eps * norm_2 2 (moving (start k1 k2) (first k1 k2) (second k1 k2) s)
       + Rabs (s * dot 2 (first k1 k2) (input k1 k2) + s ^ 2 * dot 2 (second k1 k2) (input k1 k2))) ^ 2).
    assert (Hrisk : forall s, mean (inputs 2 r p) (worst s) = mean (signs 2 p) (loss s)).
    { intros s. rewrite mean_inputs. apply mean_signs_ext. intros k Hk.
      exact (moved_pair_loss (worst s) k s Hk (Hworst s)). }
    apply (slope_from_below (fun s => mean (inputs 2 r p) (worst s)) _
      (mean (signs 2 p) (fun k => second_order 2 eps (start (k 1%nat) (k 2%nat)) (first (k 1%nat) (k 2%nat))
        (second (k 1%nat) (k 2%nat)) (input (k 1%nat) (k 2%nat)))) slope); [|exact Hslope].
    intros s Hs. rewrite !Hrisk, <- (mean_two_signs 2 p 1 2 gain) by lia.
    set (C := fun k : nat -> Z => second_order 2 eps _ _ _ _).
    assert (Hstart : mean (signs 2 p) (loss 0) = mean (signs 2 p)
      (fun k => (eps * norm_2 2 (start (k 1%nat) (k 2%nat))) ^ 2)).
    { apply mean_ext. intros k. unfold loss. cbv zeta.
      rewrite (norm_same _ _ (norm_2_is_norm 2) (moving _ _ _ 0) (start (k 1%nat) (k 2%nat)))
        by (intros i _; unfold moving, plus, scale; ring).
      replace (0 * _ + 0 ^ 2 * _) with 0 by ring. rewrite Rabs_R0. ring. }
    rewrite Hstart. unfold Rminus. rewrite <- Ropp_mult_distr_l_reverse, <- !mean_scale, <- !mean_add.
    apply mean_le_everywhere; [apply signs_is_law; lra|]. intros k. unfold loss, gain, C. cbv zeta.
    pose proof (loss_from_below 2 eps (start (k 1%nat) (k 2%nat)) (first (k 1%nat) (k 2%nat))
      (second (k 1%nat) (k 2%nat))
      (input (k 1%nat) (k 2%nat)) s ltac:(lra) Hs). lra.
  Qed.

End Lock.

Theorem P7_locked_pair_holds : P7_locked_pair.
Proof.
  intros theta u u' a a' r b p eps worst slope Hp Hb Heps Hu1 Ha1 Hu2 Ha2 Hworst Hslope.
  exact (locked Hb Heps Hu1 Ha1 Hu2 Ha2 p worst slope Hp Hworst Hslope).
Qed.
