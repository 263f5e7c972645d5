"""Records of runs on real data, one JSON file for each run; checks and the report read nothing else."""
