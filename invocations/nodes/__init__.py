"""The built-in nodes: one file per family, discovered automatically."""
