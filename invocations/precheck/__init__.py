"""What is known of a node before it runs: the size of what it makes, and the inputs that it would refuse."""
