"""The Typer application: commands made one at a time, words handed on as they were typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import typer
from typer.main import get_group
from typer.testing import CliRunner

from invocations.language.errors import Refusal
from invocations.language.parser import parse, parse_words
from invocations.language.source import Source
from invocations.spec import InvocationSpec
from invokeai_cli.app import CommandGroup, call, make_application
from invokeai_cli.generate import make_command, make_signature
from workflows.planning.plan_line import plan


class Shop:
    """An application that notes the words it was given."""

    def __init__(self, commands: Mapping[str, InvocationSpec]) -> None:
        self.words: list[list[str]] = []
        self.application = make_application(commands, self.run, page=lambda: "the main page")

    def run(self, words: Sequence[str]) -> int:
        self.words.append(list(words))
        return 7

    @property
    def group(self) -> CommandGroup:
        group = get_group(self.application)
        assert isinstance(group, CommandGroup)
        return group


@pytest.fixture
def shop(commands: Mapping[str, InvocationSpec]) -> Shop:
    return Shop(commands)


WORDS = (
    ["add", "1", "2"],
    ["add", "-1", "--b=2", "--json-like", "x"],
    ["t2i", "a", "fox's", "den", "|", "upscale", "--scale", "9"],
    ["add 1 2 | mul 5"],
    ["nothing-of-the-kind", "--help"],
    ["add", "1", "--", "--help"],
    ["add", "1", "|", "mul", "--help"],
)


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_words_arrive_as_they_were_typed(shop: Shop, words: list[str]) -> None:
    assert call(shop.application, words) == 7
    assert shop.words == [words]


def test_help_shows_our_own_pages(shop: Shop, commands: Mapping[str, InvocationSpec]) -> None:
    runner = CliRunner()
    for words in ([], ["--help"], ["-h"]):
        assert runner.invoke(shop.application, words).output == "the main page\n"
    page = runner.invoke(shop.application, ["add", "1", "-h"]).output
    assert page.startswith("usage: add [A] B [OPTIONS]")
    assert shop.words == []


def test_a_command_is_made_when_it_is_called_and_no_other(shop: Shop) -> None:
    group = shop.group
    context: Any = None
    assert group.commands == {}
    assert set(group.list_commands(context)) >= {"add", "if", "collect"}
    assert group.commands == {}
    assert group.get_command(context, "add") is group.get_command(context, "add")
    assert list(group.commands) == ["add"]
    assert group.get_command(context, "nothing") is None


def test_every_command_can_be_made(commands: Mapping[str, InvocationSpec]) -> None:
    for spec in commands.values():
        made = make_command(spec, commands, lambda words: 0)
        names = {name for parameter in made.params for name in (*parameter.opts, *parameter.secondary_opts)}
        for field in spec.inputs:
            assert "--" + field.name.replace("_", "-") in names
            assert not field.short or f"-{field.short}" in names
            parameter = next(each for each in made.params if each.name == field.name)
            assert field.description in str(getattr(parameter, "help", ""))


def test_a_signature_carries_types_defaults_and_ranges(commands: Mapping[str, InvocationSpec]) -> None:
    parameters = make_signature(commands["round"]).parameters
    assert parameters["ctx"].annotation is typer.Context
    assert parameters["value"].annotation == float | None
    assert parameters["digits"].annotation == int | None
    assert parameters["digits"].default.help


LINES = ("add 1 two", "add 1 2 3", "add --bogus 1", "addd 1 2", "range 1 4 | mul 2", "if maybe 1 2", "round 1 --digits")


@pytest.mark.parametrize("line", LINES)
def test_shell_line_and_script_are_refused_with_the_same_words(
    commands: Mapping[str, InvocationSpec], line: str
) -> None:
    def refusal(source: Source) -> list[str]:
        with pytest.raises(Refusal) as caught:
            plan(parse(source), source, catalog=commands)
        return [f"{error.code}: {error.message} / {error.hint}" for error in caught.value.errors]

    said: list[list[str]] = []

    def run(words: Sequence[str]) -> int:
        said.append(refusal(parse_words(words)[0]))
        return 2

    assert call(make_application(commands, run), line.split()) == 2
    assert said[0] == refusal(Source(None, line)) == refusal(Source("poster.inv", line, 12))
