"""Whether models fit into memory, with faked figures for RAM, for graphics cards and for earlier runs."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.devices import Device
from core.models.need import PartNeed
from invocations.local import LocalServices, LocalSettings
from invocations.services.errors import ServiceError
from invocations.services.models.base import MemoryFit
from invocations.services.models.fit import Fits, fit_of, too_large
from invocations.services.models.limit import free_ram, free_vram
from invocations.services.models.local import LocalModels
from invocations.services.models.peaks import MAX_RUNS, Kind, Peak, Peaks

GB = 10**9
CPU, GPU = Device("cpu"), Device("cuda", 0, "fp16")
MAPPED = [PartNeed(4 * GB, True), PartNeed(2 * GB, True)]
CONVERTED = [PartNeed(4 * GB, False), PartNeed(2 * GB, False)]
KIND = Kind("model 0", "cpu float32", (512, 512))


@pytest.mark.parametrize(
    ("needs", "peak", "free", "word", "text"),
    [
        (MAPPED, Peak(7_100_000_000, 3), 8 * GB, "yes", "needs 7.1 GB (measured on 3 runs), 8.0 free"),
        (MAPPED, Peak(7_100_000_000, 3), 5_800_000_000, "slower",
         "needs 7.1 GB (measured on 3 runs), 5.8 free: read from disk in every step, slower"),
        (MAPPED, Peak(7_100_000_000, 1), GB, "no", "needs 7.1 GB (measured on 1 run), 1.0 free: too large"),
        (MAPPED, None, GB, "slower",
         "needs at least 6.5 GB (estimated from its weights), 1.0 free: read from disk in every step, slower"),
        (MAPPED, None, GB // 2 - 1, "no", "needs at least 6.5 GB (estimated from its weights), 0.5 free: too large"),
        (CONVERTED, Peak(9 * GB, 2), 9 * GB, "yes", "needs 9.0 GB (measured on 2 runs), 9.0 free"),
        (CONVERTED, Peak(9 * GB, 2), 7 * GB, "slower",
         "needs 9.0 GB (measured on 2 runs), 7.0 free: its parts are loaded in turn, slower"),
        (CONVERTED, Peak(9 * GB, 2), 7 * GB - 1, "no", "needs 9.0 GB (measured on 2 runs), 7.0 free: too large"),
        (CONVERTED, None, 4 * GB, "no", "needs at least 6.5 GB (estimated from its weights), 4.0 free: too large"),
        (CONVERTED, None, None, "", "needs at least 6.5 GB (estimated from its weights)"),
    ],
)  # fmt: skip
def test_what_a_model_needs_is_compared_with_what_is_free(
    needs: list[PartNeed], peak: Peak | None, free: int | None, word: str, text: str
) -> None:
    fit = fit_of(needs, peak, free, GB // 2)
    assert (fit.word, str(fit)) == (word, text)


HALF = "--width 512 --height 384"
FIT = MemoryFit(needs=9 * GB, least=7_030_000_000, runs=2, free=GB, mapped=False)


@pytest.mark.parametrize(
    ("device", "size", "hint"),
    [
        (CPU, (1024, 768), f"use `{HALF}` or `--dtype bfloat16`; `config set ram_limit 7.1GB` allows it"),
        (Device("cpu", 0, "bf16"), (1024, 768), f"use `{HALF}`; `config set ram_limit 7.1GB` allows it"),
        (CPU, (0, 0), "use `--dtype bfloat16`; `config set ram_limit 7.1GB` allows it"),
        (GPU, (0, 0), "`config set vram_limit 7.1GB` allows it"),
        (
            Device("cuda"),
            (96, 96),
            "use `--width 64 --height 64` or `--dtype float16`; `config set vram_limit 7.1GB` allows it",
        ),
    ],
)  # fmt: skip
def test_a_refusal_says_what_to_write_instead(device: Device, size: tuple[int, int], hint: str) -> None:
    error = too_large("mine", FIT, device, size)
    assert error.message == "the model `mine` needs 9.0 GB (measured on 2 runs), 1.0 free: too large"
    assert (error.hint, error.code) == (hint, "does_not_fit")


def test_peaks_are_the_medians_of_the_latest_runs_of_the_node_that_needs_most(tmp_path: Path) -> None:
    peaks = Peaks(tmp_path / "new" / "peaks.json")
    assert peaks.of(KIND) is None
    for size in (9, 1, 5):
        peaks.add(KIND, "decode", size)
    peaks.add(KIND, "noise", 4)
    assert Peaks(tmp_path / "new" / "peaks.json").of(KIND) == Peak(5, 3)
    assert peaks.of(Kind("model 1", "cpu float32", (512, 512))) is None
    assert peaks.of(Kind("model 0", "cpu bfloat16", (512, 512))) is None
    assert peaks.of(Kind("model 0", "cpu float32", (512, 520))) is None
    for size in range(100, 100 + MAX_RUNS):
        peaks.add(KIND, "decode", size)
    found = peaks.of(KIND)
    assert found is not None
    assert (found.runs, found.size_bytes) == (MAX_RUNS, 109)


def test_only_the_kinds_of_runs_that_were_used_last_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("invocations.services.models.peaks.MAX_KINDS", 3)
    peaks = Peaks(tmp_path / "peaks.json")
    kinds = [Kind(f"model {number}", "cpu float32", (64, 64)) for number in range(4)]
    for kind in (*kinds[:-1], kinds[0], kinds[-1]):
        peaks.add(kind, "decode", 1)
    assert [peaks.of(kind) is not None for kind in kinds] == [True, False, True, True]


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"%s": 3}', '{"%s": {"decode": [true, "x", -1]}}', "\0"])
def test_a_damaged_file_of_peaks_counts_as_empty_and_is_replaced(tmp_path: Path, text: str) -> None:
    path = tmp_path / "peaks.json"
    path.write_text(text.replace("%s", KIND.key))
    peaks = Peaks(path)
    assert peaks.of(KIND) is None
    peaks.add(KIND, "decode", 7)
    assert peaks.of(KIND) == Peak(7, 1)


def test_peaks_are_not_kept_if_the_file_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    peaks = Peaks(tmp_path / "file" / "peaks.json")
    peaks.add(KIND, "decode", 7)
    assert peaks.of(KIND) is None


def test_what_loaded_models_take_counts_as_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.available_memory.available_ram", lambda: 5 * GB)
    monkeypatch.setattr("core.available_memory.available_vram", lambda device: 3 * GB)
    assert (free_ram(GB), free_ram(-GB)) == (6 * GB, 5 * GB)
    for in_use in (True, False):
        torch = SimpleNamespace(cuda=SimpleNamespace(is_initialized=lambda in_use=in_use: in_use))
        monkeypatch.setitem(sys.modules, "torch", torch)
        assert free_vram(GPU, GB) == (4 * GB if in_use else None)
    monkeypatch.setattr("core.available_memory.available_ram", lambda: None)
    assert free_ram(GB) is None


@pytest.mark.parametrize(
    ("device", "limits", "word"),
    [
        ("cpu", {}, "yes"),
        ("cpu", {"ram_bytes": GB // 10}, "no"),
        ("cpu", {"vram_bytes": 1}, "yes"),
        ("cuda", {}, ""),
        ("cuda", {"vram_bytes": GB}, "yes"),
        ("cuda", {"vram_bytes": 1, "ram_bytes": GB}, "no"),
    ],
)
def test_the_settings_limit_the_memory_of_their_device(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, device: str, limits: dict[str, int], word: str
) -> None:
    monkeypatch.setattr("core.available_memory.available_ram", lambda: 5 * GB)
    settings = LocalSettings(tmp_path, tmp_path, tmp_path, device=device, **limits)  # type: ignore[arg-type]
    fit = LocalServices(settings).models.fits("default")
    assert fit is not None
    assert fit.word == word


def test_the_peak_of_a_model_is_found_again_for_the_same_size_and_precision(tmp_path: Path) -> None:
    def models(dtype: str) -> LocalModels:
        return LocalModels(fits=lambda: Fits("cpu", dtype, Peaks(tmp_path / "peaks.json"), lambda device: 100 * GB))

    default = models("auto").find("default")
    models("auto").keep_peak(default, (96, 96), "decode", 7 * GB)
    assert [str(models(dtype).fits("default", size)) for dtype, size in
            (("auto", None), ("auto", (64, 64)), ("float32", (96, 96)), ("bfloat16", None))] == [
        "needs 7.0 GB (measured on 1 run), 100.0 free",
        "needs at least 0.3 GB (estimated from its weights), 100.0 free",
        "needs 7.0 GB (measured on 1 run), 100.0 free",
        "needs at least 0.3 GB (estimated from its weights), 100.0 free",
    ]  # fmt: skip
    assert LocalModels().fits("default") is None


def test_a_model_that_cannot_fit_is_refused_for_the_sizes_that_do_not_fit(tmp_path: Path) -> None:
    models = LocalModels(fits=lambda: Fits("cpu", "auto", Peaks(tmp_path / "peaks.json"), lambda device: GB))
    default = models.find("default")
    models.keep_peak(default, (96, 96), "decode", 7 * GB)
    models.usable_card(default)
    models.usable_card(default, (64, 64))
    with pytest.raises(ServiceError, match=r"needs 7\.0 GB") as caught:
        models.usable_card(default, (96, 96))
    assert caught.value.code == "does_not_fit"
