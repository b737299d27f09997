"""Standard input as a stream of results: records of another process, or plain values, each as soon as it has come."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from invocations.frozen import frozen
from invokeai_cli.environment import InputClosed
from workflows.problems import ApplicationError
from workflows.record import SCHEMA, PipedRecord, read_record

if TYPE_CHECKING:
    from invokeai_cli.environment import Environment

LONGEST: Final = 2**24  # characters of one line; what is longer is no result of ours
MOST_LINES: Final = 10_000  # of one object that a filter has spread over several lines
NO_TEXT: Final = re.compile("[\0\udc80-\udcff]")
WHOLE: Final = "a line is one result as `invokeai` hands it on; filters must keep it whole, as `jq -c` does"
PLAIN: Final = "put in front what prints plain values or paths, or another `invokeai`"
PICTURE: Final = "the bytes of a picture are read by `load -`: `cat fox.png | invokeai 'load - | blur 2'`"
OTHERS: Final = {
    "result": ("what `--json` prints", "leave `--json` out before the bar"),
    "event": ("what `--events` prints", "leave `--events` out before the bar"),
}


class BadStream(ApplicationError):
    """What comes through the pipe is not what one process hands to the next; `number` is its line, from 1."""

    code = "bad_stream"

    def __init__(self, number: int, message: str, hint: str) -> None:
        super().__init__(f"standard input, line {number}: {message}", hint)
        self.number = number


@frozen
class Arrival:
    """One thing that came: a record, a plain value, or the status of whoever is before us in the pipe."""

    number: int
    what: PipedRecord | str | int


def arrivals(environment: Environment) -> Iterator[Arrival]:
    """Yield what comes through standard input. Raises: BadStream, InputClosed."""
    lines = _lines(environment)
    for number, line in lines:
        text = line.strip()
        if NO_TEXT.search(line):
            raise BadStream(number, "this is not text", PICTURE)
        if text.startswith("{"):
            yield Arrival(number, _read(number, _object(number, line, lines)))
        elif text:
            yield Arrival(number, line.rstrip("\r\n"))


def _lines(environment: Environment) -> Iterator[tuple[int, str]]:
    stream = environment.stdin
    if stream is None:
        raise InputClosed
    number = 0
    try:
        while line := stream.readline(LONGEST):
            number += 1
            if len(line) == LONGEST:
                raise BadStream(number, "it does not end", PLAIN)
            yield number, line.removeprefix("\ufeff") if number == 1 else line
    except (OSError, ValueError) as error:
        raise InputClosed from error


def _object(number: int, line: str, lines: Iterator[tuple[int, str]]) -> dict[str, Any]:
    """Return the JSON object that begins in a line; one may be spread over the lines after it, up to its own `}`."""
    text = [line]
    if line.rstrip() == "{":
        for _, more in lines:
            text.append(more)
            if more.rstrip() == "}" or len(text) > MOST_LINES:
                break
    try:
        found = json.loads("".join(text))
    except (ValueError, RecursionError) as error:
        raise BadStream(number, "this JSON is damaged", WHOLE) from error
    return found if isinstance(found, dict) else {}


def _read(number: int, data: dict[str, Any]) -> PipedRecord | int:
    schema = str(data.get("schema", ""))
    name = schema.partition("/")[0]
    if schema == SCHEMA:
        try:
            return read_record(data)
        except ValueError as error:
            raise BadStream(number, f"this result is damaged: {error}", WHOLE) from error
    if name in OTHERS:
        what, hint = OTHERS[name]
        raise BadStream(number, f"this is {what}, which is not handed on", hint)
    if name == SCHEMA.partition("/")[0]:
        raise BadStream(number, f"it is of the kind {schema}, and this program knows {SCHEMA}", "use one version")
    raise BadStream(number, "this JSON is no result of `invokeai`", WHOLE)
