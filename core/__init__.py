"""The AI core: how pictures are computed; it knows nothing of nodes, sessions or screens."""
