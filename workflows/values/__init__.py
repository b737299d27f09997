"""Strings to values and values to strings, one codec per kind of field."""
