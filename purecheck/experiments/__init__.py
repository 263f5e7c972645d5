"""Experiments train the networks that claims speak of, and measure them; each arm is trained once in a run."""
