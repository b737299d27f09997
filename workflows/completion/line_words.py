"""Read the words after a directive that takes a line, such as `graph`.

The words are switches, at the beginning or the end, and a line, a stage (`@3`) or a session.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from invocations.frozen import frozen
from invocations.language.script import SILENT
from invocations.language.source import Source
from invocations.language.tokens import Token, tokenize

SESSION = re.compile(r"\d{4}[\d-]*[\da-f]*|latest")  # a session id, its first characters (the year), or `latest`
NUMBER = re.compile(r"-?\d{1,3}")  # the number of a stage


@frozen
class LineWords:
    """The words after a directive, divided into switches, a stage or session, and a line.

    word: a stage (`@3`) or the id of a session, or "" if there is none
    line: the line, or None if there is none
    """

    switches: frozenset[str]
    word: str
    line: Source | None


def read_line(
    source: Source, switches: Collection[str], options_of: Callable[[str], Iterable[str]] = lambda _: ()
) -> LineWords:
    """Divide the words after a directive into switches, a stage or session, and a line.

    options_of: returns the options of a command; at the end of a line, these are not taken for switches
    """
    tokens = [token for token in tokenize(source) if token.kind not in SILENT]
    own = _own_options(tokens, switches, options_of)
    given, text = set(), source.text
    for end in (0, -1):
        while tokens and tokens[end].text in switches and (end == 0 or tokens[end].text not in own):
            token = tokens.pop(end)
            given.add(token.text)
            text = text[: token.span.start] + " " * len(token.text) + text[token.span.end :]
    if (
        len(tokens) == 1 and tokens[0].kind == "quoted"
    ):  # the line is quoted as a whole, as in a shell: graph 'a | b' --all
        return replace(
            read_line(replace(source, text=tokens[0].value), switches, options_of), switches=frozenset(given)
        )
    word = tokens[0].text if len(tokens) == 1 else ""
    word = f"@{word}" if NUMBER.fullmatch(word) else word
    is_line = bool(tokens) and word[:1] != "@" and not SESSION.fullmatch(word)
    return LineWords(frozenset(given), "" if is_line else word, replace(source, text=text) if is_line else None)


def _own_options(
    tokens: list[Token], switches: Collection[str], options_of: Callable[[str], Iterable[str]]
) -> Iterable[str]:
    """Return the options of the last command of a line."""
    bars = [index for index, token in enumerate(tokens) if token.kind == "bar"]
    words = [token.text for token in tokens[bars[-1] + 1 if bars else 0 :] if token.text not in switches]
    return options_of(words[0]) if words else ()
