"""The tables of the report, one file for each table or for a few that belong together."""

from purecheck.reporting.tables import a3_activations, c6_attack_modes, e3_norms, r2_sparse_coding, recorded
from purecheck.reporting.tables.registry import ClaimTable

TABLES: tuple[ClaimTable, ...] = (
    a3_activations.TABLE,
    c6_attack_modes.TABLE,
    e3_norms.TABLE,
    *recorded.TABLES,
    r2_sparse_coding.TABLE,
)
"""All tables, in the order of the report; names are unique."""
