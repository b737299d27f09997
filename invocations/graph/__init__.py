"""The graph: pure data and pure functions on it; runs nothing."""
