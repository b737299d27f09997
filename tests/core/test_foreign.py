"""Data from other programs has a maximum size and depth, and any violation raises ForeignData."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from core import foreign
from core.foreign import MAX_DEPTH, ForeignData, json_data, number, read_bytes, string, toml_data, whole

HUGE = "1" + "0" * 400


def test_json_and_toml_are_read() -> None:
    assert json_data('{"a": [1, 2.5, null, "x"], "b": NaN}') == {"a": [1, 2.5, None, "x"], "b": None}
    assert json_data(b'\xef\xbb\xbf"\xc3\xa9"') == "é"
    assert json_data("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    assert json_data('["[[[[", "' + "[{" * MAX_DEPTH + '"]')[0] == "[[[["
    assert json_data(f'["{HUGE}", "1e999", 1e99, {2**64 - 1}]') == [HUGE, "1e999", 1e99, 2**64 - 1]
    assert json_data(f"[{HUGE}]", checked=True) == [10**400]
    assert toml_data('a.b = 1\nc = "é"') == {"a": {"b": 1}, "c": "é"}


@pytest.mark.parametrize(
    ("read", "text", "why"),
    [
        (json_data, "", "is not JSON: Expecting value: line 1 column 1 (char 0)"),
        (json_data, "[" * 100_000, "is nested deeper than 64 levels"),
        (json_data, "[" * 65 + "]" * 65, "is nested deeper than 64 levels"),
        (json_data, '{"a":' * 65 + "1" + "}" * 65, "is nested deeper than 64 levels"),
        (json_data, f"[{HUGE}]", "has a number with too many digits"),
        (json_data, "9" * 5000, "has a number with too many digits"),
        (json_data, "[1e999]", "has a number that is too large: 1e999"),
        (json_data, b"\xff", "is not text in UTF-8"),
        (foreign.stored_json, "[" * 100_000, "is nested deeper than 64 levels"),
        (toml_data, "a = ", "is not TOML: Invalid value (at end of document)"),
        (toml_data, "a = " + "[" * 5000, "is nested deeper than 64 levels"),
        (toml_data, "[a" + ".a" * 3000 + "]", "is nested deeper than 64 levels"),
        (toml_data, "a = " + "9" * 5000, "has a number with too many digits"),
        (toml_data, b"\xff", "is not text in UTF-8"),
    ],
)
def test_all_kinds_of_unreadable_data_raise_the_same_class_of_error(
    read: Callable[[str | bytes], object], text: str, why: str
) -> None:
    with pytest.raises(ForeignData) as failed:
        read(text)
    assert str(failed.value) == why


def test_a_file_larger_than_the_limit_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"1234")
    assert read_bytes(file, limit=4) == b"1234"
    with pytest.raises(ForeignData, match=r"^is larger than 3 bytes$"):
        read_bytes(file, limit=3)


class Counted(io.BytesIO):
    """A file of endless zeros that claims to be empty, as files in /proc do, and counts the bytes that are read."""

    taken = 0

    def fileno(self) -> int:
        return os.open(os.devnull, os.O_RDONLY)

    def read(self, size: int | None = -1) -> bytes:
        assert size is not None
        assert size >= 0
        self.taken += size
        return b"\0" * size


@pytest.mark.parametrize("limit", [1, 3, 5000])
def test_at_most_one_byte_beyond_the_limit_is_read(monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    file = Counted()
    monkeypatch.setattr(foreign, "open_file", lambda path: file)
    with pytest.raises(ForeignData, match=rf"^is larger than {limit} bytes$"):
        read_bytes("endless", limit=limit)
    assert file.taken == limit + 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_device_file_and_a_named_pipe_are_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", "/dev/zero"):
        with pytest.raises(ForeignData, match=r"^is not a regular file$"):
            read_bytes(path)
    with pytest.raises(ForeignData, match=r"^has a name with a null byte$"):
        read_bytes("a\0b")
    with pytest.raises(IsADirectoryError):
        read_bytes(tmp_path)


@pytest.mark.skipif(not os.path.isdir("/dev/fd"), reason="needs /dev/fd")
def test_a_pipe_passed_by_a_shell_is_read() -> None:
    end, start = os.pipe()
    os.write(start, b"fox")
    os.close(start)
    assert read_bytes(f"/dev/fd/{end}") == b"fox"
    os.close(end)


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (string, ("", "x"), (None, 5, b"x", ["x"])),
        (whole, (0, -5, 2**64 - 1), (True, 2.0, "5", None, 2**64, 10**400, 10**5000)),
        (number, (0, -2.5, 1e300), (True, "5", None, float("inf"), float("nan"), 10**400, -(10**5000))),
    ],
)
def test_values_of_the_wrong_type_or_out_of_range_are_refused(
    check: Callable[[object], object], good: tuple[object, ...], bad: tuple[object, ...]
) -> None:
    assert [check(value) for value in good] == list(good)
    for value in bad:
        with pytest.raises(ForeignData):
            check(value)
