"""Which processes run the nodes of this machine's invoker, according to its settings."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from invocations.local import LocalServices, LocalSettings
from invocations.local_processes import processes, workers
from invocations.running.engine.client import EngineWorkers
from invocations.running.workers.processes import ProcessWorkers


def settings_in(folder: Path, **changed: Any) -> LocalSettings:
    return LocalSettings(folder / "data", folder / "cache", folder, device="cpu", **changed)


@pytest.mark.parametrize(
    ("jobs", "cards", "engine", "kind", "size"),
    [
        (3, 1, "off", ProcessWorkers, 3),
        (3, 1, "on", ProcessWorkers, 3),
        (None, 2, "off", ProcessWorkers, 2),
        (None, 1, "off", type(None), 0),
        (None, 1, "on", EngineWorkers, 1),
        (1, 4, "on", EngineWorkers, 1),
    ],
)
def test_several_jobs_need_worker_processes_and_one_may_use_the_engine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, jobs: int | None, cards: int, engine: str, kind: type, size: int
) -> None:
    monkeypatch.setattr("core.device_class.count_cards", lambda device: cards)
    found = workers(settings_in(tmp_path, jobs=jobs, engine=engine), dict)
    assert type(found) is kind
    assert getattr(found, "size", 0) == size


@pytest.mark.parametrize(
    ("jobs", "size", "room", "threads"),
    [(3, 3, 4 * 10**9, "2"), (3, 1, 4 * 10**9, "2"), (1, 1, None, None), (None, 1, None, None)],
)
def test_each_process_is_started_with_its_share_of_what_is_available(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, jobs: int | None, size: int, room: int | None, threads: str | None
) -> None:
    seen: list[dict[str, Any]] = []

    def start(worker: str, index: int, settings: dict[str, Any], environment: dict[str, str]) -> None:
        seen.append({"worker": worker, "index": index, "threads": environment.get("OMP_NUM_THREADS"), **settings})
        raise OSError("no process")

    monkeypatch.setattr("invocations.running.workers.worker_process.start_process", start)
    monkeypatch.setattr("core.available_memory.available_ram", lambda: 12 * 10**9)
    monkeypatch.setattr("core.device_class.count_processors", lambda: 8)
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    made = processes(settings_in(tmp_path, jobs=jobs, ram_bytes=8 * 10**9, engine="on"), size, dict)
    made.start()
    names = ("worker", "index", "jobs", "room_bytes", "ram_bytes", "threads")
    assert [tuple(one[name] for name in names) for one in seen] == [
        (f"w{index + 1}", index, jobs or 1, room, 8 * 10**9, threads) for index in range(size)
    ]
    made.close()


PROBE = """
import json, sys
from invocations.local import LocalSettings, local_invoker
from pathlib import Path
folder = Path(sys.argv[1])
invoker = local_invoker(LocalSettings(folder, folder, folder, jobs=int(sys.argv[2])))
invoker.create()
print(json.dumps([name for name in sys.modules if name.startswith("invocations.running.")]))
invoker.close()
"""


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_code_for_workers_is_imported_when_a_node_first_needs_them(tmp_path: Path, jobs: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(tmp_path), str(jobs)], capture_output=True, text=True, check=True, timeout=240
    )
    late = {
        "invocations.running.workers.processes",
        "invocations.running.workers.pool",
        "invocations.running.workers.task",
    }
    assert late.isdisjoint(json.loads(done.stdout))


def test_what_results_depend_on_is_the_same_for_a_coordinator_and_its_workers(tmp_path: Path) -> None:
    one, several = settings_in(tmp_path, jobs=1), settings_in(tmp_path, jobs=4)
    assert LocalServices(one).computing() == LocalServices(several).computing()
