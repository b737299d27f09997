"""Fuzzy matching of typed text with words (by prefix, substring or scattered letters) and with history lines."""

from __future__ import annotations

from typing import Final

NO_MATCH: Final = 9
MIN_SCATTERED = 3  # the minimum number of scattered letters: fewer would match nearly everything


def score(typed: str, word: str) -> int:
    """Return how well a word matches the typed text: 0 for the best match, more for worse ones, or NO_MATCH."""
    typed, word = typed.lower(), word.lower()
    if word.startswith(typed):
        return 0
    at = word.find(typed)
    if at > 0:
        return 1 if not word[at - 1].isalnum() else 2
    if len(typed) >= MIN_SCATTERED and _scattered(typed, word):
        return 3
    return NO_MATCH


def score_line(typed: str, line: str) -> int:
    """Return how well a line matches a search.

    0 if the line contains the typed text, 1 if it contains all of its words, 2 if it contains its letters in order,
    or else NO_MATCH.
    """
    typed, line = typed.lower().strip(), line.lower()
    if typed in line:
        return 0
    if all(word in line for word in typed.split()):
        return 1
    letters = iter(line)
    if len(typed) >= MIN_SCATTERED and all(letter in letters for letter in typed if not letter.isspace()):
        return 2
    return NO_MATCH


def _scattered(typed: str, word: str) -> bool:
    """Return True if the word contains the typed letters in order and begins with the first one."""
    letters = iter(word)
    return typed[:1] == word[:1] and all(letter in letters for letter in typed)
