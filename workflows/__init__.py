"""Text to graph and graph to text, for every application."""
