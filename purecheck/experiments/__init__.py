"""The training runs that the claims of group E speak of, each made once a run and shared by checks and figures."""
