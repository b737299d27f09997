"""Output besides the result of a line: notes about image names in a prompt, warnings from nodes, escaped dollars."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from invokeai_cli.observer import _interrupted
from tests.invokeai_cli.conftest import TypeLine
from workflows.run_report import RunReport

EVERY_CELL = (
    "`grid`: every cell is as large as the largest image, 300 px; most images are at most 16 px:"
    " `--cell 16` scales large ones down"
)


@pytest.mark.usefixtures("scripted")
@pytest.mark.parametrize(("word", "is_noted"), [("photo", True), ("notes", False), ("nothing", False), ("in", False)])
def test_a_word_in_a_prompt_that_names_an_image_without_a_suffix_causes_a_note(
    type_: TypeLine, fox: Path, word: str, is_noted: bool
) -> None:
    """A text file, a folder or a word that names no file causes no note."""
    (fox.parent / "photo").write_bytes(fox.read_bytes())
    (fox.parent / "notes").write_text("a fox")
    (fox.parent / "in").mkdir()
    note = f"`{word}` was taken as text, not as an image"
    result = type_(f"t2i a {word} of a fox --steps 1")
    assert (result.status, note in result.err) == (0, is_noted)
    assert note not in type_(f"t2i 'a {word}' --steps 1").err
    document = type_(f"t2i a {word} --steps 1", "--json").document
    assert document["notes"] == ([note] if is_noted else [])


def test_a_grid_of_mostly_small_images_and_one_large_image_causes_a_warning_even_without_verbose(
    type_: TypeLine, tmp_path: Path
) -> None:
    for number, side in enumerate((16, 16, 16, 300)):
        Image.new("RGB", (side, side)).save(tmp_path / f"g{number}.png")
    assert f"warning: {EVERY_CELL}\n" in type_("grid g?.png --gap 1 | save a.png").err
    assert type_("-q", "grid g?.png --gap 2 | save b.png").err == ""
    assert EVERY_CELL in type_("grid g?.png --gap 3 | save c.png", "--json").document["warnings"]
    events = type_("grid g?.png --gap 4 | save d.png", "--events").events
    assert {"schema": "event/1", "event": "warning", "message": EVERY_CELL} in events or any(
        event.get("message") == EVERY_CELL.removeprefix("`grid`: ") and event["warning"] for event in events
    )
    assert "every cell" not in type_("grid g?.png --cell 16 | save e.png").err


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ('"it\'s \\${x} and ${x}"', "it's ${x} and 5"),
        ('"it\'s ${x} and \\${x}"', "it's 5 and ${x}"),
        ('"\\\\${x}"', "\\5"),
        ("'\\${x}'", "\\${x}"),
        ('"costs \\$5"', "costs $5"),
    ],
)
def test_an_escaped_dollar_in_double_quotes_is_literal(
    type_: TypeLine, tmp_path: Path, written: str, text: str
) -> None:
    (tmp_path / "a.inv").write_text(f"let x = 5\nreplace {written} zzz q\n")
    result = type_("run", "a.inv")
    assert (result.status, result.out, result.err.count("warning")) == (0, f"{text}\n", 0)


def test_the_error_for_an_unknown_variable_points_past_an_escaped_variable(type_: TypeLine, tmp_path: Path) -> None:
    (tmp_path / "a.inv").write_text('let x = 5\nreplace "it\'s \\${y} and ${y}" zzz q\n')
    result = type_("run", "a.inv")
    assert result.err.startswith("a.inv:2:25: error: there is no variable `y`\n")


def test_a_recorded_line_with_an_escaped_variable_can_be_saved_as_a_script_and_run(
    type_: TypeLine, night: Callable[[str], str], tmp_path: Path
) -> None:
    (tmp_path / "a.inv").write_text('let x = 5\nreplace "it\'s \\${x} and ${x}" zzz q\n')
    assert type_("run", "a.inv").out == "it's ${x} and 5\n"
    assert type_("history", "--save", "b.inv").status == 0
    assert type_("run", "b.inv").out == "it's ${x} and 5\n"


@pytest.mark.parametrize(
    ("done", "loop", "text"),
    [
        (0, None, "no node had finished; the line is kept in session s"),
        (1, None, "1 of 2 nodes had finished; their results are kept in session s"),
        (1, ("0", 0, 12), "no image had finished; the line is kept in session s"),
        (1, ("0", 1, 12), "1 of 12 images had finished; they are kept in session s"),
        (1, ("1", 3, 0), "3 items had finished; they are kept in session s"),
    ],
)
def test_the_message_after_an_interrupt_states_how_much_had_finished_and_which_session_is_kept(
    done: int, loop: tuple[str, int, int] | None, text: str
) -> None:
    finished = {(str(number),) for number in range(done)}
    graph = SimpleNamespace(nodes={"0": SimpleNamespace(type="image"), "1": SimpleNamespace(type="item")})
    session: Any = SimpleNamespace(id="s", graph=graph, expansion=SimpleNamespace(is_done=lambda ids: ids in finished))
    run: Any = SimpleNamespace(session=session, nodes=("0", "1"), source="a.inv:1", open_loop=loop)
    shell: Any = SimpleNamespace(command_line=SimpleNamespace(words=()), unit=str)
    found = _interrupted(shell, run, RunReport())
    assert (found.message, found.hint) == (f"interrupted: {text}", None)


@pytest.mark.parametrize(("words", "name"), [(("add",), "s"), ((), "latest")])
def test_the_message_after_an_interrupt_names_the_directive_that_resumes_the_line(
    words: tuple[str, ...], name: str
) -> None:
    session: Any = SimpleNamespace(id="s", expansion=SimpleNamespace(is_done=lambda ids: False))
    run: Any = SimpleNamespace(session=session, nodes=("0",), source="", open_loop=None)
    shell: Any = SimpleNamespace(command_line=SimpleNamespace(words=words))
    assert _interrupted(shell, run, RunReport()).hint == f"`session resume {name}` resumes it"


def test_a_variable_that_a_template_sets_needs_single_quotes_in_a_script(type_: TypeLine, tmp_path: Path) -> None:
    (tmp_path / "a.inv").write_text('dynamic "a ${c=!{red|blue}} boat ${c}"\n')
    message, *_, hint = type_("run", "a.inv").err.splitlines()
    assert message.endswith("error: there is no variable `c`")
    assert hint == "  if it is a variable of the template, put the template in single quotes"
    (tmp_path / "a.inv").write_text("dynamic 'a ${c=!{red|blue}} boat ${c}' --seed 1\n")
    assert type_("run", "a.inv").status == 0
