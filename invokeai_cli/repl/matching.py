"""How well a word that is typed fits one that is known: its beginning, a later part's beginning, inside, scattered."""

from __future__ import annotations

from typing import Final

NOT_AT_ALL: Final = 9
LEAST_SCATTERED = 3  # letters: fewer would fit nearly everything


def fit(typed: str, word: str) -> int:
    """Return 0 for the best fit, more for worse ones, NOT_AT_ALL where a word does not fit."""
    typed, word = typed.lower(), word.lower()
    if word.startswith(typed):
        return 0
    at = word.find(typed)
    if at > 0:
        return 1 if not word[at - 1].isalnum() else 2
    if len(typed) >= LEAST_SCATTERED and _scattered(typed, word):
        return 3
    return NOT_AT_ALL


def _scattered(typed: str, word: str) -> bool:
    """Tell whether the letters stand in the word in their order, the first at a part's beginning."""
    letters = iter(word)
    return typed[:1] == word[:1] and all(letter in letters for letter in typed)
