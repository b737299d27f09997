"""A picture that forms: drawn over the bar, replaced by the next, gone at the end."""

from __future__ import annotations

from PIL import Image

from invocations.events import NodeFinished, NodeProgress
from invokeai_cli.render.human import HumanRenderer
from invokeai_cli.repl.state import PromptState

WHERE = ("s", "1", "denoise", (), 0.0)


def progress(step: int, size: tuple[int, int] | None) -> NodeProgress:
    preview = Image.new("RGB", size, "red") if size else None
    return NodeProgress(*WHERE, step=step, of=9, preview=preview)


def written(state: PromptState, *events: object, preview: str = "auto") -> str:
    renderer = HumanRenderer(state.shell.screen, preview=lambda: preview)
    for event in events:
        renderer.event(event)
    return str(state.shell.environment.stderr.text)  # type: ignore[union-attr]


def test_each_preview_takes_the_place_of_the_one_before(state: PromptState) -> None:
    done = NodeFinished(*WHERE, outputs={}, seconds=1.0, reused=False, facts={})
    text = written(state, progress(5, (12, 12)), progress(6, None), progress(7, (12, 12)), done)
    assert text.count("▀" * 12) == 12
    assert text.count("\n") == text.count("\x1b[A") == 12
    assert text.endswith("\r\x1b[2K" + "\x1b[A\x1b[2K" * 6)


def test_previews_can_be_turned_off(state: PromptState) -> None:
    assert "▀" not in written(state, progress(5, (12, 12)), preview="none")


def test_a_picture_too_high_to_be_taken_away_is_not_shown(state: PromptState) -> None:
    assert "▀" not in written(state, progress(5, (10, 48)))
