"""User recipes: lines saved as commands, in which each `${NAME}` is an input."""
