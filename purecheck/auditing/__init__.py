"""The audit of anyone's network: read without executing it, measured, and told what the theory says about it."""
