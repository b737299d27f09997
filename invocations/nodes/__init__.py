"""The built-in invocations, one file per family, discovered automatically."""
