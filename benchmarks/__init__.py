"""Measured claims: each module prints ratios to a reference measured in the same run."""
