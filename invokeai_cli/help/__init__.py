"""Help pages, drawn for a terminal."""
