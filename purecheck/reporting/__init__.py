"""The report: its tables and figures, the facts of a run as JSON, and one page that shows them."""
