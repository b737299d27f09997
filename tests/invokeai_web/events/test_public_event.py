"""Events as clients receive them: no paths, no tracebacks, exact numbers."""

from __future__ import annotations

import json
from typing import Any

from invocations.events import Event, LogMessage, NodeError, NodeFailed, NodeFinished, NodeSkipped
from invocations.values import ConditioningRef, ImageRef, LatentsRef, ModelRef
from invokeai_web.events.base import Numbered
from invokeai_web.events.public_event import public_event, public_value
from tests.invokeai_web.events.material import ended, progress, said, started

WHERE = ("s1", "blur_1", "blur", (0, 2), 1.5)


def data_of(event: Event) -> Any:
    return json.loads(public_event(event, lambda text: text.replace("/home/ann", "<home>")).text)


def test_an_event_has_its_name_its_fields_and_the_iteration_of_its_node() -> None:
    assert data_of(NodeSkipped(*WHERE, reason="not chosen")) == {
        "event": "node_skipped",
        "session_id": "s1",
        "node_id": "blur_1",
        "node_type": "blur",
        "path": [0, 2],
        "time": 1.5,
        "reason": "not chosen",
    }


def test_references_have_no_paths() -> None:
    parts = (("vae", "f" * 64, "/home/ann/vae.safetensors"),)
    outputs = {
        "image": ImageRef("a" * 64, 64, 32, "/home/ann/fox.png"),
        "models": [ModelRef("m", "sd", "/home/ann/sd.safetensors", parts)],
        "deep": {"latents": LatentsRef("l", 8, 8, seed=2**64 - 1)},
    }
    event = NodeFinished(*WHERE, outputs=outputs, seconds=1.0, reused=False, facts={"seed": 2**64 - 1})
    found = data_of(event)
    assert found["outputs"] == {
        "image": {"kind": "image", "name": "a" * 64, "width": 64, "height": 32},
        "models": [{"kind": "model", "name": "m", "model": "sd"}],
        "deep": {"latents": {"kind": "latents", "name": "l", "width": 8, "height": 8, "seed": "18446744073709551615"}},
    }
    assert "/home" not in json.dumps(found)


def test_integers_that_javascript_would_round_are_strings_and_others_stay_numbers() -> None:
    assert public_value([2**53 - 1, 2**53, -(2**53), True, 0.5]) == [2**53 - 1, str(2**53), str(-(2**53)), True, 0.5]


def test_numbers_that_json_does_not_know_are_strings() -> None:
    assert public_value([float("nan"), float("inf"), float("-inf")]) == ["nan", "inf", "-inf"]


def test_a_failure_has_neither_traceback_nor_inputs_and_no_folder_of_this_machine() -> None:
    error = NodeError(
        "OSError", "cannot write /home/ann/x.png", "system_error", "see /home/ann", {"path": "/home/ann/y"}, "File ..."
    )
    assert data_of(NodeFailed(*WHERE, error=error, seconds=0.1))["error"] == {
        "type": "OSError",
        "message": "cannot write <home>/x.png",
        "code": "system_error",
        "hint": "see <home>",
    }


def test_messages_do_not_name_folders_of_this_machine() -> None:
    assert data_of(LogMessage(*WHERE, message="wrote /home/ann/a.png"))["message"] == "wrote <home>/a.png"


def test_a_preview_is_not_part_of_the_event() -> None:
    assert "preview" not in data_of(progress(3, preview=object()))


def test_text_is_ascii_whatever_a_prompt_contains() -> None:
    ref = ConditioningRef("c", prompt="füchse \ud800 🦊")
    text = public_event(NodeFinished(*WHERE, outputs={"c": ref}, seconds=0, reused=True, facts={})).text
    assert text.isascii()
    assert json.loads(text)["outputs"]["c"]["prompt"] == "füchse \ud800 🦊"


def test_only_progress_can_be_replaced_and_only_ends_end_a_run() -> None:
    assert [public_event(each).progress_of for each in (started(), progress(1))] == [None, ("blur_1", ())]
    assert [public_event(each).ends for each in (said("x"), ended())] == [False, True]


def test_what_the_journal_keeps_is_marked() -> None:
    assert [public_event(each).is_kept for each in (started(), progress(1), said("x"), ended())] == [False] * 3 + [True]


def test_a_numbered_event_begins_with_its_number() -> None:
    event = public_event(said("hello"))
    assert json.loads(Numbered(7, event).text) == {"number": 7, **json.loads(event.text)}
