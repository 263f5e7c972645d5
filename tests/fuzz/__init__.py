"""Fuzzing: every door of the suite under inputs that were whole before they were damaged."""
