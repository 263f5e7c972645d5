"""The report: a page with tables and figures, and the same facts as JSON."""
