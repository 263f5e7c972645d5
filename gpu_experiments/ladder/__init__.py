"""Attacks on images: FGM, PGD, gate-aware PGD and an independent suite; worst case per image; sanity flags."""
