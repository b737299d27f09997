"""A graph as boxes and links, as Mermaid and as DOT."""
