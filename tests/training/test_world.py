"""The description of the default model's world matches what is drawn, and the tokenizer knows its words."""

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


def test_the_shipped_description_matches_the_drawings() -> None:
    assert json.loads(SHIPPED.read_text(encoding="utf-8"))["world"] == world()


def test_each_word_in_the_description_is_one_token() -> None:
    about_it = {"x", "pixels", "to", "things", "parts", "their", "brackets"}
    known = set(words()) | about_it | {"among"}  # `among` is not in the vocabulary, so it is encoded as bytes
    described = re.findall(r"[a-z]+", " ".join(world().values()))
    assert [word for word in described if word not in known] == []


def test_every_known_thing_and_style_occurs_in_captions() -> None:
    captions = " | ".join(drawing(3, index, 8, 8, 0.3).caption for index in range(2500))
    assert [name for name in THINGS if name not in captions and plural(name) not in captions] == []
    assert [name for name, captioned in STYLES.items() if not any(words in captions for words in captioned)] == []


def test_scenes_may_show_two_things_side_by_side() -> None:
    captions = [drawing(3, index, 8, 8).caption for index in range(400)]
    assert any(
        re.search(r"next to|beside|to the (left|right) of an? \w+ (house|tree|cat|castle)", one) for one in captions
    )
