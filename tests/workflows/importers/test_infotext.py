"""A `parameters` string is divided into prompts and settings, in every form that tools write."""

from __future__ import annotations

import json

import pytest

from tests.workflows.importers.conftest import Imports
from workflows.importers.infotext import split

SETTINGS = {"Steps": "20", "Sampler": "Euler a", "CFG scale": "7", "Seed": "5", "Size": "512x512"}
LINE = ", ".join(f"{name}: {value}" for name, value in SETTINGS.items())
HERE = "--steps 20 --guidance 7 --scheduler euler_a --seed 5 --width 512 --height 512"


@pytest.mark.parametrize(
    ("text", "prompt", "negative", "settings"),
    [
        (f"a fox\nNegative prompt: blur\n{LINE}", "a fox", "blur", SETTINGS),
        ("a fox\n" + LINE.replace(", ", "\n"), "a fox", "", SETTINGS),
        ("a fox\nNegative prompt: b\n" + LINE.replace(", ", ",\n"), "a fox", "b", SETTINGS),
        (f"a fox\nNegative prompt:\n{LINE}", "a fox", "", SETTINGS),
        (f"Negative prompt: blur\n{LINE}", "", "blur", SETTINGS),
        (LINE, "", "", SETTINGS),
        (f"prompt: a fox\nNegative Prompt: b\n{LINE}", "a fox", "b", SETTINGS),
        (f"a fox Negative prompt: b {LINE}", "a fox", "b", SETTINGS),
        (f"a fox Negative prompt: {LINE}", "a fox", "", SETTINGS),
        (f"a fox {LINE}", "a fox", "", SETTINGS),
        (f"a fox\n{LINE.replace(', ', ' | ')}", "a fox", "", SETTINGS),
        (f"a fox\n{LINE}\nsecond line", "a fox", "", {**SETTINGS, "Size": "512x512\nsecond line"}),
        (f"a fox\n{LINE}\nTemplate: a, b: c", "a fox", "", {**SETTINGS, "Template": "a, b: c"}),
        (f"a fox\n{LINE}, Model: a, b", "a fox", "", {**SETTINGS, "Model": "a, b"}),
        (f"a fox\n{LINE}, Model: C:\\a, http://x", "a fox", "", {**SETTINGS, "Model": "C:\\a, http://x"}),
        (f'a fox\n{LINE}, Note: "a, b: c"', "a fox", "", {**SETTINGS, "Note": "a, b: c"}),
        (f"a fox\nSize: large, Mood: calm\n{LINE}", "a fox\nSize: large, Mood: calm", "", SETTINGS),
        ("a fox\nSize: large, Mood: calm, Look: old", "a fox\nSize: large, Mood: calm, Look: old", "", {}),
        ("a: b, c: d, e: f", "a: b, c: d, e: f", "", {}),
        ("many steps: 3 of them", "many steps: 3 of them", "", {}),
        ("", "", "", {}),
    ],
)  # fmt: skip
def test_a_parameters_string_is_divided_into_prompts_and_settings(
    text: str, prompt: str, negative: str, settings: dict[str, str]
) -> None:
    found = split(text)
    assert (found.prompt, found.negative, found.settings) == (prompt, negative, settings)


@pytest.mark.parametrize(
    "text",
    [
        f"a fox\nNegative Prompt: blur\n{LINE.replace('CFG scale', 'cfg scale')}",
        f"a fox\nnegative prompt: blur\n{LINE.lower()}",
        f"a fox\r\nNegative prompt: blur\r\n{LINE}",
        f"a fox\rNegative prompt: blur\r{LINE}",
        f"a fox\nNegative prompt: blur\n{LINE.replace('CFG scale', 'CFG Scale')}",
    ],
)
def test_a_parameters_string_is_read_whatever_its_case_and_line_endings(line_of: Imports, text: str) -> None:
    assert line_of({"parameters": text}) == (f't2i "a fox" --negative blur {HERE}', ())


@pytest.mark.parametrize("end", ["\r", "\r\n", "\u2028", "\x0b", "\x85"])
def test_a_line_break_in_a_prompt_never_joins_two_words(line_of: Imports, end: str) -> None:
    metadata = json.dumps({"positive_prompt": f"a red{end}fox", "seed": 5})
    assert line_of({"invokeai_metadata": metadata})[0] == 't2i "a red\\nfox" --seed 5'
