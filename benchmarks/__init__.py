"""Measure performance claims; each module measures the ratio to a reference that runs in turn with it."""
