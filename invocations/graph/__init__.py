"""The graph: pure data and pure functions on it. Nothing here runs a node."""
