"""The Typer application: it runs planned lines and accepts the same options as the binder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from typer._click.globals import get_current_context

from invocations.language.errors import Refusal
from invocations.language.parser import parse, parse_words
from invocations.language.source import Source
from invocations.spec import InvocationSpec
from invokeai_cli.app import LineCommand, annotation, make_command, make_directive, make_group, run_command
from invokeai_cli.directives.table import DIRECTIVES
from workflows.planning.link_options import LINK_OPTIONS
from workflows.planning.plan_line import plan, plan_line

from .conftest import TypeLine


def names_of(command: LineCommand) -> set[str]:
    """Return the options of a command as the user types them, without `--help`."""
    return {name for each in command.params for name in (*each.opts, *each.secondary_opts) if name.startswith("-")}


def unknown(line: str, commands: Mapping[str, InvocationSpec]) -> bool:
    """Return True if the binder reports an unknown option."""
    try:
        plan_line(Source(None, line), catalog=commands)
    except Refusal as refusal:
        return any(error.code == "unknown_option" for error in refusal.errors)
    return False


WORDS = (
    ["add", "1", "2"],
    ["add", "-1", "--b=2", "--json-like", "x"],
    ["t2i", "a", "fox's", "den", "|", "upscale", "--scale", "9"],
    ["add", "1", "--", "--help"],
    ["add", "1", "|", "mul", "--help"],
)


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_a_line_runs_inside_its_typer_command_and_returns_the_exit_status(
    commands: Mapping[str, InvocationSpec], words: list[str]
) -> None:
    seen: list[list[str]] = []

    def work() -> int:
        context: Any = get_current_context()
        seen.append([context.info_name, *context.args])
        return 7

    assert run_command(commands, words, work) == 7
    assert seen == [words]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), BrokenPipeError(), EOFError(), ZeroDivisionError("bug")])
def test_exceptions_pass_through_typer_unchanged(commands: Mapping[str, InvocationSpec], error: BaseException) -> None:
    def work() -> int:
        raise error

    with pytest.raises(type(error)) as caught:
        run_command(commands, ["add", "1", "2"], work)
    assert caught.value is error


def test_typer_is_only_imported_for_lines_that_need_a_node_class(type_: TypeLine, ran: list[list[str]]) -> None:
    line = "list 3 1 2 | sort"
    assert type_(line).out == type_(*line.split()).out
    assert ran == [["list"]]
    assert type_("add 1 2").out == "3\n"
    assert ran == [["list"]]


def test_lines_from_a_stream_run_as_typer_commands(type_: TypeLine, ran: list[list[str]]) -> None:
    assert type_("-", stdin="list 3 1 | sort\nadd 1 2\n").out == "1\n3\n3\n"
    assert ran == [["list"]]


def test_only_the_typer_command_that_is_called_is_created(commands: Mapping[str, InvocationSpec]) -> None:
    group = make_group(commands, lambda: 0)
    context: Any = None
    assert group.commands == {}
    assert set(group.list_commands(context)) == {*commands, *DIRECTIVES}
    assert group.commands == {}
    assert group.get_command(context, "add") is group.get_command(context, "add")
    assert list(group.commands) == ["add"]
    assert group.get_command(context, "nothing") is None


def test_every_typer_command_accepts_exactly_the_options_that_the_binder_accepts(
    commands: Mapping[str, InvocationSpec],
) -> None:
    made = {spec.type: names_of(make_command(spec, lambda: 0)) for spec in commands.values()}
    every = set.union(*made.values())
    assert {f"--{name}" for name in LINK_OPTIONS} <= every
    for command, names in made.items():
        accepted = {name for name in every if not unknown(f"{command} {name}", commands)}
        assert accepted == names, command


def test_every_command_describes_its_inputs(commands: Mapping[str, InvocationSpec]) -> None:
    for spec in commands.values():
        parameters = {each.name: each for each in make_command(spec, lambda: 0).params}
        for field in spec.inputs:
            assert field.description in str(getattr(parameters[field.name], "help", ""))


def test_every_directive_accepts_the_options_of_its_table_row() -> None:
    for row in DIRECTIVES.values():
        expected = {option.flag for inner in (row, *row.subcommands) for option in inner.options}
        assert names_of(make_directive(row, lambda: 0)) == expected


def test_typer_receives_the_python_type_of_an_input_if_one_matches(commands: Mapping[str, InvocationSpec]) -> None:
    inputs = {field.name: annotation(field.type) for field in commands["round"].inputs}
    assert inputs == {"value": float | None, "digits": int | None}


LINES = (
    "add 1 two",
    "add 1 2 3",
    "add --bogus 1",
    "addd 1 2",
    "range 1 4 | mul @1.collection",
    "if maybe 1 2",
    "round 1 --digits",
)


@pytest.mark.parametrize("line", LINES)
def test_a_line_is_refused_with_the_same_message_whether_typed_as_words_or_a_string_or_in_a_script(
    commands: Mapping[str, InvocationSpec], line: str
) -> None:
    def refusal(source: Source) -> list[str]:
        with pytest.raises(Refusal) as caught:
            plan(parse(source), source, catalog=commands)
        return [f"{error.code}: {error.message} / {error.hint}" for error in caught.value.errors]

    typed = parse_words(line.split())[0]
    assert refusal(typed) == refusal(Source(None, line)) == refusal(Source("poster.inv", line, 12))
