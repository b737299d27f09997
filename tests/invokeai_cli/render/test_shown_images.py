"""Images shown in the terminal: all images of a typed line up to a limit, but only the first few of a script."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from invocations.events import NodeFinished
from invocations.values import ImageRef
from invokeai_cli.render.base import LineStarted
from invokeai_cli.render.human import MAX_IMAGES, MAX_SCRIPT_IMAGES, HumanRenderer
from tests.invokeai_cli.conftest import TypeLine
from tests.invokeai_cli.render.streams import Stream, screen_with
from workflows.results import Result
from workflows.tally import Tally

DRAWN = "\x1b_Ga=T"  # the start of an image in the kitty protocol
NOTE = "the next images are not shown; their paths are printed"


def renderer() -> tuple[HumanRenderer, Stream, Stream]:
    screen, out, err = screen_with(terminal=True, KITTY_WINDOW_ID="1")
    made = HumanRenderer(screen, read_image=lambda ref: Image.new("RGB", (2, 2)), shows=lambda type_: type_ == "show")
    return made, out, err


def line(made: HumanRenderer, *names: str) -> None:
    """Run a line whose results are images with these names."""
    made.line_started(LineStarted("t2i a fox", "", "s"))
    refs = tuple(ImageRef(name, 2, 2) for name in names)
    made.results([Result("1", "save", "image", list(refs), tuple(f"{name}.png" for name in names), refs)])


def shown(made: HumanRenderer, name: str) -> None:
    """Run `show`, which displays the image with this name."""
    made.line_started(LineStarted("show a.png", "", "s"))
    outputs = {"image": ImageRef(name, 2, 2)}
    made.event(NodeFinished("s", "1", "show", (), 0.0, outputs=outputs, seconds=0.0, reused=False, facts={}))


def test_each_typed_line_shows_its_images() -> None:
    made, out, err = renderer()
    for number in range(20):
        line(made, f"{number}")
    line(made, *(f"many {number}" for number in range(20)))
    assert err.getvalue().count(DRAWN) == 20 + MAX_IMAGES
    assert len(out.getvalue().splitlines()) == 40
    assert NOTE not in err.getvalue()


def test_a_script_shows_its_first_few_images_and_a_note_about_the_others() -> None:
    made, out, err = renderer()
    for _ in range(2):
        tally = Tally(10, 10, lambda: 0.0)
        made.script_started(tally)
        for number in range(10):
            line(made, f"{number}")
        made.script_finished(tally)
    assert err.getvalue().count(DRAWN) == 2 * MAX_SCRIPT_IMAGES
    assert err.getvalue().count(NOTE) == 2
    assert len(out.getvalue().splitlines()) == 20
    line(made, "typed")
    assert err.getvalue().count(DRAWN) == 2 * MAX_SCRIPT_IMAGES + 1


def test_lines_from_standard_input_and_the_scripts_they_run_share_one_limit_on_shown_images() -> None:
    made, _, err = renderer()
    made.stream_started()
    line(made, "a", "b", "c")
    made.script_started(tally := Tally(1, 1, lambda: 0.0))
    line(made, "d")
    made.script_finished(tally)
    line(made, "e")
    assert err.getvalue().count(DRAWN) == MAX_SCRIPT_IMAGES
    assert err.getvalue().count(NOTE) == 1


def test_the_command_show_displays_every_image_in_a_script() -> None:
    made, _, err = renderer()
    made.script_started(Tally(10, 10, lambda: 0.0))
    for number in range(10):
        shown(made, f"{number}")
    assert err.getvalue().count(DRAWN) == 10
    assert NOTE not in err.getvalue()


def test_without_a_terminal_images_are_neither_shown_nor_mentioned() -> None:
    screen, _, err = screen_with(terminal=False)
    made = HumanRenderer(screen, read_image=lambda ref: pytest.fail("read"))
    made.stream_started()
    line(made, *"abcdefgh")
    assert err.getvalue() == ""


@pytest.mark.parametrize("words", [["run", "big.inv"], ["-"]])
def test_a_long_script_shows_four_images(type_: TypeLine, tmp_path: Path, words: list[str]) -> None:
    Image.new("RGB", (8, 8), "red").save(tmp_path / "p.png")
    script = "".join(f"load p.png | blur {radius}\n" for radius in range(1, 8))
    (tmp_path / "big.inv").write_text(script)
    result = type_(*words, stdin=script, terminal=True, KITTY_WINDOW_ID="1")
    assert (result.status, result.err.count(DRAWN), result.err.count(NOTE)) == (0, 4, 1)
    assert len(result.out.splitlines()) == 7
