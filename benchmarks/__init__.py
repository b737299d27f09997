"""Measure performance claims; each module measures the ratio of a figure to a reference taken in the same run."""
