"""The report: the facts of a run as JSON, and one page that shows them."""
