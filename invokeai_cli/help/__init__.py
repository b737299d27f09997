"""Draw help pages as text, for a terminal or a file."""
