(** The proofs of what [Statements_A.v] claims, by subject. *)

Require Export ProofsGate ProofsNetwork ProofsFits ProofsFiring ProofsLookUp ProofsGain ProofsForces ProofsLock
  ProofsDirections.
