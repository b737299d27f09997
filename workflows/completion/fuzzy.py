"""How well what is typed fits a word that is known, by its beginning, inside, scattered; or a line of the history."""

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


def fit_line(typed: str, line: str) -> int:
    """Return how well a search fits a whole line, 0 the best: as it is typed, all its words, its letters scattered."""
    typed, line = typed.lower().strip(), line.lower()
    if typed in line:
        return 0
    if all(word in line for word in typed.split()):
        return 1
    letters = iter(line)
    if len(typed) >= LEAST_SCATTERED and all(letter in letters for letter in typed if not letter.isspace()):
        return 2
    return NOT_AT_ALL


def _scattered(typed: str, word: str) -> bool:
    """Tell whether the letters stand in the word in their order, the first at a part's beginning."""
    letters = iter(word)
    return typed[:1] == word[:1] and all(letter in letters for letter in typed)
