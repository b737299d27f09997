"""What a user sees of how models use precision and memory."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest
from PIL import Image

from core import devices
from core.models import converted
from core.models.converted import ConvertedCopies, read_copy
from core.models.copy_place import CopyPlace
from tests.invokeai_cli.conftest import TypeLine

WRITING = "writing a converted copy of the model, which loads faster; Ctrl-C skips this\n"
LINE = "t2i a fox --steps 1 --width 64 --height 64"


def test_that_a_large_model_computes_in_bfloat16_is_a_note_once_per_model(
    type_: TypeLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "has_fast_bf16", lambda: True)
    monkeypatch.setattr(devices, "SMALL_MODEL_BYTES", 1)
    monkeypatch.setattr("invocations.running.meter.resident_bytes", lambda: 0)  # so that each run has a peak to store
    (tmp_path / "two.inv").write_text(f"{LINE} --seed 1\n{LINE} --seed 2\n")
    result = type_("run", "two.inv", INVOKEAI_DEVICE="cpu")
    found = [line for line in result.err.splitlines() if "bfloat16" in line]
    assert found == [
        "the model `default` computes in bfloat16, which is faster on this CPU; `--dtype float32` is more precise"
    ]
    assert result.status == 0
    again = type_(f"{LINE} --seed 3", INVOKEAI_DEVICE="cpu")
    assert (again.status, "bfloat16" in again.err) == (0, False)
    exact = type_("--dtype", "float32", f"{LINE} --seed 1", INVOKEAI_DEVICE="cpu")
    assert exact.status == 0
    assert "bfloat16" not in exact.err


@pytest.mark.parametrize("command", [(), ("explain",)], ids=str)
def test_float16_on_a_cpu_is_refused_before_the_line_runs_with_the_origin_of_the_setting(
    type_: TypeLine, isolated_home: Path, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.device_class._has_only_cpu", lambda: True)
    reason = "`float16` cannot be used: on a CPU it is many times slower than float32"
    hint = "  use float32, or bfloat16 for half the memory\n"
    typed = type_("--dtype", "fp16", *command, LINE)
    assert (typed.status, typed.err) == (2, f"error: the setting `dtype` (--dtype): {reason}\n{hint}")
    assert type_("config", "set", "dtype", "fp16").status == 0
    assert type_("config", "get", "dtype").out == "float16\n"
    origin = isolated_home / "config" / "config.toml"
    assert type_(*command, LINE).err == f"error: the setting `dtype` ({origin}): {reason}\n{hint}"
    assert type_("add", "1", "2").status == 0
    device = type_("--device", "cuda", "--dtype", "auto", *command, LINE)
    assert device.err == (
        "error: the setting `device` (--device): `cuda` cannot be used: this machine has no graphics card\n"
        "  use auto or cpu\n"
    )


def test_a_size_can_be_set_with_a_dot_or_an_underscore_in_its_name(type_: TypeLine, isolated_home: Path) -> None:
    assert type_("config", "set", "disk.limit", "5GB").status == 0
    assert (isolated_home / "config" / "config.toml").read_text() == 'disk_limit = "5 GB"\n'
    assert type_("config", "get", "disk_limit").out == type_("config", "get", "disk.limit").out == "5 GB\n"
    assert type_("--json", "config").document["settings"]["disk_limit"]["value"] == 5 * 10**9
    assert type_("--json", "cache").document["limit"] == 5 * 10**9
    assert type_("config", "unset", "disk.limit").status == 0
    assert type_("config", "get", "disk_limit").out == "auto\n"
    result = type_("config", "set", "disk_limit", "5")
    assert result.status == 2
    assert result.err.startswith("error: `disk_limit` must be a size, such as 20 GB or 500 MB, not `5`\n")


def test_cache_stats_explains_what_it_counts(type_: TypeLine) -> None:
    type_("add 1 2")
    shown = type_("cache", "stats", COLUMNS="100").out.splitlines()
    assert [line.split()[0] for line in shown[:5]] == ["cache", "results", "converted", "other", "in"]
    assert " ".join(shown[1].split()[3:]) == "of 10.0 GB 1 result with images and tensors; reused 0 times"


def test_explain_shows_what_the_model_needs_as_measured_in_earlier_runs(
    type_: TypeLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.available_memory.available_ram", lambda: 5_800_000_000)
    for name in ("resident_bytes", "private_bytes"):
        monkeypatch.setattr(f"invocations.running.meter.{name}", lambda: 0)
    parts = "memory: unet 11.2 MB, text encoder 1.5 MB, VAE 1.3 MB; "
    assert (
        f"{parts}needs at least 328 MB (estimated from its weights), 5.8 GB free"
        in type_("explain", LINE).out.splitlines()
    )
    for seed in ("1", "2"):
        assert type_(f"{LINE} --seed {seed}", INVOKEAI_DEVICE="cpu").status == 0
    shown = type_("explain", LINE, INVOKEAI_DEVICE="cpu").out.splitlines()
    (line,) = [line for line in shown if line.startswith(parts)]
    # How much is measured depends on what else this process has loaded.
    assert re.fullmatch(r"needs [\d.]+ [MG]B \(measured on 2 runs\), 5\.8 GB free", line.removeprefix(parts))
    document = type_("--json", "explain", LINE, INVOKEAI_DEVICE="cpu").document
    (memory,) = document["memory"]
    assert memory["parts"].keys() == {"unet", "text_encoder", "vae"}
    assert (memory["measured_runs"], memory["fits"]) == (2, "yes")
    assert memory["free"] == 5_800_000_000
    assert memory["needs"] > 50_000_000
    larger = type_("explain", LINE.replace("64 --height 64", "64,96 --height 96"), INVOKEAI_DEVICE="cpu").out
    assert "(measured at 64x64)" in larger


def test_a_model_that_cannot_fit_is_refused_before_it_is_loaded_with_what_to_write_instead(
    type_: TypeLine, isolated_home: Path, tmp_path: Path
) -> None:
    def refused(limit: str, origin: str) -> None:
        variables = {"INVOKEAI_RAM_LIMIT": limit} if origin.startswith("`INVOKEAI") else {}
        result = type_(f"{LINE} --seed 1", INVOKEAI_DEVICE="cpu", **variables)
        assert result.status == 5
        assert result.err.splitlines()[-2:] == [
            (
                "error: prompt (1.prompt): the model `default` needs at least 328 MB (estimated from its "
                f"weights), {limit.replace(' ', '.0 ')} free: too large"
            ),
            f"  {origin} allows it",
        ]

    refused("30 MB", "`INVOKEAI_RAM_LIMIT=330MB`")
    assert type_("config", "set", "ram_limit", "40 MB").status == 0
    refused("40 MB", "`config set ram_limit 330MB`")
    project = tmp_path / "invokeai.toml"
    project.write_text('ram_limit = "50 MB"')
    refused("50 MB", f'`ram_limit = "330MB"` in {project}')
    project.unlink()
    assert type_("config", "set", "ram_limit", "330MB").status == 0
    assert type_(f"{LINE} --seed 1", INVOKEAI_DEVICE="cpu").status == 0


def test_the_second_process_loads_a_converted_copy_and_draws_the_same_image(
    type_: TypeLine, isolated_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(converted, "SMALL_MODEL_BYTES", 1)
    loaded: list[bool] = []

    def noted(copy: CopyPlace, cancelled: Callable[[], bool]) -> object:
        found = read_copy(copy, cancelled)
        loaded.append(found is not None)
        return found

    monkeypatch.setattr("core.models.load.read_copy", noted)
    line = f"{LINE} --seed 3 --no-cache"
    closing, write, finish = threading.Event(), converted.write_safetensors, ConvertedCopies.finish
    monkeypatch.setattr(converted, "write_safetensors", lambda *args: closing.wait(60) and write(*args))
    monkeypatch.setattr(ConvertedCopies, "finish", lambda copies: (closing.set(), finish(copies)))
    results = [type_(f"{line} | save {name}.png", INVOKEAI_DEVICE="cpu") for name in ("first", "second")]
    assert [result.status for result in results] == [0, 0]
    assert loaded == [False] * 3 + [True] * 3
    assert [WRITING in each.err for each in results] == [True, False]
    first, second = (Image.open(tmp_path / f"{name}.png").tobytes() for name in ("first", "second"))
    assert first == second
    use = type_("--json", "cache").document
    assert use["converted"]["bytes"] > 27_000_000
    assert use["parts"]["converted"]["files"] == 3
    assert type_("cache", "clear", "--yes").status == 0
    assert not (isolated_home / "cache" / "converted").exists()


def test_ctrl_c_while_a_converted_copy_is_written_does_not_wait_for_it(
    type_: TypeLine, isolated_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = threading.Event()

    def slow(file: BinaryIO, state: object, metadata: object, stopped: Callable[[], bool]) -> None:
        file.write(b"x")
        begun.set()
        while not stopped():
            pass
        raise converted.Stopped

    def interrupt(*_: object) -> None:
        assert begun.wait(60)
        raise KeyboardInterrupt

    monkeypatch.setattr(converted, "SMALL_MODEL_BYTES", 1)
    monkeypatch.setattr(converted, "write_safetensors", slow)
    monkeypatch.setattr("invokeai_cli.observer.TerminalObserver.results", interrupt)
    result = type_(f"{LINE} --seed 3 --no-cache", INVOKEAI_DEVICE="cpu")
    assert (result.status, result.out, WRITING in result.err) == (130, "", False)
    assert not [path for path in (isolated_home / "cache" / "converted").rglob("*") if path.is_file()]


def test_a_disk_limit_that_leaves_no_room_for_converted_copies_turns_them_off(
    type_: TypeLine, isolated_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(converted, "SMALL_MODEL_BYTES", 1)
    assert type_(f"{LINE} --seed 3", INVOKEAI_DEVICE="cpu", INVOKEAI_DISK_LIMIT="1 MB").status == 0
    assert not [*(isolated_home / "cache").rglob("*.safetensors")]
