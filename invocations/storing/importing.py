"""Import a session from the JSON document that `exporting.py` writes; the data is untrusted and validated first."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from invocations import values
from invocations.errors import GraphError, NotImportable
from invocations.events import LogMessage, NodeError, NodeFailed, NodeFinished, NodeSkipped
from invocations.graph.node import Edge, Node
from invocations.graph.node_type import Specs
from invocations.sessions.journal import CANCELLED, FAILED, SKIPPED
from invocations.sessions.session import Extension, JournalEntry, LineEnded, Session

from .entries import stage_from_json
from .exporting import NAME, VERSION

OUTCOMES = ("", "done", FAILED, CANCELLED, SKIPPED)
ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,63}")
MALFORMED = (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError)


def session_of(document: Any, specs: Specs, session_id: str = "") -> Session:
    """Return the session in a document, with `session_id` as its id if given. Raises: NotImportable."""
    _check_schema(document)
    try:
        data: Mapping[str, Any] = document
        _check_types(data, specs)
        session = Session(session_id or _id(data["id"]), _number(data["created"]), specs)
        for extension in _extensions(data):
            session.apply(session.prepared(extension, session.created))
        for entry in _entries(data, session):
            session.apply(entry)
        _check_stages(session)
        session.expansion.advance()
    except GraphError as error:
        raise _damaged(f"its graph: {error.message}") from error
    except KeyError as error:
        raise _damaged(f"{error} is missing") from error
    except MALFORMED as error:
        raise _damaged(str(error)) from error
    return session


def _damaged(why: str) -> NotImportable:
    return NotImportable(f"this session is damaged: {why}", "export it again from its source")


def _check_schema(document: Any) -> None:
    schema = document.get("schema") if isinstance(document, dict) else None
    found = re.fullmatch(rf"{NAME}/(\d{{1,6}})", schema, re.ASCII) if isinstance(schema, str) else None
    if found is None:
        raise NotImportable("not an exported session", "`session export ID FILE` writes one")
    if int(found[1]) != VERSION:
        message = f"this session was exported as {schema}, but this program reads {NAME}/{VERSION}"
        raise NotImportable(message, "import it with the version of the program that exported it, or a later one")


def _check_types(data: Mapping[str, Any], specs: Specs) -> None:
    types = dict.fromkeys(_text(node["type"]) for node in data["graph"]["nodes"].values())
    find = specs.get if isinstance(specs, Mapping) else specs
    unknown = [f"`{each}`" for each in types if (spec := find(each)) is None or spec.is_recipe]
    if unknown:
        message = f"this session has nodes of unknown types: {', '.join(unknown)}"
        raise NotImportable(message, "install the plug-ins they come from, or put their files in the nodes folder")


def _extensions(data: Mapping[str, Any]) -> Iterator[Extension]:
    """Yield the extension of each line. Raises: any of MALFORMED."""
    nodes: dict[str, Node] = {}
    for id_, each in data["graph"]["nodes"].items():
        nodes[id_] = Node(_text(each["id"]), each["type"], values.from_json({**each["inputs"]}))
        if nodes[id_].id != id_:
            raise ValueError(f"node `{id_}` has the id `{nodes[id_].id}`")
    ends = [
        Edge(*(_text(each[key]) for key in ("source", "output", "target", "input"))) for each in data["graph"]["edges"]
    ]
    stages = [stage_from_json(each) for each in data["stages"]]
    for number, line in enumerate(data["lines"], 1):
        if line["number"] != number:
            raise ValueError(f"line {number} is missing")
        own = {_text(id_): nodes.pop(id_) for id_ in line["nodes"]}
        yield Extension(
            nodes=tuple(own.values()),
            edges=tuple(edge for edge in ends if edge.target in own),
            stages=tuple(stage for stage in stages if stage.line == number),
            line=_text(line["line"]),
            source=_text(line["source"]),
            time=_number(line["started"]),
        )
    if nodes:
        raise ValueError(f"node `{next(iter(nodes))}` belongs to no line")


def _entries(data: Mapping[str, Any], session: Session) -> Iterator[JournalEntry]:
    """Yield the outcomes of nodes and lines. Raises: any of MALFORMED."""

    def where(each: Mapping[str, Any]) -> tuple[str, str, str, tuple[int, ...], float]:
        node, path = _text(each["node"]), tuple(each["path"])
        if node not in session.graph or not all(isinstance(place, int) and place >= 0 for place in path):
            raise ValueError(f"there is an outcome for node `{node}`, which does not exist")
        return session.id, node, session.graph.nodes[node].type, path, _number(each["time"])

    for each in data["results"]:
        place = where(each)
        outputs = values.from_json({**each["outputs"]})
        if outputs.keys() - session.graph.node_type(place[1]).outputs.keys():
            raise ValueError(f"the result of node `{place[1]}` has an unknown output")
        facts = values.from_json({**each["facts"]})
        peak, grown, device = map(_whole, each.get("bytes", (0, 0, 0)))
        seconds, reused = _number(each["seconds"]), bool(each["reused"])
        yield NodeFinished(*place, outputs, seconds, reused, facts, peak, grown, device)
    for each in data["errors"]:
        error = {**each["error"], "inputs": values.from_json(each["error"]["inputs"])}
        yield NodeFailed(*where(each), NodeError(**error), _number(each["seconds"]))
    for each in data["skipped"]:
        yield NodeSkipped(*where(each), _text(each["reason"]))
    for each in data["messages"]:
        yield LogMessage(*where(each), _text(each["message"]))
    for line in data["lines"]:
        if line["outcome"] not in OUTCOMES:
            raise ValueError(f"line {line['number']} has the unknown outcome {line['outcome']!r}")
        if line["outcome"]:
            yield LineEnded(line["number"], _number(line["seconds"]), line["outcome"])


def _check_stages(session: Session) -> None:
    """Refuse stages to which later lines could not refer. Raises: GraphError and any of MALFORMED."""
    last = 0
    for stage in session.stages:
        if not isinstance(stage.number, int) or stage.number <= last:
            raise ValueError(f"stage {stage.number!r} is out of order")
        last = stage.number
        for end in stage.outputs.values():
            session.graph.type_of(*end)
        if not all(id_ in session.graph for id_ in stage.nodes):
            raise ValueError(f"stage {last} has nodes that do not exist")


def _checked(kind: type, name: str) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if not isinstance(value, kind):
            raise ValueError(f"{value!r:.40} is not a {name}")
        return value

    return check


_text: Callable[[Any], str] = _checked(str, "string")
_whole: Callable[[Any], int] = _checked(int, "whole number")


def _number(value: Any) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not math.isfinite(value):
        raise ValueError(f"{value!r:.40} is not a number")
    return float(value)


def _id(value: Any) -> str:
    if not ID.fullmatch(_text(value)):
        raise ValueError(f"{value!r:.40} is not a session id")
    return str(value)
