"""The environment of the program: color, width and the characters that a stream can encode."""

from __future__ import annotations

import io

import pytest

from invokeai_cli.environment import Environment, buffered, shown


class Terminal(io.StringIO):
    encoding = "utf-8"  # type: ignore[assignment]

    def isatty(self) -> bool:
        return True


def environment(columns: int | None = None, **variables: str) -> Environment:
    return Environment(None, None, None, variables, "/", columns=lambda: columns)


@pytest.mark.parametrize(
    ("variables", "choice", "terminal", "color"),
    [
        ({}, "auto", True, True),
        ({}, "auto", False, False),
        ({"TERM": "dumb"}, "auto", True, False),
        ({"NO_COLOR": "1"}, "auto", True, False),
        ({"NO_COLOR": ""}, "auto", True, True),
        ({"FORCE_COLOR": "1"}, "auto", False, True),
        ({"FORCE_COLOR": "0"}, "auto", False, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, "auto", True, False),
        ({"NO_COLOR": "1"}, "always", False, True),
        ({"FORCE_COLOR": "1"}, "never", True, False),
    ],
)
def test_color_depends_on_the_option_the_environment_variables_and_the_terminal(
    variables: dict[str, str], choice: str, terminal: bool, color: bool
) -> None:
    stream = Terminal() if terminal else io.StringIO()
    assert environment(**variables).has_color(stream, choice) is color


@pytest.mark.parametrize(
    ("columns", "variable", "width"),
    [
        (None, "", 80),
        (100, "", 100),
        (100, "60", 60),
        (100, "x", 100),
        (100, "0", 100),
        (100, "-5", 100),
        (100, "3", 20),
        (100, "9" * 5000, 400),
        (0, "", 80),
        (100, "６０", 100),
    ],
)
def test_the_width_is_the_width_of_the_terminal_unless_the_columns_variable_overrides_it(
    columns: int | None, variable: str, width: int
) -> None:
    assert environment(columns, COLUMNS=variable).width() == width


def test_a_closed_stream_is_not_a_terminal() -> None:
    stream = Terminal()
    stream.close()
    assert not environment().is_terminal(None)
    assert not environment().is_terminal(io.StringIO())


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("é", b"\\xe9"),
        ("a\udce9b", b"a\xe9b"),
        ("🦊", b"\\U0001f98a"),
        ("\udce9é", b"\xe9\\xe9"),
        ("\ud800", b"\\ud800"),
    ],
)
def test_any_character_can_be_written_to_an_ascii_stream(text: str, data: bytes) -> None:
    import codecs

    codecs.register_error("shown", shown)
    assert text.encode("ascii", "shown") == data


class Dribble(io.RawIOBase):
    """A raw stream like a pipe: it accepts a few bytes at a time and fails once its reader is closed."""

    def __init__(self, room: int) -> None:
        self.taken, self.room = b"", room

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        if len(self.taken) >= self.room:
            raise BrokenPipeError
        part = bytes(data)[:5]  # type: ignore[call-overload]
        self.taken += part
        return len(part)


def test_an_unbuffered_stream_loses_nothing_and_notices_a_closed_reader() -> None:
    raw = Dribble(100)
    plain = io.TextIOWrapper(raw, encoding="utf-8", write_through=True)  # type: ignore[type-var]
    stream = buffered(plain)
    stream.write("a text of more than five bytes\n")
    stream.flush()
    assert raw.taken == b"a text of more than five bytes\n"
    raw.room = len(raw.taken) + 5
    with pytest.raises(BrokenPipeError):
        print("another text", file=stream, flush=True)
    raw.room = 1000
    stream.close()
