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

from .scope import OF_MODEL, SET_BY_OPTION, SET_IN_SESSION

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


def with_origin(error: LanguageError, command: str, origins: Mapping[str, str]) -> LanguageError:
    """Return an error whose hint to unset a default names it in full and says where it is set.

    command: the word at which the error is; its own defaults come first. origins: where each default is set, by name
    """
    texts = [_with_origin(text, command, origins) for text in (error.hint or "", *error.notes)]
    return replace(error, hint=texts[0] or None, notes=tuple(texts[1:]))


def _with_origin(hint: str, command: str, origins: Mapping[str, str]) -> str:
    before, unset, rest = hint.partition("`unset ")
    typed, _, after = rest.partition("`")
    names = {typed_default(*split_model(name)): name for name in origins} if unset else {}
    name = names.get(f"{command}.{typed}") or names.get(typed)
    if name is None:
        return hint
    if origins[name] == SET_BY_OPTION:
        return f"{before}leave out `--set {name}`{after}"
    in_file = origins[name] != SET_IN_SESSION
    place = f"; it is set in {origins[name]}" if in_file else ""
    return f"{before}{unset}{typed_default(*split_model(name))}{' --save' if in_file else ''}`{after}{place}"


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
