"""Shared parts of compiled loops: their compilation, their threads, steps in the ball, and lists of nodes."""
