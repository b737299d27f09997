"""The program as a Typer application: a group that knows all commands by name and makes one when it is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from invocations.spec import InvocationSpec

from .generate import HELP, Run, make_command


class _AnyWords(TyperCommand):
    """A line in one word, or a word that is no command: the planner tells which."""

    def __init__(self, word: str, run: Run) -> None:
        super().__init__(word)
        self.run = run

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        ctx.args = list(args)
        return ctx.args  # type: ignore[no-any-return]

    def invoke(self, ctx: Any) -> Any:
        raise typer.Exit(self.run([str(self.name), *ctx.args]))


class CommandGroup(TyperGroup):
    """Commands by their words, none made before it is asked for; words it does not know are a line all the same."""

    catalog: Mapping[str, InvocationSpec]
    run: Run
    page: Callable[[], str]

    def list_commands(self, ctx: Any) -> list[str]:
        return list(self.catalog)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in self.commands and cmd_name in self.catalog:
            self.commands[cmd_name] = make_command(self.catalog[cmd_name], self.catalog, self.run)
        return self.commands.get(cmd_name)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if (not args or args[0] in HELP) and not ctx.resilient_parsing:
            typer.echo(self.get_help(ctx))
            ctx.exit()
        ctx._protected_args, ctx.args = args[:1], args[1:]
        return ctx.args  # type: ignore[no-any-return]

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Return the command of the first word; where there is none, one that refuses it as the planner words it."""
        found = self.get_command(ctx, args[0])
        return args[0], found or _AnyWords(args[0], self.run), args[1:]

    def format_help(self, ctx: Any, formatter: Any) -> None:
        formatter.write(self.page() + "\n")


def make_application(
    catalog: Mapping[str, InvocationSpec], run: Run, *, page: Callable[[], str] | None = None
) -> typer.Typer:
    """Return the application: every command of the catalogue, whose words go to `run`; `page` is the main help."""

    class Commands(CommandGroup):
        pass

    Commands.catalog = catalog
    Commands.run = staticmethod(run)
    Commands.page = staticmethod(page or (lambda: command_list(catalog)))
    application = typer.Typer(name="invokeai", cls=Commands, add_completion=False, rich_markup_mode=None)
    application.callback()(lambda: None)
    return application


def call(application: typer.Typer, words: Sequence[str]) -> int:
    """Run the application on a shell's words and return the exit status."""
    status = get_group(application).main(list(words), prog_name="invokeai", standalone_mode=False)
    return status if isinstance(status, int) else 0


def command_list(catalog: Mapping[str, InvocationSpec], width: int = 80) -> str:
    """Return all commands with their summaries, by category."""
    from .help.columns import columns

    categories: dict[str, list[tuple[str, str]]] = {}
    for spec in catalog.values():
        categories.setdefault(spec.category, []).append((spec.type, spec.summary))
    parts = [f"{category}:\n" + "\n".join(columns(rows, width)) for category, rows in categories.items()]
    return "\n\n".join(parts)
