"""The generated snapshot: the index of families, and one module for each family."""
