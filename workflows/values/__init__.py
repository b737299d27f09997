"""Text to value and value to text, one codec per kind of field."""
