"""Suggest completions at the cursor, and find errors in text while it is typed."""
