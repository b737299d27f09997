"""GRAPH -> LINE: the line that plans to a graph; the way back from what planning does. Pure."""
