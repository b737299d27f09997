"""What a user sees of how models use precision and memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import devices
from tests.invokeai_cli.conftest import TypeLine

LINE = "t2i a fox --steps 1 --width 64 --height 64"


def test_that_a_large_model_computes_in_bfloat16_is_a_note_once_per_process(
    type_: TypeLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "has_fast_bf16", lambda: True)
    monkeypatch.setattr(devices, "SMALL_MODEL_BYTES", 1)
    (tmp_path / "two.inv").write_text(f"{LINE} --seed 1\n{LINE} --seed 2\n")
    result = type_("run", "two.inv", INVOKEAI_DEVICE="cpu")
    found = [line for line in result.err.splitlines() if "bfloat16" in line]
    assert found == [
        "the model `default` computes in bfloat16, which is faster on this CPU; `--dtype float32` is more precise"
    ]
    assert result.status == 0
    exact = type_("--dtype", "float32", f"{LINE} --seed 1", INVOKEAI_DEVICE="cpu")
    assert exact.status == 0
    assert "bfloat16" not in exact.err
