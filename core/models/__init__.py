"""Find models on this machine, describe them without torch, and load them part by part."""
