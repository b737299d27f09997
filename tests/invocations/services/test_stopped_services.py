"""Image and file services stop long work once the running node is cancelled."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from invocations.errors import Cancelled
from invocations.services.files.local import LocalFiles
from invocations.services.images.local import LocalImages
from invocations.services.images.store import content_name
from invocations.services.tensors.local import LocalTensors
from invocations.services.tensors.local import content_name as name_of_tensors


class Switch:
    """Returns False until it is turned on."""

    def __init__(self) -> None:
        self.is_on = False

    def __call__(self) -> bool:
        return self.is_on


@pytest.fixture
def switch() -> Switch:
    """Return the function with which a service checks whether the running node is cancelled."""
    return Switch()


@pytest.fixture
def service(tmp_path: Path, switch: Switch) -> LocalImages:
    """Return an image service whose work can be cancelled."""
    return LocalImages(tmp_path / "store", tmp_path / "out", cancelled=switch)


class Blocked:
    """A standard input that never has data; reading cancels the node."""

    def __init__(self, switch: Switch) -> None:
        self.switch, self.go_on = switch, threading.Event()

    def isatty(self) -> bool:
        return False

    def read(self, size: int) -> bytes:
        self.switch.is_on = True
        self.go_on.wait()
        return b""


def test_waiting_for_standard_input_ends_at_once(tmp_path: Path, switch: Switch) -> None:
    blocked: Any = Blocked(switch)
    service = LocalImages(tmp_path / "store", tmp_path / "out", cancelled=switch, stdin=lambda: blocked)
    with pytest.raises(Cancelled):
        service.load("-")
    blocked.go_on.set()


def test_waiting_for_a_server_that_never_answers_ends_at_once(service: LocalImages, switch: Switch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            taken.append(server.accept()[0])
            switch.is_on = True

        taken: list[socket.socket] = []
        waiting = threading.Thread(target=accept)
        waiting.start()
        with pytest.raises(Cancelled):
            service.load(f"http://127.0.0.1:{server.getsockname()[1]}/fox.png", allow_url=True)
        waiting.join()
        for each in taken:
            each.close()


USES: dict[str, Callable[[LocalImages, Any], object]] = {
    "an image is read from the store": lambda service, ref: service.get(ref),
    "an image is stored": lambda service, ref: service.put(Image.new("RGB", (8, 8), "blue")),
    "files are loaded": lambda service, ref: service.load("*.png"),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES.keys())
def test_a_node_that_handles_many_images_ends_between_two_of_them(
    use: Callable[[LocalImages, Any], object], service: LocalImages, switch: Switch, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (8, 8), "red").save("fox.png")
    ref = service.put(Image.new("RGB", (8, 8)))
    use(service, ref)
    switch.is_on = True
    with pytest.raises(Cancelled):
        use(service, ref)
    switch.is_on = False
    service.close()


@pytest.fixture
def ended_process() -> int:
    """Return the id of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def test_an_image_store_removes_what_a_killed_process_has_left(
    service: LocalImages, ended_process: int, tmp_path: Path
) -> None:
    image = Image.new("RGB", (8, 8))
    folder = tmp_path / "store" / content_name(image)[:2]
    folder.mkdir(parents=True)
    (folder / f".{ended_process}-ab.part").write_bytes(b"half")
    ref = service.put(image)
    service.close()
    assert [path.name for path in folder.iterdir()] == [f"{ref.name}.png"]


def test_a_tensor_store_removes_what_a_killed_process_has_left(ended_process: int, tmp_path: Path) -> None:
    import torch

    tensors = {"latents": torch.zeros(2)}
    folder = tmp_path / "store" / name_of_tensors(tensors)[:2]
    folder.mkdir(parents=True)
    (folder / f".{ended_process}-ab.part").write_bytes(b"half")
    name = LocalTensors(tmp_path / "store").put(tensors)
    assert [path.name for path in folder.iterdir()] == [f"{name}.safetensors"]


def test_waiting_for_the_lines_of_standard_input_ends_at_once(tmp_path: Path, switch: Switch) -> None:
    blocked: Any = Blocked(switch)
    with pytest.raises(Cancelled):
        LocalFiles(tmp_path, stdin=lambda: blocked, cancelled=switch).read("-")
    blocked.go_on.set()
