"""The error for a template or a wildcard file."""

from __future__ import annotations

from typing import Final

CHARACTER: Final = "character "


class DynamicError(ValueError):
    """A template cannot be read, or a wildcard file cannot be used.

    start, end: the part of the template that the error is about; -1 if there is no such part
    place: the wildcard whose lines contain the error; None if that is not known yet, "" if it does not matter
    """

    def __init__(
        self, message: str, hint: str = "", *, start: int = -1, end: int = -1, place: str | None = None
    ) -> None:
        super().__init__(message)
        self._message = message
        self.hint = hint
        self.start = start
        self.end = end
        self.place = place

    @property
    def message(self) -> str:
        """What is wrong, as one sentence."""
        return f"in the wildcard `{self.place}`: {self._message}" if self.place else self._message

    @property
    def placed_message(self) -> str:
        """The message with the place in the template, counted in characters from 1, if it is known."""
        is_placed = self.place or self.start < 0 or self._message.startswith(CHARACTER)
        return self.message if is_placed else f"{CHARACTER}{self.start + 1}: {self.message}"

    def __str__(self) -> str:
        return self.message

    def within(self, wildcard: str, start: int, end: int) -> DynamicError:
        """Return the error for a template that uses a wildcard, given the error in the wildcard's lines."""
        place = wildcard if self.place is None else self.place
        return DynamicError(self._message, self.hint, start=start, end=end, place=place)
