"""The catalogue of nodes: discovery, plug-ins, recipes, metadata snapshot, registry."""
