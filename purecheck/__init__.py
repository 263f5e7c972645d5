"""Where claims meet checks: verdicts, the report and the command line."""
