"""The precision `auto` of the generation service, which depends on the CPU and on the size of the model."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import devices
from invocations.services.generation.base import PromptRequest

from .test_generation import World


def test_a_large_model_computes_in_bfloat16_on_a_cpu_that_is_fast_in_it_which_is_noted_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "has_fast_bf16", lambda: True)
    world = World(tmp_path)
    seen: list[str] = []
    visible = iter([False, True, True])
    auto = world.made(on_note=lambda text: seen.append(text) or next(visible))
    request = PromptRequest(world.model, "a red fox", "blur", 0)
    assert auto.encode_prompt(request) == world.words  # the default model is small
    assert not seen
    monkeypatch.setattr(devices, "SMALL_MODEL_BYTES", 1)
    rough, exact = (auto.encode_prompt(request), world.made(dtype="float32").encode_prompt(request))
    assert exact == world.words != rough == world.made(dtype="bfloat16").encode_prompt(request)
    auto.encode_prompt(request)
    auto.encode_prompt(request)
    assert (
        seen
        == [  # the first time, no node was running, so the user could not see it
            "the model `default` computes in bfloat16, which is faster on this CPU; `--dtype float32` is more precise"
        ]
        * 2
    )
