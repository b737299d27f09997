"""Prompt templates in the syntax of Dynamic Prompts, such as `a {red|blue} __animal__`."""
