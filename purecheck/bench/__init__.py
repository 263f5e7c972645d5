"""Speed against the floor of the machine and against what a user would pick instead, measured in one run."""
