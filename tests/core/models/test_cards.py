"""A card is read again if its files change, and a card with borrowed parts also if what may lend them changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from core.errors import ModelUnsupported
from core.models import cards
from core.models.card import ModelCard
from core.models.cards import MAX_CARDS, card_of_file
from core.models.recognize import recognize
from core.models.recognized import Recognized
from core.models.scan import scan
from tests.at_once import threaded_at_once
from tests.core.models.headers import write_safetensors
from tests.core.models.published_names import published
from tests.single_files import UNET, VAE

SHAPES = published()["sd1-checkpoint"].shapes
TEXT = "cond_stage_model.transformer."


def put(path: Path, start: str) -> Path:
    """Write a file with the tensors of one network of Stable Diffusion 1."""
    cut = "" if start == UNET else start
    return write_safetensors(
        path, {name.removeprefix(cut): each for name, each in SHAPES.items() if name.startswith(start)}
    )


def owned_in(*folders: Path) -> Callable[[], Sequence[Recognized]]:
    return lambda: [recognize(candidate) for folder in folders for candidate in scan(folder).candidates]


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    return put(tmp_path / "own/fox.safetensors", UNET)


@pytest.fixture
def lenders(tmp_path: Path) -> Path:
    put(tmp_path / "models/mse.safetensors", VAE)
    return put(tmp_path / "models/clip_l.safetensors", TEXT).parent


def test_a_card_with_borrowed_parts_is_not_used_where_nothing_lends_them(bare: Path, lenders: Path) -> None:
    assert card_of_file(bare, owned=owned_in(lenders)).borrowed == {"vae": "mse", "text_encoder": "clip_l"}
    with pytest.raises(ModelUnsupported, match="it lacks a VAE and CLIP L, and none of your models can lend them"):
        card_of_file(bare)
    assert card_of_file(bare, owned=owned_in(lenders)).borrowed == {"vae": "mse", "text_encoder": "clip_l"}


def test_each_user_of_a_file_borrows_from_the_own_models(bare: Path, lenders: Path, tmp_path: Path) -> None:
    put(tmp_path / "others/ema.safetensors", VAE)
    put(tmp_path / "others/clip_g.safetensors", TEXT)
    for _ in range(2):
        assert card_of_file(bare, owned=owned_in(lenders)).borrowed == {"vae": "mse", "text_encoder": "clip_l"}
        others = card_of_file(bare, owned=owned_in(tmp_path / "others"))
        assert others.borrowed == {"vae": "ema", "text_encoder": "clip_g"}
        assert tmp_path / "others/ema.safetensors" in others.files


def test_a_better_lender_that_is_added_later_is_used(bare: Path, lenders: Path, tmp_path: Path) -> None:
    assert card_of_file(bare, owned=owned_in(lenders)).borrowed["vae"] == "mse"
    put(lenders / "fox.vae.safetensors", VAE)
    assert card_of_file(bare, owned=owned_in(lenders)).borrowed["vae"] == "fox.vae"
    (lenders / "fox.vae.safetensors").unlink()
    assert card_of_file(bare, owned=owned_in(lenders)).borrowed["vae"] == "mse"
    put(tmp_path / "added/fox.vae.safetensors", VAE)
    assert card_of_file(bare, owned=owned_in(lenders, tmp_path / "added")).borrowed["vae"] == "fox.vae"


def test_a_card_is_cached_while_the_lenders_stay_the_same(bare: Path, lenders: Path) -> None:
    first = card_of_file(bare, owned=owned_in(lenders))
    assert card_of_file(bare, owned=owned_in(lenders)) is first


def test_a_whole_file_asks_for_no_lenders(tmp_path: Path) -> None:
    whole = write_safetensors(tmp_path / "whole.safetensors", SHAPES)

    def refuse() -> Sequence[Recognized]:
        raise AssertionError

    first = card_of_file(whole, owned=refuse)
    assert card_of_file(whole, owned=refuse) is first
    assert first.borrowed == {}


def test_cards_are_dropped_by_several_threads_at_once(
    bare: Path, lenders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card: ModelCard = card_of_file(bare, owned=owned_in(lenders))
    monkeypatch.setattr(cards, "_cards", {})

    def keep(thread: int) -> None:
        for number in range(MAX_CARDS):
            cards._keep((f"{thread}/{number}", "", "", ""), (), card)

    threaded_at_once(8, keep)
    assert len(cards._cards) == MAX_CARDS
