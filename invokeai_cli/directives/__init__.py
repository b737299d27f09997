"""Shell directives: never nodes, never piped. table.py describes them; each file is imported only when it is used."""
