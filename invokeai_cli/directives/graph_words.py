"""What stands behind `graph`: switches before or after all else, then a line, a stage, a session, or nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from invocations.language.script import SILENT
from invocations.language.source import Source
from invocations.language.tokens import Token, tokenize

SWITCHES = {
    "--all": "a box for each node of a recipe",
    "--mermaid": "write it for Mermaid",
    "--dot": "write it for Graphviz",
}
SESSION = re.compile(r"\d{4}[\d-]*[\da-f]*")  # the name of a session, or its beginning: the year it is of
NUMBER = re.compile(r"-?\d{1,3}")  # of a stage


@dataclass(frozen=True, slots=True)
class Words:
    """The switches, the one word that is no line ("" where there is none), and the line where there is one."""

    switches: frozenset[str]
    word: str
    line: Source | None


def read_words(source: Source, options_of: Callable[[str], Iterable[str]]) -> Words:
    """Sort what stands behind `graph`; `options_of` gives the options that a command has itself."""
    tokens = [token for token in tokenize(source) if token.kind not in SILENT]
    own = _own_options(tokens, options_of)
    switches, text = set(), source.text
    for end in (0, -1):
        while tokens and tokens[end].text in SWITCHES and (end == 0 or tokens[end].text not in own):
            token = tokens.pop(end)
            switches.add(token.text)
            text = text[: token.span.start] + " " * len(token.text) + text[token.span.end :]
    if len(tokens) == 1 and tokens[0].kind == "quoted":  # in a shell: graph 'a | b' --all
        return replace(read_words(replace(source, text=tokens[0].value), options_of), switches=frozenset(switches))
    word = tokens[0].text if len(tokens) == 1 else ""
    word = f"@{word}" if NUMBER.fullmatch(word) else word
    is_line = bool(tokens) and word[:1] != "@" and not SESSION.fullmatch(word)
    return Words(frozenset(switches), "" if is_line else word, replace(source, text=text) if is_line else None)


def _own_options(tokens: list[Token], options_of: Callable[[str], Iterable[str]]) -> Iterable[str]:
    """Return the options of the last command of a line."""
    bars = [index for index, token in enumerate(tokens) if token.kind == "bar"]
    words = [token.text for token in tokens[bars[-1] + 1 if bars else 0 :] if token.text not in SWITCHES]
    return options_of(words[0]) if words else ()
