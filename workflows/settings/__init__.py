"""The settings of every application: their table, their files and variables, the program's folders."""
