"""The models service."""
