"""Prompts from version 0.1.0, which read `(word:1.3)` as plain text: each keeps its meaning or causes a note."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from core.imaging.files import write_image
from tests.invokeai_cli.conftest import TypeLine
from workflows.importers.older_prompts import NOTE
from workflows.session_lines import CHANGED_PROMPTS

MATERIAL = Path(__file__).parents[1] / "material" / "home-0.1.0"
WEIGHTED = "a (red:1.4) house"
SETTINGS = "Steps: 4, Sampler: DDIM, CFG scale: 4.5, Seed: 7, Size: 64x64, Model: default, Version: invokeai-cli 0.1.0"


@pytest.mark.parametrize(
    ("syntax", "prompt", "notes"),
    [("", "'a (red\\:1.4) house'", NOTE + "\n"), ("Prompt syntax: invoke, ", f'"{WEIGHTED}"', "")],
)
def test_the_prompt_in_a_jpeg_keeps_its_meaning(
    type_: TypeLine, tmp_path: Path, syntax: str, prompt: str, notes: str
) -> None:
    text = f"{WEIGHTED}\n{SETTINGS.replace('Version', syntax + 'Version')}"
    write_image(Image.new("RGB", (8, 8)), tmp_path / "old.jpg", metadata={"parameters": text})
    result = type_("line", "old.jpg")
    options = "--model default --steps 4 --guidance 4.5 --scheduler ddim --seed 7 --width 64 --height 64"
    assert (result.out, result.err) == (f"t2i {prompt} {options}\n", notes)


def test_a_new_jpeg_names_the_syntax_of_its_weighted_prompt(type_: TypeLine, tmp_path: Path) -> None:
    assert type_("-q", f't2i "{WEIGHTED}" --steps 1 --width 64 --height 64 | save new.jpg').status == 0
    result = type_("line", "new.jpg")
    assert result.out.startswith(f't2i "{WEIGHTED}" ')
    assert NOTE not in result.err


def test_resuming_an_unfinished_line_notes_that_its_prompt_now_has_another_meaning(
    type_: TypeLine, tmp_path: Path
) -> None:
    document = json.loads((MATERIAL / "work" / "exported.json").read_text())
    assert not document["graph"]["nodes"]["2.prompt"]["inputs"].get("prompt_syntax")
    document["graph"]["nodes"]["2.prompt"]["inputs"]["text"] = WEIGHTED
    for name, changed in (("done", False), ("unfinished", True)):
        document["id"] = f"20250101-000000-{name[:6]}"
        if changed:
            document["results"] = [each for each in document["results"] if each["node"][0] == "1"]
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
        id_ = type_("session", "import", f"{name}.json").out.strip()
        result = type_(stdin=f"session resume {id_}\n", terminal=True, TERM="dumb")
        assert (CHANGED_PROMPTS in " ".join(result.err.split())) == changed
