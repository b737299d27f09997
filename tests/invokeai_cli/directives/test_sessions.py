"""Listing, resuming, exporting, importing and removing sessions."""

from __future__ import annotations

import json
import sqlite3
import time
from pathlib import Path

import pytest
from PIL import Image

from invokeai_cli.directives.filters import since
from tests.damaged import damage
from tests.invokeai_cli.conftest import TypeLine
from tests.invokeai_cli.session_ids import session_ids


def test_sessions_are_listed_with_their_sizes(type_: TypeLine, session: str, isolated_home: Path) -> None:
    type_("add", "5", "6")
    new, old = type_("sessions", "--json").document["sessions"]
    assert (new["first_line"], old["id"]) == ("add 5 6", session)
    assert (old["lines"], old["failed"], old["nodes"], new["failed"]) == (3, 1, 6, 0)
    with sqlite3.connect(next(isolated_home.rglob("sessions.sqlite"))) as store:
        (length,) = store.execute("select sum(length(data)) from entries where session = ?", (session,)).fetchone()
    store.close()
    assert old["bytes"] == length
    head, _, second = type_("sessions").out.splitlines()
    assert head.split() == ["session", "changed", "lines", "nodes", "size", "first", "line"]
    assert second.split()[3:8] == ["3,", "1", "failed", "6", f"{length / 1000:.1f}"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("SUM",), 1),
        (("add",), 2),
        (("add", "sum"), 1),
        (("add", "range"), 0),
        (("--failed",), 1),
        (("--limit", "1"), 1),
        (("--since", "1h"), 2),
        (("--since=2d", "range"), 1),
        (("--since", "2999-01-01"), 0),
    ],
)
def test_sessions_can_be_filtered(type_: TypeLine, session: str, words: tuple[str, ...], found: int) -> None:
    type_("add", "5", "6")
    assert len(session_ids(type_, *words)) == found
    if not found:
        assert type_("sessions", *words).out == "no session matches; `sessions` lists all\n"


def test_a_time_can_be_given_as_an_age_or_a_date() -> None:
    assert (since("90s", 1000.0), since("2D", 1e6), since("1w", 1e6)) == (910.0, 1e6 - 172800, 1e6 - 604800)
    assert since("2026-11-23") == time.mktime((2026, 11, 23, 0, 0, 0, 0, 0, -1))
    assert since("2026-11-23 12:30") - since("2026-11-23") == 45000


def test_an_id_may_be_shortened_and_an_unknown_id_is_refused(type_: TypeLine, session: str) -> None:
    for name in (session, session[:-1], "latest"):
        assert type_("session", "show", name, "--json").document["id"] == session
    type_("add", "5", "6")
    other = session_ids(type_)[0]
    shared = session[:8]
    assert type_("session", "show", shared).err == (
        f"error: `{shared}` matches 2 sessions\n  ambiguous id; type more of it: {other}, {session}\n"
    )
    wrong = session[:-1] + ("0" if session[-1] != "0" else "1")
    result = type_("session", "show", wrong)
    assert result.err.startswith(f"error: there is no session `{wrong}`\n  did you mean `{session}`")
    assert (
        type_("session", "show", "nonsense").err == "error: there is no session `nonsense`\n  `sessions` lists them\n"
    )


def test_resuming_a_session_runs_its_unfinished_lines(type_: TypeLine, tmp_path: Path) -> None:
    damage(tmp_path / "cat.png")
    result = type_("-", "--keep-going", stdin="load cat.png | invert | save a.png\nadd 1 2\nload cat.png\n| flip\n")
    assert result.out == "3\n"
    Image.new("RGB", (64, 48)).save(tmp_path / "cat.png")
    session = session_ids(type_)[0]
    resumed = type_("session", "resume", session, "--json").document
    assert [each["paths"] for each in resumed["results"]] == [["a.png"], ["cat.png"], ["000001-cat.png"]]
    assert resumed["session"] == session
    assert [line["outcome"] for line in type_("session", "show", session, "--json").document["lines"]] == ["done"] * 4
    again = type_("session", "resume", session)
    assert (again.status, again.err) == (0, f"nothing is left to run in session {session}\n")


def test_a_node_that_fails_again_when_its_session_is_resumed_is_reported_again(type_: TypeLine, session: str) -> None:
    result = type_("session", "resume", session)
    assert (result.status, result.err) == (1, "error: div (2): division by zero\n")
    assert type_("sessions", "--failed", "--json").document["sessions"][0]["failed"] == 1


def test_a_session_that_is_resumed_at_the_prompt_becomes_the_current_session(type_: TypeLine, session: str) -> None:
    prompt = f"add 7 7\nsession resume {session}\n| length\nmul @sum 5\nadd @1 @-1\n"
    result = type_(stdin=prompt, terminal=True, TERM="dumb")
    assert [line for line in result.out.splitlines() if line.isdigit()] == ["14", "2", "15", "18"]
    assert f"resuming session {session}: 3 lines, last: range 1 3" in result.err
    assert "named stages: @sum\nunfinished lines: 1;" in result.err
    lines = type_("session", "show", session, "--json").document["lines"]
    assert [line["line"] for line in lines[3:]] == ["| length", "mul @sum 5", "add @1 @-1"]
    assert [line["number"] for line in lines] == [1, 2, 3, 4, 5, 6]


def test_a_stream_can_resume_a_session_but_a_script_cannot(type_: TypeLine, session: str, tmp_path: Path) -> None:
    assert type_("-", stdin="session resume\nmul @sum 5\n").out == "15\n"
    (tmp_path / "x.inv").write_text("session resume\nadd 1 2\n")
    result = type_("run", "x.inv")
    assert result.status == 2
    assert "a script has its own session" in result.err


