"""Write graphs as lines and sessions as scripts: the inverse of planning, without side effects."""
