"""Conversion between strings and values, one codec per kind of field."""
