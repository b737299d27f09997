"""Find the program's own options inside a line that is quoted as one argument: `invokeai 't2i a fox -q'`."""

from __future__ import annotations

from collections.abc import Callable

from invocations.language.source import Source, Span
from invocations.language.tokens import Token, tokenize

from .directives.table import takes_line

HELP = ("--help", "-h")  # options that are about the command before them
VALUES = ("word", "quoted")  # kinds of tokens that can be the value of an option


def options_outside(line: str, takes_value: Callable[[str, str], bool | None]) -> list[str]:
    """Return the line with spaces in place of the program's options, followed by these options.

    takes_value: given an option and the command of its stage, returns whether it takes a value; None if it is not an
    option of the program.
    """
    tokens = [token for token in tokenize(Source(None, line)) if token.kind not in ("continuation", "newline")]
    found: list[str] = []
    command, ended = "", False
    for at, token in enumerate(tokens):
        if token.kind == "bar":
            command, ended = "", False
        elif token.kind == "end_of_options":
            ended = True
        elif token.kind == "option" and not ended:
            takes = takes_value(token.text, command)
            if takes is None:
                continue
            words, span = _with_value(tokens[at:], takes=takes)
            found += words
            line = line[: span.start] + " " * (span.end - span.start) + line[span.end :]
        command = command or (token.value if token.kind == "word" else "")
    return [line, *found]


def help_asked(line: str) -> list[str] | None:
    """Return the command that a `--help` or `-h` in a line is about, followed by `--all` if the line has it.

    Return None if the line does not ask for help. After a directive that takes a line, such as `explain`, help is about
    a command of that line.
    """
    if HELP[0] not in line and HELP[1] not in line:
        return None
    stage: list[str] = []
    ended = False
    tokens = tokenize(Source(None, line))
    for token in tokens:
        if token.kind in ("bar", "newline"):
            stage, ended = [], False
        elif token.kind == "end_of_options":
            ended = True
        elif token.kind == "option" and token.text in HELP and not ended:
            command = next(iter(stage[takes_line(stage[:2]) :] or stage), "")
            every = ["--all"] if any(each.kind == "option" and each.text == "--all" for each in tokens) else []
            return [*([command] if command else []), *every]
        elif token.kind == "word":
            stage.append(token.value)
    return None


def _with_value(tokens: list[Token], *, takes: bool) -> tuple[list[str], Span]:
    """Return the words of the option that comes first, with its value if it takes one, and their span."""
    option, *after = tokens
    attached = bool(after) and after[0].kind == "equals"
    value = after[1 if attached else 0 :][:1]
    if not (attached or takes) or not value or value[0].kind not in VALUES:
        return [option.text], option.span
    words = [f"{option.text}={value[0].value}"] if attached else [option.text, value[0].value]
    return words, Span(option.span.start, value[0].span.end)
