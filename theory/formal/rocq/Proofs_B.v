(** The proofs of what [Statements_B.v] claims, by subject. *)

Require Export ProofsPairs ProofsActivations ProofsDense ProofsLayers ProofsRobust ProofsEncoders ProofsScale
  ProofsCleanScale ProofsFamily.
