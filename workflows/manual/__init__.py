"""The manual as data: help topics and the pages of commands. Applications decide how to show them."""
