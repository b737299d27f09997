"""Turn a line into a plan of nodes, values and links, without side effects; a line is planned whole or not at all."""
