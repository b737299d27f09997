"""Prompts: weights in them, tokens from them, hidden states of them."""
