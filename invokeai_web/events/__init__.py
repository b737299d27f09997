"""The events of sessions, numbered and kept for a while, so that a client whose connection was cut misses none."""
