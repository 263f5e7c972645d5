"""Simulations measure purity and risk of trained replicas, with intervals over seeds."""
