"""Completion at the cursor, and the errors of a text that is being typed."""
