"""`help --agent`: one page for AI agents; each example on it runs, and it stays short."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from tests.invokeai_cli.conftest import TypeLine
from workflows.manual.agent import EXAMPLES, MAX_CHARS


def test_the_page_fits_the_context_of_an_agent(type_: TypeLine) -> None:
    page = type_("help", "--agent")
    assert page.status == 0
    assert len(page.out) <= MAX_CHARS - 300
    assert page.out == type_("help", "--agent", terminal=True, COLUMNS="40").out


def test_the_page_states_every_built_in_command_and_exit_status(type_: TypeLine) -> None:
    page = type_("help", "--agent").out
    for node in type_("nodes", "--json").document["nodes"]:
        assert f"\n  {node['type']} " in page or f"\n  {node['type']}:" in page, node["type"]
    for text in ("0 done", "1 a node failed", "2 the line", "3 some lines", "4 a model is missing", "5 out of memory"):
        assert text in " ".join(page.split())
    assert "143" not in page


def test_every_example_of_the_page_is_shown_and_runs(type_: TypeLine, scripted: None) -> None:
    page = type_("help", "--agent").out
    for example in EXAMPLES:
        assert example.command in page
        program, *words = shlex.split(example.command)
        assert program == "invokeai"
        done = type_(*words)
        assert (done.status, done.err) == (0, ""), example.command
        if "--json" in words:
            document = json.loads(done.out)
            assert document.get("errors", []) == []


def test_the_example_of_the_introduction_runs(type_: TypeLine, scripted: None, tmp_path: Path) -> None:
    page = type_("help", "--agent").out
    line = next(line for line in page.splitlines() if line.startswith("  invokeai 't2i"))
    assert type_(*shlex.split(line)[1:]).status == 0
    assert (tmp_path / "house.png").exists()


@pytest.mark.parametrize("count", [1, 90])
def test_commands_that_are_not_built_in_are_named_and_the_page_stays_short(
    type_: TypeLine, nodes_folder: Path, count: int
) -> None:
    for number in range(count):
        (nodes_folder / f"own{number}.toml").write_text(
            f'type = "my-own-recipe-{number}"\nsummary = "Blur twice."\ncategory = "generate"\nexamples = ["add 1 2"]\n'
            'pipeline = "blur 2 | blur 2"\n[inputs]\nimage = { to = ["blur.image"], primary = true }\n'
        )
    page = type_("help", "--agent").out
    assert len(page) <= MAX_CHARS
    assert "my-own-recipe-0" in page


def test_a_word_beside_agent_is_refused(type_: TypeLine) -> None:
    refused = type_("help", "blur", "--agent")
    assert refused.status == 2
    assert refused.err == "error: `help --agent` is about all commands, not only `blur`\n  `help blur --all`\n"


def test_a_program_reads_the_page_as_json(type_: TypeLine) -> None:
    document = type_("help", "--agent", "--json").document
    assert document["schema"] == "help/1"
    assert document["text"] == type_("help", "--agent").out.rstrip("\n")
