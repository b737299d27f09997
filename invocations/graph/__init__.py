"""The graph as pure data, and pure functions that operate on it. Nothing in this package runs a node."""
