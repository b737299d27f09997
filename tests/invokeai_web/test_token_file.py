"""The token is made once, and only its user can read it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from invokeai_web.token_file import INSTEAD, MAKE_ONE, find_token
from workflows.problems import ApplicationError

LONG = "x" * 20


def refusal(variables: dict[str, str], path: Path | str) -> tuple[str, str, str | None]:
    with pytest.raises(ApplicationError) as found:
        find_token(variables, str(path))
    return found.value.code, found.value.message, found.value.hint


def test_the_first_start_makes_a_token_of_256_bits_that_later_starts_read(tmp_path: Path) -> None:
    path = tmp_path / "config" / "token"
    token = find_token({}, str(path))
    assert (len(token), path.read_text(), find_token({}, str(path))) == (43, token + "\n", token)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert find_token({}, str(tmp_path / "other")) != token


def test_the_variable_overrides_the_file_and_creates_none(tmp_path: Path) -> None:
    assert find_token({"INVOKEAI_TOKEN": LONG}, str(tmp_path / "token")) == LONG
    assert list(tmp_path.iterdir()) == []


def test_a_token_that_is_short_or_cannot_be_sent_is_refused(tmp_path: Path) -> None:
    assert refusal({"INVOKEAI_TOKEN": "secret"}, tmp_path / "token") == (
        "config_error", "the variable INVOKEAI_TOKEN: a token has at least 20 characters, and this one has 6", MAKE_ONE,
    )  # fmt: skip
    assert refusal({"INVOKEAI_TOKEN": "two words" * 3}, tmp_path / "token")[1] == (
        "the variable INVOKEAI_TOKEN: a token has only letters, digits and punctuation, no spaces"
    )
    (tmp_path / "token").touch(0o600)
    assert refusal({}, tmp_path / "token")[1].startswith(f"the token file `{tmp_path / 'token'}`: a token has only")


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text(LONG)
    path.chmod(0o640)
    assert refusal({}, path) == (
        "config_error", f"other users can read the token file `{path}`", f"chmod 600 '{path}'",
    )  # fmt: skip


def test_a_file_that_cannot_be_read_or_created_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    (tmp_path / "bytes").chmod(0o600)
    assert refusal({}, tmp_path / "folder") == (
        "file_error", f"the token file `{tmp_path / 'folder'}` cannot be read: Is a directory", INSTEAD,
    )  # fmt: skip
    assert refusal({}, tmp_path / "bytes")[1].endswith("cannot be read: it is not a text file")
    assert refusal({}, tmp_path / "bytes" / "token")[1].endswith("cannot be created: File exists")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full on this system")
def test_a_full_disk_leaves_no_empty_token_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open
    monkeypatch.setattr(os, "open", lambda path, *how: (os.close(real(path, *how)), real("/dev/full", os.O_WRONLY))[1])
    assert refusal({}, tmp_path / "token")[1].endswith("cannot be written: No space left on device")
    assert list(tmp_path.iterdir()) == []
