"""Scripts, planned as a whole: reading, variables, planning, running, resuming."""
