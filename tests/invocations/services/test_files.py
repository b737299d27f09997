"""The file service: files by path, standard input, and the error for everything else."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from invocations.services.errors import ServiceError
from invocations.services.files.local import LocalFiles


class Terminal(BytesIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


def refused(work: Callable[[], object]) -> tuple[str, str, str]:
    """Return the code, the message and the hint of the error that a call raises."""
    with pytest.raises(ServiceError) as raised:
        work()
    return raised.value.code, raised.value.message, raised.value.hint


def test_a_file_is_read_by_its_absolute_path_or_relative_to_the_base_folder(tmp_path: Path) -> None:
    (tmp_path / "prompts.txt").write_bytes(b"a fox\n")
    files = LocalFiles(tmp_path)
    files.check("prompts.txt")
    assert files.read("prompts.txt") == files.read(str(tmp_path / "prompts.txt")) == b"a fox\n"


def test_a_file_in_the_home_folder_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "prompts.txt").write_bytes(b"a fox\n")
    assert LocalFiles().read("~/prompts.txt") == b"a fox\n"


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("promts.txt", ("nothing_matches", "there is no file `promts.txt`", "did you mean `prompts.txt`?")),
        ("a/promts.txt", ("nothing_matches", "there is no file `a/promts.txt`", "did you mean `a/prompts.txt`?")),
        ("b/x.txt", ("nothing_matches", "there is no file `b/x.txt`", "")),
        ("", ("nothing_matches", "there is no file ``", "specify the path of a file")),
        ("a\0", ("nothing_matches", "there is no file `a\0`", "did you mean `a`?")),
        ("a", ("file_unreadable", "`a` cannot be read: it is a folder", "")),
    ],
)
def test_a_path_without_a_file_is_refused_when_it_is_checked_and_when_it_is_read(
    tmp_path: Path, source: str, error: tuple[str, str, str]
) -> None:
    (tmp_path / "a").mkdir()
    for folder in (tmp_path, tmp_path / "a"):
        (folder / "prompts.txt").write_bytes(b"a fox\n")
    files = LocalFiles(tmp_path)
    assert refused(lambda: files.check(source)) == error
    assert refused(lambda: files.read(source)) == error


def test_a_device_is_refused() -> None:
    message = "`/dev/zero` cannot be read: it is not a regular file"
    assert refused(lambda: LocalFiles().read("/dev/zero")) == ("file_unreadable", message, "")


def test_standard_input_is_read(tmp_path: Path) -> None:
    files = LocalFiles(tmp_path, stdin=lambda: BytesIO(b"a fox\n"))
    files.check("-")
    assert files.read("-") == b"a fox\n"


def test_a_terminal_and_a_closed_standard_input_are_refused() -> None:
    hint = "pipe text into the program: `cat prompts.txt | ...`"
    terminal, closed = LocalFiles(stdin=Terminal), LocalFiles(stdin=lambda: None)
    message = "`standard input` cannot be read: it is a terminal"
    assert refused(lambda: terminal.read("-")) == ("file_unreadable", message, hint)
    message = "`standard input` cannot be read: it is closed"
    assert refused(lambda: closed.read("-")) == ("file_unreadable", message, hint)
