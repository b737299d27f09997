"""Run sessions: runners, the execution of one job, and the context of running nodes."""
