"""Run sessions: runners, the execution of a job, and the context in which a node runs."""
