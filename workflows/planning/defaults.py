"""The names of defaults: `steps`, `t2i.steps` for one command, or `steps@sd15` for one model."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from invocations.language.errors import LanguageError
from invocations.language.tokens import is_name
from invocations.spec import InvocationSpec
from workflows.problems import UsageError
from workflows.values.codecs import codec_of

from .scope import OF_MODEL

if TYPE_CHECKING:
    from workflows.synonyms.table import Kind

    from .build import PlannedValue


def for_model(name: str, model: str) -> str:
    """Return the name of a default, for one model unless `model` is ""."""
    return f"{name}{OF_MODEL}{model}" if model else name


def split_model(name: str) -> tuple[str, str]:
    """Return the input in the name of a default, and the model, or ""."""
    name, _, model = name.partition(OF_MODEL)
    return name, model


def input_of(name: str) -> str:
    """Return the bare input in the name of a default: `steps` for `t2i.steps` and for `steps@sd15`."""
    return split_model(name)[0].rpartition(".")[2]


def current_defaults(defaults: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the inputs that have a default, each with the default for all models or else for one, by name."""
    return sorted({split_model(name)[0]: text for name, text in sorted(defaults.items(), reverse=True)}.items())


def defaults_with(defaults: Mapping[str, str]) -> dict[str, str]:
    """Return the defaults that apply to the model that is used by default."""
    mine = OF_MODEL + defaults.get("model", "default")
    found = {name.removesuffix(mine): text for name, text in sorted(defaults.items())}
    return {name: text for name, text in found.items() if OF_MODEL not in name}


def typed_default(name: str, model: str = "", text: str = "") -> str:
    """Return a default as it is typed after `set`: `steps 30 --model sd15`, or without its value after `unset`."""
    from invocations.language.printer import as_word, print_value  # imported on demand: few lines need it

    return " ".join([name, *([text] if text else []), *(["--model", print_value(as_word(model))] if model else [])])


def named_default(error: LanguageError, node: str, name: str, values: Iterable[PlannedValue]) -> LanguageError:
    """Return the error in an input of a node; if its value is a default, the error says so, and how to remove it."""
    value = next((each for each in values if (each.node, each.input, each.origin) == (node, name, "set")), None)
    if value is None:
        return error
    of_model = f" with the model `{value.model}`" if value.model else ""
    ways = f"write `--{name.replace('_', '-')}` in the line, or `unset {typed_default(name, value.model)}`"
    message = f"the default set for `{name}`{of_model} is invalid: {error.message}"
    return replace(error, message=message, hint=f"{error.hint}; {ways}" if error.hint else ways)


def with_save(error: LanguageError, saved: Iterable[str]) -> LanguageError:
    """Return an error whose hint to unset a default says `--save` if the default is in a settings file.

    saved: the names of these defaults
    """
    hint = error.hint or ""
    for name in saved:
        typed = f"`unset {typed_default(*split_model(name))}"
        hint = hint.replace(f"{typed}`", f"{typed} --save`")
    return replace(error, hint=hint) if hint else error


def known_name(name: str) -> str:
    """Return the name of an input as it is stored: `t2i.free_text` for `t2i.free-text`."""
    command, dot, wanted = name.rpartition(".")
    return f"{command}{dot}{wanted.replace('-', '_')}"


def known_input(name: str, catalog: Mapping[str, InvocationSpec]) -> str:
    """Return the name of an input as it is stored. Raises: UsageError, if there is no such input."""
    command, dot, wanted = name.rpartition(".")
    wanted = wanted.replace("-", "_")
    if dot and command not in catalog:
        raise UsageError(f"there is no command `{command}`", _suggestion(command, "commands", catalog))
    specs = [catalog[command]] if dot else catalog.values()
    names = dict.fromkeys(field.name for spec in specs for field in spec.inputs)
    if wanted not in names:
        where = f"`{command}` has" if dot else "no command has"
        raise UsageError(f"{where} {'no' if dot else 'an'} input `{wanted}`", _suggestion(wanted, "inputs", names))
    return f"{command}.{wanted}" if dot else wanted


def by_model_input(name: str, catalog: Mapping[str, InvocationSpec]) -> str:
    """Return the name of an input that may have a default for one model, as it is stored. Raises: UsageError."""
    wanted = known_input(name, catalog)
    names = dict.fromkeys(field.name for spec in catalog.values() for field in spec.inputs if field.by_model)
    if wanted not in names:
        listed = ", ".join(f"`{each}`" for each in sorted(names))
        hint = f"only inputs whose default depends on the model can: {listed}; `set {name} VALUE` is for all models"
        bare = wanted.rpartition(".")[2]
        if bare in names:
            hint = f"a default for one model applies to all commands: write `{bare}`"
        raise UsageError(f"`{name}` cannot have a default for one model", hint)
    return wanted


def as_one_item(text: str, name: str, catalog: Mapping[str, InvocationSpec]) -> str:
    """Return a default that was written in quotes, so commas in it do not separate the items of a list."""
    command, _, wanted = name.rpartition(".")
    specs = [catalog[command]] if command else catalog.values()
    fields = [field for spec in specs for field in spec.inputs if field.name == wanted]
    if "," not in text or not all(field.type.base == "list" for field in fields):
        return text
    codec = codec_of(fields[0].type)
    return codec.format(codec.parse_quoted(text))


def forced_inputs(
    forced: Mapping[str, str], variables: Collection[str], catalog: Mapping[str, InvocationSpec], *, is_open: bool
) -> dict[str, str]:
    """Return the values of `--set` that are defaults of inputs rather than variables of the script.

    forced: all values of `--set` by name
    variables: the names of the script's variables
    is_open: whether the script is still unknown, in which case any name may turn out to be a variable
    Raises: UsageError.
    """
    found: dict[str, str] = {}
    for name, text in forced.items():
        if name in variables:
            continue
        try:
            known_input(name, catalog)
        except UsageError as error:
            if is_open and is_name(name):
                continue
            if not variables:
                raise
            inputs = {field.name for spec in catalog.values() for field in spec.inputs}
            message = f"`{name}` is neither a variable of the script nor an input"
            raise UsageError(message, _suggestion(name, "inputs", [*sorted(variables), *sorted(inputs)])) from error
        found[name] = text
    return found


def _suggestion(word: str, kind: Kind, known: Collection[str]) -> str | None:
    from workflows.synonyms.table import suggestion  # imported on demand: most names are known

    return suggestion(word, kind, known)
