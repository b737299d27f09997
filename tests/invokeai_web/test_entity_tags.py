"""Entity tags of sessions."""

from __future__ import annotations

import pytest
from fastapi import Request

from invokeai_web.entity_tags import check_match, not_modified, tag_of
from invokeai_web.problem_details import ApiProblem
from invokeai_web.server import Server


def request(name: str, value: str) -> Request:
    return Request({"type": "http", "headers": [(name.encode(), value.encode())]})


def test_the_tag_of_a_session_changes_with_each_line(server: Server) -> None:
    session = server.invoker.create()
    before = tag_of(session)
    with server.workspace_of(session.id) as workspace:
        workspace.run("add 1 2")
    assert (before, tag_of(server.invoker.open(session.id)) != before) == ('"0"', True)


MATCHES = {
    '"3"': (True, True),
    'W/"3"': (True, False),
    '"1", "3"': (True, True),
    "*": (True, True),
    '"33"': (False, False),
    "3": (False, False),
    "": (False, False),
}


@pytest.mark.parametrize(("header", "expected"), MATCHES.items(), ids=MATCHES.keys())
def test_a_version_is_compared_weakly_for_reading_and_strongly_for_adding(
    header: str, expected: tuple[bool, bool]
) -> None:
    is_known, may_add = expected
    answer = not_modified(request("if-none-match", header), '"3"')
    assert (answer is not None) is is_known
    assert answer is None or (answer.status_code, answer.headers["etag"], answer.body) == (304, '"3"', b"")
    if may_add:
        check_match(request("if-match", header), '"3"')
    else:
        with pytest.raises(ApiProblem) as found:
            check_match(request("if-match", header), '"3"')
        assert (found.value.status, found.value.code, found.value.message, found.value.hint) == (
            412, "session_changed", "the session has changed: another client has added to it",
            "read the session again, and send the request with its new ETag",
        )  # fmt: skip


def test_without_a_header_everything_is_sent_and_added() -> None:
    assert not_modified(request("x", "y"), '"3"') is None
    check_match(request("x", "y"), '"3"')
