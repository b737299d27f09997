"""The enhancement service."""
