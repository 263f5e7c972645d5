"""The protocol on real images: pre-train, put a new head on frozen features, attack it, and record the run."""
