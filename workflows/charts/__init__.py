"""A graph as boxes and links, Mermaid and DOT."""
