"""Pipes to another program or to an unknown reader, and `--pipe`, which sends references to any reader."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.invokeai_cli.pipes.conftest import Pipe


def records(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_if_the_reader_is_unknown_images_are_saved_and_the_paths_are_piped(pipe: Pipe, tmp_path: Path) -> None:
    result = pipe("blur 2 --image p.png", "save x.png", feeds=False)
    assert (result.between, result.out, result.err) == (("000001-p.png\n",), "x.png\n", "")
    assert (tmp_path / "000001-p.png").exists()


def test_an_unknown_reader_receives_plain_values_and_nothing_for_a_failure(pipe: Pipe) -> None:
    assert pipe("add 1 2", "mul 4", feeds=False).out == "12\n"
    assert pipe("div 1 0", "mul 4", feeds=False).between == ("",)
    assert pipe("blur 2 --image p.png --radios 3", "mul 4", feeds=False).between == ("",)
    assert pipe("range 1 1 | iterate as n | blur @n --image p.png", "scale 2", feeds=False).between == ("",)


def test_with_the_pipe_option_every_result_and_failure_is_a_json_line(pipe: Pipe, tmp_path: Path) -> None:
    image = pipe(["blur", "2", "--image", "p.png", "--pipe"], "save x.png", feeds=False)
    (record,) = records(image.between[0])
    assert (record["type"], image.out) == ("blur", "x.png\n")
    assert sorted(path.name for path in tmp_path.glob("*.png")) == ["p.png", "q.png", "x.png"]
    values = pipe(["--pipe", "range 1 3 | iterate"], "mul 2", feeds=False)
    assert [each["values"]["item"] for each in records(values.between[0])] == [1, 2]
    assert values.out == "2\n4\n"
    assert records(pipe(["--pipe", "div 1 0"], "mul 2", feeds=False).between[0]) == [{"schema": "piped/1", "status": 1}]


@pytest.mark.parametrize("words", [("history",), ("run", "two.inv"), ("explain", "add 1 2"), ()])
def test_the_pipe_option_is_refused_for_directives_and_without_a_line(type_: Any, words: tuple[str, ...]) -> None:
    result = type_("--pipe", *words)
    assert (result.status, result.document) == (2, {"schema": "piped/1", "status": 2})
    error, hint = (
        "`--pipe` accepts exactly one line of commands",
        "put it after a command: invokeai t2i a fox --pipe | jq",
    )
    assert result.err == f"error: {error}\n  {hint}\n"
