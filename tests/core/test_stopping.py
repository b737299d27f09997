"""Long work ends once it is cancelled: between pieces, between the blocks of a network, or in a thread of its own."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from itertools import count

import pytest
import torch
from PIL import Image
from torch import nn

from core.errors import Cancelled
from core.latents.decode import decode
from core.latents.encode import encode_images
from core.models.components import LoadedModel
from core.models.folder_files import read_header
from core.models.load import load_unet, load_vae
from core.models.load_text import load_text
from core.models.memory import ModelMemory
from core.stopping import BACKGROUND, check, in_background, never, stoppable
from core.text.encode import encode
from tests.cancelling import after

ModelOf = Callable[..., LoadedModel]


def test_work_in_the_background_returns_its_result_and_raises_its_error() -> None:
    assert in_background(lambda: 40 + 2, lambda: False) == 42
    with pytest.raises(ZeroDivisionError):
        in_background(lambda: 1 // 0, lambda: False)


def test_waiting_ends_once_the_work_is_cancelled_although_the_work_goes_on() -> None:
    go_on, ended = threading.Event(), threading.Event()

    def work() -> None:
        go_on.wait()
        ended.set()

    with pytest.raises(Cancelled):
        in_background(work, after(1))
    assert not ended.is_set()
    assert BACKGROUND in [thread.name for thread in threading.enumerate()]
    go_on.set()
    assert ended.wait(60)


def test_work_that_is_cancelled_before_it_begins_is_not_begun() -> None:
    begun: list[bool] = []
    with pytest.raises(Cancelled):
        in_background(lambda: begun.append(True), lambda: True)
    assert begun == []


def test_work_that_is_always_wanted_needs_no_thread() -> None:
    assert in_background(threading.get_ident, never) == threading.get_ident()
    assert in_background(threading.get_ident, lambda: False) != threading.get_ident()


def test_an_error_raised_in_the_background_does_not_keep_objects_alive() -> None:
    class Opened:
        pass

    def work() -> None:
        opened = Opened()
        seen.append(weakref.ref(opened))
        raise ValueError

    seen: list[weakref.ref[Opened]] = []
    gc.disable()
    try:
        with suppress(ValueError):
            in_background(work, lambda: False)
        for thread in threading.enumerate():
            if thread.name == BACKGROUND:
                thread.join()
        assert seen[0]() is None
    finally:
        gc.enable()


class Blocks(nn.Module):
    """A network of six blocks in two lists, one inside the other; `ran` counts the blocks that have run."""

    def __init__(self) -> None:
        super().__init__()
        self.outer = nn.ModuleList([nn.ModuleList([nn.Linear(2, 2) for _ in range(3)]) for _ in range(2)])
        self.ran = 0

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        for inner in self.outer:
            assert isinstance(inner, nn.ModuleList)
            for block in inner:
                values = block(values)
                self.ran += 1
        return values


def test_a_network_ends_before_the_next_block_once_it_is_cancelled() -> None:
    network = Blocks()
    with pytest.raises(Cancelled), stoppable(network, after(4)):
        network(torch.zeros(1, 2))
    assert network.ran == 4
    assert network(torch.zeros(1, 2)).shape == (1, 2)
    assert network.ran == 10


def test_a_network_of_another_thread_goes_on_when_a_run_of_the_same_network_is_cancelled() -> None:
    network = Blocks()
    with stoppable(network, lambda: True):
        other = threading.Thread(target=network, args=(torch.zeros(1, 2),))
        other.start()
        other.join()
    assert network.ran == 6


def test_checking_raises_only_once_the_work_is_cancelled() -> None:
    check(never)
    with pytest.raises(Cancelled):
        check(lambda: True)


def pieces_of(work: Callable[[LoadedModel], object], model: LoadedModel, last: int) -> int:
    """Return how often `work` asks whether it is cancelled if it is cancelled at the question with this number."""
    asked = count(1)
    seen: list[int] = []

    def cancelled() -> bool:
        seen.append(next(asked))
        return 0 < last <= seen[-1]

    work(replace(model, cancelled=cancelled))
    return len(seen)


LATENTS, PIXELS = torch.zeros(1, 4, 24, 24), Image.new("RGB", (192, 192))
WORK: dict[str, Callable[[LoadedModel], object]] = {
    "a prompt of many chunks": lambda model: encode(", ".join(map(str, range(300))), "", model),
    "an image that is decoded": lambda model: decode(LATENTS, model, tiled=False),
    "an image that is decoded in tiles": lambda model: decode(LATENTS, model, tiled=True),
    "an image that is encoded": lambda model: encode_images([PIXELS], model, tiled=False),
    "an image that is encoded in tiles": lambda model: encode_images([PIXELS], model, tiled=True),
}


@pytest.mark.parametrize("work", WORK.values(), ids=WORK.keys())
def test_a_computation_checks_often_whether_it_is_cancelled_and_then_ends_at_once(
    work: Callable[[LoadedModel], object], model_of: ModelOf
) -> None:
    model = model_of("sd1")
    assert pieces_of(work, model, last=0) > 4
    for last in (1, 3):
        with pytest.raises(Cancelled):
            pieces_of(work, model, last)


@pytest.mark.parametrize("part", ["text_encoder", "unet", "vae"])
def test_loading_ends_between_two_tensors_and_no_part_is_kept_in_memory(
    part: str, model_of: ModelOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.models.load.CHECK_BYTES", 1)  # tiny models have tiny tensors
    card, device = model_of("sd1").card, model_of("sd1").device
    tensors = len(read_header(card.part(part).files()[0]).sizes)
    asked: list[bool] = []
    loads = {"text_encoder": load_text, "unet": load_unet, "vae": load_vae}
    loads[part](card, device, cancelled=lambda: bool(asked.append(False)))  # type: ignore[operator]
    assert len(asked) >= tensors
    memory = ModelMemory()
    with pytest.raises(Cancelled):
        getattr(LoadedModel(card, device, memory, after(tensors // 2)), part.removesuffix("_encoder"))()
    assert memory.held() == ()
