"""Lines from standard input are planned and run one by one as they arrive."""

from __future__ import annotations

import io

import pytest

from tests.invokeai_cli.conftest import TypeLine


def test_standard_input_is_read_line_by_line_as_it_arrives(type_: TypeLine) -> None:
    from invokeai_cli.environment import Environment
    from invokeai_cli.sources import from_input

    class Lines(io.StringIO):
        def readline(self, size: int | None = -1, /) -> str:
            taken.append(super().readline(size))
            return taken[-1]

    taken: list[str] = []
    found = from_input(Environment(Lines("add 1 2\nadd 3 4\n"), None, None, {}, "/"))
    assert next(found).source.text == "add 1 2"
    assert taken == ["add 1 2\n"]


def test_a_closed_standard_input_is_reported(type_: TypeLine) -> None:
    result = type_("-", stdin=None)
    assert result.status == 2
    assert result.err.startswith("error: standard input is closed")


@pytest.mark.parametrize(
    ("text", "status", "error"),
    [
        ("add 1 2\ndiv 1 0\nbogus\nadd 3 4\n", 1, "-:2:1: error: div (2): division by zero"),
        ("add 1 2\nbogus\ndiv 1 0\nadd 3 4\n", 2, "-:2:1: error: there is no command `bogus`"),
    ],
)
def test_the_first_line_that_fails_ends_a_stream_and_later_lines_are_not_read(
    type_: TypeLine, text: str, status: int, error: str
) -> None:
    """Lines after the first failure cause no message, unless `--keep-going` runs them."""
    result = type_("-", stdin=text)
    assert (result.status, result.out) == (status, "3\n")
    assert result.err.splitlines()[0] == error
    assert result.err.count("error:") == 1
    result = type_("-", "--keep-going", stdin=text)
    assert (result.status, result.out, result.err.count("error:")) == (3, "3\n7\n", 2)
