"""What the prompt knows: names in the world are looked up by the same rules as when the line runs."""

from __future__ import annotations

import pytest

from invokeai_cli.language.errors import Refusal
from invokeai_cli.language.source import Source
from invokeai_cli.line import make_plan
from invokeai_cli.repl.state import PromptState
from invokeai_cli.repl.toolbar import facts


@pytest.mark.parametrize(
    "text", ["t2i a fox --model nosuch ", "t2i a fox --scheduler nosuch ", "load x.png | save a/b.jp "]
)
def test_what_running_would_refuse_is_wrong_while_typing(state: PromptState, text: str) -> None:
    try:
        make_plan(state.shell, Source(None, text))
        refused = []
    except Refusal as refusal:
        refused = [error.message for error in refusal.errors]
    assert [error.message for error in state.check(text).errors] == refused


def test_a_name_in_the_making_is_not_wrong_yet(state: PromptState) -> None:
    text = "t2i a fox --scheduler dd"
    assert state.wrong(text, len(text)) == ()
    assert state.wrong(f"{text} ", len(text) + 1) != ()


def test_names_are_completed_without_torch(state: PromptState) -> None:
    assert ("ddim", "") in state.known.named["scheduler"]
    assert state.known.named["model"][0][0] == "default"


def test_the_toolbar_tells_what_holds_now(state: PromptState) -> None:
    assert facts(state) == ["model default", "device auto"]
    state.shell.state.set("model", "portraits")
    state.shell.state.set("width", "512")
    state.shell.state.set("steps", "30")
    state.seconds = 0.25
    assert facts(state) == ["model portraits", "device auto", "512xauto", "steps 30", "last 250 ms"]
