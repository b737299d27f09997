"""A VAE in half precision, which may be turned into fp32 for a while, is used by one thread at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from core.devices import Device
from core.errors import Cancelled
from core.latents.decode import used_alone
from core.models.components import LoadedModel

ModelOf = Callable[..., LoadedModel]


@pytest.mark.parametrize(("dtype", "alone"), [("fp16", True), ("fp32", False), ("bf16", False)])
def test_only_a_vae_in_half_precision_is_used_by_one_thread_at_a_time(
    dtype: str, alone: bool, model_of: ModelOf
) -> None:
    model = replace(model_of("sd1"), device=Device("cpu", 0, dtype))
    vae, entered = object.__new__(type("Network", (), {})), list[bool]()

    def enter() -> None:
        with used_alone(vae, model):
            entered.append(True)

    with used_alone(vae, model):
        other = threading.Thread(target=enter)
        other.start()
        other.join(0.05 if alone else 60)
        assert bool(entered) is not alone
    other.join(60)
    assert entered == [True]


def test_waiting_for_a_vae_ends_once_the_run_is_cancelled(model_of: ModelOf) -> None:
    device = Device("cpu", 0, "fp16")
    model = replace(model_of("sd1"), device=device)
    vae, seen = object.__new__(type("Network", (), {})), list[str]()

    def enter() -> None:
        try:
            with used_alone(vae, replace(model, cancelled=lambda: True)):
                seen.append("entered")
        except Cancelled:
            seen.append("cancelled")

    with used_alone(vae, model):
        other = threading.Thread(target=enter)
        other.start()
        other.join(60)
    assert seen == ["cancelled"]
