"""The world written down for users is the one that is drawn, and the tokenizer knows its words."""

from __future__ import annotations

import json
import re
from pathlib import Path

from training.draw import drawing
from training.draw_style import STYLES
from training.draw_things import THINGS
from training.draw_words import plural
from training.vocabulary import words
from training.world import world

SHIPPED = Path("core/models/default/world.json")


def test_the_shipped_world_is_the_one_that_is_drawn() -> None:
    assert json.loads(SHIPPED.read_text(encoding="utf-8"))["world"] == world()


def test_the_words_of_the_world_are_one_token_each() -> None:
    about_it = {"x", "pixels", "to", "things", "parts", "their", "brackets"}
    known = set(words()) | about_it | {"among"}  # `among` is spelled in bytes
    said = re.findall(r"[a-z]+", " ".join(world().values()))
    assert [word for word in said if word not in known] == []


def test_every_thing_and_style_is_drawn_and_said() -> None:
    captions = " | ".join(drawing(3, index, 8, 8, 0.3).caption for index in range(2500))
    assert [name for name in THINGS if name not in captions and plural(name) not in captions] == []
    assert [name for name, said in STYLES.items() if not any(words in captions for words in said)] == []


def test_two_things_stand_side_by_side_in_scenes() -> None:
    captions = [drawing(3, index, 8, 8).caption for index in range(400)]
    assert any(
        re.search(r"next to|beside|to the (left|right) of an? \w+ (house|tree|cat|castle)", one) for one in captions
    )
