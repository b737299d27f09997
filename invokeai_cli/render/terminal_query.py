"""What a terminal says of itself: the question, the answers picked out of what is typed, and what they mean. Pure.

Nobody waits for an answer: it is taken whenever it comes, early, late, in pieces or never, and what is typed between
goes on as it came. So it is asked only where all that comes in is read here, which is at the prompt.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from invokeai_cli.environment import Environment

from .images import ImageProtocol, choose

QUERY: Final = "\x1b[>0q\x1b[c"  # what are you called (XTVERSION), what can you do (DA1): no letter is ever shown
REPLY: Final = re.compile(r"\x1b\[[?>=][\d;]*[@-~]|\x1bP>\|([^\x00-\x1f]*)(?:\x1b\\|\x07)")  # no key sends these
BEGUN: Final = re.compile(r"(?:\x1b\[[?>=][\d;]*|\x1bP>[^\x00-\x1f]*\x1b?)\Z")
BROKEN: Final = re.compile(r"\x1b\[[?>=][\d;]*(?=[^\d;@-~])")  # the beginning of one that goes on as no answer does
ABILITIES: Final = re.compile(r"\x1b\[\?([\d;]*)c")
SIXEL: Final = "4"  # the number of an ability
REPLY_TIMEOUT_S: Final = 0.5  # seconds in which an answer that came in part is expected to be whole
MAX_REPLY_LENGTH: Final = 256  # letters of an answer
NAMED: Final[dict[str, ImageProtocol]] = {
    "kitty": "kitty", "ghostty": "kitty", "wezterm": "iterm", "iterm2": "iterm", "mintty": "iterm",
}  # fmt: skip
ASKED: Final = ("xterm", "tmux", "screen", "foot", "rxvt", "konsole", "vte", "alacritty", "contour", "wezterm", "st")


def should_query(environment: Environment, choice: str) -> bool:
    """Tell whether a terminal may be able to show more than its variables say, and takes the question in silence."""
    known = choose(environment, choice)
    return choice == "auto" and known == "blocks" and environment.variable("TERM").startswith(ASKED)


def protocol_of(name: str, abilities: str) -> ImageProtocol | None:
    """Return how a terminal of this name and these abilities shows pictures; None where it is as if not asked."""
    for word, way in NAMED.items():
        if name.lower().startswith(word):
            return way
    return "sixel" if SIXEL in abilities.split(";")[1:] else None


class QueryFilter:
    """Picks answers out of what comes in; `heard` is told what they mean."""

    def __init__(self, heard: Callable[[ImageProtocol], None], clock: Callable[[], float]) -> None:
        self._heard = heard
        self._clock = clock
        self._begun = ""  # an answer of which a part came
        self._later = ""  # what came after that part
        self._since = 0.0
        self._name = ""

    def keys(self, text: str) -> str:
        """Return what was typed; answers stay out."""
        if not self._begun and "\x1b" not in text:
            return text
        if self._clock() - self._since > REPLY_TIMEOUT_S:
            text, self._begun, self._later = self._later + text, "", ""
        whole = self._begun + self._later + text if self._begun else BROKEN.sub("", text)
        kept = REPLY.sub(self._take, whole)
        begun = BEGUN.search(kept)
        if begun and len(begun[0]) <= MAX_REPLY_LENGTH:
            if self._begun and kept == whole:
                self._later += text
            else:
                self._begun, self._later, self._since = begun[0], "", self._clock()
            return kept[: begun.start()]
        typed = self._later + text if self._begun and kept == whole else kept  # what had begun was no answer
        self._begun = self._later = ""
        return typed

    def _take(self, found: re.Match[str]) -> str:
        abilities = ABILITIES.fullmatch(found[0])
        self._name = found[1] if found[1] is not None else self._name
        way = protocol_of(self._name, abilities[1] if abilities else "")
        if way is not None:
            self._heard(way)
        return ""
