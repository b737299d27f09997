"""The shipped vocabulary of CLIP, compared with published ids and with transformers' CLIPTokenizer."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import core
from core.text.clip_vocabulary import MERGES, clip_vocabulary, shipped_clip_tokenizer

END = "<|endoftext|>"

SENTENCES = (
    "a red fox in the snow, oil painting", "PHOTO of an astronaut riding a horse; 35mm, f/1.8 -- 4k!!",
    "it's don't we've I'll", "Zażółć gęślą jaźń", "Ein süßer Dachshund läuft über die Straße",
    "un château près d'une forêt, à l'aube", "ñandú corriendo por la pampa", "Лиса в снегу, масло", "Αλεπού στο χιόνι",
    "שועל בשלג", "ثعلب أحمر في الثلج", "बर्फ में लाल लोमड़ी", "หมาจิ้งจอกในหิมะ", "雪の中の赤い狐、油絵",
    "雪地里的红狐狸，油画", "눈 속의 붉은 여우", "ቀይ ቀበሮ በበረዶ ውስጥ",
    "🦊❄️ 👩\u200d🎨 family 👨\u200d👩\u200d👧", "e\u0301 and é, ﬁne ½ ² №",
    "x_1 <b>tag</b> $5.60 @home #art (word:1.3) [a|b]",
)  # fmt: skip
FRAMES = (
    "{}", "{0} {0}", "a painting of {}", "{}!", "  {}\t\n", "({}) -- 1girl", "{},masterpiece,best quality",
    "<|endoftext|> {}", "{} in the style of ukiyo-e", "2049 {} 1800s",
)  # fmt: skip
PROMPTS = [frame.format(sentence) for sentence in SENTENCES for frame in FRAMES]


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Any]:
    """Return a function that loads transformers' tokenizer with our vocabulary and a padding token."""
    from transformers import CLIPTokenizer

    folder = tmp_path_factory.mktemp("clip")
    vocabulary, merges = clip_vocabulary()
    (folder / "vocab.json").write_text(json.dumps(vocabulary))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))
    return cache(lambda pad: CLIPTokenizer.from_pretrained(folder, pad_token=pad))


def test_the_vocabulary_has_the_size_and_the_ids_that_clip_documents() -> None:
    vocabulary, merges = clip_vocabulary()
    assert (len(vocabulary), len(merges)) == (49_408, 48_894)
    known = {"!": 0, "~": 93, "!</w>": 256, "in": 512, "the</w>": 518, "<|startoftext|>": 49_406, END: 49_407}
    assert {token: vocabulary[token] for token in known} == known


def test_a_prompt_has_the_ids_that_clip_documents() -> None:
    assert shipped_clip_tokenizer().tokens("a photo of a cat") == [320, 1125, 539, 320, 2368]


@pytest.mark.parametrize("pad", [END, "!"])
def test_prompts_in_several_scripts_have_the_ids_of_transformers(theirs: Callable[[str], Any], pad: str) -> None:
    ours = shipped_clip_tokenizer(pad)
    assert len(set(PROMPTS)) == 200
    for prompt in PROMPTS:
        assert [*ours.prefix, *ours.tokens(prompt), *ours.suffix] == theirs(pad)(prompt).input_ids, prompt
    assert ours.pad == theirs(pad).pad_token_id


def test_the_vocabulary_is_read_once_per_process(monkeypatch: pytest.MonkeyPatch) -> None:
    first = shipped_clip_tokenizer()
    monkeypatch.setattr("core.text.clip_vocabulary.MERGES", Path("missing"))
    assert shipped_clip_tokenizer(limit=20).backend is first.backend


def test_the_vocabulary_takes_at_most_250_kilobytes_and_is_in_the_wheel_with_its_license() -> None:
    data = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["package-data"]
    files = [path.relative_to(Path(core.__file__).parent).as_posix() for path in MERGES.parent.iterdir()]
    assert sorted(files) == ["text/vocabulary/LICENSE.txt", "text/vocabulary/clip_merges.txt.gz"]
    assert [name for name in files if not any(fnmatch(name, pattern) for pattern in data["core"])] == []
    assert MERGES.stat().st_size <= 250_000
