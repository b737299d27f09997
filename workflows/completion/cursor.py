"""Locate the cursor in the typed text: the line, the stage, the words before it and the word that it is in."""

from __future__ import annotations

from collections.abc import Sequence

from invocations.frozen import frozen
from invocations.language.script import SILENT
from invocations.language.source import Source
from invocations.language.tokens import SWEEP, Token, tokenize
from workflows.reserved import ReservedWords


@frozen
class Cursor:
    """The word being typed and its surroundings.

    begin: the start of the line, after a directive that takes a line
    bar: the position of the `|` before the stage, or -1 in the first stage
    stage: the tokens of the stage before the word, beginning with the command
    typed: the word so far, without its opening quote
    start: the start of the text that a suggestion replaces
    option: the option (with dashes) whose value is being typed, or the name before `=` in a sweep, or ""
    glued: whether the word follows an `=`
    is_quoted: whether the word begins with a quote
    directive: the directive before the line, or ""
    """

    begin: int
    bar: int
    stage: tuple[Token, ...]
    typed: str
    start: int
    option: str = ""
    directive: str = ""
    glued: bool = False
    is_quoted: bool = False

    @property
    def is_first(self) -> bool:
        """Whether this is the first stage of its line."""
        return self.bar < 0

    @property
    def command(self) -> str:
        """The command of the stage, or "" if it is the word being typed, or not a plain word."""
        return _plain(self.stage[0]) if self.stage else ""


def find_cursor(text: str, position: int, reserved: ReservedWords) -> Cursor | None:
    """Return the word being typed and its surroundings; None in a comment or right after a closing quote."""
    text = text[:position]
    tokens = tokenize(Source(None, text))
    if tokens and tokens[-1].kind in ("comment", "quoted") and tokens[-1].span.end == len(text):
        return None
    begin, line = _this_line(tokens)
    own = reserved.before_line([_plain(token) for token in line if token.span.end < len(text)])
    directive = _plain(line[0]) if own else ""
    switches = reserved.switches.get(directive, {})
    while line and (own > 0 or (line[0].text in switches and line[0].span.end < len(text))):
        begin, line, own = line[0].span.end, line[1:], own - 1
    if line and line[0].text == SWEEP and line[0].span.start >= begin > 0:  # `sweep` is read differently at the start
        _, line = _this_line(tokenize(Source(None, " " * begin + text[begin:])))
    word = line.pop() if line and line[-1].span.end == len(text) and line[-1].kind not in ("bar", "equals") else None
    bars = [index for index, token in enumerate(line) if token.kind == "bar"]
    stage = line[bars[-1] + 1 :] if bars else line
    bar = line[bars[-1]].span.start if bars else -1
    start = word.span.start if word else len(text)
    typed = "" if word is None else word.value if word.kind == "unclosed" else word.text
    option, glued = _option(stage, start, word), bool(stage) and stage[-1].kind == "equals"
    is_quoted = word is not None and word.kind == "unclosed"
    return Cursor(begin, bar, tuple(stage), typed, start, option, directive, glued, is_quoted)


def _this_line(tokens: Sequence[Token]) -> tuple[int, list[Token]]:
    """Return the start of the last token's line, and the tokens of the line."""
    begin = 0
    line: list[Token] = []
    for token in tokens:
        if token.kind == "newline" and line and line[-1].kind != "bar":
            begin, line = token.span.end, []
        elif token.kind not in SILENT:
            line.append(token)
    return begin, line


def _option(stage: Sequence[Token], start: int, word: Token | None) -> str:
    """Return the option right before the word, with or without `=` in between; "" if there is none."""
    last = stage[-1] if stage else None
    if last is not None and last.kind == "equals":
        if last.span.end != start:  # `--name= word`: the value is empty, and the word is separate
            return ""
        return stage[-2].text if len(stage) > 1 else ""
    if last is None or last.kind != "option" or (word is not None and word.kind == "option"):
        return ""
    return last.text


def _plain(token: Token) -> str:
    """Return the text of a word without quotes; "" for an option, a reference or a quoted word."""
    return token.value if token.kind == "word" else ""
