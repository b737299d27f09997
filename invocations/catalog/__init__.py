"""The catalog of nodes and recipes: discovery, plug-ins, the metadata snapshot and the registry."""
