"""The interactive prompt for screen readers: it prints plain lines, redraws nothing, and shows no image."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from invokeai_cli.repl import prompt
from tests.invokeai_cli.conftest import TypeLine
from tests.invokeai_cli.repl.conftest import MakeState
from tests.invokeai_cli.slow_node import add_slow_node

ASKED = [
    ({}, False),
    ({"TERM": "dumb"}, True),
    ({"TERM": ""}, True),
    ({"INVOKEAI_ACCESSIBLE": "yes"}, True),
    ({"INVOKEAI_ACCESSIBLE": "no"}, False),
]


@pytest.mark.parametrize(("variables", "plain"), ASKED)
def test_the_accessible_option_or_variable_makes_the_prompt_print_plain_lines(
    make_state: MakeState, variables: dict[str, str], plain: bool
) -> None:
    shell = make_state("", **variables).shell
    shell.environment = replace(shell.environment, owns_process=True)
    assert prompt.plain(shell) is plain


def test_accessible_mode_can_be_enabled_in_the_settings_file(make_state: MakeState, isolated_home: Path) -> None:
    (isolated_home / "config").mkdir()
    (isolated_home / "config" / "config.toml").write_text("accessible = true\n")
    shell = make_state("").shell
    assert (prompt.plain(shell), shell.screen.terminal, shell.default_preview) == (True, False, "none")
    assert shell.screen.accessible


@pytest.mark.parametrize("asked", [{"words": ["--accessible"]}, {"INVOKEAI_ACCESSIBLE": "1"}])
def test_accessible_progress_is_printed_as_a_line_every_ten_percent(
    type_: TypeLine, isolated_home: Path, tmp_path: Path, asked: dict[str, object]
) -> None:
    add_slow_node(isolated_home)
    Image.new("RGB", (8, 8), "red").save(tmp_path / "red.png")
    words, asked = asked.get("words", []), {name: text for name, text in asked.items() if name != "words"}
    result = type_(*words, "nap 10", terminal=True, NO_COLOR="1", **asked)  # type: ignore[misc, arg-type]
    assert result.out == "10\n"
    assert result.err == "".join(f"nap: {tenth}0 % ({tenth} of 10)\n" for tenth in range(1, 11))
    result = type_(*words, "load red.png", terminal=True, **asked)  # type: ignore[misc, arg-type]
    assert "▀" not in result.err
    assert "\x1b[A" not in result.err + result.out


def test_accessible_mode_shows_images_if_the_preview_setting_asks_for_them(make_state: MakeState) -> None:
    assert make_state("", INVOKEAI_ACCESSIBLE="1", INVOKEAI_PREVIEW="blocks").shell.default_preview == "blocks"
