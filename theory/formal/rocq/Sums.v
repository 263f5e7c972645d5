(** Lemmas about sums, inner products and norms of the finite model. *)

From Coq Require Import Bool List ZArith Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
Require Import Model.
Open Scope R_scope.

(** ** Sums over [1 .. d] *)

Lemma sum_O f : sum 1 0 f = 0.
Proof. reflexivity. Qed.

Lemma sum_S d f : sum 1 (S d) f = sum 1 d f + f (S d).
Proof.
  unfold sum. replace (S (S d) - 1)%nat with (S d) by lia. replace (S d - 1)%nat with d by lia. reflexivity.
Qed.

(** The sum of the model is that of Coquelicot, in which the exporter writes formulas. *)
Lemma sum_is_sum_n_m first last f : sum first last f = sum_n_m f first last.
Proof.
  unfold sum. induction last as [|last IH].
  - destruct first as [|first].
    + rewrite sum_n_n. cbn. lra.
    + rewrite sum_n_m_zero by lia. reflexivity.
  - destruct (Nat.le_gt_cases first (S last)) as [H|H].
    + rewrite sum_n_Sm by exact H. replace (S (S last) - first)%nat with (S (S last - first)) by lia.
      cbn [sum_of].
      replace (first + (S last - first))%nat with (S last) by lia. rewrite IH. reflexivity.
    + replace (S (S last) - first)%nat with O by lia. rewrite sum_n_m_zero by lia. reflexivity.
Qed.

Ltac sum_induction d := induction d as [|d IH]; [rewrite ?sum_O | rewrite ?sum_S].

Lemma sum_ext d f g : (forall i, (1 <= i <= d)%nat -> f i = g i) -> sum 1 d f = sum 1 d g.
Proof.
  intros H. sum_induction d; [reflexivity|]. rewrite IH, H; [reflexivity|lia|]. intros; apply H; lia.
Qed.

Lemma sum_le d f g : (forall i, (1 <= i <= d)%nat -> f i <= g i) -> sum 1 d f <= sum 1 d g.
Proof.
  intros H. sum_induction d; [lra|].
  apply Rplus_le_compat; [apply IH; intros; apply H; lia | apply H; lia].
Qed.

Lemma sum_zero d f : (forall i, (1 <= i <= d)%nat -> f i = 0) -> sum 1 d f = 0.
Proof.
  intros H. sum_induction d; [reflexivity|]. rewrite IH, H; [lra|lia|]. intros; apply H; lia.
Qed.

Lemma sum_nonnegative d f : (forall i, (1 <= i <= d)%nat -> 0 <= f i) -> 0 <= sum 1 d f.
Proof.
  intros H. rewrite <- (sum_zero d (fun _ => 0)) by reflexivity. apply sum_le, H.
Qed.

Lemma sum_add d f g : sum 1 d (fun i => f i + g i) = sum 1 d f + sum 1 d g.
Proof. sum_induction d; [lra|]. rewrite IH; lra. Qed.

Lemma sum_sub d f g : sum 1 d (fun i => f i - g i) = sum 1 d f - sum 1 d g.
Proof. sum_induction d; [lra|]. rewrite IH; lra. Qed.

Lemma sum_scale d c f : sum 1 d (fun i => c * f i) = c * sum 1 d f.
Proof. sum_induction d; [lra|]. rewrite IH; lra. Qed.

Lemma sum_scale_r d c f : sum 1 d (fun i => f i * c) = sum 1 d f * c.
Proof. sum_induction d; [lra|]. rewrite IH; lra. Qed.

Lemma sum_const d c : sum 1 d (fun _ => c) = INR d * c.
Proof. sum_induction d; [cbn; lra|]. rewrite IH, S_INR; lra. Qed.

Lemma sum_abs d f : Rabs (sum 1 d f) <= sum 1 d (fun i => Rabs (f i)).
Proof.
  sum_induction d; [rewrite Rabs_R0; lra|]. eapply Rle_trans; [apply Rabs_triang|]. lra.
Qed.

Lemma sum_swap d e f :
  sum 1 d (fun i => sum 1 e (fun j => f i j)) = sum 1 e (fun j => sum 1 d (fun i => f i j)).
