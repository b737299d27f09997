"""Where the cursor stands in a text: which line and stage, what of the stage is written, which word is being typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from invocations.language.script import SILENT
from invocations.language.source import Source
from invocations.language.tokens import Token, tokenize
from invokeai_cli.directives import before_line
from invokeai_cli.directives.graph_words import SWITCHES


@dataclass(frozen=True, slots=True)
class Place:
    """The word being typed and what stands before it.

    before: the line up to this stage's bar ("|" where that bar is the first thing), "" for the first stage.
    stage: the tokens of this stage before the word, its command first; stage_text: as they are written.
    typed: the word so far, without its quote. start: where what a suggestion replaces begins.
    option: the option whose value the word is, with its dashes. told: the shell's word before the line.
    """

    before: str
    stage: tuple[Token, ...]
    typed: str
    start: int
    option: str = ""
    told: str = ""
    stage_text: str = ""

    @property
    def explained(self) -> bool:
        """Tell whether the line stands behind a word of the shell that takes one."""
        return bool(self.told)

    @property
    def is_first(self) -> bool:
        """Tell whether no bar stands before."""
        return not self.before

    @property
    def command(self) -> str:
        """Return the stage's command, "" where the word itself is it."""
        return self.stage[0].value if self.stage else ""


def find_place(text: str, cursor: int) -> Place | None:
    """Return where the cursor stands; None in a comment and behind a closing quote."""
    text = text[:cursor]
    tokens = tokenize(Source(None, text))
    if tokens and tokens[-1].kind in ("comment", "quoted") and tokens[-1].span.end == len(text):
        return None
    begin, said = _this_line(tokens)
    own = before_line([token.value for token in said if token.span.end < len(text)])
    told = said[0].value if own else ""
    while said and (own > 0 or (told and said[0].text in SWITCHES and said[0].span.end < len(text))):
        begin, said, own = said[0].span.end, said[1:], own - 1
    word = said.pop() if said and said[-1].span.end == len(text) and said[-1].kind not in ("bar", "equals") else None
    bars = [index for index, token in enumerate(said) if token.kind == "bar"]
    stage = said[bars[-1] + 1 :] if bars else said
    before = ""
    if bars:
        before = text[begin : said[bars[-1]].span.start]
        before = before if before.strip() else "|"
    start = word.span.start if word else len(text)
    typed = "" if word is None else word.value if word.kind == "unclosed" else word.text
    written = text[stage[0].span.start : start] if stage else ""
    return Place(before, tuple(stage), typed, start, _option(stage, start, word), told, written)


def _this_line(tokens: Sequence[Token]) -> tuple[int, list[Token]]:
    """Return where the line that the last token stands in begins, and its tokens."""
    begin = 0
    said: list[Token] = []
    for token in tokens:
        if token.kind == "newline" and said and said[-1].kind != "bar":
            begin, said = token.span.end, []
        elif token.kind not in SILENT:
            said.append(token)
    return begin, said


def _option(stage: Sequence[Token], start: int, word: Token | None) -> str:
    """Return the option just before the word, glued to it by `=` or not."""
    last = stage[-1] if stage else None
    if last is not None and last.kind == "equals":
        if last.span.end != start:  # `--name= word`: the value is empty, and the word stands on its own
            return ""
        return stage[-2].text if len(stage) > 1 else ""
    if last is None or last.kind != "option" or (word is not None and word.kind == "option"):
        return ""
    return last.text
