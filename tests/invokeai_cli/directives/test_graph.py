"""The directive `graph` draws a session, a stage with its ancestors, or a line without running it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.invokeai_cli.conftest import TypeLine


def states(document: Any) -> dict[str, str]:
    return {box["id"]: box["state"] for box in document["boxes"]}


def test_a_line_is_drawn_without_being_run(type_: TypeLine, tmp_path: Path) -> None:
    result = type_("graph", "t2i --as fox a red fox | scale 2")
    assert (result.status, result.err) == (0, "")
    assert "│ 1 t2i as fox  ○ not run │" in result.out
    assert "│ 1.image → image    │" in result.out
    assert list(tmp_path.iterdir()) == []
    for words in (
        ("graph", "t2i", "--as", "fox", "a", "red", "fox", "|", "scale", "2"),
        ("graph t2i --as fox a red fox | scale 2",),
    ):
        assert type_(*words).out == result.out
    assert type_("-", stdin="graph t2i --as fox a red fox | scale 2\n").out == result.out
    assert type_("sessions").out == "nothing has been run yet\n"


def test_the_all_option_draws_the_nodes_inside_recipes(type_: TypeLine) -> None:
    closed = type_("graph", "t2i a fox", "--json").document
    assert [box["command"] for box in closed["boxes"]] == ["t2i", "save"]
    opened = type_("graph", "--all", "t2i a fox", "--json").document
    assert [box["command"] for box in opened["boxes"]] == ["model", "prompt", "noise", "denoise", "decode", "save"]
    assert {"source": "1.denoise", "output": "latents", "target": "1.decode", "input": "latents"} in opened["links"]


def test_the_graph_of_a_session_shows_the_states_of_its_nodes(type_: TypeLine) -> None:
    type_(
        "-",
        "--keep-going",
        stdin="range 1 4 | iterate | mul 2 | collect\ncompare-numbers 3 lt 5 | if yes no\ndiv 1 0 | add 2\n",
    )
    document = type_("graph", "--json").document
    found = states(document)
    assert (found["1"], found["3"], found["4"], found["6"]) == ("done", "done", "done", "done")
    assert (found["7"], found["8"]) == ("failed", "not_run")
    loop = next(box for box in document["boxes"] if box["id"] == "3")
    assert (loop["counts"], loop["each"]) == ({"done": 3}, ["2"])
    result = type_("graph")
    assert "✓ done 3 times" in result.out
    assert "for each of 2" in result.out
    assert "✗ failed" in result.out


def test_a_cached_node_is_shown_as_cached(type_: TypeLine) -> None:
    type_("add", "20", "22")
    type_("add", "20", "22")
    assert states(type_("graph", "--json").document) == {"1": "reused"}


def test_only_the_ancestors_of_a_stage_are_drawn(type_: TypeLine) -> None:
    lines = "add 1 2 as three\nadd 5 6\nmul @three 7\n{}\n"
    for word, wanted in [("@three", ["1"]), ("@3", ["1", "3"]), ("@-1", ["1", "3"]), ("@-2", ["2"]), ("2", ["2"])]:
        result = type_("-", "--json", stdin=lines.format(f"graph {word}")).document
        assert list(states(result["answers"][0])) == wanted, word


@pytest.mark.parametrize(
    ("word", "wanted"),
    [
        ("@thre", "error: there is no stage `@thre` in session"),
        ("@9", "error: there is no stage `@9` in session"),
        ("2099", "error: there is no session `2099`"),
        ("blurr", "error: there is no command `blurr`"),
        ("--mermaid --dot", "error: `--mermaid` and `--dot` cannot be combined"),
        ("--nosuch add 1 2", "error: `graph` has no option `--nosuch`\n  usage: graph [LINE"),
    ],
)
def test_an_unknown_stage_or_session_is_refused(type_: TypeLine, word: str, wanted: str) -> None:
    type_("add 1 2 as three")
    result = type_("graph", *word.split())
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith(wanted)


def test_without_a_session_the_error_says_to_run_a_line_first(type_: TypeLine) -> None:
    assert type_("graph").err == "error: there are no sessions yet\n  run a line first\n"


def test_a_session_can_be_identified_by_the_beginning_of_its_id(type_: TypeLine) -> None:
    type_("add", "1", "2")
    session = type_("sessions", "--json").document["sessions"][0]["id"]
    for name in (session, session[:8]):
        assert type_("graph", name, "--json").document["session"] == session


def test_a_line_that_continues_another_is_drawn_with_the_earlier_nodes(type_: TypeLine) -> None:
    result = type_("-", "--json", stdin="add 1 2\nadd 5 6\ngraph | mul 2\n").document["answers"][0]
    assert states(result) == {"2": "done", "3": "not_run"}
    assert (result["session"], result["line"]) == (None, "| mul 2")


def test_mermaid_and_dot_graphs_are_written_to_standard_output_as_text(type_: TypeLine) -> None:
    result = type_("graph", "t2i a fox", "--mermaid")
    assert result.out.startswith('flowchart TD\n  n0["1 t2i<br/>not run"]:::not_run\n')
    assert type_("graph", "--dot", "t2i", "a", "fox").out.startswith("digraph session {\n")
    assert type_("graph", "--dot", "t2i", "a", "fox", "--json").document["dot"].startswith("digraph session {\n")


@pytest.mark.parametrize("columns", ["40", "80"])
def test_a_drawing_fits_the_terminal(type_: TypeLine, columns: str) -> None:
    line = "t2i a as a | blur 2 | blend @a | scale 2 | sharpen | collect | grid"
    result = type_("graph", "--all", line, COLUMNS=columns, terminal=True, NO_COLOR="1")
    assert result.status == 0
    assert max(len(row) for row in result.out.splitlines()) <= int(columns)


def test_a_graph_is_drawn_in_ascii_if_the_stream_cannot_encode_box_characters(type_: TypeLine) -> None:
    result = type_("graph", "t2i a fox", encoding="latin-1")
    assert result.out.isascii()
    assert "[not run]" in result.out


def test_the_latest_session_can_be_drawn_in_every_format(type_: TypeLine) -> None:
    type_("add", "1", "2")
    for words in (("latest", "--mermaid"), ("--mermaid", "latest")):
        result = type_("graph", *words)
        assert (result.status, result.err) == (0, "")
        assert result.out == type_("graph", "--mermaid").out


def test_an_error_in_a_line_quotes_the_line_without_the_options_before_it(type_: TypeLine) -> None:
    result = type_("graph", "--mermaid", "nosuch", "1")
    assert result.err == "error: there is no command `nosuch`\n  nosuch 1\n  ^^^^^^\n  `nodes` lists the commands\n"