Proof.
  sum_induction d.
  - symmetry. apply sum_zero. reflexivity.
  - rewrite IH, <- sum_add. apply sum_ext. intros. rewrite sum_S. reflexivity.
Qed.

(** One term alone. *)
Lemma sum_single d i f :
  (1 <= i <= d)%nat -> (forall j, (1 <= j <= d)%nat -> j <> i -> f j = 0) -> sum 1 d f = f i.
Proof.
  intros Hi H. induction d as [|d IH]; [lia|]. rewrite sum_S.
  destruct (Nat.eq_dec i (S d)) as [->|Hne].
  - rewrite sum_zero; [lra|]. intros; apply H; lia.
  - rewrite IH, (H (S d)); [lra|lia|lia|lia|]. intros; apply H; lia.
Qed.

Lemma sum_delta d i f : (1 <= i <= d)%nat -> sum 1 d (fun j => delta i j * f j) = f i.
Proof.
  intros Hi. rewrite (sum_single d i); [|exact Hi|].
  - unfold delta. rewrite Nat.eqb_refl. lra.
  - intros j Hj Hne. unfold delta. destruct (Nat.eqb_spec i j); [congruence|lra].
Qed.

Lemma delta_sym i j : delta i j = delta j i.
Proof. unfold delta. rewrite Nat.eqb_sym. reflexivity. Qed.

(** A sum of terms that are not negative is zero only if all of them are. *)
Lemma sum_zero_terms d f :
  (forall i, (1 <= i <= d)%nat -> 0 <= f i) -> sum 1 d f = 0 -> forall i, (1 <= i <= d)%nat -> f i = 0.
Proof.
  intros H. sum_induction d; [lia|]. intros Hsum i Hi.
  assert (0 <= sum 1 d f) by (apply sum_nonnegative; intros; apply H; lia).
  assert (0 <= f (S d)) by (apply H; lia).
  destruct (Nat.eq_dec i (S d)) as [->|Hne]; [lra|].
  apply IH; [intros; apply H; lia|lra|lia].
Qed.

(** A term is at most a sum of terms that are not negative. *)
Lemma term_le_sum d f i :
  (forall i, (1 <= i <= d)%nat -> 0 <= f i) -> (1 <= i <= d)%nat -> f i <= sum 1 d f.
Proof.
  intros H Hi. induction d as [|d IH]; [lia|]. rewrite sum_S.
  assert (0 <= f (S d)) by (apply H; lia).
  destruct (Nat.eq_dec i (S d)) as [->|Hne].
  - assert (0 <= sum 1 d f) by (apply sum_nonnegative; intros; apply H; lia). lra.
  - assert (f i <= sum 1 d f) by (apply IH; [intros; apply H; lia|lia]). lra.
Qed.

(** ** Inner products *)

Lemma dot_same d x x' y y' : same d x x' -> same d y y' -> dot d x y = dot d x' y'.
Proof. intros Hx Hy. apply sum_ext. intros i Hi. rewrite Hx, Hy by exact Hi. reflexivity. Qed.

Lemma dot_comm d x y : dot d x y = dot d y x.
Proof. apply sum_ext. intros. apply Rmult_comm. Qed.

Lemma dot_plus d w x y : dot d w (plus x y) = dot d w x + dot d w y.
Proof. unfold dot, plus. rewrite <- sum_add. apply sum_ext. intros. lra. Qed.

Lemma dot_scale d w c x : dot d w (scale c x) = c * dot d w x.
Proof. unfold dot, scale. rewrite <- sum_scale. apply sum_ext. intros. lra. Qed.

Lemma dot_scale_l d w c x : dot d (scale c w) x = c * dot d w x.
Proof. rewrite dot_comm, dot_scale, dot_comm. reflexivity. Qed.

Lemma dot_delta d i x : (1 <= i <= d)%nat -> dot d (delta i) x = x i.
Proof. apply sum_delta. Qed.

Lemma dot_of_plus d v w x : dot d (plus v w) x = dot d v x + dot d w x.
Proof. rewrite dot_comm, dot_plus, !(dot_comm d x). reflexivity. Qed.

