"""Store sessions, and export and import them."""
