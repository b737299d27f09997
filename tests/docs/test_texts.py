"""All texts of the program can be printed with their places."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs import texts
from docs.texts import help_texts, page_texts, source_texts


def test_help_pages_are_printed_paragraph_by_paragraph() -> None:
    pages = list(help_texts())
    assert {"help t2i (1)", "help (1)", "help run (1)", "help linking (1)"} <= {text.place for text in pages}
    assert all(text.text.strip() for text in pages)


def test_a_module_yields_its_messages_docstrings_and_comments() -> None:
    module = Path(texts.ROOT) / "workflows" / "problems.py"
    found = list(source_texts(module))
    assert {"message", "docstring"} <= {text.kind for text in found}
    assert any(text.text.startswith("did you mean") or "`" in text.text for text in found)


def test_strings_that_only_programs_read_are_omitted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        'CODES = ["\\x1b[0m", "class:prompt", "fg:#303030 bg:#ffffff", "a.json", f"{1} {2}", "is not a number"]\n'
    )
    monkeypatch.setattr(texts, "ROOT", tmp_path)
    assert [text.text for text in source_texts(module)] == ["is not a number"]


def test_pages_in_hidden_and_build_folders_are_omitted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("docs", ".venv", ".pytest_cache", "build"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "README.md").write_text(f"# {folder}\n\nText.\n")
    monkeypatch.setattr(texts, "ROOT", tmp_path)
    assert [(text.place, text.text) for text in page_texts()] == [
        ("docs/README.md (1)", "# docs"), ("docs/README.md (2)", "Text."),
    ]  # fmt: skip
