"""Whether models fit into memory, with faked figures for RAM, for graphics cards and for earlier runs."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.available_memory import Share
from core.devices import Device
from core.models.need import PartNeed
from invocations.local import LocalServices, LocalSettings
from invocations.services.errors import ServiceError
from invocations.services.models.base import MemoryFit
from invocations.services.models.fit import Fits, fit_of, peak_at, too_large
from invocations.services.models.limit import MemoryLimit, free_ram, free_vram, rounded_up
from invocations.services.models.local import LocalModels
from invocations.services.models.peaks import MAX_RUNS, Kind, OpenRuns, Peak, Peaks, sized
from invocations.values import ImageRef, LatentsRef, ModelRef

GB = 10**9
CPU, GPU = Device("cpu"), Device("cuda", 0, "fp16")
MAPPED = [PartNeed(4 * GB, True), PartNeed(2 * GB, True)]
CONVERTED = [PartNeed(4 * GB, False), PartNeed(2 * GB, False)]
KIND = Kind("model 0", "cpu float32", (512, 512))


@pytest.mark.parametrize(
    ("needs", "peak", "free", "word", "text"),
    [
        (MAPPED, Peak(7_100_000_000, 3), 8 * GB, "yes", "needs 7.1 GB (measured on 3 runs), 8.0 GB free"),
        (MAPPED, Peak(7_100_000_000, 3), 5_800_000_000, "slower",
         "needs 7.1 GB (measured on 3 runs), 5.8 GB free: read from disk in every step, slower"),
        (MAPPED, Peak(7_100_000_000, 1), GB, "no", "needs 7.1 GB (measured on 1 run), 1.0 GB free: too large"),
        (MAPPED, None, GB, "slower",
         "needs at least 6.5 GB (estimated from its weights), 1.0 GB free: read from disk in every step, slower"),
        (MAPPED, None, GB // 2 - 1, "no", "needs at least 6.5 GB (estimated from its weights), 500 MB free: too large"),
        (CONVERTED, Peak(9 * GB, 2), 9 * GB, "yes", "needs 9.0 GB (measured on 2 runs), 9.0 GB free"),
        (CONVERTED, Peak(9 * GB, 2), 7 * GB, "slower",
         "needs 9.0 GB (measured on 2 runs), 7.0 GB free: its parts are loaded in turn, slower"),
        (CONVERTED, Peak(9 * GB, 2), 7 * GB - 1, "no", "needs 9.0 GB (measured on 2 runs), 7.0 GB free: too large"),
        (CONVERTED, None, 4 * GB, "no", "needs at least 6.5 GB (estimated from its weights), 4.0 GB free: too large"),
        (CONVERTED, None, None, "", "needs at least 6.5 GB (estimated from its weights)"),
    ],
)  # fmt: skip
def test_what_a_model_needs_is_compared_with_what_is_free(
    needs: list[PartNeed], peak: Peak | None, free: int | None, word: str, text: str
) -> None:
    fit = fit_of(needs, peak, free, GB // 2)
    assert (fit.word, str(fit)) == (word, text)


def test_needs_are_shown_with_as_many_digits_as_tell_them_apart_from_what_is_free() -> None:
    shown = [
        str(MemoryFit(needs, needs, 0, free, False)).replace(" (estimated from its weights)", "")
        for needs, free in ((330_000_000, 30_000_000), (7_030_000_000, 7_010_000_000), (322_600_000, 322_900_000))
    ]
    assert shown == [
        "needs at least 330 MB, 30.0 MB free: too large",
        "needs at least 7.03 GB, 7.01 GB free: too large",
        "needs at least 322.6 MB, 322.9 MB free",
    ]  # fmt: skip


def test_a_larger_image_needs_at_least_what_a_smaller_one_has_needed() -> None:
    known = {(64, 64): Peak(7 * GB, 3), (96, 96): Peak(8 * GB, 2), (128, 128): Peak(6 * GB, 1)}
    assert peak_at(known, (32, 32)) == (None, (0, 0))
    assert peak_at(known, (64, 64)) == (Peak(7 * GB, 3), (0, 0))
    assert peak_at(known, (80, 80)) == (Peak(7 * GB, 0), (64, 64))
    assert peak_at(known, (128, 128)) == (Peak(8 * GB, 1), (0, 0))
    fit = fit_of(CONVERTED, *peak_at(known, (512, 512))[:1], 7 * GB, GB // 2, (96, 96))
    assert str(fit) == "needs at least 8.0 GB (measured at 96x96), 7.0 GB free: its parts are loaded in turn, slower"
    assert fit_of(CONVERTED, Peak(GB, 0), 7 * GB, GB // 2, (64, 64)) == fit_of(CONVERTED, None, 7 * GB, GB // 2)


@pytest.mark.parametrize(
    ("dtype", "free", "size", "peaks", "hint"),
    [
        ("float32", 25, (96, 96), {}, "330"),
        ("bfloat16", 25, (96, 96), {}, "320"),
        ("float32", 315, (96, 96), {}, "use `--dtype bfloat16`; 330"),
        ("float32", 400, (256, 256), {(256, 256): 700}, "use `--width 64 --height 64`; 700"),
        ("float32", 420, (256, 256), {(256, 256): 700}, "use `--width 128 --height 128`; 700"),
        ("float32", 390, (64, 64), {(64, 64): 700}, "700"),
        ("float32", 390, (96, 96), {(96, 96): 700, (512, 512): 900}, "700"),
        ("float32", 25, (0, 0), {(96, 96): 700, (512, 512): 900}, "900"),
        ("float32", 3000, (96, 96), {(96, 96): 9000}, "9.0"),
    ],
)
def test_a_refusal_suggests_only_changes_that_help(
    tmp_path: Path, dtype: str, free: int, size: tuple[int, int], peaks: dict[tuple[int, int], int], hint: str
) -> None:
    def advise(device: Device, size_bytes: int) -> str:
        return rounded_up(size_bytes).removesuffix("MB").removesuffix("GB")

    fits = Fits("cpu", dtype, Peaks(tmp_path / "peaks.json"), lambda device: free * 10**6, None, advise)
    models = LocalModels(fits=lambda: fits)
    default = models.find("default")
    for each, peak in peaks.items():
        models.runs.keep_peak(default, each, "whole", "decode", peak * 10**6)
    with pytest.raises(ServiceError) as caught:
        models.usable_card(default, size)
    assert (caught.value.hint, caught.value.code) == (hint, "does_not_fit")


def test_a_limit_is_suggested_only_if_the_setting_is_what_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.available_memory.available_ram", lambda: 5 * GB)
    changes = "`config set ram_limit {}`", "`INVOKEAI_VRAM_LIMIT={}`"
    for limit, needed, advice in (
        (GB, 2 * GB + 1, "`config set ram_limit 2.1GB` allows it"), (GB, 6 * GB, ""), (None, 6 * GB, ""),
    ):  # fmt: skip
        most = MemoryLimit(limit, GB, lambda: 0, lambda: 0, changes)
        assert most.advice(CPU, needed) == advice
    assert most.advice(GPU, 323_000_000) == "`INVOKEAI_VRAM_LIMIT=330MB` allows it"
    error = too_large("mine", MemoryFit(9 * GB, 9 * GB, 2, 5 * GB, False), ())
    assert error.hint == "close other programs, or use a smaller model"


def test_workers_divide_the_limits_and_what_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.available_memory.available_ram", lambda: 10 * GB)
    share = Share(processes=2, ram_bytes=5 * GB)
    for limit, found in ((None, 5 * GB), (8 * GB, 4 * GB), (40 * GB, 5 * GB)):
        assert MemoryLimit(limit, None, lambda: 0, lambda: 0, share=share)(CPU) == found
    changes = "`config set ram_limit {}`", ""
    for limit, needed, advice in (
        (None, 6 * GB, "`--jobs 1` allows it"),
        (8 * GB, 6 * GB, "`--jobs 1` allows it"),
        (8 * GB, 5 * GB, "`config set ram_limit 10.0GB` or `--jobs 1` allows it"),
        (4 * GB, 5 * GB, "`config set ram_limit 10.0GB` allows it"),
        (None, 11 * GB, ""),
    ):
        most = MemoryLimit(limit, None, lambda: 0, lambda: 0, changes, share)
        assert (limit, most.advice(CPU, needed)) == (limit, advice)


def test_free_memory_is_never_more_than_what_is_available(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.available_memory.available_ram", lambda: 5 * GB)
    found = [MemoryLimit(limit, None, lambda: 0, lambda: 0)(CPU) for limit in (500 * GB, 3 * GB, None)]
    assert found == [5 * GB, 3 * GB, 5 * GB]


def test_a_run_that_ended_early_is_not_measured(tmp_path: Path) -> None:
    peaks = Peaks(tmp_path / "peaks.json")
    runs, early = OpenRuns(peaks), OpenRuns(peaks)
    early.add(KIND, "denoise", 5, "start")
    assert peaks.of(KIND) is None
    runs.add(KIND, "decode", 3, "end")  # the result of `denoise` was cached
    assert peaks.of(KIND) is None
    for node, size, place in (("noise", 1, "start"), ("denoise", 9, "start"), ("decode", 4, "end")):
        runs.add(KIND, node, size, place)
    assert peaks.of(KIND) == Peak(9, 1)
    early.add(KIND, "decode", 4, "end")
    assert peaks.by_size(KIND) == {KIND.size: peaks.of(KIND)} == {KIND.size: Peak(5, 2)}


def test_peaks_are_the_medians_of_the_latest_runs_of_the_node_that_needs_most(tmp_path: Path) -> None:
    peaks = Peaks(tmp_path / "new" / "peaks.json")
    assert peaks.of(KIND) is None
    for size in (9, 1, 5):
        peaks.add(KIND, ("decode", size))
    peaks.add(KIND, ("noise", 4))
    assert Peaks(tmp_path / "new" / "peaks.json").of(KIND) == Peak(5, 3)
    assert peaks.of(Kind("model 1", "cpu float32", (512, 512))) is None
    assert peaks.of(Kind("model 0", "cpu bfloat16", (512, 512))) is None
    assert peaks.of(Kind("model 0", "cpu float32", (512, 520))) is None
    for size in range(100, 100 + MAX_RUNS):
        peaks.add(KIND, ("decode", size))
    found = peaks.of(KIND)
    assert found is not None
    assert (found.runs, found.size_bytes) == (MAX_RUNS, 109)


def test_the_place_of_a_node_in_a_run_is_known_from_what_it_takes_and_makes() -> None:
    model, latents, image = ModelRef("0", "mine", "/mine"), LatentsRef("0" * 64, 64, 64, 1), ImageRef("0" * 64, 64, 64)
    assert sized({"model": model, "seed": 1}, {"latents": latents}) == (model, (64, 64), "start")
    assert sized({"model": model, "latents": latents}, {"image": image}) == (model, (64, 64), "end")
    assert sized({"model": model, "image": image}, {"image": image}) == (model, (64, 64), "whole")
    assert sized({"latents": latents}, {"image": image}) is sized({"model": model}, {"text": "a"}) is None


def test_only_the_kinds_of_runs_that_were_used_last_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("invocations.services.models.peaks.MAX_KINDS", 3)
    peaks = Peaks(tmp_path / "peaks.json")
    kinds = [Kind(f"model {number}", "cpu float32", (64, 64)) for number in range(4)]
    for kind in (*kinds[:-1], kinds[0], kinds[-1]):
        peaks.add(kind, ("decode", 1))
    assert [peaks.of(kind) is not None for kind in kinds] == [True, False, True, True]


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"%s": 3}', '{"%s": {"decode": [true, "x", -1]}}', "\0"])
def test_a_damaged_file_of_peaks_counts_as_empty_and_is_replaced(tmp_path: Path, text: str) -> None:
    path = tmp_path / "peaks.json"
    path.write_text(text.replace("%s", KIND.key))
    peaks = Peaks(path)
    assert peaks.of(KIND) is None
    peaks.add(KIND, ("decode", 7))
    assert peaks.of(KIND) == Peak(7, 1)


def test_peaks_are_not_kept_if_the_file_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    peaks = Peaks(tmp_path / "file" / "peaks.json")
    peaks.add(KIND, ("decode", 7))
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
    models("auto").runs.keep_peak(default, (96, 96), "whole", "decode", 7 * GB)
    assert [str(models(dtype).fits("default", size)) for dtype, size in
            (("auto", None), ("auto", (64, 64)), ("float32", (96, 96)), ("bfloat16", None))] == [
        "needs 7.0 GB (measured on 1 run), 100 GB free",
        "needs at least 328 MB (estimated from its weights), 100 GB free",
        "needs 7.0 GB (measured on 1 run), 100 GB free",
        "needs at least 314 MB (estimated from its weights), 100 GB free",
    ]  # fmt: skip
    assert LocalModels().fits("default") is None


def test_a_model_that_cannot_fit_is_refused_for_the_sizes_that_do_not_fit(tmp_path: Path) -> None:
    models = LocalModels(fits=lambda: Fits("cpu", "auto", Peaks(tmp_path / "peaks.json"), lambda device: GB))
    default = models.find("default")
    models.runs.keep_peak(default, (96, 96), "whole", "decode", 7 * GB)
    models.usable_card(default)
    models.usable_card(default, (64, 64))
    with pytest.raises(ServiceError, match=r"needs 7\.0 GB") as caught:
        models.usable_card(default, (96, 96))
    assert caught.value.code == "does_not_fit"
