"""Attacks on images: FGM, PGD, gate-aware PGD and an independent suite; the worst case of each image; sanity flags."""
