"""P7: the forces on cross-talk, per sample and in population."""

from theory.claims import Claim
from theory.purification.p7_balance import BALANCE
from theory.purification.p7_flow import CLEAN, CROSS_TALK, LEAST_RATE
from theory.purification.p7_lock import CLAUSES

P7 = Claim(
    id="P7",
    title="Forces on cross-talk, and the lock of square mixtures",
    clauses=(CLEAN, CROSS_TALK, LEAST_RATE, BALANCE, *CLAUSES),
    setting=(),
    source="beyond the paper",
    kind="sharpened",
)
