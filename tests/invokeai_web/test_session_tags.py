"""Entity tags of sessions."""

from __future__ import annotations

import pytest

from invocations.sessions.session import Session
from invokeai_web.problem_details import ApiProblem
from invokeai_web.server import Server
from invokeai_web.session_tags import check_match, tag_of


@pytest.fixture
def session(server: Server) -> Session:
    """Return a session with a line that has run, and one that has not; the tag between them is "3"."""
    made = server.invoker.create()
    with server.workspace_of(made.id) as workspace:
        workspace.run("add 1 2")
        assert tag_of(made) == '"3"'
        workspace.add(workspace.plan("add 3 4"))
    return made


def test_the_tag_of_a_session_changes_with_each_entry(server: Server, session: Session) -> None:
    assert (tag_of(server.invoker.create()), tag_of(session)) == ('"0"', '"4"')


@pytest.mark.parametrize("header", ['"4"', '"1", "4"', "*"])
def test_a_client_that_knows_the_version_may_add_to_it(session: Session, header: str) -> None:
    check_match(session, header)


def test_results_are_no_change(server: Server) -> None:
    made = server.invoker.create()
    with server.workspace_of(made.id) as workspace:
        workspace.run("add 1 2")
    check_match(made, '"1"')
    with pytest.raises(ApiProblem):
        check_match(made, '"0"')


@pytest.mark.parametrize(
    "header", ['W/"4"', '"44"', '"3"', "4", "", '"x"', '"-1"', '"' + "9" * 400 + '"'],
    ids=["weak", "later", "earlier", "without quotes", "empty", "letter", "negative", "huge"],
)  # fmt: skip
def test_a_client_that_knows_another_version_is_refused(session: Session, header: str) -> None:
    with pytest.raises(ApiProblem) as found:
        check_match(session, header)
    assert (found.value.status, found.value.code, found.value.message, found.value.hint) == (
        412, "session_changed", "the session has changed: another client has added to it",
        "read the session again, and send the request with its new ETag",
    )  # fmt: skip
    assert found.value.headers == {"ETag": '"4"'}


def test_without_the_header_any_client_may_add(session: Session) -> None:
    check_match(session, None)
