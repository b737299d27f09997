"""Suggest the closest known words for a mistyped one, as a "did you mean" hint."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

MAX_SUGGESTIONS = 3
MIN_PREFIX = 3  # minimum length of a prefix for which the whole word is suggested


def did_you_mean(word: str, words: Iterable[str], otherwise: str | None = None, *, prefix: str = "") -> str | None:
    """Return a hint with the known words closest to a mistyped one, or `otherwise` if none is close."""
    close = nearest(word, words)
    return f"did you mean {one_of(close, prefix=prefix)}?" if close else otherwise


def one_of(words: Sequence[str], *, prefix: str = "") -> str:
    """Join words as alternatives, such as "`a`, `b` or `c`"."""
    *before, last = [f"`{prefix}{word}`" for word in words]
    return f"{', '.join(before)} or {last}" if before else last


def nearest(word: str, words: Iterable[str]) -> list[str]:
    """Return up to three close words, the most likely first."""
    typed = _fold(word)
    allowed = 1 if len(typed) < 6 else 2 if len(typed) < 9 else 3
    ranked: list[tuple[int, int, str]] = []
    for index, candidate in enumerate(dict.fromkeys(words)):
        folded = _fold(candidate)
        distance = edits(typed, folded, allowed)
        if distance < len(typed) and distance <= allowed:
            ranked.append((distance, index, candidate))
        elif len(typed) >= MIN_PREFIX and folded.startswith(typed):
            ranked.append((allowed, index, candidate))
    return [candidate for _, _, candidate in sorted(ranked)[:MAX_SUGGESTIONS]]


def _fold(word: str) -> str:
    return word.lower().replace("_", "-")


def edits(a: str, b: str, limit: int) -> int:
    """Return the edit distance of two words, or `limit + 1` if it exceeds `limit`.

    This is the restricted Damerau-Levenshtein distance: it counts insertions, deletions, substitutions and swaps of
    neighbors, and no substring is edited twice.
    """
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        earlier, before, row = before, row, [i]
        for j, other in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == other:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
        if min(row) > limit and min(before) > limit:
            return limit + 1
    return min(row[-1], limit + 1)
