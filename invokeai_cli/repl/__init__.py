"""The prompt: lines typed by a person, with completion, colours and history. Only here is prompt_toolkit imported."""
