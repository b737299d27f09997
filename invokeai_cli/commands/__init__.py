"""Commands made from metadata: field kinds and text, help pages, completion, the lazy Typer group."""
