"""Sweeps: inputs with several values become axes, along which the stages of a line run."""
