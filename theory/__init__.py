"""Why it is true: the model, the claims and their derivations, in SymPy alone."""
