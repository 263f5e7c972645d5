"""The protocol on real images: pre-train, put a new head on frozen features, climb the ladder, record the run."""
