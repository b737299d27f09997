"""A prompt template: count its prompts, yield all of them, or draw random ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from .build import Builder, TemplateScope
from .choices import Choice, Turn
from .errors import DynamicError
from .parser import parse_phrase
from .parts import Phrase
from .stream import Stream
from .wildcards import Wildcards

MAX_COUNT: Final = 10**100  # larger numbers take long to compute and to print


def parse_template(text: str) -> PromptTemplate:
    """Parse a template. Raises: DynamicError."""
    return PromptTemplate(text, parse_phrase(text))


class PromptTemplate:
    """A parsed template. Whitespace in its prompts is collapsed, unless the template is only plain text.

    All methods raise DynamicError if a wildcard or a variable is missing, or a prompt could be too long.
    """

    def __init__(self, text: str, phrase: Phrase) -> None:
        self.text = text
        self._phrase = phrase
        self._built: tuple[Wildcards, Choice, bool] | None = None

    @property
    def is_dynamic(self) -> bool:
        """Whether the template is more than plain text."""
        return self._phrase.literal != self.text

    def check(self, wildcards: Wildcards) -> None:
        """Raise the error that `draw` would raise, without generating any prompts."""
        self._choice(wildcards)

    def is_random(self, wildcards: Wildcards) -> bool:
        """Whether `all` depends on its seed: the template or a line of a wildcard has a group such as `{~a|b}`."""
        self._choice(wildcards)
        return self._built is not None and self._built[2]

    def count(self, wildcards: Wildcards) -> int:
        """Return how many prompts `all` yields, without generating any of them."""
        count = self._choice(wildcards).count
        if count > MAX_COUNT:
            raise DynamicError("the template has more than 10**100 prompts; draw some of them instead")
        return count

    def all(self, wildcards: Wildcards, seed: int = 0) -> Iterator[str]:
        """Yield every prompt, where the first group changes slowest; `seed` decides what `{~a|b}` becomes."""
        choice = self._choice(wildcards)
        for index in range(self.count(wildcards)):
            yield self._prompt(choice.at(index, Turn(index, Stream(seed, index))))

    def draw(self, wildcards: Wildcards, count: int, seed: int) -> list[str]:
        """Return random prompts; prompt n depends only on the seed and on n, and may be equal to another prompt."""
        return list(self.draws(wildcards, count, seed))

    def draws(self, wildcards: Wildcards, count: int, seed: int) -> Iterator[str]:
        """Yield the prompts that `draw` returns."""
        choice = self._choice(wildcards)
        return (self._prompt(choice.drawn(Turn(index, Stream(seed, index)))) for index in range(count))

    def _choice(self, wildcards: Wildcards) -> Choice:
        if self._built is None or self._built[0] is not wildcards:
            builder = Builder(wildcards)
            self._built = wildcards, builder.phrase(self._phrase, TemplateScope()), builder.is_random
        return self._built[1]

    def _prompt(self, text: str) -> str:
        return " ".join(text.split()) if self.is_dynamic else text
