"""JSON records, which processes exchange through a pipe."""

from __future__ import annotations

import json

import pytest

from invocations.events import NodeFinished
from workflows.record import PipedRecord, ended_of, read_record, record_of

EVENT = NodeFinished("s1", "2", "blur", (0, 3), 1.5, {"value": 7}, 0.5, False, {})
RECORD = {"store": "here", "session": "s1", "node": "2", "output": "value", "path": [0, 3]}


def test_a_written_record_is_read_back() -> None:
    written = json.loads(json.dumps(record_of(EVENT, "value", store="here", paths=["a.png"])))
    assert (written["schema"], written["type"], written["values"], written["paths"]) == (
        "piped/1", "blur", {"value": 7}, ["a.png"],
    )  # fmt: skip
    assert read_record(written) == PipedRecord("here", "s1", "2", (0, 3), "value")


def test_a_result_without_files_has_no_paths() -> None:
    assert "paths" not in record_of(EVENT, "value", store="here", paths=[])


def test_the_status_of_a_failed_process_is_read_as_a_number() -> None:
    assert read_record(ended_of(3)) == 3


@pytest.mark.parametrize("name", ["store", "session", "node", "output"])
@pytest.mark.parametrize("value", [None, "", 3])
def test_an_incomplete_record_is_refused(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"`{name}`"):
        read_record({**RECORD, name: value})


@pytest.mark.parametrize("path", ["0", [0, "1"], {"0": 1}])
def test_an_iteration_path_with_values_other_than_numbers_is_refused(path: object) -> None:
    with pytest.raises(ValueError, match="`path`"):
        read_record({**RECORD, "path": path})
