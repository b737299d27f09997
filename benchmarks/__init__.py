"""Check performance claims; each module measures a figure and its ratio to a reference from the same run."""
