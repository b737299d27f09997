"""Events into what eyes and programs read."""
