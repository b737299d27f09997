"""What a terminal reports about itself: the query, and the replies, which are filtered out of the input. Pure.

The program does not wait for a reply, which may arrive late, in pieces or never; keys typed in between pass through. So
the query is sent only at the interactive prompt, where replies can be filtered out of all input.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from invokeai_cli.environment import Environment

from .images import ImageProtocol, choose

# asks for the terminal's name (XTVERSION) and abilities (DA1); no terminal displays this query
QUERY: Final = "\x1b[>0q\x1b[c"
# no key sends any of these sequences
REPLY: Final = re.compile(r"\x1b\[[?>=][\d;]*[@-~]|\x1bP>\|([^\x00-\x1f]*)(?:\x1b\\|\x07)")
PARTIAL: Final = re.compile(r"(?:\x1b\[[?>=][\d;]*|\x1bP>[^\x00-\x1f]*\x1b?)\Z")
# a sequence that begins like a reply, but continues differently
INVALID: Final = re.compile(r"\x1b\[[?>=][\d;]*(?=[^\d;@-~])")
ABILITIES_REPLY: Final = re.compile(r"\x1b\[\?([\d;]*)c")
SIXEL: Final = "4"  # the number that stands for sixel in the list of abilities
REPLY_TIMEOUT_S: Final = 0.5  # time after which the rest of an incomplete reply is no longer expected
MAX_REPLY_LENGTH: Final = 256  # maximum length of a reply in characters
NAMED: Final[dict[str, ImageProtocol]] = {
    "kitty": "kitty", "ghostty": "kitty", "wezterm": "iterm", "iterm2": "iterm", "mintty": "iterm",
}  # fmt: skip
QUERIED: Final = ("xterm", "tmux", "screen", "foot", "rxvt", "konsole", "vte", "alacritty", "contour", "wezterm", "st")


def should_query(environment: Environment, choice: str) -> bool:
    """Return True if a terminal may support more than its environment variables show, and ignores unknown queries."""
    known = choose(environment, choice)
    return choice == "auto" and known == "blocks" and environment.variable("TERM").startswith(QUERIED)


def protocol_of(name: str, abilities: str) -> ImageProtocol | None:
    """Return the image protocol of a terminal with this name and these abilities; None if that is not known."""
    for word, protocol in NAMED.items():
        if name.lower().startswith(word):
            return protocol
    return "sixel" if SIXEL in abilities.split(";")[1:] else None


class QueryFilter:
    """Filters terminal replies out of the input, and passes the image protocol that they name to `report`."""

    def __init__(self, report: Callable[[ImageProtocol], None], clock: Callable[[], float]) -> None:
        self._report = report
        self._clock = clock
        self._partial = ""  # the beginning of a reply that is still incomplete
        self._later = ""  # the input that arrived after this beginning
        self._since = 0.0
        self._name = ""

    def keys(self, text: str) -> str:
        """Return what was typed, without replies."""
        if not self._partial and "\x1b" not in text:
            return text
        if self._clock() - self._since > REPLY_TIMEOUT_S:
            text, self._partial, self._later = self._later + text, "", ""
        whole = self._partial + self._later + text if self._partial else INVALID.sub("", text)
        kept = REPLY.sub(self._take, whole)
        begun = PARTIAL.search(kept)
        if begun and len(begun[0]) <= MAX_REPLY_LENGTH:
            if self._partial and kept == whole:
                self._later += text
            else:
                self._partial, self._later, self._since = begun[0], "", self._clock()
            return kept[: begun.start()]
        typed = self._later + text if self._partial and kept == whole else kept  # the text turned out not to be a reply
        self._partial = self._later = ""
        return typed

    def _take(self, found: re.Match[str]) -> str:
        abilities = ABILITIES_REPLY.fullmatch(found[0])
        self._name = found[1] if found[1] is not None else self._name
        protocol = protocol_of(self._name, abilities[1] if abilities else "")
        if protocol is not None:
            self._report(protocol)
        return ""
