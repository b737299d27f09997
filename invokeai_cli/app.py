"""The Typer application; the command of a node or directive is created from its metadata when it is called.

Only lines that need a node's class run through it. The caller handles Ctrl-C, closed pipes and exit statuses.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command_from_info, get_group
from typer.models import CommandInfo

from invocations.graph.linking import members
from invocations.language.tokens import SWEEP
from invocations.spec import FieldSpec, FieldType, InvocationSpec
from workflows.planning.link_options import LINK_OPTIONS, SWEEP_OPTIONS
from workflows.values.constraints import default_text, range_text

from .directives.directive import Directive, OptionSpec
from .directives.table import DIRECTIVES

Catalog = Mapping[str, InvocationSpec]
Work = Callable[[], int]  # runs the planned line and returns the exit status
PLAIN: Final[Mapping[str, Any]] = {"bool": bool, "int": int, "float": float}
UNPARSED: Final = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}


def run_command(catalog: Catalog, words: Sequence[str], work: Work) -> int:
    """Run a planned line as the Typer command of its first word and return the exit status."""
    group = make_group(catalog, work)
    try:
        with group.make_context("invokeai", list(words)) as context:
            group.invoke(context)
    except typer.Exit as leaving:
        return leaving.exit_code
    return 0


def make_group(catalog: Catalog, work: Work) -> CommandGroup:
    """Return the application as a Typer group in which every command runs `work`."""
    application = typer.Typer(name="invokeai", cls=CommandGroup, add_completion=False, rich_markup_mode=None)
    application.callback()(lambda: None)
    group = get_group(application)
    assert isinstance(group, CommandGroup)
    group.catalog, group.work = catalog, work
    return group


class LineCommand(TyperCommand):
    """A Typer command that does not parse its words, because the planner has already parsed them."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        ctx.args = list(args)
        return ctx.args  # type: ignore[no-any-return]


class CommandGroup(TyperGroup):
    """A group of all commands and directives by name, each created only when it is called."""

    catalog: Catalog
    work: Work

    def list_commands(self, ctx: Any) -> list[str]:
        return [*self.catalog, *DIRECTIVES]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in self.commands:
            if cmd_name in self.catalog:
                self.commands[cmd_name] = make_command(self.catalog[cmd_name], self.work)
            elif cmd_name == SWEEP:
                self.commands[cmd_name] = _command(SWEEP, "", "", [], self.work)
            elif cmd_name in DIRECTIVES:
                self.commands[cmd_name] = make_directive(DIRECTIVES[cmd_name], self.work)
        return self.commands.get(cmd_name)


def make_command(spec: InvocationSpec, work: Work) -> LineCommand:
    """Return the Typer command of an invocation."""
    options = [_option(field) for field in spec.inputs]
    for name, words in (LINK_OPTIONS | SWEEP_OPTIONS).items():
        if spec.input(name.replace("-", "_")) is not None:  # the command's own input takes precedence
            continue
        kind = (str | None) if words else (bool | None)
        options.append(_keyword(name.replace("-", "_"), typer.Option(None, f"--{name}", hidden=True), kind))
    return _command(spec.type, spec.summary, spec.category, options, work)


def make_directive(row: Directive, work: Work) -> LineCommand:
    """Return the Typer command of a directive."""
    options = [_keyword(f"{each.name.replace('-', '_')}_", _switch(each), str | None) for each in _options(row)]
    return _command(row.name, row.summary, "directives", options, work)


def annotation(kind: FieldType) -> Any:
    """Return the Python type that Typer uses for a field; str if only the planner can parse the values."""
    kinds = [member for member in members(kind) if member.base != "none"]
    if len(kinds) != 1:
        bases = {member.base for member in kinds}
        return (float | None) if bases == {"int", "float"} else (str | None)
    only = kinds[0]
    if only.base == "list":
        return list[str] | None
    plain = Literal[only.choices] if only.base == "enum" else PLAIN.get(only.base, str)
    return plain | None


def _command(name: str, summary: str, panel: str, options: Sequence[inspect.Parameter], work: Work) -> LineCommand:
    def callback(ctx: typer.Context, **_: Any) -> None:
        raise typer.Exit(work())

    context = inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
    signature = inspect.Signature([context, *options])
    callback.__signature__ = signature  # type: ignore[attr-defined]
    callback.__annotations__ = {name: each.annotation for name, each in signature.parameters.items()}
    info = CommandInfo(
        name=name, cls=LineCommand, callback=callback, help=summary, short_help=summary,
        rich_help_panel=panel, context_settings=dict(UNPARSED),
    )  # fmt: skip
    made = get_command_from_info(info, pretty_exceptions_short=True, rich_markup_mode=None)
    assert isinstance(made, LineCommand)
    return made


def _keyword(name: str, default: Any, kind: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)


def _option(field: FieldSpec) -> inspect.Parameter:
    name = field.name.replace("_", "-")
    kind = annotation(field.type)
    names = [f"--{name}/--no-{name}" if kind == (bool | None) else f"--{name}"]
    names += [f"-{field.short}"] if field.short else []
    is_numeric = kind in (int | None, float | None)
    default = field.default if isinstance(field.default, (bool, int, float, str)) else None
    shown = "" if default in (None, "") else default_text(field)
    option = typer.Option(
        default,
        *names,
        help="; ".join([fact for fact in (field.description, range_text(field), shown) if fact]),
        min=field.ge if is_numeric else None,
        max=field.le if is_numeric else None,
        show_default=default not in (None, ""),
    )
    return _keyword(field.name, option, kind)


def _switch(option: OptionSpec) -> Any:
    return typer.Option(None, option.flag, help=option.help, metavar=option.value or None)


def _options(row: Directive) -> list[OptionSpec]:
    """Return the options of a directive and its subcommands, without duplicates."""
    found = {each.name: each for inner in (row, *row.subcommands) for each in inner.options}
    return list(found.values())
