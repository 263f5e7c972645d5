"""Purification at the size of the paper, clean and adversarial, on a CUDA device or on the host.

``python -m gpu_experiments.paper_scale --out DIR`` prints an estimate of the whole run, then trains one block of
replicas after the other. A finished block is a file in ``DIR``, so that a stopped run continues with the next block.
"""
