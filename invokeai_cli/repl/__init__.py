"""The interactive prompt, with completion, colors and history. Only this package imports prompt_toolkit."""
