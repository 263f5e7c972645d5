"""Experiments train the networks that claims are about, and measure them; each arm is trained once in a run."""
