"""Read the settings in a JSON object; settings that cannot be read or were not used are reported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.synonyms.samplers import scheduler_of

from .parameters import GenerationParameters, short
from .prompt_weights import rewrite
from .untrusted import integer, number, size, string

EMPTY: tuple[Any, ...] = (None, False, 0, 0.0, "", [], {}, "None")
MAX_REPORTED = 60  # how many settings are reported one by one


class JsonSettings:
    """The settings of a JSON object; each method reads the first of the given names that is present."""

    def __init__(self, data: Mapping[str, Any], params: GenerationParameters) -> None:
        self._left = dict(data)
        self._params = params

    def take(self, *names: str) -> Any:
        """Return a value and mark its setting as used; None if no such setting exists."""
        return self._named(*names)[1]

    def integer(self, *names: str) -> int | None:
        """Return an integer, or None; a value that cannot be read is reported."""
        return self._params.read(*self._named(*names), integer)

    def number(self, *names: str) -> float | None:
        """Return a number, or None; a value that cannot be read is reported."""
        return self._params.read(*self._named(*names), number)

    def seed(self, *names: str) -> int | None:
        """Return a seed, or None; a seed that is too large is reported."""
        return self._params.read_seed(*self._named(*names))

    def text(self, *names: str) -> str:
        """Return a string, or "" for any other value; a string that is too long is cut, and the cut is reported."""
        return self._params.read_prompt(self.take(*names))

    def size(self, *names: str) -> tuple[int | None, int | None]:
        """Return the width and height in a value such as `512x768` or `(512, 768)`; an invalid value is reported."""
        found = self._params.read(*self._named(*names), _size)
        return found or (None, None)

    def prompt(self, text: str, *, brackets: bool) -> str:
        """Return a prompt with weights in our syntax.

        brackets: whether the prompt has AUTOMATIC1111's syntax rather than ComfyUI's
        """
        rewritten, notes = rewrite(self._params.read_prompt(text), brackets=brackets)
        for note in notes:
            self._params.note(note)
        return rewritten

    def scheduler(self, sampler: str, schedule: str = "") -> str | None:
        """Return our scheduler for a sampler and a noise schedule, or None if no sampler was chosen."""
        if not sampler:
            return None
        found, note = scheduler_of(sampler[:60], schedule[:60])
        if note:
            self._params.note(note)
        return found

    def report(self, ignored: frozenset[str]) -> None:
        """Report all settings that have not been used, except the ignored ones."""
        left = {name: value for name, value in self._left.items() if name not in ignored and value not in EMPTY}
        for name, value in list(left.items())[:MAX_REPORTED]:
            self._params.note(f"`{short(name)}: {short(value)}` is not supported")
        if len(left) > MAX_REPORTED:
            self._params.note(f"{len(left) - MAX_REPORTED} more settings are not supported")

    def _named(self, *names: str) -> tuple[str, Any]:
        name = next((name for name in names if name in self._left), names[0])
        return name, self._left.pop(name, None)


def _size(value: object) -> tuple[int, int] | None:
    text = string(value).strip().strip("()")
    for sign in (",", "*", "×"):
        text = text.replace(sign, "x")
    width, height = size(text)
    return (width, height) if width is not None and height is not None else None
