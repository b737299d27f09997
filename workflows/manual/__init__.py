"""The manual as data: topics, the sections of a command's page, examples. Drawing them is the application's."""
