"""Errors for an option whose value contains spaces without quotes: `--steps 10, 20`, `--prompt a cat`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise, takewhile

from invocations.language.errors import LanguageError
from invocations.language.printer import print_value
from invocations.language.source import Span
from invocations.language.tree import Option, Positional, Stage, Value, Word
from invocations.spec import FieldSpec
from workflows.values.positions import list_of

from .draft import Draft, is_flag, option
from .read_values import WrittenInput
from .sweeps.hints import takes
from .sweeps.kinds import NAMES, kind_of
from .sweeps.options import items_of, without_quotes
from .sweeps.range_words import range_of

ONE_WORD = "`{}` takes one word"
SEPARATED = "the values of `{}` are separated by commas, without spaces"


def join_at_commas(
    draft: Draft, field: FieldSpec, value: Word, after: int, errors: list[LanguageError]
) -> tuple[Word, int]:
    """Join the values of an option that are separated by a comma and a space; return the word and the index after it.

    If they are values of the input, the error is added to `errors`; otherwise, the word remains as it is.
    value: the first word after the option. after: the index of the argument after it
    """
    words = [value]
    for each in _bare_words(draft.stage.arguments[after:]):
        if not (words[-1].text.endswith(",") or each.text.startswith(",")):
            break
        words.append(each)
    joined = _joined(words)
    if (
        len(words) < 2
        or not (_is_list(field) or kind_of(field) in ("numbers", "words"))
        or not takes(field, joined.text)
    ):
        return value, after
    errors.append(_separated(field, joined, f"write {option(field)} {joined.text}"))
    draft.whole = False
    return joined, after + len(words) - 1


def split_value(draft: Draft, inputs: Mapping[str, WrittenInput], value: Value, text: str) -> LanguageError | None:
    """Return the error for a word that no input takes but that continues the value before it, or None.

    The value is replaced by the joined words, so it causes no further error.
    inputs: what is written for the inputs. text: the name of the input that takes the words before the options, or ""
    """
    at = next((n for n, each in enumerate(draft.stage.arguments) if each.value is value), 0)
    before = draft.stage.arguments[at - 1] if at else None
    if before is None or not isinstance(value, Word) or value.quote:
        return None
    if isinstance(before, Option) and before.name == "dynamic" and value.text.isdigit():
        return _surplus("`--dynamic` takes a number only after `=`", value.span, f"write --dynamic={value.text}")
    first = before.value
    if not isinstance(first, Word) or first.quote:
        return None
    words = [first, *_bare_words(draft.stage.arguments[at:])]
    words = words[1:] if first.text == "=" else words
    written = next((each for each in inputs.values() if _ends_with(each, first) and not each.free_text), None)
    if written is None:
        return _of_sweep_option(draft, words)
    is_option = isinstance(before, Option) or _follows_option(draft.stage, at - 1)
    if is_option and len(written.values) > 1 and kind_of(written.field) == "repeated":
        return _several_unquoted(draft, written, words)
    return _of_input(written, words, text, shown=f"{option(written.field)} " if is_option else "")


def given_twice(draft: Draft, inputs: Mapping[str, WrittenInput], value: Value, name: str) -> LanguageError | None:
    """Return the error for a text that is written both as words and with an option: `t2i a cat --prompt a dog`.

    value: the first of the words. name: the input that takes a text
    """
    written = inputs.get(name)
    if written is None or written.free_text or not all(isinstance(each, Word) for each in written.values):
        return None
    arguments = draft.stage.arguments
    at = next((n for n, each in enumerate(arguments) if each.value is value), 0)
    words = [each.value for each in takewhile(lambda each: isinstance(each, Positional), arguments[at:])]
    texts = {at: " ".join(each.text for each in words if isinstance(each, Word))}
    for one in written.values:
        place = next(n for n, each in enumerate(arguments) if each.value is one)
        more = [one, *(_bare_words(arguments[place + 1 :]) if isinstance(one, Word) and not one.quote else ())]
        texts[place] = " ".join(each.text for each in more if isinstance(each, Word))
    shown, count = option(written.field), "two" if len(texts) == 2 else str(len(texts))
    every = " ".join(f"{shown} {_quoted(texts[place])}" for place in sorted(texts))
    hint = f"for {count} values, write {every}; otherwise, leave out {'one' if count == 'two' else 'some'} of them"
    span = Span(value.span.start, words[-1].span.end if words and words[-1] else value.span.end)
    return LanguageError("written_twice", f"`{name}` is given twice: as words and with `{shown}`", span, hint)


def _of_input(written: WrittenInput, words: Sequence[Word], text: str, *, shown: str) -> LanguageError | None:
    """Return the error for words after the value of an input; shown: its option, or "" without one."""
    field, kind = written.field, kind_of(written.field)
    if (found := range_of(field, words)) is not None:
        span = Span(words[0].span.start, words[found[0] - 1].span.end)
        if takes(field, meant := found[1].removeprefix("write ")):
            written.values[-1] = Word(meant, "", span)  # prevents a second error about the first word
        return _surplus("a range is written without spaces", span, found[1].replace("write ", f"write {shown}", 1))
    joined = _joined(words)
    if is_flag(field) or not (kind or _is_list(field)):
        return None
    if kind == "repeated":
        return _unquoted(field, words) if shown else None
    has_comma = any("," in word.text for word in words)
    if not takes(field, joined.text) or not (shown or has_comma):
        return None
    hint = f"write {shown}{joined.text}"
    if _may_have_spaces(field) and has_comma:
        return _one_name(written, words, shown)
    if _may_have_spaces(field) and text and shown:
        message = f"{ONE_WORD.format(shown.strip())}: quote a name with spaces, or separate several names with commas"
        return _surplus(message, joined.span, f"the words of `{text}` are written before the options")
    if text and _is_name(field) and not has_comma:
        hint = f"for several values, {hint}; the words of `{text}` are written before the options"
    else:
        written.values[-1] = joined
    return _separated(field, joined, hint)


def _one_name(written: WrittenInput, words: Sequence[Word], shown: str) -> LanguageError:
    """Return the error for the name of a model with spaces and commas, but without quotes."""
    name, span = _quoted(" ".join(word.text for word in words)), Span(words[0].span.start, words[-1].span.end)
    written.values[-1] = Word(name[1:-1], '"', span)  # prevents an error about each part
    what = ONE_WORD.format(shown.strip() or written.field.name)
    hint = f"write {shown}{name}; for several names, write commas without spaces between them"
    return _surplus(f"{what}, so a name with spaces needs quotes", span, hint)


def _ends_with(written: WrittenInput, value: Value) -> bool:
    """Whether a value is the last one of an input, or one of several texts."""
    values = written.values if kind_of(written.field) == "repeated" else written.values[-1:]
    return any(each is value for each in values)


def _several_unquoted(draft: Draft, written: WrittenInput, words: Sequence[Word]) -> LanguageError:
    """Return the error for a repeated option whose values have spaces but no quotes."""
    arguments, shown, texts = draft.stage.arguments, option(written.field), []
    for value in written.values:
        at = next((n for n, each in enumerate(arguments) if each.value is value), len(arguments))
        if isinstance(value, Word) and not value.quote:
            rest = [each.text for each in _bare_words(arguments[at + 1 :])]
            texts.append(_quoted(" ".join([value.text, *rest])))
        else:
            texts.append(print_value(value))
    message, span = (
        f"the value of `{shown}` has spaces, so it needs quotes",
        Span(words[0].span.start, words[-1].span.end),
    )
    return _surplus(message, span, "write " + " ".join(f"{shown} {text}" for text in texts))


def _unquoted(field: FieldSpec, words: Sequence[Word]) -> LanguageError:
    """Return the error for an option whose value has spaces but no quotes; for images, the hint repeats the option."""
    shown, span = option(field), Span(words[0].span.start, words[-1].span.end)
    if field.type.is_reference:
        hint = "for several values, write " + " ".join(f"{shown} {print_value(word)}" for word in words)
        return _surplus(f"`{shown}` takes one value", span, hint)
    whole = " ".join(word.text for word in words)
    parts = [part for each in whole.split(",") if (part := each.strip())]
    hint = f"write {shown} {_quoted(whole)}"
    if len(parts) > 1:
        hint += f"; for {len(parts)} values, write " + " ".join(f"{shown} {_quoted(part)}" for part in parts)
    return _surplus(f"the value of `{shown}` has spaces, so it needs quotes", span, hint)


def _of_sweep_option(draft: Draft, words: Sequence[Word]) -> LanguageError | None:
    """Return the error for names after `--zip`, or words after `--vary`, that are separated by spaces."""
    if draft.sweep is None:
        return None
    joined = _joined(words)
    for place, zipped in enumerate(draft.sweep.zips):
        if zipped.span == words[0].span:
            name = "zip-short" if zipped.short else "zip"
            draft.sweep.zips[place] = replace(zipped, names=items_of(joined), span=joined.span)
            message = f"the names after `--{name}` are separated by commas, without spaces"
            return _surplus(message, joined.span, f"write --{name} {joined.text}")
    if not any(each.span == words[0].span for each in draft.sweep.varied):
        return None
    if all(one.text.endswith(",") or two.text.startswith(",") for one, two in pairwise(words)):
        return _surplus(SEPARATED.format("--vary"), joined.span, f"write --vary {joined.text}")
    text = " ".join(word.text for word in words)
    hint = f"write --vary {_quoted(without_quotes(text))}"
    if without_quotes(text) == text and "," not in text:
        hint += f"; for {len(words)} replacements, write --vary {joined.text}"
    return _surplus("the value of `--vary` has spaces, so it needs quotes", joined.span, hint)


def _follows_option(stage: Stage, at: int) -> bool:
    return at > 0 and isinstance(before := stage.arguments[at - 1], Option) and before.value is None


def _is_list(field: FieldSpec) -> bool:
    """Whether an input takes a list of plain values, such as names."""
    many = list_of(field.type)
    return many is not None and not many.is_reference


def _is_name(field: FieldSpec) -> bool:
    return field.completes in NAMES or field.type.is_reference


def _may_have_spaces(field: FieldSpec) -> bool:
    """Whether the names that an input takes may contain spaces: those of models do, those of schedulers do not."""
    return field.completes in ("model", "vae") or field.type.is_reference


def _bare_words(arguments: Iterable[Option | Positional]) -> Iterator[Word]:
    for each in arguments:
        if not isinstance(each, Positional) or not isinstance(each.value, Word) or each.value.quote:
            return
        yield each.value


def _joined(words: Sequence[Word]) -> Word:
    """Join words into one word, with commas between them."""
    texts = [text for word in words if (text := word.text.strip(","))]
    return Word(",".join(texts), "", Span(words[0].span.start, words[-1].span.end))


def _quoted(text: str) -> str:
    return print_value(Word(text, '"'))


def _separated(field: FieldSpec, joined: Word, hint: str) -> LanguageError:
    return _surplus(SEPARATED.format(field.name), joined.span, hint)


def _surplus(message: str, span: Span, hint: str) -> LanguageError:
    return LanguageError("surplus_word", message, span, hint)
