"""Contrastive learning from pairs of observations: encoders, losses, attacks, training, and optimal Gram matrices."""