def test_an_imported_session_is_exported_identically(type_: TypeLine, session: str, tmp_path: Path) -> None:
    result = type_("session", "export", session, "x.json")
    assert (result.status, result.out) == (0, "x.json\n")
    text = (tmp_path / "x.json").read_text()
    document = json.loads(text)
    assert document["schema"] == "session-export/1"
    assert document == json.loads(type_("session", "export", session).out)
    assert document == type_("session", "export", session, "--json").document
    assert type_("session", "rm", session, "--yes").status == 0
    assert type_("session", "import", "x.json").out == f"{session}\n"
    type_("session", "export", session, "y.json")
    assert (tmp_path / "y.json").read_text() == text
    same = type_("session", "import", "x.json")
    assert (same.status, same.out) == (0, f"{session}\n")
    assert same.err == f"session {session} already exists with the same content; nothing was imported\n"
    assert len(type_("sessions", "--json").document["sessions"]) == 1
    document["created"] -= 1
    again = type_("session", "import", "-", stdin=json.dumps(document))
    new = again.out.strip()
    assert new != session
    assert again.err.startswith(f"session {session} already exists; imported as session {new}\nunfinished lines: 1;")
    other = json.loads(type_("session", "export", new).out)
    assert other == document | {"id": new}
    assert type_("-", stdin=f"session resume {new}\nmul @sum 5\n").out == "15\n"


def test_nothing_is_overwritten_without_asking(type_: TypeLine, session: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("mine")
    result = type_("session", "export", session, "x.json")
    assert (result.status, result.err) == (
        2,
        "error: `x.json` already exists\n  choose another name or add --overwrite\n",
    )
    assert (tmp_path / "x.json").read_text() == "mine"
    assert type_("session", "export", session, "x.json", "--overwrite").status == 0
    assert json.loads((tmp_path / "x.json").read_text())["id"] == session
    result = type_("session", "export", session, "no/x.json")
    assert (result.status, result.err) == (1, "error: `no/x.json` cannot be written: there is no folder `no`\n")
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".new"] == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "error: `x.json` cannot be imported: it "),
        ("[" * 100_000, "error: `x.json` cannot be imported: it is nested deeper than 64 levels"),
        (
            "{}",
            "error: `x.json` cannot be imported: not an exported session\n  use a file from `session export ID FILE`\n",
        ),
        ('{"schema": "session-export/7"}', "error: `x.json` cannot be imported: this session was exported as "),
        ("SHORT", "error: `x.json` cannot be imported: it "),
        (
            "FOREIGN",
            "error: `x.json` cannot be imported: this session has nodes of unknown types: `foo`\n",
        ),
        ("DAMAGED", "error: `x.json` cannot be imported: this session is damaged: line 1 is missing\n"),
    ],
)
def test_an_invalid_import_is_refused_as_a_whole(
    type_: TypeLine, session: str, tmp_path: Path, text: str, message: str
) -> None:
    whole = type_("session", "export", session).out
    edits = {
        "SHORT": whole[:-20],
        "FOREIGN": whole.replace('"type": "div"', '"type": "foo"'),
        "DAMAGED": whole.replace('"number": 1,\n   "line"', '"number": 9,\n   "line"'),
    }
    (tmp_path / "x.json").write_text(edits.get(text, text))
    result = type_("session", "import", "x.json")
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith(message)
    assert session_ids(type_) == [session]
    missing = type_("session", "import", "nowhere.json")
    assert missing.err.startswith("error: `nowhere.json` cannot be read: No such file")


def test_sessions_are_removed_after_confirmation(type_: TypeLine, session: str) -> None:
    refused = type_("session", "rm", session)
    assert (refused.status, refused.err) == (
        2, "error: cannot ask for confirmation without a terminal\n  `--yes` removes sessions without asking\n",
    )  # fmt: skip
    asked = type_("session", "rm", session, stdin="n\n", terminal=True)
    assert "remove 1 session, 3 lines, 6 nodes, " in asked.err
    assert asked.out == "nothing removed\n"
    assert session_ids(type_) == [session]
    agreed = type_("session", "rm", session, stdin="y\n", terminal=True)
    assert agreed.out.startswith("removed 1 session, 3 lines, 6 nodes, ")
    assert session_ids(type_) == []
    assert type_("history").out == "nothing has been run yet\n"


def test_several_sessions_are_removed_together_or_not_at_all(type_: TypeLine, session: str) -> None:
    for number in range(3):
        type_("add", "1", str(number))
    others = [each for each in session_ids(type_) if each != session]
    result = type_("session", "rm", *others[:2], "nonsense", "--yes")
    assert result.status == 2
    assert len(session_ids(type_)) == 4
    removed = type_("session", "rm", *others, others[0], "--yes", "--json").document
    assert (removed["removed"], removed["lines"], removed["nodes"]) == (others, 3, 3)
    assert session_ids(type_) == [session]


def test_the_current_session_is_not_removed(type_: TypeLine, session: str) -> None:
    result = type_("-", "--keep-going", stdin="session resume\nsession rm latest --yes\nmul @sum 5\n")
    assert f"`{session}` is the current session" in result.err
    assert result.out == "15\n"


def test_without_an_answer_nothing_is_removed(type_: TypeLine, session: str) -> None:
    assert type_("session", "rm", session, stdin="", terminal=True).out == "nothing removed\n"
