"""What results depend on, and what a machine has, determined without torch."""

from __future__ import annotations

import pytest

from core import device_class
from core.device_class import check_device, model_computing
from core.devices import SMALL_MODEL_BYTES
from core.errors import DeviceRefused


@pytest.fixture
def processors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this machine have eight processors and no limit on threads."""
    monkeypatch.setattr(device_class, "count_processors", lambda: 8)
    for name in device_class.THREADS:
        monkeypatch.delenv(name, raising=False)


def test_workers_share_the_processors_unless_the_user_sets_the_number_of_threads(
    processors: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert device_class.thread_variables(1) == {}
    assert device_class.thread_variables(3) == {"OMP_NUM_THREADS": "2", "MKL_NUM_THREADS": "2"}
    assert device_class.thread_variables(20) == {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert device_class.thread_variables(2) == {"OMP_NUM_THREADS": "3", "MKL_NUM_THREADS": "4"}


@pytest.mark.parametrize(
    ("variables", "count"),
    [({}, 8), ({"OMP_NUM_THREADS": "3"}, 3), ({"OMP_NUM_THREADS": "9", "MKL_NUM_THREADS": "2"}, 2),
     ({"OMP_NUM_THREADS": "many", "MKL_NUM_THREADS": "0"}, 8)],
    ids=str,
)  # fmt: skip
def test_a_process_may_use_all_processors_unless_the_user_limits_them(
    processors: None, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], count: int
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert device_class.count_threads() == count


@pytest.mark.parametrize(
    ("kind", "workers", "variables", "size", "found"),
    [
        ("cpu", 1, {}, SMALL_MODEL_BYTES, ""),
        ("cpu", 2, {}, SMALL_MODEL_BYTES, "4"),
        ("cpu", 2, {}, SMALL_MODEL_BYTES - 1, ""),
        ("cpu", 1, {"OMP_NUM_THREADS": "2"}, SMALL_MODEL_BYTES, "2"),
        ("cpu", 1, {"OMP_NUM_THREADS": "2"}, SMALL_MODEL_BYTES - 1, ""),
        ("cpu", 2, {"MKL_NUM_THREADS": "1"}, SMALL_MODEL_BYTES, "4/1"),
        ("cuda", 2, {"OMP_NUM_THREADS": "2"}, SMALL_MODEL_BYTES, ""),
    ],
)
def test_results_of_large_models_on_a_cpu_depend_on_a_limit_on_threads(
    processors: None, monkeypatch: pytest.MonkeyPatch, kind: str, workers: int, variables: dict[str, str], size: int,
    found: str,
) -> None:  # fmt: skip
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    own = model_computing(kind, "float32", workers, lambda: size)
    assert own == ({"threads": found} if found else {})
    for name, value in device_class.thread_variables(workers).items():  # what a worker is started with
        monkeypatch.setenv(name, value)
    assert model_computing(kind, "float32", workers, lambda: size) == own


@pytest.mark.parametrize(
    ("visible", "is_same"), [("0", True), ("1", True), ("1,0", True), ("2", False), ("", False), ("GPU-5", False)]
)
def test_the_class_of_auto_is_the_same_whichever_graphics_card_is_visible(
    monkeypatch: pytest.MonkeyPatch, visible: str, is_same: bool
) -> None:
    files = {device_class.NVIDIA: ["/dev/nvidia0", "/dev/nvidia1"]}
    monkeypatch.setattr(device_class, "glob", lambda pattern: files.get(pattern, []))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    whole = device_class.device_class("auto", "auto")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert (device_class.device_class("auto", "auto") == whole) is is_same


@pytest.mark.parametrize(
    ("wanted", "files", "visible", "count"),
    [
        ("auto", 4, None, 4),
        ("cuda", 4, None, 4),
        ("cuda", 4, "1,3", 2),
        ("cuda", 2, "0,1,2", 2),
        ("cuda", 4, "", 1),
        ("auto", 0, None, 1),
        ("cpu", 4, None, 1),
        ("cuda:2", 4, None, 1),
    ],
)
def test_graphics_cards_are_counted_without_torch(
    monkeypatch: pytest.MonkeyPatch, wanted: str, files: int, visible: str | None, count: int
) -> None:
    monkeypatch.setattr(device_class, "glob", lambda pattern: [f"/dev/nvidia{number}" for number in range(files)])
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert device_class.count_cards(wanted) == count


@pytest.mark.parametrize(
    ("has_only_cpu", "wanted", "dtype", "hint"),
    [
        (True, "auto", "float16", "use float32, or bfloat16 for half the memory"),
        (False, "cpu", "float16", "use float32, or bfloat16 for half the memory"),
        (True, "cuda:1", "auto", "use auto or cpu"),
        (True, "mps", "auto", "use auto or cpu"),
        (True, "auto", "bfloat16", ""),
        (False, "auto", "float16", ""),
        (False, "cuda", "float16", ""),
    ],
)
def test_what_a_machine_cannot_use_is_refused_without_torch(
    monkeypatch: pytest.MonkeyPatch, has_only_cpu: bool, wanted: str, dtype: str, hint: str
) -> None:
    monkeypatch.setattr("core.device_class._has_only_cpu", lambda: has_only_cpu)
    hints = []
    try:
        check_device(wanted, dtype)
    except DeviceRefused as error:
        hints.append(error.hint)
    assert hints == ([hint] if hint else [])
