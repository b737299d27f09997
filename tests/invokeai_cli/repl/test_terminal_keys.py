"""Keys in a real terminal, even at awkward moments: Ctrl-C, Ctrl-D, the editor, and plain lines for screen readers."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from tests.invokeai_cli.repl.conftest import OpenTerminal
from tests.invokeai_cli.slow_node import add_slow_node

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="these tests type into tmux, and it is missing")
AS_IT_WAS = "icrnl icanon echo"  # shown if the terminal settings are restored after the prompt


def test_control_c_never_ends_the_prompt(open_terminal: OpenTerminal) -> None:
    terminal = open_terminal()
    terminal.wait("invokeai 1>", "model default")
    terminal.press("C-c", "C-c", "C-c")
    assert terminal.wait("nothing is running · Ctrl-D or `exit` to leave").count("invokeai 1>") == 1
    terminal.type("add 1")
    terminal.wait("invokeai 1> add 1", "`add` needs `b`")
    terminal.press("C-c", "C-c")
    terminal.wait("invokeai 1> add 1\ninvokeai 1>", "Ctrl-D or `exit` to leave")
    terminal.line("add 1 2", "\n3\n", "invokeai 2>")
    terminal.press("C-d")
    terminal.wait(f"LEFT 0 {AS_IT_WAS}")


def test_keys_typed_while_a_line_runs_are_not_echoed_but_reach_the_next_prompt(
    open_terminal: OpenTerminal, isolated_home: Path, tmp_path: Path
) -> None:
    add_slow_node(isolated_home)
    terminal = open_terminal()
    terminal.wait("invokeai 1>")
    terminal.line("hold 60", "hold ━")
    terminal.type("add 1 2")
    terminal.press("Enter", "C-d")
    assert "add" not in terminal.screen
    (tmp_path / "go").touch()
    terminal.wait("\n60\n", "invokeai 2> add 1 2\n3\n", f"LEFT 0 {AS_IT_WAS}")


def test_a_second_control_c_ends_an_unresponsive_line(open_terminal: OpenTerminal, isolated_home: Path) -> None:
    add_slow_node(isolated_home)
    terminal = open_terminal()
    terminal.wait("invokeai 1>")
    terminal.line("hold 1 --deaf", "hold ━")
    terminal.press("C-c")
    terminal.wait("stopping after this step; press Ctrl-C again to stop immediately")
    terminal.press("C-c")
    terminal.wait(f"LEFT 130 {AS_IT_WAS}")


def test_an_edited_line_waits_for_enter(open_terminal: OpenTerminal, tmp_path: Path) -> None:
    editor = tmp_path / "my editor"
    editor.write_text('#!/bin/sh\necho "mul 3 4 # ${1##*.}" >> "$1"\n')
    editor.chmod(0o755)
    terminal = open_terminal(EDITOR=f'"{editor}"')
    terminal.wait("invokeai 1>")
    terminal.type("add 1 2")
    terminal.press("C-x", "C-e")
    screen = terminal.wait("invokeai 1> add 1 2\n        ... mul 3 4 # inv")
    assert "12" not in screen
    terminal.press("Enter")
    terminal.wait("\n3\n12\n", "invokeai 3>")


def test_a_failing_editor_leaves_the_line_unchanged(open_terminal: OpenTerminal) -> None:
    terminal = open_terminal(VISUAL="false", EDITOR="nosuch")
    terminal.wait("invokeai 1>")
    terminal.type("add 1 2")
    terminal.press("C-x", "C-e")
    terminal.wait("the editor `false` exited with status 1; the line is unchanged", "invokeai 1> add 1 2")
    terminal.press("Enter")
    terminal.wait("\n3\n", "invokeai 2>")


def test_lines_for_a_screen_reader_are_never_redrawn(
    open_terminal: OpenTerminal, isolated_home: Path, tmp_path: Path
) -> None:
    add_slow_node(isolated_home)
    Image.new("RGB", (8, 8), "red").save(tmp_path / "red.png")
    terminal = open_terminal(INVOKEAI_ACCESSIBLE="yes")
    terminal.wait("1>")
    tenths = "".join(f"nap: {tenth}0 % ({tenth}0 of 100)\n" for tenth in range(1, 11))
    terminal.line("nap 100", f"1> nap 100\n{tenths}100\n2>")
    assert "▀" not in terminal.line("load red.png", "\n3>")
    terminal.type("add 1")
    terminal.wait("3> add 1")
    terminal.press("C-c")
    terminal.wait("3> add 1^C\n3>")
    terminal.press("C-d")
    terminal.wait(f"LEFT 0 {AS_IT_WAS}")


def test_two_interactive_prompts_share_a_history_file_but_recall_only_their_own_lines(
    open_terminal: OpenTerminal, isolated_home: Path
) -> None:
    first, second = open_terminal(), open_terminal()
    first.wait("invokeai 1>")
    second.wait("invokeai 1>")
    first.line("add 1 1", "\n2\n", "invokeai 2>")
    second.line("mul 5 5", "\n25\n", "invokeai 2>")
    first.line(" sub 9 1", "\n8\n", "invokeai 3>")
    first.line("!!", "invokeai 3> add 1 1\n2\n", "invokeai 4>")
    second.line("!1", "invokeai 2> mul 5 5\n25\n", "invokeai 3>")
    kept = (isolated_home / "state" / "history.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in kept] == ["add 1 1", "mul 5 5", "add 1 1", "mul 5 5"]


def test_alt_enter_adds_a_line_that_survives_a_resize(open_terminal: OpenTerminal) -> None:
    terminal = open_terminal()
    terminal.wait("invokeai 1>")
    terminal.type("add 1 2")
    terminal.press("M-Enter")
    terminal.type("mul 3 4")
    terminal.wait("invokeai 1> add 1 2\n        ... mul 3 4")
    terminal.resize(40, 12)
    terminal.wait("1> add 1 2\n... mul 3 4")
    terminal.press("Enter")
    terminal.wait("\n3\n12\n", "3>")
