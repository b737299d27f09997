"""Previews of an unfinished image are drawn above the bar, replaced by the next preview, and removed at the end."""

from __future__ import annotations

import pytest
from PIL import Image

from invocations.events import NodeFinished, NodeProgress
from invocations.values import ImageRef
from invokeai_cli.render.human import HumanRenderer
from invokeai_cli.render.live_rows import CLEAR
from invokeai_cli.repl.state import PromptState
from tests.invokeai_cli.fake_terminal import FakeTerminal
from tests.invokeai_cli.repl.conftest import MakeState
from workflows.results import Result

WHERE = ("s", "1", "denoise", (), 0.0)


def progress(step: int, size: tuple[int, int] | None) -> NodeProgress:
    preview = Image.new("RGB", size, "red") if size else None
    return NodeProgress(*WHERE, step=step, of=9, preview=preview)


def seen(text: str, rows: int = 24) -> str:
    terminal = FakeTerminal(80, rows)
    terminal.write(text)
    assert terminal.gone == []
    return terminal.shown


def written(state: PromptState, *events: object, preview: str = "auto") -> str:
    renderer = HumanRenderer(state.shell.screen, preview=lambda: preview)
    renderer.progress.refresh_s = 0.0
    for event in events:
        renderer.event(event)
    return str(state.shell.environment.stderr.text)  # type: ignore[union-attr]


def test_each_preview_replaces_the_previous_one(state: PromptState) -> None:
    done = NodeFinished(*WHERE, outputs={}, seconds=1.0, reused=False, facts={})
    text = written(state, progress(5, (12, 12)), progress(6, None), progress(7, (12, 12)), done)
    shown = seen(text.removesuffix(CLEAR)).split("\n")
    assert shown[:6] == ["▀" * 12] * 6
    assert shown[6].startswith("denoise ━━━━━━━━━━━━━━━━━━╸━━━━━ 7/9")
    assert len(shown) == 7
    assert seen(text) == ""


def test_previews_can_be_turned_off(state: PromptState) -> None:
    assert "▀" not in written(state, progress(5, (12, 12)), preview="none")


def test_each_image_is_shown_before_its_path(state: PromptState, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = state.shell.screen
    monkeypatch.setattr(screen, "_out", screen._err)
    renderer = HumanRenderer(
        screen, preview=lambda: "auto", read_image=lambda ref: Image.new("RGB", (6, 2 * ref.width))
    )
    refs = ImageRef("a", 1, 1), ImageRef("b", 2, 2)
    renderer.results([Result("1", "save", "image", list(refs), ("one.png", "two.png"), refs)])
    text = str(state.shell.environment.stderr.text)  # type: ignore[union-attr]
    assert seen(text).split("\n") == ["▀▀▀▀▀▀", "one.png", "▀▀▀▀▀▀", "▀▀▀▀▀▀", "two.png"]


@pytest.mark.parametrize(("rows", "high"), [(40, 20), (24, 20), (12, 9), (10, 7), (6, 3), (5, 0), (1, 0)])
def test_a_preview_fits_the_height_of_the_terminal_and_is_removed(make_state: MakeState, rows: int, high: int) -> None:
    state = make_state("", rows=rows)
    text = written(state, progress(5, (10, 48)))
    assert len([row for row in seen(text, rows).split("\n") if "▀" in row]) == high
    assert "denoise" in seen(text, rows)
    assert seen(text + CLEAR, rows) == ""
