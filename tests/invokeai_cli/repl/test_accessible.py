"""For a screen reader and for dumb terminals: plain lines, nothing moves, no picture is drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from invokeai_cli.repl import prompt
from invokeai_cli.repl.state import PromptState
from tests.invokeai_cli.conftest import Type
from tests.invokeai_cli.nap import add_nap

MakeState = Callable[..., PromptState]

ASKED = [
    ({}, False),
    ({"TERM": "dumb"}, True),
    ({"TERM": ""}, True),
    ({"INVOKEAI_ACCESSIBLE": "yes"}, True),
    ({"INVOKEAI_ACCESSIBLE": "no"}, False),
]


@pytest.mark.parametrize(("variables", "plain"), ASKED)
def test_lines_are_plain_where_it_is_asked_for(make_state: MakeState, variables: dict[str, str], plain: bool) -> None:
    shell = make_state("", **variables).shell
    shell.environment = replace(shell.environment, owns_process=True)
    assert prompt.plain(shell) is plain


def test_it_can_be_a_setting(make_state: MakeState, own_world: Path) -> None:
    (own_world / "config").mkdir()
    (own_world / "config" / "config.toml").write_text("accessible = true\n")
    shell = make_state("").shell
    assert (prompt.plain(shell), shell.screen.terminal, shell.default_preview) == (True, False, "none")


@pytest.mark.parametrize("asked", [{"words": ["--accessible"]}, {"INVOKEAI_ACCESSIBLE": "1"}])
def test_progress_is_a_line_each_tenth_and_nothing_is_drawn(
    type_: Type, own_world: Path, tmp_path: Path, asked: dict[str, object]
) -> None:
    add_nap(own_world)
    Image.new("RGB", (8, 8), "red").save(tmp_path / "red.png")
    words, asked = asked.get("words", []), {name: text for name, text in asked.items() if name != "words"}
    said = type_(*words, "nap 10", terminal=True, NO_COLOR="1", **asked)  # type: ignore[misc, arg-type]
    assert said.out == "10\n"
    assert said.err == "".join(f"nap: {tenth}0 % ({tenth} of 10)\n" for tenth in range(1, 11))
    said = type_(*words, "load red.png", terminal=True, **asked)  # type: ignore[misc, arg-type]
    assert "▀" not in said.err
    assert "\x1b[A" not in said.err + said.out


def test_a_picture_is_drawn_where_it_is_asked_for_all_the_same(make_state: MakeState) -> None:
    assert make_state("", INVOKEAI_ACCESSIBLE="1", INVOKEAI_PREVIEW="blocks").shell.default_preview == "blocks"
