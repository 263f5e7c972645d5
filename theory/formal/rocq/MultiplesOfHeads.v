(** The adversarial risk of multiples of a head, gates held. *)

From Coq Require Import Bool List ZArith Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
Require Import Model Sums Attacks Networks ProofsNetwork PairLosses Dense Setups.
Open Scope R_scope.

(** Means agree where the integrands do, at every outcome that occurs. *)
Lemma mean_ext_occurs {outcome} (l : law outcome) f g :
  is_law l -> List.Forall (fun '(share, x) => 0 < share -> f x = g x) l -> mean l f = mean l g.
Proof.
  intros [Hl _] H. apply Rle_antisym; apply mean_le; try exact Hl;
    (eapply Forall_impl; [|exact H]); intros [share x] E Hshare; cbv beta in E; rewrite (E Hshare); lra.
Qed.

Lemma mean_at_least_occurs {outcome} (l : law outcome) f g :
  is_law l -> (forall x, f x <= g x) -> mean l f <= mean l g.
Proof. intros [Hl _] H. apply mean_le; [exact Hl|]. apply Forall_forall. intros [share x] _ _. apply H. Qed.

(** Cauchy-Schwarz for finite laws. *)
Lemma mean_cauchy_schwarz {outcome} (l : law outcome) f g :
  is_law l -> mean l (fun x => f x * g x) ^ 2 <= mean l (fun x => f x ^ 2) * mean l (fun x => g x ^ 2).
Proof.
  intros Hl. set (a := mean l (fun x => f x ^ 2)). set (b := mean l (fun x => f x * g x)).
  set (c := mean l (fun x => g x ^ 2)).
  assert (H : forall t, 0 <= a - 2 * t * b + t ^ 2 * c).
  { intros t. replace (a - 2 * t * b + t ^ 2 * c) with (mean l (fun x => (f x - t * g x) ^ 2)).
    - rewrite <- (Rmult_0_l (mean l (fun _ => 0))), <- mean_scale. apply mean_at_least_occurs; [exact Hl|].
      intros x. pose proof (pow2_ge_0 (f x - t * g x)). lra.
    - unfold a, b, c. rewrite <- !mean_scale.
      rewrite (mean_ext _ _ (fun x => f x ^ 2 + (- (2 * t) * (f x * g x) + t ^ 2 * g x ^ 2))) by (intros; ring).
      rewrite !mean_add, !mean_scale. ring. }
  assert (Hc : 0 <= c).
  { rewrite <- (Rmult_0_l (mean l (fun _ => 0))), <- mean_scale. apply mean_at_least_occurs; [exact Hl|].
    intros x. pose proof (pow2_ge_0 (g x)). lra. }
  destruct Hc as [Hc | Hc].
  - pose proof (H (b / c)) as Q. replace (a - 2 * (b / c) * b + (b / c) ^ 2 * c) with (a - b ^ 2 / c) in Q
      by (field; lra).
    apply Rmult_le_reg_r with (/ c); [now apply Rinv_0_lt_compat|].
    rewrite Rmult_assoc, Rinv_r by lra. unfold Rdiv in Q. lra.
  - rewrite <- Hc in *. destruct (Req_dec b 0) as [-> | Hb]; [lra|].
    pose proof (H ((a + 1) / (2 * b))) as Q.
    replace (a - 2 * ((a + 1) / (2 * b)) * b + ((a + 1) / (2 * b)) ^ 2 * 0) with (- 1) in Q by (field; exact Hb). lra.
Qed.

Section Multiples.

  Context (d : nat) (M : matrix) (net : network) (theta : vector) (l : law vector) (eps : R) (risk : R -> R).
  Hypothesis HM : orthogonal d M.
  Hypothesis Hl : is_law l.
  Hypothesis Hfit : exact_fit d M net theta l.
  Hypothesis Heps : 0 <= eps.
  Hypothesis Hrisk : adversarial_risk d M net theta eps l risk.

  Let A := moment_A d theta l.
  Let B := moment_B d M net theta l.
  Let C := moment_C d M net l.
  Let signal (x : vector) := Rabs (dot d theta x).
  Let gain (x : vector) := norm_2 d (effective_map d M net (apply d M x)).

  Lemma gradient_multiple c z : gradient d (with_head net (scale c (head net))) z = scale c (gradient d net z).
  Proof.
    apply FunctionalExtensionality.functional_extensionality. intros i.
    change (scale c (gradient d net z) i) with (c * gradient d net z i). unfold gradient.
    rewrite <- sum_scale. apply sum_ext. intros h _.
    change (head (with_head net (scale c (head net))) h) with (c * head net h).
    change (weight (with_head net (scale c (head net))) h i) with (weight net h i).
    change (node_fires d (with_head net (scale c (head net))) z h) with (node_fires d net z h). ring.
  Qed.

  Lemma gain_gradient x : norm_2 d (gradient d net (apply d M x)) = gain x.
  Proof. unfold gain, norm_2, effective_map. f_equal. symmetry. apply dictionary_square, HM. Qed.

  (** The largest squared error at an input that the network fits. *)
  Lemma worst_at_fit c x worst :
    output d net (apply d M x) = dot d theta x -> largest (attacked_multiples d M net theta eps c x) worst ->
    worst = (Rabs (1 - c) * signal x + Rabs c * eps * gain x) ^ 2.
  Proof.
    intros Hx Hworst. eapply largest_unique; [exact Hworst|].
    set (g := gradient d net (apply d M x)). set (e := (1 - c) * dot d theta x).
    pose proof (dual_of_l2 d (scale c g)) as HD.
    assert (Hn : norm_2 d (scale c g) = Rabs c * gain x).
    { rewrite (norm_scale _ _ (norm_2_is_norm d)). unfold g. now rewrite gain_gradient. }
    assert (Hloss : forall step,
      dot d theta x - held_output d (with_head net (scale c (head net))) (apply d M x) (plus (apply d M x) step)
      = e - dot d (scale c g) step).
    { intros step. rewrite held_gradient, gradient_multiple, dot_plus. fold g.
      rewrite (dot_scale_l d g c (apply d M x)).
      rewrite output_gradient in Hx. fold g in Hx. rewrite Hx. unfold e. ring. }
    assert (E : Rabs (1 - c) * signal x + Rabs c * eps * gain x = eps * norm_2 d (scale c g) + Rabs e).
    { unfold e, signal. rewrite Hn, Rabs_mult. ring. }
    rewrite E. set (R0 := eps * norm_2 d (scale c g)).
    assert (HR : 0 <= R0) by (apply Rmult_le_pos; [exact Heps | apply norm_2_nonnegative]).
    split.
    - destruct (dual_reached (norm_2_is_norm d) _ _ eps (- (sign e * R0)) HD Heps) as [step [Hstep Hdot]].
      + rewrite Rabs_Ropp, Rabs_mult, abs_sign, Rabs_right by lra. unfold R0. lra.
      + exists step. split; [exact Hstep|]. rewrite Hloss, Hdot. symmetry. now apply square_of_error_attained.
    - intros v [step [Hstep ->]]. rewrite Hloss. apply square_of_error.
      exact (dual_bound_abs (norm_2_is_norm d) _ _ eps step HD Hstep).
  Qed.

  Lemma risk_of_multiple c : risk c = mean l (fun x => (Rabs (1 - c) * signal x + Rabs c * eps * gain x) ^ 2).
  Proof.
    destruct (Hrisk c) as [worst [Hworst ->]]. apply mean_ext_occurs; [exact Hl|].
    eapply Forall_impl; [|exact Hfit]. intros [share x] Hx Hshare. cbv beta in Hx.
    apply (worst_at_fit c x (worst x)); [exact (Hx Hshare) | apply Hworst].
  Qed.

  Lemma signal_nonnegative x : 0 <= signal x.
  Proof. apply Rabs_pos. Qed.

  Lemma gain_nonnegative x : 0 <= gain x.
  Proof. apply norm_2_nonnegative. Qed.

  Lemma moment_A_signal : A = mean l (fun x => signal x ^ 2).
  Proof. apply mean_ext. intros x. unfold signal. now rewrite pow2_abs. Qed.

  Lemma moment_C_gain : C = mean l (fun x => gain x ^ 2).
  Proof. apply mean_ext. intros x. unfold gain. now rewrite norm_2_square. Qed.

  Lemma risk_of_share c :
    0 <= c <= 1 -> risk c = A * (1 - c) ^ 2 + 2 * B * c * eps * (1 - c) + C * c ^ 2 * eps ^ 2.
  Proof.
    intros Hc. rewrite risk_of_multiple, moment_A_signal, moment_C_gain. unfold B, moment_B.
    rewrite !Rabs_right by lra.
    rewrite (mean_ext _ _ (fun x => (1 - c) ^ 2 * signal x ^ 2 + (2 * c * eps * (1 - c) * (signal x * gain x)
      + c ^ 2 * eps ^ 2 * gain x ^ 2))) by (intros; ring).
    rewrite !mean_add, !mean_scale. unfold signal, gain. ring.
  Qed.

  Lemma risk_beyond u : 0 <= u -> C * eps ^ 2 <= risk (u + 1).
  Proof.
    intros Hu. rewrite risk_of_multiple, moment_C_gain, Rmult_comm, <- mean_scale.
    apply mean_at_least_occurs; [exact Hl|]. intros x.
    pose proof (signal_nonnegative x). pose proof (gain_nonnegative x).
    rewrite (Rabs_right (u + 1)) by lra. replace (Rabs (1 - (u + 1))) with u by (rewrite Rabs_left1; lra).
    rewrite <- Rpow_mult_distr. apply pow_incr.
    assert (0 <= eps * gain x) by (apply Rmult_le_pos; assumption).
    assert (0 <= u * signal x) by (apply Rmult_le_pos; assumption).
    assert (0 <= u * (eps * gain x)) by (apply Rmult_le_pos; assumption). split; lra.
  Qed.

  Lemma risk_below u : 0 <= u -> A <= risk (- u).
  Proof.
    intros Hu. rewrite risk_of_multiple, moment_A_signal.
    apply mean_at_least_occurs; [exact Hl|]. intros x.
    pose proof (signal_nonnegative x). pose proof (gain_nonnegative x).
    rewrite Rabs_Ropp, (Rabs_right u), (Rabs_right (1 - - u)) by lra. apply pow_incr.
    assert (0 <= u * signal x) by (apply Rmult_le_pos; assumption).
    assert (0 <= u * eps * gain x) by (repeat apply Rmult_le_pos; assumption). split; lra.
  Qed.

End Multiples.

Lemma moments_in_order d M net theta l :
  is_law l -> moment_B d M net theta l ^ 2 <= moment_A d theta l * moment_C d M net l.
Proof.
  intros Hl. rewrite moment_A_signal, (moment_C_gain d M net). now apply mean_cauchy_schwarz.
Qed.
