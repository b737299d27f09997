"""GRAPH -> LINE, SESSION -> SCRIPT: the inverse of planning. Pure."""
