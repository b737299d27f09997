"""Convert graphs to lines and sessions to scripts: the inverse of planning, without side effects."""
