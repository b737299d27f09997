"""The manual as data: topics, the pages of commands, examples. Applications draw them."""
