"""Scripts planned as a whole: variables, reading, planning, running, going on after an interruption."""
