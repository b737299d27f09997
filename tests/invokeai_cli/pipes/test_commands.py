"""A line that receives results from another process runs as a Typer command if it needs the class of a node."""

from __future__ import annotations

from tests.invokeai_cli.pipes.conftest import Pipe


def test_a_line_runs_as_a_typer_command_for_each_plain_value(pipe: Pipe, ran: list[list[str]]) -> None:
    assert pipe("split", stdin="a b\nc\n").out == "a\nb\nc\n"
    assert ran == [["split"], ["split"]]


def test_a_line_runs_as_a_typer_command_for_each_result_that_is_passed_by_reference(
    pipe: Pipe, ran: list[list[str]]
) -> None:
    assert pipe("load '[pq].png' | iterate", "blur 1 | save '{index}.png'").out == "1.png\n2.png\n"
    assert ran == [["blur"], ["blur"]]


def test_a_line_with_only_plain_nodes_runs_without_a_typer_command(pipe: Pipe, ran: list[list[str]]) -> None:
    assert pipe("add 1", stdin="2\n3\n").out == "3\n4\n"
    assert ran == []
