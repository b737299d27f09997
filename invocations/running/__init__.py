"""Running sessions: runners, the execution of one job, and the context that nodes work in."""
