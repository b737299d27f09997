"""The options with which a command shapes its sweep: `--zip`, `--zip-short`, `--vary`, `--dynamic`, `--wildcards`."""

from __future__ import annotations

from collections.abc import Sequence

from invocations.language.each import split_items
from invocations.language.printer import as_word, print_value
from invocations.language.source import Span
from invocations.language.tree import Option, Positional, Value, Word
from workflows.planning.draft import Draft
from workflows.planning.errors import planning_error
from workflows.planning.sweep_options import SweepOptions, Varied, ZippedNames

TAKES = {
    "zip": "the names of axes, such as seed,steps",
    "zip-short": "the names of axes, such as seed,steps",
    "vary": "a word and its replacements, such as red=blue,green",
    "wildcards": "a folder",
}


def sweep_option(draft: Draft, written: Option, after: int) -> int:
    """Bind an option such as `--zip`; return the index of the argument after its value. Raises: PlanningError.

    after: the index of the argument after the option
    """
    draft.sweep = draft.sweep or SweepOptions()
    if written.name == "dynamic":
        _bind_dynamic(draft.sweep, written)
        return after
    _refuse_short_alone(draft.sweep, written, draft.stage.arguments[after:])
    word, after = _value(draft.stage.arguments, written, after)
    if written.name == "vary":
        draft.sweep.varied.append(_varied(word, draft.stage.arguments[after:]))
    elif written.name == "wildcards":
        draft.sweep.folders.append(word.text)
        draft.sweep.wildcards = written.span
    else:
        draft.sweep.zips.append(ZippedNames(items_of(word), written.name == "zip-short", word.span))
    return after


def _bind_dynamic(options: SweepOptions, written: Option) -> None:
    """Read `--dynamic` (all prompts) or `--dynamic=20` (20 random prompts). Raises: PlanningError."""
    if options.dynamic is not None:
        hint = "write --dynamic for all prompts, or --dynamic=20"
        raise planning_error("written_twice", "`--dynamic` is given twice", written.span, hint)
    options.dynamic = written.span
    if written.value is None:
        return
    text = written.value.text if isinstance(written.value, Word) else str(written.value)
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 10 and int(text)):
        message = f"`--dynamic` takes a number of prompts, not `{text}`"
        hint = "write --dynamic for all prompts, or --dynamic=20 for 20 random ones"
        raise planning_error("bad_value", message, written.value.span, hint)
    options.draws = int(text)


def _value(arguments: Sequence[Option | Positional], written: Option, after: int) -> tuple[Word, int]:
    value: Value | None = written.value
    if value is None and after < len(arguments) and isinstance(follows := arguments[after], Positional):
        value, after = follows.value, after + 1
    if not isinstance(value, Word):
        hint = f"it takes {TAKES[written.name]}"
        raise planning_error("missing_value", f"`--{written.name}` needs a value", written.span, hint)
    return value, after


def _refuse_short_alone(options: SweepOptions, written: Option, follows: Sequence[Option | Positional]) -> None:
    """Refuse `--zip seed,steps --zip-short`: only in `sweep` is `--zip-short` a switch. Raises: PlanningError."""
    alone = written.value is None and not (follows and isinstance(follows[0], Positional))
    if written.name == "zip-short" and alone and options.zips:
        names = ",".join(name for name, _ in options.zips.pop().names)
        hint = f"write --zip-short {names} instead of --zip {names}"
        raise planning_error("missing_value", "`--zip-short` needs a value", written.span, hint)


def items_of(word: Word) -> tuple[tuple[str, Span], ...]:
    """Return the comma-separated parts of a word, each with its place in the line."""
    start = word.span.start + len(word.quote)
    return tuple((text, Span(start + at, start + at + length)) for text, at, length in split_items(word.text))


def without_quotes(text: str) -> str:
    """Return `red=light blue,green` for `red='light blue',"green"`, with quotes around single replacements."""
    old, equals, news = text.partition("=")
    values = [value.strip() for value in news.split(",")]
    bare = [value[1:-1] if value[:1] in ("'", '"') and value[:1] == value[-1:] else value for value in values]
    return f"{old}{equals}{','.join(bare)}" if bare != values else text


def _varied(word: Word, follows: Sequence[Option | Positional]) -> Varied:
    """Return the word that `--vary` replaces, and its replacements.

    follows: the arguments after it
    Raises: PlanningError.
    """
    old, equals, rest = (word.text if word.quote else without_quotes(word.text)).partition("=")
    news = tuple(text for text, _, _ in split_items(rest)) if equals else ()
    if not old or not news:
        message = f"`--vary` takes {TAKES['vary']}"
        hint = _meant(word, follows) or 'quote words with spaces: --vary "red house=blue boat"'
        raise planning_error("bad_value", message, word.span, hint)
    return Varied(old, news, word.span)


def _meant(word: Word, follows: Sequence[Option | Positional]) -> str | None:
    """Return a hint for a word and its replacements without a `=`: `fox cat,dog` or `fox:cat`."""
    words = [word.text]
    for each in follows:
        if not isinstance(each, Positional) or not isinstance(each.value, Word) or each.value.quote or word.quote:
            break
        words.append(each.value.text)
    if "=" in "".join(words[1:]):
        quoted = Word(" ".join(words), '"')
        return f"write --vary {print_value(quoted)}"
    old, colon, rest = word.text.partition(":")
    after = follows[0].value if follows and isinstance(follows[0], Positional) else None
    news = rest if colon else after.text if isinstance(after, Word) else ""
    return f"write --vary {print_value(as_word(f'{old}={news}'))}" if old and news else None
