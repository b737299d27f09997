"""An imported session is untrusted: its real nodes are shown, and it runs only after confirmation."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.invokeai_cli.conftest import TypeLine
from tests.invokeai_cli.session_ids import session_ids

VICTIM = "victim.png"


@pytest.fixture
def evil(type_: TypeLine, tmp_path: Path) -> Callable[..., str]:
    """Import a session whose line disagrees with its nodes, and whose failed `save` would replace a file."""

    def make(line: str = "add 1 2", typed: str = f"load a.png | blur 2 | save {VICTIM} --overwrite") -> str:
        Image.new("RGB", (8, 8), "red").save(tmp_path / "a.png")
        (tmp_path / VICTIM).write_text("mine")
        assert type_(*typed.split(" "), folder=tmp_path).status == 0
        (tmp_path / VICTIM).write_text("mine")
        source = session_ids(type_)[0]
        document: dict[str, Any] = json.loads(type_("session", "export", source).out)
        assert type_("session", "rm", source, "--yes").status == 0
        save = document["results"].pop()
        error = {"type": "E", "message": "m", "code": "c", "hint": "", "inputs": None, "trace": ""}
        document["errors"] = [{key: save[key] for key in ("node", "path", "time", "seconds")} | {"error": error}]
        document["created"] = document["lines"][0]["started"] = 4e9
        document["lines"][0].update(line=line, outcome="failed")
        (tmp_path / "evil.json").write_text(json.dumps(document))
        result = type_("session", "import", "evil.json")
        assert result.status == 0
        return result.out.strip()

    return make


def test_retry_and_latest_never_refer_to_an_imported_session(
    type_: TypeLine, evil: Callable[..., str], tmp_path: Path
) -> None:
    session = evil()
    assert type_("retry").err == "error: all sessions were imported\n  name one of them; `sessions` lists them\n"
    type_("add", "1", "2")
    own = session_ids(type_)[0]
    assert own != session
    assert type_("retry").err.startswith(f"error: nothing has failed in session {own}")
    for words in (("session", "show"), ("session", "show", "latest"), ("session", "export", "latest")):
        assert type_(*words, "--json").document["id"] == own
    for words in (
        ("stats",),
        ("graph",),
        ("history", "--save", "x.inv"),
        ("session", "resume"),
        ("session", "resume", "latest"),
    ):
        result = type_(*words)
        assert (result.status, session in result.out + result.err) == (0, False)
    assert session not in (tmp_path / "x.inv").read_text()
    assert type_("retry", session).err == (
        f"error: session `{session}` was imported, and `retry` runs only your own sessions\n"
        f"  `session resume {session}` runs it\n"
    )
    assert (tmp_path / VICTIM).read_text() == "mine"


def test_times_in_the_future_are_set_to_the_time_of_the_import(type_: TypeLine, evil: Callable[..., str]) -> None:
    session = evil()
    document = type_("session", "export", session, "--json").document
    assert document["created"] <= time.time()
    assert all(line["started"] <= time.time() for line in document["lines"])
    (info,) = type_("sessions", "--json").document["sessions"]
    assert (info["imported"], info["changed"] <= time.time()) == (True, True)


def test_a_stored_line_that_disagrees_with_its_nodes_is_replaced_by_a_line_derived_from_the_nodes(
    type_: TypeLine, evil: Callable[..., str]
) -> None:
    session = evil()
    honest = f"load a.png | blur 2 | save {VICTIM} --overwrite"
    assert type_("history", "--session", session, "--json").document["lines"][0]["line"] == honest
    assert honest in type_("sessions").out
    assert "add 1 2" not in type_("session", "show", session).out
    assert type_("session", "rm", session, "--yes").status == 0
    assert type_("session", "import", "evil.json").err == (
        f"unfinished lines: 1; `session resume {session}` runs them\n"
        f"lines that do not match their nodes: 1; `history --session {session}` shows what the nodes do\n"
    )


@pytest.mark.parametrize(
    "line", [f"load a.png | blur 2 | save {VICTIM}", "load a.png | blur 2.5", "load a.png |", "'", ""]
)
def test_a_stored_line_that_hides_an_overwrite_or_cannot_be_read_is_replaced_by_a_line_rebuilt_from_the_graph(
    type_: TypeLine, evil: Callable[..., str], line: str
) -> None:
    session = evil(line)
    assert f"save {VICTIM} --overwrite" in type_("session", "show", session).out


def test_a_stored_line_that_matches_its_nodes_is_kept_as_typed(type_: TypeLine, tmp_path: Path) -> None:
    type_("-", stdin="add 1 2 as x\nrange 1 3 | iterate | mul 2 | collect\nadd @x 2\n| mul 3\n")
    session = session_ids(type_)[0]
    before = type_("session", "export", session, "--json").document
    (tmp_path / "x.json").write_text(json.dumps(before))
    type_("session", "rm", session, "--yes")
    imported = type_("session", "import", "x.json", "--json")
    assert (imported.document["changed"], imported.err) == ([], "")
    assert type_("session", "export", session, "--json").document == before


def test_a_session_that_could_do_harm_is_resumed_only_after_confirmation(
    type_: TypeLine, evil: Callable[..., str], tmp_path: Path
) -> None:
    session = evil()
    refused = type_("session", "resume", session)
    assert (refused.status, refused.out) == (1, "")
    assert refused.err == (
        f"error: session `{session}` was imported; it could replace `{VICTIM}`\n"
        "  `graph` shows its nodes; `session resume --yes` resumes it\n"
    )
    asked = type_("session", "resume", session, stdin="n\n", terminal=True)
    assert f"it could replace `{VICTIM}`; resume it? [y/N]" in asked.err
    assert (tmp_path / VICTIM).read_text() == "mine"
    assert type_("session", "resume", session, "--yes").out == f"{VICTIM}\n"
    assert (tmp_path / VICTIM).read_bytes()[:4] == b"\x89PNG"


@pytest.mark.parametrize(
    ("target", "phrase"),
    [
        ("save ../out.png", "write `../out.png`"),
        ("save {above}/nowhere/out.png", "write `{above}/nowhere/out.png`"),
        ("save ~/out.png", "write `~/out.png`"),
        (f"save {VICTIM} --overwrite", f"replace `{VICTIM}`"),
        ("save inside.png", ""),
        ("save", ""),
    ],
)
def test_resuming_asks_for_confirmation_unless_the_session_only_saves_new_files_inside_the_output_folder(
    type_: TypeLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, phrase: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    target, phrase = (text.replace("{above}", str(tmp_path)) for text in (target, phrase))
    inner = tmp_path / "inner"
    inner.mkdir()
    Image.new("RGB", (8, 8)).save(inner / "a.png")
    type_("-", "--keep-going", stdin=f"div 1 0\nload a.png | blur 2 | {target}\n", folder=inner)
    source = session_ids(type_)[0]
    (inner / "x.json").write_text(type_("session", "export", source).out)
    type_("session", "rm", source, "--yes")  # a session that is already stored cannot be imported
    session = type_("session", "import", "x.json", folder=inner).out.strip()
    result = type_("session", "resume", session, folder=inner)
    assert result.err.startswith(
        f"error: session `{session}` was imported; it could {phrase}\n"
        if phrase
        else "error: div (1): division by zero"
    )


def test_on_standard_input_a_session_that_could_do_harm_is_resumed_only_with_the_yes_option(
    type_: TypeLine, evil: Callable[..., str], tmp_path: Path
) -> None:
    session = evil()
    result = type_("-", "--keep-going", stdin=f"session resume {session}\n| blur 3\nretry\n")
    assert f"session `{session}` was imported; it could replace `{VICTIM}`" in result.err
    assert "nothing to continue" in result.err
    assert (tmp_path / VICTIM).read_text() == "mine"
    result = type_("-", stdin=f"session resume {session} --yes\nretry\n")
    assert (result.status, (tmp_path / VICTIM).read_bytes()[:4]) == (0, b"\x89PNG")
