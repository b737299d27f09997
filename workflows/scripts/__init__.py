"""Scripts, which are planned as a whole before they run: reading, variables, planning, running, resuming."""
