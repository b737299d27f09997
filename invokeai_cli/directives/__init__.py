"""Shell directives, which are not nodes and cannot be piped. `table.py` describes them without importing them."""
