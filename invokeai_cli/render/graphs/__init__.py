"""A graph for eyes and for other programs: boxes and lines in the terminal, Mermaid, DOT. Pure."""
