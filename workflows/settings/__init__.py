"""Settings: the table, the files, the folders."""
