"""Records of runs on real data: what was measured, as one JSON file a run; checks and the report read nothing else."""
