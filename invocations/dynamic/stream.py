"""Random numbers for drawing prompts: the same for the same seed on every machine and in every version of Python.

Number n of draw d is the first 53 bits of the SHA-256 hash of the ASCII string "SEED:d:n", divided by 2**53. So a draw
does not depend on how many others there are.
"""

from __future__ import annotations

import hashlib


class Stream:
    """The random numbers of one draw."""

    def __init__(self, seed: int, draw: int) -> None:
        self._start = f"{seed}:{draw}:"
        self._count = 0

    def unit(self) -> float:
        """Return the next number, at least 0 and below 1."""
        digest = hashlib.sha256(f"{self._start}{self._count}".encode("ascii")).digest()
        self._count += 1
        return (int.from_bytes(digest[:8], "big") >> 11) / 2**53

    def below(self, count: int) -> int:
        """Return an integer at least 0 and below `count`, which is at most 2**32."""
        return int(self.unit() * count)
