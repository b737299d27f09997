"""A session: its graph, results, errors and journal."""
