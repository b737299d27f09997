"""Follow the how-to pages step by step: write the files, change the lines, run the commands, compare the output."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOW_TO = ROOT / "docs" / "how-to"
BLOCK = re.compile(r"`([\w/-]+(?:/|\.)\w+\.\w+|\w+\.\w+)`|^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
NAMED = re.compile(r"# ([\w-]+\.\w+)\n")
OF_THE_CODE = ["directive", "service", "model-family", "importer", "renderer"]


def steps(page: str) -> Iterator[tuple[str, str, str]]:
    """Yield each code block of a page: the file named before the block, its language, its text."""
    file = ""
    for name, kind, text in BLOCK.findall((HOW_TO / f"{page}.md").read_text("utf-8")):
        file = name or file
        if kind:
            yield file, kind, text


def answers(text: str) -> Iterator[tuple[list[str], str]]:
    """Yield the commands in a console block, each with its output."""
    for typed in text.split("$ ")[1:]:
        command, _, answer = typed.partition("\n")
        yield shlex.split(command), answer


def run(words: list[str], home: Path, folder: Path, code: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run `invokeai ...` or `.venv/bin/python ...` on a copy of the code."""
    module = ["-m", "invokeai_cli"] if words[0] == "invokeai" else []
    home.mkdir(parents=True, exist_ok=True)
    return subprocess.run(
        [sys.executable, *module, *words[1:]],
        cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=240, check=False,
        env={**os.environ, "INVOKEAI_HOME": str(home), "INVOKEAI_DEVICE": "cpu", "PYTHONPATH": str(code),
             "PYTHONUTF8": "1", "PYTEST_DEBUG_TEMPROOT": str(home)},
    )  # fmt: skip


def nodes_folder(home: Path, folder: Path) -> Path:
    """Return the folder that `invokeai config path` prints as `your nodes`, after creating it."""
    listed = run(["invokeai", "config", "path"], home, folder).stdout.splitlines()
    nodes = Path(next(line for line in listed if line.startswith("your nodes")).split()[2])
    nodes.mkdir(parents=True, exist_ok=True)
    return nodes


@pytest.mark.parametrize("page", ["node", "recipe"])
def test_files_in_a_nodes_folder_have_the_documented_effect(page: str, tmp_path: Path, isolated_home: Path) -> None:
    nodes = nodes_folder(isolated_home, tmp_path)
    for _, kind, text in steps(page):
        named = NAMED.match(text)
        if kind == "console":
            for words, answer in answers(text):
                done = run(words, isolated_home, tmp_path)
                assert (done.returncode, done.stdout) == (0, answer), done.stderr
                assert "warning" not in done.stderr
        elif named:
            (nodes / named[1]).write_text(text[named.end() :], "utf-8")


@pytest.mark.parametrize("page", OF_THE_CODE)
def test_code_changes_have_the_documented_effect(page: str, tmp_path: Path, isolated_home: Path) -> None:
    code = copy_of_the_code(tmp_path / "code")
    for file, kind, text in steps(page):
        target = code / file if "/" in file else nodes_folder(isolated_home, tmp_path) / file
        if kind == "python":
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, "utf-8")
        elif kind == "diff":
            target.write_text(changed(target.read_text("utf-8"), text), "utf-8")
        elif kind == "console":
            for words, answer in answers(text):
                done = run(words, isolated_home, code, code)
                assert done.returncode == 0, done.stdout + done.stderr
                assert words[0] != "invokeai" or done.stdout == answer


def copy_of_the_code(target: Path) -> Path:
    """Copy the folders that the pages change; the default model, which is large, is only linked."""
    for folder in ("invokeai_cli", "invokeai_web", "workflows", "invocations", "core", "tests"):
        skipped = shutil.ignore_patterns("__pycache__", "default" if folder == "core" else "material")
        shutil.copytree(ROOT / folder, target / folder, ignore=skipped)
    (target / "core" / "models" / "default").symlink_to(ROOT / "core" / "models" / "default")
    (target / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "boat.png", target / "docs")
    shutil.copy(ROOT / "pyproject.toml", target)
    return target


def changed(text: str, difference: str) -> str:
    """Replace the lines marked `-` with the lines marked `+`, and check that they match at only one place."""
    lines = difference.splitlines(keepends=True)
    before = "".join(line[1:] for line in lines if line[0] in " -")
    after = "".join(line[1:] for line in lines if line[0] in " +")
    assert text.count(before) == 1, f"stands {text.count(before)} times:\n{before}"
    return text.replace(before, after)
