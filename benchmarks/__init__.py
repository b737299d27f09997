"""Measured claims: each module prints ratios taken in one run against something run beside it."""
