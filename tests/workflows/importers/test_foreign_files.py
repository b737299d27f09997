"""Images from other tools: each file in `tests/material/foreign` is read as the expected line, with the expected notes.

The first letter of a file name indicates its group: p for settings, w for weights, e for encodings, i for InvokeAI.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from invocations.services.generation.prompts import pieces
from workflows.image_line import line_of_image
from workflows.workspace import Workspace

FOREIGN = Path("tests/material/foreign").resolve()
SETTINGS = "--steps 20 --guidance 7 --scheduler euler_a --seed 5 --width 512 --height 512"
NO_SEED = "no seed is recorded: the image will be different"


@pytest.mark.parametrize(
    ("name", "line", "notes"),
    [
        (
            "p01-negative-last",
            't2i "a red fox, snow" --negative "blurry, text: 1, extra: legs, bad: hands"',
            (NO_SEED,),
        ),
        (
            "p03-template-after",
            f't2i "a fox" --negative blur {SETTINGS}',
            ("`Template: a {fox|cat}` is not supported", "`Negative Template: blur` is not supported"),
        ),
        (
            "p05-bars",
            (
                't2i "a fox in snow" --negative "planet, (low quality)2" --steps 25 --guidance 7 --scheduler euler_a '
                "--seed 187 --clip-skip 1 --width 768 --height 512"
            ),
            (),
        ),
        ("p06-one-line", f't2i "a fox in snow" --negative "blurry, bad" {SETTINGS}', ()),
        ("p08-comma-in-value", f't2i "a fox" {SETTINGS}', ("`ADetailer prompt: face, red hair` is not supported",)),
        (
            "p10-other-letters",
            (
                't2i "a fox" --model default --steps 20 --guidance 7 --scheduler euler_a --seed 5 --clip-skip 1 '
                "--width 512 --height 512"
            ),
            ("`中文: 值` is not supported",),
        ),
        ("p11-large-seed", f't2i "a fox" {SETTINGS}'.replace("--seed 5", "--seed 18446744073709551615"), ()),
        (
            "p13-odd-size",
            't2i "a red house" --steps 2 --guidance 4 --scheduler ddim --seed 5 --width 96 --height 64',
            ("the size 100 x 70 is rounded down to 96 x 64: width and height must be multiples of 8",),
        ),
        (
            "p15-first-pass",
            (
                f't2i "a fox" {SETTINGS} | upscale 2 | i2i "a fox" --steps 20 --guidance 7 --scheduler euler_a --seed '
                "5 --width 1024 --height 1024 --strength 0.7"
            ),
            (),
        ),
        (
            "i01-glued-options",
            't2i "a fox" --steps 50 --guidance 7.5 --scheduler euler_a --seed 42 --width 512 --height 768',
            ("`-b 1` is not supported",),
        ),
        (
            "i03-blank-in-path",
            (
                'load "./my pics/a.png" | i2i "a fox" --steps 20 --guidance 7.5 --scheduler euler --seed 5 '
                "--strength 0.6 --width 512 --height 512"
            ),
            ("the line reads `./my pics/a.png`",),
        ),
        ("i04-escaped", 't2i "a fox (series), (snow)1.2" --seed 5', ()),
        ("e01-unicode-utf8.jpg", f't2i "a fox, (snow)1.2" --negative blur {SETTINGS}', ()),
        ("e04-little-end.jpg", "t2i 赤い狐が雪の中を走る、夕焼け", (NO_SEED,)),
        ("e06-nul-at-end", f't2i "a fox, (snow)1.2" --negative blur {SETTINGS}', ()),
        ("e07-utf8-in-text", f't2i "狐, (雪)1.2 é" --negative ぼけ {SETTINGS}', ()),
    ],
)
def test_an_image_from_another_tool_is_read_as_the_expected_line(
    workspace: Workspace, name: str, line: str, notes: tuple[str, ...]
) -> None:
    found = line_of_image(workspace, str(FOREIGN / (name if "." in name else f"{name}.png")))
    assert found.line == line
    assert found.notes == notes


@pytest.mark.parametrize(
    ("name", "words", "note"),
    [
        ("w01-glued-number", [("best quality", 1.2), ("1girl, ", 1), ("masterpiece", 1.1), ("8k", 1)], ""),
        ("w03-plus", [("C++ code and La+ darkness", 1)], ""),
        ("w04-nested-edit", [("fox", 1.2), (", snow, sea", 1)], "`[(fox:1.2):cat:0.5]` changes while sampling"),
        ("w06-colon-in-brackets", [("16:9 ratio", 0.909), (", ", 1), ("text: hello", 0.909), (", a fox", 1)], ""),
        ("w07-point-at-end", [("a red fox", 1)], ""),
        ("w08-and", [("a fox, ", 1), ("a cat", 1.2)], "`AND` combines prompts, which is not supported"),
    ],
)
def test_each_word_of_an_imported_prompt_keeps_its_weight(
    workspace: Workspace, name: str, words: list[tuple[str, float]], note: str
) -> None:
    found = line_of_image(workspace, str(FOREIGN / f"{name}.png"))
    (node,) = [node for node in workspace.plan(found.line).nodes if node.type == "prompt"]
    assert pieces(node.inputs["text"], "invoke") == words
    assert [each[: len(note)] for each in found.notes] == ([note] if note else [])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("w01-glued-number", "(best quality:1.2)1girl, (masterpiece:1.1)8k"),
        ("w03-plus", r"C\+\+ code and La\+ darkness"),
        ("w04-nested-edit", "(fox)1.2, snow, sea"),
        ("w06-colon-in-brackets", "(16:9 ratio)0.909, (text: hello)0.909, a fox"),
        ("w07-point-at-end", "a red fox"),
    ],
)
def test_a_prompt_is_written_without_needless_parentheses_and_escapes(
    workspace: Workspace, name: str, text: str
) -> None:
    found = line_of_image(workspace, str(FOREIGN / f"{name}.png"))
    (node,) = [node for node in workspace.plan(found.line).nodes if node.type == "prompt"]
    assert node.inputs["text"] == text
