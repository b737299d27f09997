"""Who runs a session."""
