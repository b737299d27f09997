"""If the latest session has nothing left, `retry` and `session resume latest` name the newest session that has."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.damaged import damage
from tests.invokeai_cli.conftest import TypeLine
from tests.invokeai_cli.session_ids import session_ids


def draw(path: Path) -> None:
    Image.linear_gradient("L").resize((8, 8)).convert("RGB").save(path)


@pytest.fixture
def failed(type_: TypeLine, tmp_path: Path) -> str:
    """Return the id of a session in which one image of a sweep failed; two lines are run after it."""
    draw(tmp_path / "a.png")
    damage(tmp_path / "b.png")
    assert type_("load a.png b.png | blur 1,2 | grid | save sheet.png").status == 3
    id_ = session_ids(type_)[0]
    type_("add 1 2")
    type_("add 3 4")
    return id_


@pytest.fixture
def stopped(type_: TypeLine, tmp_path: Path) -> str:
    """Return the id of a session that stopped after the first of four images; one line is run after it."""
    draw(tmp_path / "p.png")
    (tmp_path / "s.inv").write_text("load p.png | blur 1..4:1 | save r-{axis.radius}.png\n")
    assert type_("run", "s.inv", "--max-images", "1").status == 3
    id_ = session_ids(type_)[0]
    type_("add 1 2")
    return id_


def test_retry_names_the_newest_session_with_failures(type_: TypeLine, failed: str, tmp_path: Path) -> None:
    latest = session_ids(type_)[0]
    result = type_("retry")
    assert result.status == 2
    assert result.err == (
        f"error: nothing has failed in session {latest}\n"
        f"  session {failed} has failures; `retry {failed}` runs what failed again\n"
    )
    draw(tmp_path / "b.png")
    assert (type_("retry", failed).status, type_("retry", failed).status) == (0, 2)
    assert type_("retry").err.endswith("`sessions --failed` lists sessions with failures\n")


@pytest.mark.parametrize("words", [("session", "resume", "latest"), ("session", "resume")])
def test_resuming_the_latest_session_names_the_newest_that_was_interrupted(
    type_: TypeLine, stopped: str, tmp_path: Path, words: tuple[str, ...]
) -> None:
    latest = session_ids(type_)[0]
    result = type_(*words)
    assert result.status == 2
    assert result.err == (
        f"error: nothing is left to run in session {latest}\n"
        f"  session {stopped} was interrupted; `session resume {stopped}` resumes it\n"
    )
    assert type_("session", "resume", stopped).status == 0
    assert len([*tmp_path.glob("r-*.png")]) == 4


def test_retry_names_an_interrupted_session_if_none_has_failures(type_: TypeLine, stopped: str) -> None:
    hint = f"session {stopped} was interrupted; `session resume {stopped}` resumes it"
    assert type_("retry").err.splitlines()[1].strip() == hint


def test_a_named_session_without_anything_left_is_not_an_error(type_: TypeLine, stopped: str) -> None:
    latest = session_ids(type_)[0]
    result = type_("session", "resume", latest)
    assert (result.status, result.err) == (0, f"nothing is left to run in session {latest}\n")


def test_a_failure_in_another_session_does_not_concern_session_resume(type_: TypeLine, failed: str) -> None:
    latest = session_ids(type_)[0]
    result = type_("session", "resume", "latest")
    assert (result.status, result.err) == (0, f"nothing is left to run in session {latest}\n")
