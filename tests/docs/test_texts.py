"""All texts of the program can be printed with their places."""

from __future__ import annotations

from pathlib import Path

from docs.texts import help_texts, source_texts


def test_help_pages_are_printed_paragraph_by_paragraph() -> None:
    texts = list(help_texts())
    assert {"help t2i (1)", "help (1)", "help run (1)", "help linking (1)"} <= {text.place for text in texts}
    assert all(text.text.strip() for text in texts)


def test_a_module_yields_its_messages_docstrings_and_comments(tmp_path: Path) -> None:
    from docs import texts

    module = Path(texts.ROOT) / "workflows" / "problems.py"
    found = list(source_texts(module))
    assert {"message", "docstring"} <= {text.kind for text in found}
    assert any(text.text.startswith("did you mean") or "`" in text.text for text in found)
