"""Session stores, and the export and import of sessions."""
