"""Rules for source files that linters do not check: names, sizes, docstrings."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FLOORS = ("core", "invocations", "workflows", "invokeai_cli", "invokeai_web", "training", "benchmarks", "docs")
GENERATED = "snapshot_data"
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}
SHARED_NAMES = {
    "Cancelled": "each floor has its own: the framework catches the core's and raises the one that node authors know",
}
FILES = sorted(path for floor in FLOORS for path in (ROOT / floor).rglob("*.py") if GENERATED not in path.parts)


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_every_file_has_a_docstring_a_descriptive_name_and_at_most_300_lines() -> None:
    assert {name_of(path): wrong for path in FILES if (wrong := violations(path))} == {}


def violations(path: Path) -> list[str]:
    """Return the rules that a file breaks."""
    text = path.read_text("utf-8")
    rules = {
        "its first docstring line must say what lives here": bool(ast.get_docstring(ast.parse(text))),
        "its name must be descriptive": path.stem not in VAGUE,
        "it has over 300 lines: split it": not is_long(path),
    }
    return [rule for rule, kept in rules.items() if not kept]


def test_test_files_have_at_most_300_lines_too() -> None:
    assert [name_of(path) for path in sorted((ROOT / "tests").rglob("*.py")) if is_long(path)] == []


def is_long(path: Path) -> bool:
    """Return True if a file has over 300 lines."""
    return len(path.read_text("utf-8").splitlines()) > 300


def test_no_class_name_is_used_twice_unless_it_is_listed_as_shared() -> None:
    places: dict[str, list[str]] = {}
    for path in FILES:
        if path.relative_to(ROOT).parts[0] in FLOORS[:5]:
            for node in ast.parse(path.read_text("utf-8")).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    places.setdefault(node.name, []).append(name_of(path))
    assert {name: where for name, where in places.items() if len(where) > 1 and name not in SHARED_NAMES} == {}


@pytest.mark.parametrize("folder", ["core", "invocations", "workflows", "invokeai_cli", "invokeai_web", "training"])
def test_each_floor_has_a_readme_that_explains_how_to_extend_it(folder: str) -> None:
    page = (ROOT / folder / "README.md").read_text("utf-8")
    assert folder == "training" or "how to add" in page.lower()
