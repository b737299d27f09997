"""The queue of runs: which part of which session runs next, and on what."""
