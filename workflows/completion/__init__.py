"""Suggest completions at the cursor, and find errors in a text while it is typed."""
