"""Settings of every application: the table of them, the files and variables they come from, the program's folders."""
