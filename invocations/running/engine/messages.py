"""What crosses the socket of an engine: lines of JSON, and the greeting with which both sides begin.

Unknown fields are ignored. A line must not be longer than `MAX_LINE_BYTES`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from invocations.running.workers.json_lines import LineTooLong

PROTOCOL = 1
MAX_LINE_BYTES = 2**20


def encode(data: Mapping[str, Any]) -> bytes:
    """Return data as a line. Raises: LineTooLong; TypeError, ValueError, if it is not JSON data."""
    line = json.dumps(data, separators=(",", ":")).encode() + b"\n"
    if len(line) > MAX_LINE_BYTES:
        raise LineTooLong
    return line


def greeting(facts: Mapping[str, str]) -> dict[str, Any]:
    """Return the first message of both sides; facts: what must be equal on both."""
    return {"protocol": PROTOCOL, "facts": dict(facts)}


def difference(own: Mapping[str, str], other: Mapping[str, Any]) -> str:
    """Return why two processes do not fit together, or "" if they do; other: the greeting of the other process."""
    if other.get("protocol") != PROTOCOL:
        return f"it uses version {other.get('protocol')} of the protocol, not {PROTOCOL}"
    facts = other.get("facts")
    facts = facts if isinstance(facts, dict) else {}
    for name in sorted({*own, *facts}):
        if own.get(name) != facts.get(name):
            return f"its {name} is {facts.get(name)} instead of {own.get(name)}"
    return ""
