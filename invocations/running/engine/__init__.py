"""The warm engine: a process that keeps models loaded and runs steps for other processes of this program."""
