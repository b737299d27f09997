"""The prompt: lines typed by a person, with completion, colors and history. Only here is prompt_toolkit imported."""
