"""Random numbers from a seed that are the same on every machine and in every version of Python.

The generator is SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).
A name selects one of several independent streams of the same seed: it is hashed with 64-bit FNV-1a, and the hash is
mixed into the seed.
"""

from __future__ import annotations

WORD = 64  # number of bits in one output
MASK = 2**WORD - 1
GAMMA = 0x9E3779B97F4A7C15  # the increment of the state: 2**64 divided by the golden ratio
FNV_OFFSET, FNV_PRIME = 0xCBF29CE484222325, 0x100000001B3


class Draws:
    """A stream of random numbers, determined by a seed (only its lowest 64 bits count) and a name."""

    def __init__(self, seed: int, name: str = "") -> None:
        self._state = (seed & MASK) ^ (_mixed(_hash(name)) if name else 0)

    def word(self) -> int:
        """Return the next number from 0 to 2**64 - 1."""
        self._state = (self._state + GAMMA) & MASK
        return _mixed(self._state)

    def below(self, limit: int) -> int:
        """Return a number from 0 to `limit` - 1, each with the same probability; `limit` may have any size."""
        bits = (limit - 1).bit_length()
        while True:
            number = 0
            for _ in range(-(-bits // WORD)):
                number = number << WORD | self.word()
            number >>= -bits % WORD
            if number < limit:
                return number

    def distinct(self, count: int, limit: int) -> list[int]:
        """Return `count` different numbers from 0 to `limit` - 1 in random order; time and memory depend on `count`.

        This is a Fisher-Yates shuffle of which only the swapped positions are stored.
        """
        moved: dict[int, int] = {}
        found = []
        for place in range(count):
            other = place + self.below(limit - place)
            found.append(moved.get(other, other))
            moved[other] = moved.get(place, place)
        return found


def _mixed(state: int) -> int:
    state = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & MASK
    state = (state ^ state >> 27) * 0x94D049BB133111EB & MASK
    return state ^ state >> 31


def _hash(name: str) -> int:
    value = FNV_OFFSET
    for byte in name.encode("utf-8", "surrogatepass"):
        value = (value ^ byte) * FNV_PRIME & MASK
    return value
