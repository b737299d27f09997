"""Workers: the port, the processes that run nodes, and what a run knows of the nodes that they have."""