Lemma square_nonnegative d x : 0 <= square d x.
Proof. apply sum_nonnegative. intros. nra. Qed.

Lemma square_nonzero d x i : (1 <= i <= d)%nat -> x i <> 0 -> 0 < square d x.
Proof.
  intros Hi Hx. apply Rlt_le_trans with (x i * x i); [nra|].
  apply (term_le_sum d (fun i => x i * x i)); [intros; nra|exact Hi].
Qed.

(** The transpose of a matrix moves to the other side of an inner product. *)
Lemma dot_apply d e A x y : dot d (apply e A x) y = dot e x (apply d (transpose A) y).
Proof.
  unfold apply, transpose, dot.
  rewrite (sum_ext d _ (fun i => sum 1 e (fun j => A i j * x j * y i)))
    by (intros; rewrite <- sum_scale_r; reflexivity).
  rewrite sum_swap. apply sum_ext. intros j _. rewrite <- sum_scale. apply sum_ext. intros. lra.
Qed.

Lemma transpose_involutive A : transpose (transpose A) = A.
Proof. reflexivity. Qed.

Lemma square_plus d x y : square d (plus x y) = square d x + 2 * dot d x y + square d y.
Proof.
  unfold square. rewrite dot_plus, (dot_comm d _ x), (dot_comm d _ y), !dot_plus, (dot_comm d y x). ring.
Qed.

Lemma square_scale d c x : square d (scale c x) = c ^ 2 * square d x.
Proof. unfold square. rewrite dot_scale, dot_scale_l. ring. Qed.

(** Cauchy-Schwarz. *)
Lemma dot_square d x y : dot d x y ^ 2 <= square d x * square d y.
Proof.
  set (a := square d x). set (b := dot d x y). set (c := square d y).
  assert (Ha : 0 <= a) by apply square_nonnegative. assert (Hc : 0 <= c) by apply square_nonnegative.
  assert (H : forall s t, 0 <= s ^ 2 * a + 2 * (s * t * b) + t ^ 2 * c).
  { intros s t. pose proof (square_nonnegative d (plus (scale s x) (scale t y))) as H.
    rewrite square_plus, !square_scale, dot_scale, dot_scale_l in H. fold a b c in H. lra. }
  destruct (Req_dec c 0) as [H0|H0].
  - destruct (Req_dec b 0) as [->|Hb]; [rewrite H0; lra|].
    pose proof (H 1 (- (a + 1) / (2 * b))) as H1. rewrite H0 in H1.
    replace (1 * (- (a + 1) / (2 * b)) * b) with (- (a + 1) / 2) in H1 by (field; exact Hb). lra.
  - pose proof (H c (- b)). assert (0 <= c * (a * c - b ^ 2)) by lra. nra.
Qed.

(** ** Gates *)

Lemma at_most_true x y : Reals.at_most x y = true <-> x <= y.
Proof. unfold Reals.at_most. destruct (Rle_dec x y); split; intros; congruence || lra. Qed.

Lemma at_most_false x y : Reals.at_most x y = false <-> y < x.
Proof. unfold Reals.at_most. destruct (Rle_dec x y); split; intros; congruence || lra. Qed.

Lemma fires_spec b v : (fires b v = true /\ b <= Rabs v) \/ (fires b v = false /\ Rabs v < b).
Proof.
  unfold fires. destruct (Reals.at_most b (Rabs v)) eqn:E;
    [left; apply at_most_true in E | right; apply at_most_false in E]; auto.
Qed.

Lemma fires_true b v : b <= Rabs v -> fires b v = true.
Proof. intros H. destruct (fires_spec b v) as [[E _]|[_ H']]; [exact E|lra]. Qed.

Lemma fires_false b v : Rabs v < b -> fires b v = false.
Proof. intros H. destruct (fires_spec b v) as [[_ H']|[E _]]; [lra|exact E]. Qed.

Lemma gate_indicator b v : gate b v = indicator (fires b v) * v.
Proof. unfold gate, indicator. destruct (fires b v); lra. Qed.
