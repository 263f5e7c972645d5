"""Puts the recorded results, which lie beside the packages, into the wheel; all else is in pyproject.toml.

Setuptools finds packages by their folders and has no declarative way to add one from elsewhere to those that it finds.
"""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["theory*", "numerics*", "purecheck*", "gpu_experiments*"]), "purecheck.results"],
    package_dir={"purecheck.results": "results"},
)
