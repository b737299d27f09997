"""Import a session from the JSON document that `exporting.py` writes; the data is untrusted and validated first."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from invocations import values
from invocations.errors import GraphError, NotImportable
from invocations.events import LogMessage, NodeError, NodeFailed, NodeFinished, NodeSkipped
from invocations.foreign import number, string, whole
from invocations.graph.node import Edge, Node
from invocations.graph.node_type import Specs
from invocations.sessions.journal import CANCELLED, FAILED, SKIPPED
from invocations.sessions.session import Extension, JournalEntry, LineEnded, Session, SessionStage

from .entries import stage_from_json
from .exporting import NAME, VERSION

OUTCOMES = ("", "done", FAILED, CANCELLED, SKIPPED)
ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,63}")
STAGE_NAME = re.compile(r"[^\W\d][\w-]{0,63}")
MALFORMED = (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, RecursionError)


def session_of(document: Any, specs: Specs, session_id: str = "", *, now: float | None = None) -> Session:
    """Return the session in a document, with `session_id` as its id if given. Raises: NotImportable.

    now: the latest time that the session may contain (default: the current time); later times are set to it.
    """
    _check_schema(document)
    try:
        read = _Reader(document, specs, time.time() if now is None else now)
        session = read.session(session_id)
    except GraphError as error:
        raise _damaged(f"in the graph: {error.message}") from error
    except KeyError as error:
        raise _damaged(f"{error} is missing") from error
    except MALFORMED as error:
        raise _damaged(str(error)) from error
    return session


def _damaged(why: str) -> NotImportable:
    return NotImportable(f"this session is damaged: {why}", "export the session again")


def _check_schema(document: Any) -> None:
    schema = document.get("schema") if isinstance(document, dict) else None
    found = re.fullmatch(rf"{NAME}/(\d{{1,6}})", schema, re.ASCII) if isinstance(schema, str) else None
    if found is None:
        raise NotImportable("not an exported session", "use a file from `session export ID FILE`")
    if int(found[1]) != VERSION:
        message = f"this session was exported as {schema}, but this program reads {NAME}/{VERSION}"
        raise NotImportable(
            message, "import the session with the version of the program that exported it, or with a later version"
        )


class _Reader:
    """Reads one document; every method may raise GraphError and any of MALFORMED."""

    def __init__(self, data: Mapping[str, Any], specs: Specs, now: float) -> None:
        self.data = data
        self.specs = specs
        self.now = now

    def session(self, session_id: str) -> Session:
        """Return the session with its nodes, lines and outcomes."""
        _check_types(self.data, self.specs)
        session = Session(session_id or _id(self.data["id"]), self.time(self.data["created"]), self.specs)
        for extension in self.extensions():
            session.apply(session.prepared(extension, session.created))
        for entry in self.entries(session):
            session.apply(entry)
        _check_stages(session)
        session.expansion.advance()
        return session

    def extensions(self) -> Iterator[Extension]:
        """Yield the extension of each line."""
        nodes = {id_: _node(id_, each) for id_, each in self.data["graph"]["nodes"].items()}
        ends = [
            Edge(*(string(each[key]) for key in ("source", "output", "target", "input")))
            for each in self.data["graph"]["edges"]
        ]
        stages = [_stage(each) for each in self.data["stages"]]
        for place, line in enumerate(self.data["lines"], 1):
            if line["number"] != place:
                raise ValueError(f"line {place} is missing")
            own = {string(id_): nodes.pop(id_) for id_ in line["nodes"]}
            yield Extension(
                nodes=tuple(own.values()),
                edges=tuple(edge for edge in ends if edge.target in own),
                stages=tuple(stage for stage in stages if stage.line == place),
                line=string(line["line"]),
                source=string(line["source"]),
                time=self.time(line["started"]),
            )
        if nodes:
            raise ValueError(f"node `{next(iter(nodes))}` belongs to no line")

    def entries(self, session: Session) -> Iterator[JournalEntry]:
        """Yield the outcomes of nodes and lines."""
        for each in self.data["results"]:
            yield self.finished(each, session)
        for each in self.data["errors"]:
            yield NodeFailed(*self.place(each, session), _error(each["error"]), self.seconds(each["seconds"]))
        for each in self.data["skipped"]:
            yield NodeSkipped(*self.place(each, session), string(each["reason"]))
        for each in self.data["messages"]:
            yield LogMessage(*self.place(each, session), string(each["message"]))
        for line in self.data["lines"]:
            if line["outcome"] not in OUTCOMES:
                raise ValueError(f"line {line['number']} has the unknown outcome {line['outcome']!r:.40}")
            if line["outcome"]:
                yield LineEnded(line["number"], self.seconds(line["seconds"]), line["outcome"])

    def finished(self, each: Mapping[str, Any], session: Session) -> NodeFinished:
        """Return the result of a node."""
        place = self.place(each, session)
        outputs = values.mapping_from_json(each["outputs"])
        if outputs.keys() - session.graph.node_type(place[1]).outputs.keys():
            raise ValueError(f"the result of node `{place[1]}` has an unknown output")
        facts = values.mapping_from_json(each["facts"])
        peak, grown, device = map(whole, each.get("bytes", (0, 0, 0)))
        return NodeFinished(
            *place, outputs, self.seconds(each["seconds"]), bool(each["reused"]), facts, peak, grown, device
        )

    def place(self, each: Mapping[str, Any], session: Session) -> tuple[str, str, str, tuple[int, ...], float]:
        """Return the session, the node with its type and iteration, and the time of an outcome."""
        node, path = string(each["node"]), tuple(each["path"])
        if node not in session.graph or not all(whole(place) >= 0 for place in path):
            raise ValueError(f"there is an outcome for node `{node}`, which does not exist")
        return session.id, node, session.graph.nodes[node].type, path, self.time(each["time"])

    def time(self, value: Any) -> float:
        """Return a time in seconds since 1970, at most the current time."""
        return min(max(number(value), 0.0), self.now)

    def seconds(self, value: Any) -> float:
        """Return a duration in seconds, at most the time that has passed since 1970."""
        return self.time(value)


def _check_types(data: Mapping[str, Any], specs: Specs) -> None:
    types = dict.fromkeys(string(node["type"]) for node in data["graph"]["nodes"].values())
    find = specs.get if isinstance(specs, Mapping) else specs
    unknown = [f"`{each}`" for each in types if (spec := find(each)) is None or spec.is_recipe]
    if unknown:
        message = f"this session has nodes of unknown types: {', '.join(unknown)}"
        raise NotImportable(
            message, "install the plug-ins that define these nodes, or put their files in the nodes folder"
        )


def _node(id_: str, data: Mapping[str, Any]) -> Node:
    node = Node(string(data["id"]), data["type"], values.mapping_from_json(data["inputs"]))
    if node.id != id_:
        raise ValueError(f"the node under the key `{id_}` has the id `{node.id}`")
    return node


def _error(data: Mapping[str, Any]) -> NodeError:
    inputs = data["inputs"]
    if strange := data.keys() - {field.name for field in fields(NodeError)}:
        raise ValueError(f"an error has the unknown field {min(strange)!r:.40}")
    texts = {name: string(text) for name, text in data.items() if name != "inputs"}
    return NodeError(**texts, inputs=None if inputs is None else values.mapping_from_json(inputs))


def _stage(data: Mapping[str, Any]) -> SessionStage:
    """Return a stage after checking the types of all its parts."""
    stage = stage_from_json(data)
    whole(stage.number), whole(stage.line), string(stage.command)
    if stage.name is not None and not STAGE_NAME.fullmatch(string(stage.name)):
        raise ValueError(f"{stage.name!r:.40} is not the name of a stage")
    for text in (*stage.nodes, *stage.outputs, *(part for end in stage.outputs.values() for part in end)):
        string(text)
    return stage


def _check_stages(session: Session) -> None:
    """Refuse stages to which later lines could not refer. Raises: GraphError and any of MALFORMED."""
    last = 0
    for stage in session.stages:
        if stage.number <= last:
            raise ValueError(f"stage {stage.number} is out of order")
        last = stage.number
        for end in (*stage.outputs.values(), *([stage.primary] if stage.primary else [])):
            session.graph.type_of(*end)
        if not all(id_ in session.graph for id_ in stage.nodes):
            raise ValueError(f"stage {last} has nodes that do not exist")


def _id(value: Any) -> str:
    if not ID.fullmatch(string(value)):
        raise ValueError(f"{value!r:.40} is not a session id")
    return str(value)
