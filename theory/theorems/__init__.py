"""Textbook theorems as links of a derivation.

Each function takes an instance, checks the hypotheses of the theorem on it by exact algebra, and returns the link
that the theorem then gives. No link of kind "theorem" is made anywhere else.
"""
