"""Parse tokens into a tree, or refuse the line with all its errors; the parser knows no commands."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from .errors import LanguageError, Refusal
from .printer import join_words
from .script import Statement, is_incomplete, split_lines, split_script
from .source import Source, Span
from .tokens import AS, EACH, Kind, Token, is_name, is_space, split_reference, tokenize
from .tree import Argument, Option, Pipeline, Positional, Reference, Stage, Value, Word

__all__ = ["Statement", "is_incomplete", "parse", "parse_words", "read", "split_lines", "split_script"]

QUOTED: tuple[Kind, ...] = ("quoted", "unclosed")
VALUES: tuple[Kind, ...] = ("word", "reference", "bad_reference", *QUOTED)
APOSTROPHE = 'to begin a value with \', write it in "..."'
VALID_REFERENCES = "references are written @name, @3, @-1 or @name.output, or @name* for each item"
VALID_OPTIONS = "options are written --name, --name value or --name=value"
NAME_RULE = "names consist of letters, digits, _ and -, and start with a letter a to z or _"
VALID_NAMES = f'{NAME_RULE}; quote "as" to use it as text'
AS_TEXT = "quote it to use it as text"


def parse(source: Source) -> Pipeline:
    """Return the tree of one line; a blank line or a comment has no stages.

    Raises:
        Refusal: the line is wrong.
    """
    pipeline, errors = read(source)
    if errors:
        raise Refusal(errors, source)
    return pipeline


def parse_words(words: Sequence[str]) -> tuple[Source, Pipeline]:
    """Return the line that is equivalent to words from a shell, and its tree; spans refer to that line.

    Words are not split again, except for a single word with spaces or a `|`, which is parsed as a line.

    Raises:
        Refusal: the line is wrong.
    """
    alone = len(words) == 1 and any(char == "|" or is_space(char) for char in words[0])
    source = Source(None, words[0] if alone else join_words(words))
    return source, parse(source)


def read(source: Source) -> tuple[Pipeline, tuple[LanguageError, ...]]:
    """Return as much of the tree as can be built, and all the errors of the line."""
    tokens, errors = _one_line(tokenize(source))
    if not tokens:
        return Pipeline(), tuple(errors)
    errors += _token_errors(tokens)
    groups: list[list[Token]] = [[]]
    for token in tokens:
        if token.kind == "bar":
            groups.append([])
        else:
            groups[-1].append(token)
    errors += _empty_stages(groups, [token for token in tokens if token.kind == "bar"])
    stages = [_read_stage(group, errors) for group in groups if group]
    span = Span(tokens[0].span.start, tokens[-1].span.end)
    return Pipeline(tuple(stage for stage in stages if stage), not groups[0], span), tuple(errors)


def _one_line(tokens: Sequence[Token]) -> tuple[list[Token], list[LanguageError]]:
    """Return the tokens of the first line that is not blank; a second line or an unfinished line is an error."""
    line: list[Token] = []
    finished = False
    for token in tokens:
        if token.kind == "newline":
            finished = finished or (bool(line) and line[-1].kind != "bar")
        elif token.kind not in ("comment", "continuation"):
            if finished:
                message = "a second line starts here, but only one is expected"
                return line, [LanguageError("several_lines", message, token.span, "join the two lines with |")]
            line.append(token)
    if tokens and tokens[-1].kind == "continuation" and not tokens[-1].text.endswith("\n"):
        span = Span(tokens[-1].span.start, tokens[-1].span.start + 1)
        message = "the line ends in a backslash, but nothing follows"
        return line, [
            LanguageError("unfinished_line", message, span, "remove the backslash, or continue on the next line")
        ]
    return line, []


def _token_errors(tokens: Sequence[Token]) -> list[LanguageError]:
    bad = ("unclosed", "bad_option", "bad_reference")
    errors = [_bad_token(token, tokens[max(at - 1, 0)]) for at, token in enumerate(tokens) if token.kind in bad]
    for before, token in pairwise(tokens):
        if before.kind == "quoted" and token.kind != "bar" and token.span.start == before.span.end:
            message = f"missing space after the closing {before.text[0]}"
            hint = _several(tokens, before) if token.text.startswith(",") else _requote(before.text[0])
            errors.append(LanguageError("missing_blank", message, token.span, hint))
    return errors


def _bad_token(token: Token, before: Token) -> LanguageError:
    if token.kind == "unclosed":
        quote = token.text[0]
        hint = f"close the quote with {quote}" + (f"; {APOSTROPHE}" if quote == "'" else "")
        span = Span(token.span.start, token.span.start + 1)
        return LanguageError("unclosed_quote", f"the quote {quote} is never closed", span, hint)
    if token.kind == "bad_option":
        message = f"`{token.text}` is not an option"
        return LanguageError("bad_option", message, token.span, f"{VALID_OPTIONS}; {AS_TEXT}")
    message = f"`{token.text}` is not a reference"
    meant = _meant_reference(token.text)
    hint = f"did you mean `{meant}`?" if meant else _among_values(token, before) or f"{VALID_REFERENCES}; {AS_TEXT}"
    return LanguageError("bad_reference", message, token.span, hint)


def _meant_reference(text: str) -> str | None:
    """Return the reference that was meant if a `*` is misplaced or repeated: `@x*.image`, `@x**`, `@x.*`."""
    plain = text.replace(EACH, "").rstrip(".")
    return plain + EACH if EACH in text and split_reference(plain) else None


def _several(tokens: Sequence[Token], quoted: Token) -> str:
    """Return the hint for a comma after a quoted value."""
    before = [token for token in tokens if token.kind == "option" and token.span.start < quoted.span.start]
    if before and not before[-1].text.startswith("-"):
        return f"separate the values with a space: {before[-1].text}={quoted.text} ..."
    option = before[-1].text if before and before[-1].text.startswith("--") else "the option"
    return f"for several values, write {option} again before each one"


def _among_values(token: Token, before: Token) -> str | None:
    """Return the hint for a reference among values: `@n*,5` or `@a,@b`; None for other tokens.

    before: the token before it, which may be an option
    """
    parts = [part for part in token.text.split(",") if part]
    if len(parts) < 2 or not any(map(split_reference, parts)):
        return None
    option = f"{before.text} " if before.kind == "option" and before.text.startswith("--") else ""
    found = [part for part in parts if split_reference(part)]
    if found == parts and not any(part.endswith(EACH) for part in parts):
        hint = "write the option again before each reference: " + " ".join(option + part for part in parts)
        return hint if option else None
    return f"a reference must be the only value: {option}{found[0]}"


def _requote(quote: str) -> str:
    if quote == '"':
        return 'inside "..." write a quote as \\"'
    return APOSTROPHE


def _empty_stages(groups: Sequence[Sequence[Token]], bars: Sequence[Token]) -> list[LanguageError]:
    """Report each `|` without a command after it; a leading `|` is allowed."""
    errors = []
    for index, bar in enumerate(bars):
        if groups[index + 1]:
            continue
        if index + 1 < len(bars):
            span, message = Span(bar.span.start, bars[index + 1].span.end), "no command between these two `|`"
        else:
            span, message = bar.span, "no command after this `|`"
        errors.append(LanguageError("empty_stage", message, span, "add a command, or remove the `|`"))
    return errors


def _read_stage(tokens: Sequence[Token], errors: list[LanguageError]) -> Stage | None:
    head = tokens[0]
    arguments, end, chosen = _take_name(*_read_arguments(tokens[1:]), errors)
    named = _read_name(arguments, errors) if end is None and chosen is None else None
    if head.kind != "word":
        if head.kind in ("quoted", "reference", "option", "end_of_options"):
            errors.append(_not_a_command(head))
        return None
    command = Word(head.value, "", head.span)
    span = Span(head.span.start, tokens[-1].span.end)
    if chosen is not None:
        return Stage(command, tuple(arguments), chosen.text, end, span, chosen.span, as_option=True)
    if named is None:
        return Stage(command, tuple(arguments), None, end, span, Span(span.end, span.end))
    return Stage(command, tuple(arguments[:-2]), named.text, None, span, named.span)


def _not_a_command(head: Token) -> LanguageError:
    kind, hint = {
        "quoted": ("a quoted string", "write the command first, without quotes"),
        "reference": ("a reference", f"pass it to an input of a command: --input {head.text}"),
        "option": ("an option", "write the command first, then its options"),
    }.get(head.kind, ("--", "write the command first, then its options"))
    return LanguageError("not_a_command", f"a stage starts with a command, not {kind}", head.span, hint)


def _read_arguments(tokens: Sequence[Token]) -> tuple[list[Argument], int | None]:
    """Return the arguments in order, and the number of arguments before `--`."""
    arguments: list[Argument] = []
    end: int | None = None
    rest = list(reversed(tokens))
    while rest:
        token = rest.pop()
        if token.kind == "option":
            arguments.append(_read_option(token, rest))
        elif token.kind == "end_of_options":
            end = len(arguments)
        elif token.kind in VALUES:
            arguments.append(Positional(_read_value(token), token.span))
    return arguments, end


def _read_option(token: Token, rest: list[Token]) -> Option:
    """Read an option, and the value attached to it with or without `=`."""
    bare = not token.text.startswith("-")
    short = not bare and not token.text.startswith("--")
    end = token.span.end
    equals = bool(rest) and rest[-1].kind == "equals"
    if equals:
        end = rest.pop().span.end
    value: Value | None = None
    if rest and rest[-1].span.start == end and rest[-1].kind in VALUES:
        value = _read_value(rest.pop())
        end = value.span.end
    elif equals:
        value = Word("", "", Span(end, end))
    return Option(token.value, value, value is not None, short, Span(token.span.start, end), token.span, bare)


def _read_value(token: Token) -> Value:
    if token.kind == "reference":
        split = split_reference(token.text)
        if split:
            return Reference(split[0], split[1], token.span, split[2])
    quote = token.text[0] if token.kind in QUOTED else ""
    return Word(token.value, "'" if quote == "'" else '"' if quote else "", token.span, token.literals)


def _take_name(
    arguments: list[Argument], end: int | None, errors: list[LanguageError]
) -> tuple[list[Argument], int | None, Word | None]:
    """Remove each `--as NAME` before `--`; return the other arguments, the new position of `--`, and the last NAME."""
    kept: list[Argument] = []
    names: list[Word] = []
    rest = list(reversed(arguments[:end]))
    while rest:
        each = rest.pop()
        if not isinstance(each, Option) or each.short or each.bare or each.name != AS:
            kept.append(each)
            continue
        follows = rest.pop() if not each.glued and rest and isinstance(rest[-1], Positional) else None
        value = each.value if each.glued else follows.value if isinstance(follows, Positional) else None
        names += _checked_name(value, each.span, errors)
        if len(names) > 1:
            errors.append(LanguageError("named_twice", "the stage has two names", each.span, "keep only one name"))
    after = [] if end is None else arguments[end:]
    return [*kept, *after], None if end is None else len(kept), names[-1] if names else None


def _checked_name(value: Value | None, span: Span, errors: list[LanguageError]) -> list[Word]:
    """Return the NAME of `--as NAME`, or add an error if NAME is missing or invalid."""
    if value is None:
        errors.append(LanguageError("missing_name", "`--as` needs a name", span, "write --as NAME"))
    elif not isinstance(value, Word) or not is_name(value.text):
        shown = value.text if isinstance(value, Word) else str(value)
        errors.append(LanguageError("bad_name", f"`{shown}` is not a valid name", value.span, NAME_RULE))
    else:
        return [value]
    return []


def _read_name(arguments: Sequence[Argument], errors: list[LanguageError]) -> Word | None:
    """Return the NAME of an `as NAME` at the end of a stage."""
    last = [_bare_word(argument) for argument in arguments[-2:]]
    name = last[-1] if last else None
    if name is None:
        return None
    before = last[0] if len(last) == 2 else None
    if before and before.text == AS:
        if not is_name(name.text):
            message = f"`{name.text}` is not a valid name"
            errors.append(LanguageError("bad_name", message, name.span, VALID_NAMES))
        return name
    if name.text == AS:
        hint = 'add a name, or quote "as" to use it as text'
        errors.append(LanguageError("missing_name", "`as` needs a name", name.span, hint))
    return None


def _bare_word(argument: Argument) -> Word | None:
    value = argument.value if isinstance(argument, Positional) else None
    return value if isinstance(value, Word) and not value.quote else None
