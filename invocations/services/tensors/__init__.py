"""The tensors service."""
