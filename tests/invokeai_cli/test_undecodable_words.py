"""Searching the session store for a word that is not valid UTF-8 finds nothing and causes no traceback."""

from __future__ import annotations

import json

import pytest

from tests.invokeai_cli.conftest import TypeLine

ODD = "\udcff"  # as Python represents the byte 0xff


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("sessions", ODD), "no session matches; `sessions` lists all\n"),
        (("history", "--search", ODD), "no line matches\n"),
    ],
)
def test_searching_for_a_word_that_is_not_utf_8_finds_nothing(
    type_: TypeLine, words: tuple[str, ...], found: str
) -> None:
    type_("add", "1", "2")
    result = type_(*words)
    assert (result.status, result.out, result.err) == (0, found, "")


@pytest.mark.parametrize("words", ["history --session", "session show", "session export", "retry", "stats"])
def test_a_session_whose_name_is_not_utf_8_does_not_exist(type_: TypeLine, words: str) -> None:
    type_("add", "1", "2")
    result = type_(*words.split(), ODD)
    assert (result.status, result.out) == (2, "")
    assert result.err == "error: there is no session `\\xff`\n  `sessions` lists them\n"


def test_a_session_whose_id_has_a_surrogate_is_not_imported(type_: TypeLine) -> None:
    type_("add", "1", "2")
    document = json.loads(type_("session", "export", "latest").out) | {"id": "\ud800"}
    result = type_("session", "import", "-", stdin=json.dumps(document))
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith("error: `-` cannot be imported: ")
