"""Lines as people really type them: apostrophes, quotes, newlines, emoji, a quoted `|`, and spaces in file names."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from invokeai_cli.sources import from_words
from tests.invokeai_cli.conftest import TypeLine

TEXTS = {  # maps the typed characters to the string they mean
    "it's": "it's",
    '"it\'s red"': "it's red",
    "'she says \"hi\"'": 'she says "hi"',
    '"she says \\"hi\\""': 'she says "hi"',
    '"two\nlines"': "two\nlines",
    "🦊": "🦊",
    '"a fox 🦊 at night"': "a fox 🦊 at night",
    '"a|b"': "a|b",
    "'a | b'": "a | b",
    '"# no comment"': "# no comment",
}


@pytest.mark.parametrize("typed", TEXTS)
def test_a_quoted_or_unquoted_string_is_parsed_as_intended(type_: TypeLine, typed: str) -> None:
    meant = TEXTS[typed]
    for words in ((f'replace {typed} "never there" x',), ("replace", meant, "never there", "x")):
        result = type_("--json", *words)
        assert result.status == 0
        assert [each["value"] for each in result.document["results"]] == [meant]
    values = type_("explain", "t2i", meant, "--json").document["values"]
    assert [each["value"] for each in values if each["input"] == "text"] == [meant]


@pytest.mark.parametrize("name", ["a red house.png", "it's.png", "🦊.png", "~.png", "a|b.png", "~/at home.png"])
def test_a_file_may_have_any_name(
    type_: TypeLine, tmp_path: Path, isolated_home: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("HOME", str(isolated_home))
    Image.new("RGB", (8, 8), "red").save(tmp_path / "p.png")
    assert type_("-q", f'load p.png | blur 1 | save "{name}"').status == 0
    file = isolated_home / name[2:] if name.startswith("~/") else tmp_path / name
    assert file.is_file()
    assert type_("-q", f'load "{name}" | flip | save again.png').out == "again.png\n"
    assert type_("-q", "load", name, "|", "flip", "|", "save", "third.png").out == "third.png\n"
    before = file.read_bytes()
    refused = type_("-q", "load", "p.png", "|", "save", name)
    assert (refused.status, file.read_bytes()) == (2, before)
    assert "already exists" in refused.err


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["sweep", "seed=1..4", "prompt=a, b", "c"], 'sweep seed=1..4 prompt="a, b" c'),
        (["explain", "sweep", "prompt=a, b", "|", "t2i"], 'explain sweep prompt="a, b" | t2i'),
        (["graph", "--all", "sweep", "prompt=a | b"], 'graph --all sweep prompt="a | b"'),
        (["t2i", "sweep", "color=a b", "--seed", "1..8,4x"], 't2i sweep "color=a b" --seed 1..8,4x'),
        (["explain", "t2i", "color=a b"], 'explain t2i "color=a b"'),
    ],
)
def test_quotes_that_the_shell_has_removed_from_a_value_of_a_sweep_are_restored(words: list[str], line: str) -> None:
    assert from_words(words).source.text == line
