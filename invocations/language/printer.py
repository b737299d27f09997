"""Print a tree as one line of text; parsing that line returns an equal tree."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from .tokens import LETTERS, SWEEP, is_option, is_space, scan
from .tree import Argument, Pipeline, Positional, Quote, Stage, Value, Word

GLUED = "-n="  # prefix for testing whether a word stays one word after the `=` of an option
ESCAPED = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"})


def print_tree(pipeline: Pipeline) -> str:
    """Return the tree as a line of text."""
    line = " | ".join(print_stage(stage) for stage in pipeline.stages)
    if pipeline.continues:
        line = f"| {line}".rstrip(" ")
    # A final backslash would continue the line; an empty comment after it prevents that.
    return f"{line} #" if line.endswith("\\") else line


def print_stage(stage: Stage) -> str:
    """Return a stage as text."""
    last = stage.name if not stage.as_option else None
    end = stage.end_of_options if last is None else None
    shown, declares = [*stage.arguments], stage.command.text == SWEEP
    if stage.name is None and end is None:
        shown[-2:] = _not_a_name(shown[-2:])
    pieces = [print_value(stage.command), *(["--as", stage.name] if stage.as_option and stage.name else [])]
    for index, argument in enumerate(shown):
        if index == end:
            pieces.append("--")
        ended = end is not None and index >= end
        pieces.append(_print_argument(argument, ended=ended, declares=declares))
    if end == len(shown):
        pieces.append("--")
    if last is not None:
        pieces += ["as", last]
    return " ".join(pieces)


def print_value(value: Value, *, after: str = "", ended: bool = False, declares: bool = False) -> str:
    """Return a value as text, quoted if needed.

    after: the text just before the value. ended: `--` precedes it. declares: it is a word of `sweep`
    """
    if not isinstance(value, Word):
        return str(value)
    quote = value.quote
    if not quote:
        if _is_bare(value.text, after=after, ended=ended, declares=declares):
            return value.text
        quote = _quote_for(value.text)
    if quote == "'" and "'" not in value.text:
        return f"'{value.text}'"
    literals = marks(value.text) if quote == "'" else value.literals
    return f'"{_escaped(value.text, literals)}"'


def _escaped(text: str, literals: Collection[int]) -> str:
    """Return a string with the escapes it needs in double quotes; `literals`: the position of each `$` to escape."""
    if not literals:
        return text.translate(ESCAPED)
    return "".join("\\$" if at in literals else char.translate(ESCAPED) for at, char in enumerate(text))


def marks(text: str) -> tuple[int, ...]:
    """Return the positions at which variables begin in a string."""
    return tuple(at for at, char in enumerate(text) if char == "$" and text.startswith("${", at))


def as_word(text: str) -> Word:
    """Return a string as a word that can stand anywhere in a stage, quoted only if necessary."""
    if _is_bare(text) and not text.endswith("\\") and text != "as":
        return Word(text)
    return Word(text, _quote_for(text))


def as_glued_word(text: str) -> Word:
    """Return a string as a word that can stand after `--name=`, quoted only if necessary."""
    if _is_bare(text, after=GLUED) and not text.endswith("\\"):
        return Word(text)
    return Word(text, _quote_for(text))


def join_words(words: Iterable[str]) -> str:
    """Return the line that is equivalent to words from a shell; a lone `|` separates stages."""
    pieces: list[str] = []
    ended, declares = False, None  # whether `--` precedes the word, and whether it follows the command `sweep`
    for word in words:
        name, _, value = word.partition("=")
        if declares and not ended and name != word and not value.startswith("=") and is_option(name):
            pieces.append(f"{name}={_shell_value(value, glued=True)}")
        else:
            pieces.append(_shell_value(word) if ended and word != "|" else _shell_argument(word))
        ended = word != "|" and (ended or word == "--")
        declares = None if word == "|" else word == SWEEP if declares is None else declares
    return " ".join(pieces)


def _print_argument(argument: Argument, *, ended: bool, declares: bool) -> str:
    if isinstance(argument, Positional):
        return print_value(argument.value, ended=ended, declares=declares)
    name = ("" if argument.bare else "-" if argument.short else "--") + argument.name
    if argument.value is None:
        return name
    if not argument.glued:
        return f"{name} {print_value(argument.value)}"
    return f"{name}={print_value(argument.value, after=GLUED)}"


def _is_bare(text: str, *, after: str = "", ended: bool = False, declares: bool = False) -> bool:
    """Return True if a string without quotes is read as a single word in this place."""
    if not text:
        return bool(after)
    tokens = scan(f"{after}{text} x", at_start=False, ended=ended, declares=declares)
    return any(token.kind == "word" and token.text == text and token.span.start == len(after) for token in tokens[:3])


def _quote_for(text: str) -> Quote:
    """Return the kind of quotes that needs the fewest escapes."""
    plain = not any(char in text for char in '"\\\n\t')
    return '"' if plain or any(char in text for char in "'\n\t") else "'"


def _not_a_name(last: list[Argument]) -> list[Argument]:
    """Quote an `as` that would otherwise name the stage."""
    bare = [isinstance(a, Positional) and isinstance(a.value, Word) and not a.value.quote for a in last]
    says_as = [plain and _text(argument) == "as" for plain, argument in zip(bare, last, strict=True)]
    if says_as[-1:] == [True] or (all(bare) and says_as[:1] == [True]):
        return [Positional(Word("as", '"')) if says else argument for says, argument in zip(says_as, last, strict=True)]
    return last


def _text(argument: Argument) -> str:
    value = argument.value
    return value.text if isinstance(value, Word) else ""


def _shell_argument(word: str) -> str:
    if word in ("|", "--", "as"):
        return word
    if word.startswith("--"):
        name, equals, value = word[2:].partition("=")
        if is_option(name):
            return f"--{name}{equals}" + (_shell_value(value, glued=True) if equals else "")
    elif word[:1] == "-" and word[1:2] in LETTERS and not is_space(word[2:3] or "x"):
        return word[:2] + ("=" + _shell_value(word[2:].removeprefix("="), glued=True) if word[2:] else "")
    if word.startswith("--") and len(scan(word)) == 1:
        return word  # a malformed option, which the parser reports
    return _shell_value(word)


def _shell_value(word: str, *, glued: bool = False) -> str:
    if word.startswith("@") and len(scan(word)) == 1:
        return word
    return print_value(as_glued_word(word), after=GLUED) if glued else print_value(as_word(word))
