"""Did you mean: the known words nearest to a mistyped one."""

from __future__ import annotations

from collections.abc import Iterable

MOST = 3  # suggestions
SHORTEST_STEM = 3  # letters that a mere beginning of a word needs


def nearest(word: str, words: Iterable[str]) -> list[str]:
    """Return at most three of the words, likeliest first, or none where nothing is near."""
    wanted = _fold(word)
    allowed = 1 if len(wanted) < 6 else 2 if len(wanted) < 9 else 3
    ranked: list[tuple[int, int, str]] = []
    for index, candidate in enumerate(dict.fromkeys(words)):
        folded = _fold(candidate)
        distance = edits(wanted, folded, allowed)
        if distance < len(wanted) and distance <= allowed:
            ranked.append((distance, index, candidate))
        elif len(wanted) >= SHORTEST_STEM and folded.startswith(wanted):
            ranked.append((allowed, index, candidate))
    return [candidate for _, _, candidate in sorted(ranked)[:MOST]]


def _fold(word: str) -> str:
    return word.lower().replace("_", "-")


def edits(a: str, b: str, most: int) -> int:
    """Return the letters to add, drop, change or swap to make one word the other; more than `most` is `most + 1`.

    Damerau-Levenshtein in its restricted form: no stretch is edited twice.
    """
    if abs(len(a) - len(b)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        earlier, before, row = before, row, [i]
        for j, other in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == other:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
        if min(row) > most and min(before) > most:
            return most + 1
    return min(row[-1], most + 1)
