"""Charts: a graph as boxes and links, written as Mermaid or DOT."""
