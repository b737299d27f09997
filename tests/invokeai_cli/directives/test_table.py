"""The table describes every directive completely: its options are exactly the options that the code reads."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from importlib import import_module

import pytest

from invokeai_cli.directives.call import runner
from invokeai_cli.directives.directive import Directive, rows
from invokeai_cli.directives.table import DIRECTIVES, runs_nodes, takes_line

ROWS = list(rows(DIRECTIVES))
MODULES = sorted({row.module or row.name for row in ROWS if not row.subcommands})
READS = {"flag", "option", "every"}
RUN_OPTIONS = (
    "[--dry-run]", "[--keep-going]", "[--from LINE]", "[--resume]", "[--only failed]",
    "[--with '--steps 4 ...']", "[--skip-existing]",
    "[--retries COUNT]", "[--max-time TIME]", "[--max-images COUNT]", "[--log FILE]",
    "[--next]",
)  # fmt: skip


def options_read(module: str) -> Iterator[str]:
    """Yield the name of each option that the code of a directive reads."""
    source = inspect.getsource(import_module(f"invokeai_cli.directives.{module}"))
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(ast.Attribute(ast.Name("call"), method), [ast.Constant(name)]) if method in READS:
                yield name
            case ast.Call(ast.Attribute(ast.Name("call"), method)) if method in READS:
                raise AssertionError("the name of an option is written out where it is read")


@pytest.mark.parametrize("module", MODULES)
def test_the_table_has_exactly_the_options_that_the_code_reads(module: str) -> None:
    of_module = [row for row in ROWS if (row.module or row.name) == module and not row.subcommands]
    in_rows = {option.name for row in of_module for option in row.options if not row.takes_line}
    assert set(options_read(module)) == in_rows


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_directive_can_run_and_describes_its_arguments(row: Directive) -> None:
    if not row.subcommands:
        assert callable(runner(row))
    assert row.summary
    for argument in row.arguments:
        assert argument.help
    for option in row.options:
        assert option.help
        assert not option.excludes or row.option(option.excludes)


@pytest.mark.parametrize(
    ("name", "usage"),
    [
        ("graph", "graph [LINE | @STAGE | SESSION] [--all] [--mermaid | --dot]"),
        ("run", " ".join(("run [FILE]", *RUN_OPTIONS))),
        ("set", "set [INPUT VALUE] [--save] [--model NAME]"),
        ("config", "config [show | get NAME | set NAME VALUE | unset NAME | where KEY | path]"),
        ("cache", "cache [stats | clear | why LINE]"),
        ("sessions", "sessions [WORD ...] [--failed] [--since TIME] [--limit COUNT]"),
        ("let", "let NAME = VALUE"),
        ("exit", "exit"),
    ],
)
def test_usage_is_generated_from_the_table(name: str, usage: str) -> None:
    assert DIRECTIVES[name].usage == usage


def test_arguments_that_must_be_given_together_share_one_pair_of_brackets() -> None:
    export = DIRECTIVES["session"].subcommand("export")
    assert export is not None
    assert export.usage == "session export [SESSION [FILE]] [--overwrite]"


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("explain add 1 2", 1),
        ("graph", 1),
        ("cache why add", 2),
        ("cache", 0),
        ("cache clear", 0),
        ("run x", 0),
        ("", 0),
    ],
)
def test_directives_whose_arguments_are_a_line_are_recognized(words: str, count: int) -> None:
    assert takes_line(words.split()) == count


@pytest.mark.parametrize(
    ("words", "runs"),
    [
        ("run x.inv", True),
        ("replay a.png", True),
        ("retry", True),
        ("session resume", True),
        ("session", False),
        ("add 1 2", False),
    ],
)
def test_directives_that_run_nodes_are_recognized(words: str, runs: bool) -> None:
    assert runs_nodes(words.split()) is runs
