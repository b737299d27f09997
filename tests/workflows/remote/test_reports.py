"""What a server says about a step is read with the ids of this session, and never names a file of this machine."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from invocations.running.workers.reports import StepFailed, StepFinished
from invocations.running.workers.task import TaskStep, WorkerTask
from invocations.services.errors import ServiceError
from invocations.values import ImageRef, LatentsRef, ModelRef
from workflows.remote.address import read_address
from workflows.remote.connection import ServerConnection
from workflows.remote.images import TravelingImages
from workflows.remote.reports import ServerEvents

NAME = "a" * 64
EVENT = {"session_id": "there", "node_id": "blur-1", "node_type": "blur", "path": [], "time": 1.0, "number": 3}
FINISHED = {**EVENT, "event": "node_finished", "seconds": 1.0, "reused": False, "facts": {}}
IMAGE = ImageRef(NAME, 8, 8, "/home/me/in.png")


@pytest.fixture
def events(tmp_path: Path) -> ServerEvents:
    """Return a reader of events; the image with the name of the tests is here already."""
    file = tmp_path / "image.png"
    file.write_bytes(b"")
    connection = ServerConnection(read_address("127.0.0.1:1"), timeout_s=0.01)
    return ServerEvents(TravelingImages(connection, lambda ref: file, lambda name: file))


def reports(events: ServerEvents, data: dict[str, Any], **inputs: Any) -> list[Any]:
    step = TaskStep("1.blur", "blur", "1.0.0", (2,), inputs)
    return [*events.reports(data, WorkerTask(7, 1, "here", (step,)), 0)]


def test_paths_in_references_are_ignored(events: ServerEvents) -> None:
    outputs = {
        "image": {"kind": "image", "name": NAME, "width": 8, "height": 8, "path": "/etc/passwd"},
        "model": {"kind": "model", "name": "x", "model": "m", "path": "/etc", "parts": [["vae", "y", "/etc"]]},
        "path": "a string",
    }
    (found,) = reports(events, {**FINISHED, "outputs": outputs})
    assert isinstance(found, StepFinished)
    assert found.result.outputs == {
        "image": ImageRef(NAME, 8, 8), "model": ModelRef("x", "m"), "path": "a string"
    }  # fmt: skip


def test_an_image_that_is_passed_on_keeps_its_file_here(events: ServerEvents) -> None:
    outputs = {"image": {"kind": "image", "name": NAME, "width": 8, "height": 8}}
    (found,) = reports(events, {**FINISHED, "outputs": outputs}, image=IMAGE)
    assert found.result.outputs == {"image": IMAGE}


def test_large_seeds_are_integers_again(events: ServerEvents) -> None:
    seed = "18446744073709551615"
    outputs = {"noise": {"kind": "latents", "name": "n", "width": 8, "height": 8, "seed": seed}}
    (found,) = reports(events, {**FINISHED, "outputs": outputs, "facts": {"seed": seed, "prompt": seed}})
    assert found.result.outputs == {"noise": LatentsRef("n", 8, 8, int(seed))}
    assert found.result.facts == {"seed": int(seed), "prompt": seed}


def test_a_failure_has_the_inputs_that_the_step_has_here(events: ServerEvents) -> None:
    error = {"type": "BadValue", "message": "no", "code": "bad_value", "hint": "do"}
    (found,) = reports(events, {**EVENT, "event": "node_failed", "seconds": 1.0, "error": error}, image=IMAGE)
    assert isinstance(found, StepFailed)
    assert (found.error.message, found.error.hint, found.error.inputs) == ("no", "do", {"image": IMAGE})


@pytest.mark.parametrize(
    "change",
    [{"outputs": {"image": {"kind": "image", "name": 3}}}, {}, {"outputs": 3}],
    ids=["reference", "no-outputs", "outputs"],
)
def test_a_result_that_cannot_be_read_is_reported(events: ServerEvents, change: dict[str, Any]) -> None:
    data = {**FINISHED, **change}
    with pytest.raises(ServiceError) as caught:
        reports(events, data)
    assert caught.value.message == "what the server says about `blur` cannot be read"


def test_fields_of_later_versions_are_ignored(events: ServerEvents) -> None:
    outputs = {"image": {"kind": "image", "name": NAME, "width": 8, "height": 8, "depth": 16}}
    (found,) = reports(events, {**FINISHED, "outputs": outputs, "news": 1})
    assert found.result.outputs == {"image": ImageRef(NAME, 8, 8)}
    error = {"type": "BadValue", "message": "no", "severity": 3}
    (failed,) = reports(events, {**EVENT, "event": "node_failed", "seconds": 1.0, "error": error})
    assert failed.error.message == "no"


def test_an_unknown_event_is_ignored(events: ServerEvents) -> None:
    assert reports(events, {**EVENT, "event": "node_sang"}) == []
    assert reports(events, {**EVENT, "event": "node_progress", "step": 1}) == []


def test_an_image_that_cannot_be_brought_back_is_reported(events: ServerEvents, tmp_path: Path) -> None:
    (tmp_path / "image.png").unlink()
    outputs = {"image": {"kind": "image", "name": NAME, "width": 8, "height": 8}}
    begun = time.monotonic()
    with pytest.raises(ServiceError, match="cannot be reached"):
        reports(events, {**FINISHED, "outputs": outputs})
    assert time.monotonic() - begun < 20
