"""``python -m gpu_experiments.paper_scale``."""

from gpu_experiments.paper_scale.command import command

command(prog_name="paper-scale")
