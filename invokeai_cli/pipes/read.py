"""Standard input as a stream of results: records from another process, or plain values, each as soon as it arrives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from invocations.foreign import ForeignData, json_data
from invocations.frozen import frozen
from invokeai_cli.environment import InputClosed
from workflows.record import SCHEMA, BadStream, PipedRecord, read_record

if TYPE_CHECKING:
    from invokeai_cli.environment import Environment

MAX_LINE_CHARS: Final = 2**24  # maximum length of a line; a result is always shorter
MAX_OBJECT_LINES: Final = 10_000  # maximum length of a JSON object, which a filter such as `jq` may spread over lines
NOT_TEXT: Final = re.compile("[\0\udc80-\udcff]")
WHOLE_HINT: Final = "each line is one result of `invokeai`; a filter must keep it on one line, as `jq -c` does"
INPUT_HINT: Final = "pipe in plain values, paths, or the results of another `invokeai`"
IMAGE_HINT: Final = "to read an image, use `load -`: `cat fox.png | invokeai 'load - | blur 2'`"
OTHER_SCHEMAS: Final = {
    "result": ("the output of `--json`", "leave out `--json` before the `|`"),
    "event": ("the output of `--events`", "leave out `--events` before the `|`"),
}


@frozen
class Arrival:
    """One line of standard input: a record, a plain value or the exit status of the upstream process."""

    number: int
    content: PipedRecord | str | int


def arrivals(environment: Environment) -> Iterator[Arrival]:
    """Yield what arrives on standard input. Raises: BadStream, InputClosed."""
    lines = _lines(environment)
    for number, line in lines:
        text = line.strip()
        if NOT_TEXT.search(line):
            raise BadStream(number, "this is not text", IMAGE_HINT)
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
        while line := stream.readline(MAX_LINE_CHARS):
            number += 1
            if len(line) == MAX_LINE_CHARS:
                raise BadStream(number, "the line is too long", INPUT_HINT)
            yield number, line.removeprefix("\ufeff") if number == 1 else line
    except (OSError, ValueError) as error:
        raise InputClosed from error


def _object(number: int, line: str, lines: Iterator[tuple[int, str]]) -> dict[str, Any]:
    """Return the JSON object that begins in a line; it may extend over the following lines, up to its closing `}`."""
    text = [line]
    if line.rstrip() == "{":
        for _, more in lines:
            text.append(more)
            if more.rstrip() == "}" or len(text) > MAX_OBJECT_LINES:
                break
    try:
        found = json_data("".join(text))
    except ForeignData as error:
        raise BadStream(number, "invalid JSON", WHOLE_HINT) from error
    return found if isinstance(found, dict) else {}


def _read(number: int, data: dict[str, Any]) -> PipedRecord | int:
    schema = str(data.get("schema", ""))
    name = schema.partition("/")[0]
    if schema == SCHEMA:
        try:
            return read_record(data)
        except ValueError as error:
            raise BadStream(number, f"this result is damaged: {error}", WHOLE_HINT) from error
    if name in OTHER_SCHEMAS:
        what, hint = OTHER_SCHEMAS[name]
        raise BadStream(number, f"this is {what}, which cannot be used as input", hint)
    if name == SCHEMA.partition("/")[0]:
        raise BadStream(
            number,
            f"the format of this result is {schema}, but this version reads {SCHEMA}",
            "use the same version of `invokeai` throughout the pipe",
        )
    raise BadStream(number, "this JSON is not a result of `invokeai`", WHOLE_HINT)
