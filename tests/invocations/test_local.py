"""The local invoker: all services are connected, and each service is created only when it is needed."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from core import device_class, devices
from core.models.budgets import Budgets
from core.models.memory import ModelMemory
from invocations.graph.graph import Edge, Node
from invocations.local import LocalServices, LocalSettings, local_invoker
from invocations.running import meter
from invocations.running.context import model_load, note
from invocations.sessions.session import Extension
from invocations.values import ConditioningRef, ImageRef, LatentsRef, ModelRef

HEAVY = ("torch", "diffusers", "transformers", "PIL", "numpy", "pydantic", "typer", "rich", "safetensors")


@pytest.fixture
def settings(tmp_path):
    return LocalSettings(tmp_path / "data", tmp_path / "cache", tmp_path / "out")


def test_before_a_node_runs_no_heavy_library_is_imported_and_no_file_is_written(tmp_path):
    script = f"""
import sys
from pathlib import Path
from invocations.graph.graph import Edge, Node
from invocations.local import LocalServices, LocalSettings, local_invoker
from invocations.sessions.session import Extension
home = Path({str(tmp_path / "home")!r})
invoker = local_invoker(LocalSettings(home / "data", home / "cache", home / "out"))
assert not home.exists()
session = invoker.create()
nodes = (Node("1", "add", {{"a": 1, "b": 2}}), Node("2", "mul", {{"b": 5}}))
invoker.extend(session.id, Extension(nodes, (Edge("1", "value", "2", "a"),)))
invoker.sessions()
print([name for name in {HEAVY!r} if name in sys.modules])
print(sorted(path.name for path in home.rglob("*") if path.is_dir()))
list(invoker.run(session.id))
print(session.values("2", "value"), [name for name in {HEAVY!r} if name in sys.modules and name != "pydantic"])
invoker.close()
"""
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (found.stdout, found.stderr) == ("[]\n['data']\n[15] []\n", "")


def test_missing_content_is_detected(settings):
    services = local_invoker(settings).services
    assert not services.is_there(ImageRef("0" * 64, 1, 1))
    assert not services.is_there(ImageRef("../../etc/passwd", 1, 1))
    assert not services.is_there(LatentsRef("0" * 64))
    assert not services.is_there(ConditioningRef("0" * 64))
    assert services.is_there(ModelRef("x"))
    services.close()


def test_a_line_runs_with_the_built_in_nodes_and_its_results_are_reused(settings):
    invoker = local_invoker(settings)
    session = invoker.create()
    for prefix in "ab":
        nodes = (
            Node(f"{prefix}1", "add", {"a": 1, "b": 2}),
            Node(f"{prefix}2", "mul", {"b": 5}),
        )
        invoker.extend(session.id, Extension(nodes, (Edge(f"{prefix}1", "value", f"{prefix}2", "a"),)))
        events = list(invoker.run(session.id))
        assert [event.reused for event in events if event.event == "node_finished"] == [prefix == "b"] * 2
    assert session.values("b2", "value") == [15]
    invoker.close()
    again = local_invoker(settings)
    assert again.open(session.id).values("a2", "value") == [15]
    assert again.sessions()[0].id == session.id
    again.close()


def test_loading_a_model_is_reported_as_events_of_the_running_node(bench, n):
    bench.grow([n("l loader")]).run()
    assert [event.event for event in bench.events] == [
        "node_started", "model_load_started", "model_load_finished", "node_finished", "session_finished",
    ]  # fmt: skip
    loaded = bench.events[2]
    assert (loaded.node_id, loaded.model, loaded.part) == ("l", "fox", "unet")
    assert loaded.seconds >= 0
    model_load("fox", "unet", False)  # loading a model is not reported if no node is running
    assert not note("nobody sees this")


def test_the_precision_of_a_large_model_is_part_of_its_cache_keys(settings, monkeypatch):
    monkeypatch.setattr(devices, "has_fast_bf16", lambda: True)
    settings = replace(settings, device="cpu")
    services = LocalServices(settings)
    default = services.find_model("default")
    assert (services.computing_of(default), services.computing()["dtype"]) == ({}, "float32")
    monkeypatch.setattr(devices, "SMALL_MODEL_BYTES", 1)
    assert LocalServices(settings).computing_of(default) == {"dtype": "bfloat16"}
    assert LocalServices(replace(settings, dtype="float32")).computing_of(default) == {}
    assert services.computing_of(ModelRef("0", "none", "/none")) == {}


@pytest.mark.parametrize(
    ("minutes", "device", "idle_s", "loaded"),
    [(None, "cuda", 600, False), (None, "cuda", 599, True), (None, "cpu", 10**6, True), (0, "cuda", 10**6, True),
     (2, "cpu", 120, False), (2, "cpu", 119, True)],
)  # fmt: skip
def test_an_idle_model_is_unloaded_after_as_long_as_the_settings_say(
    settings, monkeypatch, minutes, device, idle_s, loaded
):
    now = [0.0]
    monkeypatch.setattr(devices, "empty_cache", lambda device: None)
    services = LocalServices(replace(settings, idle_minutes=minutes))
    services.free_idle()  # nothing is loaded yet, and nothing is imported
    assert "generation" not in services.__dict__
    generation, memory = services.generation, ModelMemory(clock=lambda: now[0])
    generation.__dict__ |= {"_device": devices.Device(device), "_memory": memory}
    card = services.models.card(services.find_model("default"))
    memory.get(card, "unet", devices.Device("cpu"), load=lambda *_: object(), size=lambda _: 1)
    now[0] = idle_s
    services.free_idle()
    assert bool(memory.held()) == loaded


def test_the_memory_for_models_is_what_the_settings_say(settings):
    for ram, vram in ((None, None), (5, 6)):
        services = LocalServices(replace(settings, ram_bytes=ram, vram_bytes=vram))
        assert services.generation._memory.budgets == Budgets(ram, vram)


def test_the_peak_of_a_node_counts_only_its_own_model(settings, monkeypatch):
    monkeypatch.setattr(meter, "resident_bytes", lambda: 100)
    services = LocalServices(replace(settings, device="cpu"))
    default = services.models.find("default")
    memory = ModelMemory()
    services.generation.__dict__["_memory"] = memory
    other = replace(services.models.card(default), parts={})
    cpu = devices.Device("cpu")
    memory.get(other, "unet", cpu, load=lambda *_: object(), size=lambda _: 0, weights=lambda _: 7 * 10**9)
    sized = {"image": ImageRef("0" * 64, 96, 96)}
    services.measured("decode", {"model": default}, sized, peak_bytes=9 * 10**9 + 100, device_bytes=0)
    services.measured("blur", {"image": default.name}, sized, peak_bytes=10**12, device_bytes=0)
    services.measured("noise", {"model": default}, sized, peak_bytes=10**9, device_bytes=0)  # less than the others hold
    assert services.models.fits("default").needs == 2 * 10**9


def test_the_threads_of_a_large_model_on_a_cpu_are_part_of_its_cache_keys(settings, monkeypatch):
    for name in device_class.THREADS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(device_class, "count_processors", lambda: 8)
    alone, several = (LocalServices(replace(settings, device="cpu", jobs=jobs)) for jobs in (1, 2))
    default = alone.find_model("default")
    assert several.computing_of(default) == {}
    monkeypatch.setattr(device_class, "SMALL_MODEL_BYTES", 1)
    large = LocalServices(replace(settings, device="cpu", jobs=2))
    assert (alone.computing_of(default), large.computing_of(default)) == ({}, {"threads": "4"})
    assert large.generation._device.threads == 4
