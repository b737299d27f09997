"""Recipes of the user: lines that are saved as commands, with `${NAME}` as inputs."""
