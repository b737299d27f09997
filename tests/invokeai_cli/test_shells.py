"""Completion in real shells: bash, zsh and fish load the script, and Tab shows the suggestions."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from invokeai_cli.directives.completion_scripts import SCRIPTS
from tests.invokeai_cli.tmux import Tmux

ROOT = Path(__file__).parents[2]
START = {"bash": "bash --norc --noprofile -i", "zsh": "zsh -f -i", "fish": "fish --no-config -i"}
LOAD = {
    "bash": "source done.bash; PS1='ready> '",
    "zsh": "autoload -Uz compinit; compinit -u -D; source done.zsh; PROMPT='ready> '",
    "fish": "source done.fish; function fish_prompt; echo 'ready> '; end",
}
TABS = {"bash": 3, "zsh": 2, "fish": 2}  # bash lists the suggestions only on the second Tab that completes nothing
CASES = {
    "commands": ("invokeai bl", ("blur", "blend")),
    "options": ("invokeai t2i --s", ("--steps", "--seed", "--scheduler")),
    "values": ("invokeai t2i --scheduler eul", ("euler_a", "euler_k")),
    "values after a comma": ("invokeai t2i --scheduler ddim,eul", ("dim,euler_a", "dim,euler_k")),
    "names of a sweep": ("invokeai sweep prompt=a se", ("seed=", "separator=")),
    "files": ("invokeai load red", ("house.png",)),
    "scripts first": ("invokeai run ", ("night.inv",)),
    "commands in a quoted line": ("invokeai 't2i a red house | compare-n", ("compare-numbers",)),
}
GLUED = {  # after a `|` and a space, bash itself completes a system command
    "a command directly after a bar": (r"invokeai t2i a red house \|compare-n", (r"\| compare-numbers",)),
    "a command directly after a quoted bar": ("invokeai t2i a red house '|'compare-n", ("'|' compare-numbers",)),
}
SEVERAL = ("--seed", "1..8", "4x", "10,20,30", "seed=1..4", "3..9:2", "10..50/5", "--steps=1..8:2,20", "@prompts", "-1")
MORE = {  # these cases are not tested in bash, which does not support them
    "commands after a quoted bar": ("invokeai t2i a red house '|' compare-n", ("compare-numbers",)),
    "descriptions": ("invokeai compl", ("completion",)),
}


@pytest.fixture
def open_shell(tmp_path: Path, isolated_home: Path) -> Iterator[Callable[[str], Tmux]]:
    opened: list[Tmux] = []
    folder = tmp_path / "work"
    for needed in (tmp_path / "bin", folder):
        needed.mkdir()
    command = tmp_path / "bin" / "invokeai"
    command.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m invokeai_cli "$@"\n')
    command.chmod(0o755)
    (folder / "red house.png").touch()
    for name in ("night.inv", "aaa.txt"):
        (folder / name).touch()

    def start(shell: str) -> Tmux:
        (folder / f"done.{shell}").write_text(SCRIPTS[shell])
        settings = f"INVOKEAI_HOME={isolated_home} HOME={tmp_path} PATH={command.parent}:/usr/bin:/bin LC_ALL=C.UTF-8"
        started = f"env -u TMUX -u INPUTRC {settings} TERM=screen {START[shell]}"
        opened.append(Tmux(tmp_path / "s", (110, 40), started, "-c", str(folder)))
        opened[-1].tmux("send-keys", "-l", LOAD[shell])
        opened[-1].tmux("send-keys", "Enter")
        opened[-1].wait("\nready>")
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.tmux("kill-server")


@pytest.mark.parametrize("shell", ["sh", "bash", "zsh -f", "fish --no-config"])
def test_several_values_need_no_quotes_in_a_shell(shell: str, tmp_path: Path) -> None:
    program, *options = shell.split()
    if shutil.which(program) is None:
        pytest.skip(f"{program} is needed; CI installs it")
    command = [program, *options, "-c", f"printf '%s\\n' {' '.join(SEVERAL)}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.splitlines()[: len(SEVERAL)] == list(SEVERAL)


@pytest.mark.parametrize("shell", START)
def test_a_shell_offers_matching_words(shell: str, open_shell: Callable[[str], Tmux]) -> None:
    if shutil.which(shell) is None or shutil.which("tmux") is None:
        pytest.skip(f"{shell} and tmux are needed; CI installs them")
    terminal = open_shell(shell)
    cases = {**CASES, **(GLUED if shell == "bash" else MORE)}
    for line, offers in cases.values():
        terminal.tmux("send-keys", "C-u")
        terminal.tmux("send-keys", "C-l")
        terminal.wait_until(lambda screen: screen == "ready>")
        terminal.tmux("send-keys", "-l", line)
        for _ in range(TABS[shell]):
            terminal.tmux("send-keys", "Tab")
        terminal.wait(*offers)


def test_fish_offers_scripts_before_other_files(open_shell: Callable[[str], Tmux]) -> None:
    if shutil.which("fish") is None or shutil.which("tmux") is None:
        pytest.skip("fish and tmux are needed; CI installs them")
    terminal = open_shell("fish")
    terminal.tmux("send-keys", "-l", "invokeai run ")
    for _ in range(TABS["fish"]):
        terminal.tmux("send-keys", "Tab")
    screen = terminal.wait("aaa.txt", "night.inv")
    (offers,) = [line for line in screen.split("\n") if "aaa.txt" in line]
    assert offers.index("night.inv") < offers.index("aaa.txt")
