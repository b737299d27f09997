"""README.md is correct: its lines can be planned, its error is the program's own, its links resolve."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from invocations.catalog.registry import open_registry
from invocations.language.parser import parse
from invocations.language.script import split_script
from invocations.language.source import Source
from invokeai_cli.directives.table import RESERVED
from workflows.planning.plan_line import plan

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "README.md").read_text("utf-8")
TEN_LINES = PAGE.split("## The language in ten lines")[1].split("```")[1].strip().splitlines()
FOLDERS = [
    path for path in ROOT.iterdir() if path.is_dir() and path.name[0] != "." and path.name not in ("build", "dist")
]
PAGES = sorted([ROOT / "README.md", *(page for folder in FOLDERS for page in folder.rglob("README.md"))])


def test_the_front_page_has_ten_example_lines() -> None:
    assert len(TEN_LINES) == 10


@pytest.mark.parametrize("line", TEN_LINES)
def test_a_line_on_the_front_page_can_be_planned(line: str) -> None:
    (statement,) = split_script(Source(None, line))
    words = statement.source.text.split()
    text = statement.source.text[len("explain ") :] if words[0] in RESERVED else statement.source.text
    source = Source(None, text)
    assert plan(parse(source), source, catalog=open_registry(), directives=RESERVED).nodes


def test_the_error_on_the_front_page_is_what_the_program_prints(tmp_path: Path) -> None:
    shown = PAGE.split("```\n$ ")[1].split("```")[0]
    command, _, expected = shown.partition("\n")
    words = shlex.split(command)[1:]
    done = subprocess.run(
        [sys.executable, "-m", "invokeai_cli", *words],
        cwd=tmp_path, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=240, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (2, "", expected)


def test_the_graph_on_the_front_page_is_what_the_program_draws(tmp_path: Path) -> None:
    shown = PAGE.split("```\n$ invokeai graph ")[1].split("```")[0]
    line, _, expected = shown.partition("\n")
    done = subprocess.run(
        [sys.executable, "-m", "invokeai_cli", "graph", *shlex.split(line)],
        cwd=tmp_path, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=240, check=False,
        env={**os.environ, "COLUMNS": "80", "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, expected, "")


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_on_a_page_resolves(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []
