"""The first line of a script: the level of the language, and whether images that later lines use are saved too."""

from __future__ import annotations

import pytest

from invocations.language.level import HEADER, LEVEL, SAVE_ALL, saves_all, stated_level


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{HEADER} {SAVE_ALL}\nadd 1 2\n", True),
        (f"\ufeff{HEADER} {SAVE_ALL}\r\nadd 1 2\n", True),
        (f"{HEADER} other {SAVE_ALL}", True),
        (f"{HEADER}\nadd 1 2\n", False),
        (f"{HEADER} save-alles\n", False),
        (f"add 1 2\n{HEADER} {SAVE_ALL}\n", False),
        (f"# invokeai-scripts 1 {SAVE_ALL}\n", False),
        ("", False),
    ],
)
def test_only_the_first_line_of_a_script_can_ask_for_all_saves(text: str, expected: bool) -> None:
    assert saves_all(text) is expected


def test_words_after_the_level_do_not_change_it() -> None:
    assert stated_level(f"{HEADER} {SAVE_ALL}", "a.inv") == LEVEL
