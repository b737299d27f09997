"""Sessions: their graph, results, errors and journal."""
