"""`engine start` refuses a device that this machine lacks, and `engine log` says so if the log is empty."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.invokeai_cli.conftest import TypeLine

EMPTY = "the log is empty: the engine has reported no errors since it was started last\n"


def test_an_empty_log_is_called_empty(type_: TypeLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    result = type_("engine", "log")
    assert (result.status, result.out, result.err) == (0, "", EMPTY)
    found = type_("engine", "log", "--json").document
    assert (found["log"], found["notes"]) == ("", [EMPTY.rstrip()])
    os.makedirs(os.path.dirname(found["path"]), mode=0o700, exist_ok=True)
    Path(found["path"]).write_text("Fatal Python error: Aborted\n")
    result = type_("engine", "log")
    assert (result.status, result.out, result.err) == (0, "Fatal Python error: Aborted\n", "")


@pytest.mark.parametrize(
    ("option", "value", "error"),
    [
        ("--device", "cuda:99", "error: the setting `device` (--device): `cuda:99` cannot be used: "),
        ("--dtype", "float16", "error: the setting `dtype` (--dtype): `float16` cannot be used: on a CPU"),
    ],
)
def test_an_engine_is_not_started_with_a_device_or_a_precision_that_this_machine_lacks(
    type_: TypeLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str, value: str, error: str
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    device = () if option == "--device" else ("--device", "cpu")
    result = type_("engine", "start", option, value, *device)
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith(error)
    assert list(tmp_path.rglob("*.sock")) == []


def test_if_its_folder_cannot_be_used_the_error_says_which_folder_to_choose(
    type_: TypeLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / ("x" * 100)
    folder.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    for word in ("start", "status", "stop"):
        result = type_("engine", word)
        message, hint = result.err.splitlines()
        assert (result.status, result.out) == (1, "")
        assert message.startswith(
            "error: the engine cannot be used: the path of its socket is longer than 103 bytes: /"
        )
        assert hint == "  set XDG_RUNTIME_DIR to a folder with a short path that only you can use"
