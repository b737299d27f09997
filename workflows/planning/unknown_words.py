"""The errors for unknown commands and options, with what was probably meant."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from invocations.language.did_you_mean import MAX_SUGGESTIONS, nearest, one_of
from invocations.language.errors import LanguageError
from invocations.language.printer import print_value
from invocations.language.source import Span
from invocations.language.tokens import is_name
from invocations.language.tree import Option, Positional, Stage, Word
from invocations.spec import FieldSpec, InvocationSpec
from workflows.synonyms.table import meant, note_on, suggestion
from workflows.values.constraints import facts

from .build import Catalog
from .draft import is_flag, option
from .errors import listed
from .link_options import LINK_OPTIONS, SWEEP_OPTIONS


def unknown_command(
    stage: Stage, catalog: Catalog, directives: Collection[str], *, begins: bool = False
) -> LanguageError:
    """Return the error for an unknown command; at the start of a line, it also suggests directives."""
    word, span = stage.command.text, stage.command.span
    if word in directives:
        message = f"`{word}` is a shell directive and cannot be part of a pipeline"
        return LanguageError("directive_piped", message, span, "write it on a line of its own")
    known = (*catalog, *directives) if begins else (*catalog,)
    hint = suggestion(word, "commands", known) or _tagged(word, catalog) or _quoted(word, begins=begins)
    return LanguageError("unknown_command", f"there is no command `{word}`", span, hint)


def unknown_option(spec: InvocationSpec, written: Option) -> LanguageError:
    """Return the error for an option that names no input."""
    typed = f"-{written.name}" if written.short else written.name
    if written.name in ("help", "h"):
        message = (
            f"`{'' if written.short else '--'}{typed}` works only on the command line or at the interactive prompt"
        )
        return LanguageError("help_asked", message, written.span, f"write `help {spec.type}`")
    hint = (
        note_on(typed)
        or _exposed(spec, typed)
        or _meant(spec, typed)
        or (_shorts(spec) if written.short else _near(spec, typed))
    )
    return LanguageError("unknown_option", f"`{spec.type}` has no input `{typed}`", written.name_span, hint)


def missing_value(shown: str, field: FieldSpec | None, place: Span, stray: Option | None) -> LanguageError:
    """Return the error for an option without a value.

    shown: the option as it is written. stray: an unknown option that follows, which may be meant as the value
    """
    hints = [f"{shown} takes {facts(field, article=True)}"] if field else []
    if stray is not None and shown.startswith("--"):
        hyphens, value = "-" if stray.short else "--", stray.value.text if isinstance(stray.value, Word) else ""
        hints.append(f"if its value begins with a hyphen, write {shown}={hyphens}{stray.name}{value}")
    return LanguageError("missing_value", f"`{shown}` needs a value", place, "; ".join(hints) or None)


def single_hyphen(
    spec: InvocationSpec, written: Option, follows: Sequence[Option | Positional]
) -> LanguageError | None:
    """Return the error for the name of an input after a single hyphen, such as `-steps 10`, or None."""
    value = written.value
    if not isinstance(value, Word) or value.quote or value.span.start != written.name_span.end:
        return None
    field = spec.input(f"{written.name}{value.text}".replace("-", "_"))
    if field is None:
        return None
    message = f"the option `{option(field)}` begins with two hyphens"
    after = follows[0].value if follows and isinstance(follows[0], Positional) and not is_flag(field) else None
    shown = f" {print_value(after)}" if after is not None else ""
    return LanguageError("unknown_option", message, written.span, f"write {option(field)}{shown}")


def _tagged(word: str, catalog: Catalog) -> str | None:
    """Return a hint that names the commands with a tag."""
    found = [spec.type for spec in catalog.values() if word.lower() in spec.tags][:MAX_SUGGESTIONS]
    return f"did you mean {one_of(found)}?" if found else None


def _quoted(word: str, *, begins: bool) -> str:
    """Return a hint for an unknown word: after a `|`, it may belong to a prompt, as in `{red|blue}`."""
    if not begins and not is_name(word):
        return "`|` passes a result on; to write it in a prompt, quote the prompt"
    return "`nodes` lists the commands"


def _exposed(spec: InvocationSpec, typed: str) -> str | None:
    """Return a hint if the recipe has its own option for an input of its stage: `--tiled` for `--decode.tiled`."""
    names = [
        e.name for e in spec.exposures if any(f"{key}.{name}".replace("_", "-") == typed for key, name in e.targets)
    ]
    return _did_you_mean([field for name in names if (field := spec.input(name)) is not None])


def _meant(spec: InvocationSpec, typed: str) -> str | None:
    """Return a hint if another tool uses the option."""
    names = meant(typed, "inputs", [field.name for field in spec.inputs])
    return _did_you_mean([field for name in names if (field := spec.input(name)) is not None])


def _shorts(spec: InvocationSpec) -> str | None:
    shorts = listed(f"-{field.short} ({option(field)})" for field in spec.inputs if field.short)
    return f"its short options are {shorts}" if shorts else None


def _near(spec: InvocationSpec, typed: str) -> str | None:
    names = {field.name.replace("_", "-"): field for field in spec.inputs}
    near = nearest(
        typed,
        [*names, *(f"no-{name}" for name, field in names.items() if is_flag(field)), *LINK_OPTIONS, *SWEEP_OPTIONS],
    )
    if near and all(name in names for name in near):
        return _did_you_mean([names[name] for name in near])
    if near:
        return f"did you mean {one_of(near, prefix='--')}?"
    return f"its inputs are {listed(f'--{name}' for name in names)}" if names else None


def _did_you_mean(fields: list[FieldSpec]) -> str | None:
    if not fields:
        return None
    hint = f"did you mean {one_of([option(field) for field in fields])}?"
    return f"{hint} ({facts(fields[0])})" if len(fields) == 1 else hint
