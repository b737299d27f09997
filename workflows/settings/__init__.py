"""The settings of every application: their table, files and variables, and the program's folders."""
