"""Log entries and sessions as JSON data: nothing is lost, and malformed data is refused."""

from __future__ import annotations

import pytest

from invocations import errors
from invocations.sessions.session import Session
from invocations.storing.entries import entry_from_json, entry_to_json, session_from_json
from tests.invocations.storing.logs import ENTRIES


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: type(entry).__name__)
def test_every_log_entry_is_unchanged_after_a_json_round_trip(entry):
    assert entry_from_json(entry_to_json(entry), "s") == entry


def test_malformed_session_data_raises_a_session_damaged_error(specs):
    for data in ({}, {"id": "s", "created": 1.0}, {"id": "s", "created": 1.0, "log": [{"entry": "x"}]}):
        with pytest.raises(errors.SessionDamaged):
            session_from_json(data, specs)
    assert isinstance(session_from_json({"id": "s", "created": 1.0, "log": []}, specs), Session)
