"""Rewrite a stage that contains `${name}` as it is stored in a recipe: no defaults, and each value a single word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from invocations.language.tree import Argument, Option, Positional, Stage, Value, Word
from invocations.spec import FieldSpec
from workflows.planning.draft import is_flag
from workflows.planning.link_options import LINK_OPTIONS, SWEEP_OPTIONS
from workflows.planning.read_values import WrittenInput
from workflows.planning.recipe_words import input_name, inputs_in, only_input


def stored(stage: Stage, inputs: Sequence[WrittenInput], name: str | None) -> Stage:
    """Return a stage as it is stored: positional words first; those after a positional `${name}` become options.

    inputs: the words written for each input
    name: the name of the stage, or None
    """
    positional: list[Argument] = []
    options: list[Argument] = []
    leaves_gap = False  # whether a positional word that is nothing but `${name}` came before
    for each in sorted(inputs, key=lambda each: each.values[0].span.start):
        word = whole_word(each)
        is_variable = word is not None and bool(inputs_in(word))
        is_alone = word is not None and only_input(word) is not None
        if is_option_value(each, stage) or (leaves_gap and not is_alone):
            options += [part for option in as_options([each]) for part in _apart(option, each)]
        elif is_variable and word is not None:
            positional.append(Positional(_without_defaults(word)))
            leaves_gap = leaves_gap or is_alone
        else:
            positional += [Positional(value) for value in each.values]
    arguments = (*positional, *options, *common_options(stage, inputs))
    return replace(stage, arguments=arguments, end_of_options=None, name=name, as_option=name is not None)


def _without_defaults(word: Word) -> Word:
    text, literals, uses = word.text, word.literals, inputs_in(word)
    for use in reversed(uses):
        plain = replace(use, name=input_name(use), default=None).text
        text = text[: use.start] + plain + text[use.end :]
        shift = len(plain) - (use.end - use.start)
        literals = tuple(at + shift if at >= use.end else at for at in literals)
    is_alone = len(uses) == 1 and uses[0].text == word.text
    return replace(word, text=text, quote="" if is_alone else '"', literals=literals)


def as_options(inputs: Sequence[WrittenInput]) -> list[Option]:
    """Return the values of inputs as options."""
    found: list[Option] = []
    for each in inputs:
        name = each.field.name.replace("_", "-")
        word = whole_word(each) if each.free_text or len(each.values) == 1 else None
        for value in [word] if word is not None else each.values:
            found.append(_as_option(name, value, each))
    return found


def _apart(option: Option, written: WrittenInput) -> list[Argument]:
    """Return an option and its value as two arguments; only a flag keeps its value after `=`."""
    if option.value is None or is_flag(written.field):
        return [option]
    return [replace(option, value=None, glued=False), Positional(option.value)]


def _as_option(name: str, value: Value, each: WrittenInput) -> Option:
    span = value.span if value.span.end else each.span
    if isinstance(value, Word) and is_flag(each.field) and value.text in ("yes", "no"):
        return Option(name if value.text == "yes" else f"no-{name}", span=span, name_span=span)
    if isinstance(value, Word) and inputs_in(value):
        value = _without_defaults(value)
    return Option(name, value, True, span=span, name_span=span)


def common_options(stage: Stage, inputs: Sequence[WrittenInput]) -> list[Argument]:
    """Return the options that every command takes, such as `--link` and `--zip`, with their values.

    inputs: what is written for the inputs of the command, which may have the name of such an option
    """
    own = {each.field.name.replace("_", "-") for each in inputs}
    counts = {name: count for name, count in {**LINK_OPTIONS, **SWEEP_OPTIONS}.items() if name not in own}
    found: list[Argument] = []
    waiting = 0
    for each in stage.arguments:
        if isinstance(each, Option) and not each.short and each.name in counts:
            found.append(each)
            waiting = counts[each.name] - (each.value is not None)
        elif waiting and isinstance(each, Positional):
            found.append(each)
            waiting -= 1
        else:
            waiting = 0
    return found


def whole_word(written: WrittenInput) -> Word | None:
    """Return the value of an input as one word; the words of free text are joined. None if it has several values."""
    words = [each for each in written.values if isinstance(each, Word)]
    if len(words) != len(written.values) or (len(words) > 1 and not written.free_text):
        return None if not any(inputs_in(each) for each in words) else replace(words[0], text=_joined(words), quote='"')
    if len(words) == 1:
        return words[0]
    return Word(_joined(words), '"', written.span, _literals(words))


def _joined(words: list[Word]) -> str:
    return " ".join(each.text for each in words)


def _literals(words: list[Word]) -> tuple[int, ...]:
    """Return the positions of literal `$` characters in joined words: in single quotes, every `$` is literal."""
    found: list[int] = []
    begin = 0
    for word in words:
        every = [at for at, char in enumerate(word.text) if char == "$"] if word.quote == "'" else word.literals
        found += [begin + at for at in every]
        begin += len(word.text) + 1
    return tuple(found)


def _sets(option: Option, field: FieldSpec) -> bool:
    if is_flag(field) or option.value is not None:
        return False
    return option.name == field.short if option.short else option.name.replace("-", "_") == field.name


def is_option_value(written: WrittenInput, stage: Stage) -> bool:
    """Whether a value follows an option of the stage."""
    before: Argument | None = None
    for argument in stage.arguments:
        if argument.value is written.values[0]:
            return isinstance(argument, Option) or (isinstance(before, Option) and _sets(before, written.field))
        before = argument
    return True  # a flag such as `--tiled` has no word of its own
