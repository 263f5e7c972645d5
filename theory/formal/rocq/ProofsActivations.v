(** Proofs of what [Statements_B.v] claims of activations at rest (A1). *)

From Coq Require Import Bool List ZArith Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
Require Import Model Sums Attacks Networks Functions Setups Logistic Activations Generated Statements_B.
Open Scope R_scope.

(** ** A1 *)

Theorem A1_no_leak_holds : A1_no_leak.
Proof.
  intros b Hb. unfold A1_no_leak_rhs1, A1_no_leak_rhs2, A1_no_leak_rhs3.
  split; [|split]; apply flat_near with (mkposreal b Hb); intros v Hv.
  - now apply biased_relu_below.
  - now apply gate_below.
  - now apply soft_threshold_below.
Qed.

Theorem A1_smooth_activations_leak_holds : A1_smooth_activations_leak.
Proof.
  unfold A1_smooth_activations_leak, A1_smooth_activations_leak_rhs1, A1_smooth_activations_leak_rhs2,
    A1_smooth_activations_leak_rhs3,
    A1_smooth_activations_leak_rhs4.
  split; [|split; [|split]].
  - rewrite <- normal_cdf_0. apply slope_of_product with (normal_density 0). apply is_derive_normal_cdf.
  - replace (1 / 4) with (sigmoid 0 * sigmoid (- 0)) by (rewrite Ropp_0, sigmoid_0; field).
    apply is_derive_sigmoid.
  - rewrite <- sigmoid_0. apply slope_of_product with (sigmoid 0 * sigmoid (- 0)). apply is_derive_sigmoid.
  - apply slope_of_tanh.
Qed.

Theorem A1_relu_a_pair_holds : A1_relu_a_pair.
Proof.
  intros v. apply is_derive_ext with (fun t => t).
  - intros. symmetry. apply odd_pair_relu.
  - apply @is_derive_id.
Qed.

Theorem A1_odd_pairs_are_linear_holds : A1_odd_pairs_are_linear.
Proof. intros v. repeat split; [apply odd_pair_gelu | apply odd_pair_relu | apply odd_pair_silu]. Qed.

Theorem A1_exact_up_to_a_size_holds : A1_exact_up_to_a_size.
Proof. intros d norm M i omega x D eps act Hn HM Hi Hx HD HD0 Heps H. now apply nothing_passes with D. Qed.

Theorem A1_exact_only_then_holds : A1_exact_only_then.
Proof.
  intros d norm M i omega x D eps act u c Hn HM Hi Hx HD HD0 Heps Hu [_ Hc].
  replace (A1_exact_only_then_rhs _ _ _ _) with (Rabs (act (u * eps * D) - act 0)).
  - apply Rle_ge, Hc. apply reached with D; try assumption.
    rewrite Rmult_assoc, Rabs_mult, (Rabs_right (eps * D)) by (apply Rle_ge, Rmult_le_pos; lra).
    assert (Rabs u <= 1) by (apply Rabs_le; lra).
    assert (0 <= eps * D) by (apply Rmult_le_pos; lra). nra.
  - unfold A1_exact_only_then_rhs. rewrite <- Rabs_Ropp. f_equal. ring.
Qed.

Theorem A1_the_gate_is_exact_below_its_threshold_holds : A1_the_gate_is_exact_below_its_threshold.
Proof.
  intros d norm M i omega x D eps b Hn HM Hi Hx HD HD0 Hb [Heps Hlow].
  assert (eps * D < b).
  { apply Rmult_lt_compat_r with (r := D) in Hlow; [|lra].
    unfold Rdiv in Hlow. rewrite Rmult_assoc, Rinv_l in Hlow; lra. }
  apply nothing_passes with D; try assumption.
  intros v Hv. rewrite !gate_below; [reflexivity | rewrite Rabs_R0; lra | lra].
Qed.

Theorem A1_the_cube_separates_the_two_holds : A1_the_cube_separates_the_two.
Proof.
  intros d norm M i omega x D eps Hn HM Hi Hx HD HD0 Heps. split.
  - replace (A1_the_cube_separates_the_two_rhs1 _ _) with (D ^ 3 * eps ^ 3)
      by (unfold A1_the_cube_separates_the_two_rhs1; ring).
    now apply cube_passes.
  - unfold A1_the_cube_separates_the_two_rhs2, cube. auto_derive; [exact I | ring].
Qed.

Theorem A1_first_order_holds : A1_first_order.
Proof.
  intros d M i omega x a act slope HM Hi Hx Hact.
  apply is_derive_ext with (fun t => a * act (omega * t)).
  - intros t. do 2 f_equal. rewrite dot_plus, absent_preactivation by assumption.
    rewrite dot_scale_l, dot_scale, (HM i i Hi Hi). unfold delta. rewrite Nat.eqb_refl.
    match goal with |- ?x = ?y => change (@eq R x y) end. ring.
  - replace (A1_first_order_rhs a omega slope) with (a * (omega * slope)) by (unfold A1_first_order_rhs; ring).
    apply is_derive_scal.
    apply (is_derive_comp act (fun t => omega * t) 0 slope omega).
    + rewrite Rmult_0_r. exact Hact.
    + auto_derive; [exact I | ring].
Qed.
