"""Sphinx configuration: Markdown with dollar mathematics."""

project = "purecheck"
author = "The purecheck developers"
extensions = ["myst_parser", "sphinx.ext.mathjax"]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
suppress_warnings = ["myst.header"]
html_title = "purecheck"
