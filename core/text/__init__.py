"""Prompts: weights, tokens and hidden states."""
