"""Supervised and contrastive pre-training of the gated layer on patches, clean or under attack."""
