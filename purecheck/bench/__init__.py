"""Benchmarks against the floor of the machine and against the libraries that a user would pick instead."""
