"""Find out which inputs of an unfinished stage have been written, and which input the next word fills."""

from __future__ import annotations

from collections.abc import Iterable

from invocations.frozen import frozen
from invocations.language.tree import Argument, Option
from invocations.spec import FieldSpec, InvocationSpec
from workflows.planning.draft import is_flag
from workflows.values.positions import image_input, list_of, positional

from .cursor import Cursor


@frozen
class Inputs:
    """The names of the inputs already written, and the input that the word at the cursor would fill."""

    given: frozenset[str]
    next: FieldSpec | None


def find_inputs(
    cursor: Cursor, written: Iterable[Argument], spec: InvocationSpec, *, piped: bool, begins: bool
) -> Inputs:
    """Return which inputs of a stage have been written, and which input the word at the cursor fills.

    written: the arguments of the stage before the cursor
    piped: whether the primary input is piped in, in which case positional arguments skip it
    begins: whether the stage begins its line, in which case its first words may be image paths
    """
    slots = positional(spec)
    image = image_input(spec)
    if image is not None and (begins or image.position is not None):
        slots.insert(0, image)
    arguments = list(written)
    options = [_written(spec, argument) for argument in arguments if isinstance(argument, Option)]
    given = {field.name for field in options if field is not None}
    given |= {field.name for field in spec.inputs if piped and field.primary}
    free = [field for field in slots if field.name not in given]
    in_text = False
    while arguments and free:
        argument = arguments.pop(0)
        if isinstance(argument, Option):
            if in_text:
                free.pop(0)
                in_text = False
            field = _written(spec, argument)
            if arguments and field is not None and not argument.glued and not is_flag(field):
                arguments.pop(0)
            continue
        given.add(free[0].name)
        if free[0].free_text:
            in_text = True
        elif not (list_of(free[0].type) and (len(free) == 1 or free[0] is image)):
            free.pop(0)
    of_option = named(spec, cursor.option)
    takes_word = of_option is not None and not is_flag(of_option)
    return Inputs(frozenset(given), of_option if takes_word else free[0] if free else None)


def named(spec: InvocationSpec, option: str) -> FieldSpec | None:
    """Return the input that belongs to an option such as `--steps` or `-s`, or None."""
    if option.startswith("--"):
        return spec.input(option[2:].replace("-", "_"))
    return next((field for field in spec.inputs if option and field.short == option[1:]), None)


def _written(spec: InvocationSpec, option: Option) -> FieldSpec | None:
    return named(spec, ("-" if option.short else "--") + option.name)
