"""InvocationSpec -> Typer command: a synthesised signature says what it takes; its words go to the one binder unparsed.

Only what runs through Typer imports this: help, completion and refusals are answered without it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import typer
from typer.core import TyperCommand
from typer.main import get_command_from_info
from typer.models import CommandInfo

from invocations.graph.linking import members
from invocations.spec import FieldSpec, FieldType, InvocationSpec
from workflows.values.constraints import default_text, range_text

from .help.command import help_text

Run = Callable[[Sequence[str]], int]  # the words of a line -> the exit status
HELP = ("--help", "-h")
PLAIN: Mapping[str, Any] = {"bool": bool, "int": int, "float": float}


class LineCommand(TyperCommand):
    """A command that leaves its words as they were typed, bars among them, and shows our own help page."""

    page: Callable[[], str]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if asks_help(args) and not ctx.resilient_parsing:
            typer.echo(self.get_help(ctx))
            ctx.exit()
        ctx.args = list(args)
        return ctx.args  # type: ignore[no-any-return]

    def format_help(self, ctx: Any, formatter: Any) -> None:
        formatter.write(self.page() + "\n")


def make_command(spec: InvocationSpec, catalog: Mapping[str, InvocationSpec], run: Run) -> LineCommand:
    """Return the Typer command of an invocation; called, it gives its words to `run` and exits with the status."""

    def callback(ctx: typer.Context, **_: Any) -> None:
        raise typer.Exit(run([spec.type, *ctx.args]))

    signature = make_signature(spec)
    callback.__signature__ = signature  # type: ignore[attr-defined]
    callback.__annotations__ = {name: each.annotation for name, each in signature.parameters.items()}
    info = CommandInfo(
        name=spec.type,
        cls=LineCommand,
        callback=callback,
        help=spec.summary,
        short_help=spec.summary,
        epilog="\n".join(spec.examples),
        rich_help_panel=spec.category,
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": list(HELP)},
    )
    made = get_command_from_info(info, pretty_exceptions_short=True, rich_markup_mode=None)
    assert isinstance(made, LineCommand)
    made.page = lambda: help_text(spec, catalog)
    return made


def make_signature(spec: InvocationSpec) -> inspect.Signature:
    """Return what a function would have to be declared with to take the inputs of an invocation as options."""
    context = inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
    options = [
        inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=_option(field), annotation=annotation(field.type)
        )
        for field in spec.inputs
    ]
    return inspect.Signature([context, *options])


def annotation(kind: FieldType) -> Any:
    """Return the Python type by which Typer knows a field; what only the binder can read is a text."""
    kinds = [member for member in members(kind) if member.base != "none"]
    if len(kinds) != 1:
        bases = {member.base for member in kinds}
        return (float | None) if bases == {"int", "float"} else (str | None)
    only = kinds[0]
    if only.base == "list":
        return list[str] | None
    plain = Literal[only.choices] if only.base == "enum" else PLAIN.get(only.base, str)
    return plain | None


def asks_help(words: Sequence[str]) -> bool:
    """Tell whether help is asked for in the first stage of a line."""
    for word in words:
        if word in ("--", "|"):
            return False
        if word in HELP:
            return True
    return False


def _option(field: FieldSpec) -> Any:
    name = field.name.replace("_", "-")
    flag = annotation(field.type) == (bool | None)
    names = [f"--{name}/--no-{name}" if flag else f"--{name}", *([f"-{field.short}"] if field.short else [])]
    numeric = annotation(field.type) in (int | None, float | None)
    default = field.default if isinstance(field.default, (bool, int, float, str)) else None
    shown = "" if default not in (None, "") else default_text(field)
    facts = [field.description, range_text(field), shown]
    return typer.Option(
        default,
        *names,
        help="; ".join(fact for fact in facts if fact),
        min=field.ge if numeric else None,
        max=field.le if numeric else None,
        show_default=default not in (None, ""),
    )
