"""Entity tags of sessions."""

from __future__ import annotations

import pytest
from fastapi import Request

from invokeai_web.problem_details import ApiProblem
from invokeai_web.server import Server
from invokeai_web.session_tags import check_match, tag_of


def request(name: str, value: str) -> Request:
    return Request({"type": "http", "headers": [(name.encode(), value.encode())]})


def test_the_tag_of_a_session_changes_with_each_line(server: Server) -> None:
    session = server.invoker.create()
    before = tag_of(session)
    with server.workspace_of(session.id) as workspace:
        workspace.run("add 1 2")
    assert (before, tag_of(server.invoker.open(session.id)) != before) == ('"0"', True)


@pytest.mark.parametrize("header", ['"3"', '"1", "3"', "*"])
def test_a_client_that_knows_the_version_may_add_to_it(header: str) -> None:
    check_match(request("if-match", header), '"3"')


@pytest.mark.parametrize("header", ['W/"3"', '"33"', "3", ""], ids=["weak", "another", "without quotes", "empty"])
def test_a_client_that_knows_another_version_is_refused(header: str) -> None:
    with pytest.raises(ApiProblem) as found:
        check_match(request("if-match", header), '"3"')
    assert (found.value.status, found.value.code, found.value.message, found.value.hint) == (
        412, "session_changed", "the session has changed: another client has added to it",
        "read the session again, and send the request with its new ETag",
    )  # fmt: skip


def test_without_the_header_any_client_may_add() -> None:
    check_match(request("x", "y"), '"3"')
