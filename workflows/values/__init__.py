"""Convert between strings and values, with one codec for each kind of field."""
