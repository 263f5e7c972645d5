"""Enclosures: ball arithmetic over closed forms, their roots and their critical points."""
