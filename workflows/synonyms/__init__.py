"""What other tools call our commands, inputs, help topics and schedulers."""
