"""Turn events into output for people and programs."""
