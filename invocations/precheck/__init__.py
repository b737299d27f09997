"""Predict, before a node runs, the size of its output, and refuse inputs that the node would refuse."""
