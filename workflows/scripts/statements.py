"""Recognize the statements of a script that are directives rather than pipelines, and apply what they change.

Planning has to know `let`, `set`, `unset` and `exit`, because they affect the lines that follow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from invocations.language.script import words_of
from invocations.language.source import Source
from invocations.spec import InvocationSpec
from workflows.memory import Memory
from workflows.planning.defaults import as_one_item, by_model_input, for_model, known_input, known_name
from workflows.problems import UsageError
from workflows.reserved import ReservedWords

SET_USAGE = "usage: set INPUT VALUE [--model NAME]"


def as_directive(
    source: Source, reserved: ReservedWords, fill: Callable[[str], str] | None = None
) -> tuple[list[str], Source] | None:
    """Return the words of a directive, and its line with the directive's own words replaced by spaces.

    The spaces preserve every position in the line. Returns None if the source is not a directive.
    fill: replaces the variables in a word
    """
    words = words_of(source)
    start = len(source.text) - len(source.text.lstrip())
    if not words or words[0] not in reserved or not source.text.startswith(words[0], start):
        return None
    if fill is not None:
        words = words_of(source, fill)
    end = start
    for own in words[: max(1, reserved.before_line(words))]:
        end = source.text.index(own, end) + len(own)
    return words, replace(source, text=" " * end + source.text[end:])


def apply_statement(words: Sequence[str], memory: Memory, catalog: Mapping[str, InvocationSpec]) -> bool:
    """Apply what a directive changes for the lines that follow; return False if it ends the script.

    Raises: UsageError.
    """
    command, rest = words[0], tuple(words[1:])
    if command == "let":
        memory.variables.let(rest)
    elif command in ("set", "default") and (given := default_of(rest, catalog)):
        memory.set(*given)
    elif command == "unset" and rest:
        names, model = _without_options(rest)
        memory.unset(for_model(known_name(names[0]), model)) if names else None
    return command != "exit"


def default_of(words: Sequence[str], catalog: Mapping[str, InvocationSpec]) -> tuple[str, str] | None:
    """Return the input and the value in the words after `set`, or None if there are no words. Raises: UsageError."""
    words, model = _without_options(words)
    if not words:
        return None
    if len(words) == 1 and "=" in words[0]:
        words = words[0].split("=", 1)
    if words[0].startswith("--"):
        raise UsageError(f"`set` has no option `{words[0]}`", SET_USAGE)
    if len(words) < 2:
        raise UsageError("`set` needs an argument: VALUE", SET_USAGE)
    name = by_model_input(words[0], catalog) if model else known_input(words[0], catalog)
    text = " ".join(words[1:])
    text = as_one_item(text, name, catalog) if len(words) == 2 and " " in text else text
    return for_model(name, model), text


def arguments_of_set(words: Sequence[str]) -> tuple[list[int], str]:
    """Return the places of the words after `set` that are not its options, and the value of `--model`, or ""."""
    places: list[int] = []
    model, is_value = "", False
    for place, word in enumerate(words):
        name, equals, value = word.partition("=")
        if is_value or (name == "--model" and equals):
            model, is_value = word if is_value else value, False
        elif word == "--model":
            is_value = True
        elif word != "--save":
            places.append(place)
    return places, model


def _without_options(words: Sequence[str]) -> tuple[list[str], str]:
    places, model = arguments_of_set(words)
    return [words[place] for place in places], model
