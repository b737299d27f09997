"""The files that a line of a script saves, as far as they are known before it runs."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

from invocations.catalog.roles import first_argument, roles_of
from invocations.errors import InvocationError
from invocations.events import NodeFinished
from invocations.prompt_syntax import PROMPT
from workflows.values.codecs import is_pattern

if TYPE_CHECKING:
    from pathlib import Path

    from invocations.graph.node import Node
    from invocations.services.images.base import ImageService
    from invocations.sessions.session import Session
    from invocations.spec import InvocationSpec
    from workflows.planning.plan import Plan
    from workflows.workspace import Workspace

    from .plan import ScriptLine

# Fields of file names whose values in the line are also the values in the finished image.
FIELDS: Final = ("prompt", "negative", "seed", "steps", "guidance", "scheduler", "strength")


def existing_files(workspace: Workspace, line: ScriptLine) -> dict[str, Path]:
    """Return the file of each node that saves an image, if all of these files are known and exist; {} otherwise."""
    found: dict[str, Path] = {}
    for id_, path in saved_files(workspace, line):
        if path is None or not path.is_file():
            return {}
        found[id_] = path
    return found


def saved_files(workspace: Workspace, line: ScriptLine) -> Iterator[tuple[str, Path | None]]:
    """Yield each node of a line that saves an image, and its file, or None if only running the line determines it."""
    if line.plan is None or line.added is None:
        return
    for node in (*line.plan.nodes, *line.added.nodes):
        if "saves" in roles_of(workspace.catalog, node.type):
            yield node.id, None if line.loops else _file(workspace, node, line.plan)


def _file(workspace: Workspace, node: Node, plan: Plan) -> Path | None:
    catalog = workspace.catalog
    target = node.inputs.get(first_argument(catalog[node.type]))
    if not isinstance(target, str):
        return None
    try:
        images = workspace.lookup.images
        return images.target_path(target, node.inputs.get("format") or "", _facts(plan, node.id, catalog))
    except InvocationError:
        return None  # the error is reported when the line is planned or runs


def _facts(plan: Plan, node: str, catalog: Mapping[str, InvocationSpec]) -> Mapping[str, Any]:
    """Return the values that the file name of an image takes from the line; the nearest node's value wins.

    A value is unknown if an earlier line provides it.
    """
    nodes = {each.id: each for each in plan.nodes}
    left = {(v.node, v.input): v.value for v in plan.values if v.value is None or v.origin == "model"}
    facts: dict[str, Any] = {}
    waiting = [node]
    for id_ in waiting:
        if id_ not in nodes:
            break  # a node of another line: its unknown values take precedence over what follows
        for field in catalog[nodes[id_].type].inputs:
            name = "prompt" if field.completes == PROMPT and field.name not in FIELDS else field.name
            source = nodes[id_].inputs.get(field.name) if field.completes == "file" else None
            if isinstance(source, str) and not is_pattern(source):
                facts.setdefault("stem", PurePath(source).stem)
            if name in FIELDS and (field.name in nodes[id_].inputs or (id_, field.name) in left):
                facts.setdefault(name, nodes[id_].inputs.get(field.name, left.get((id_, field.name))))
        waiting += [edge.source for edge in plan.edges if edge.target == id_ and edge.source not in waiting]
    return {name: value for name, value in facts.items() if value is not None}


def read_file(session: Session, node: str, path: str, images: ImageService) -> NodeFinished:
    """Return the result of a node that saves an image, as if it had just written the file. Raises: ServiceError."""
    type_ = session.graph.node_type(node)
    image = images.load(path)[0]
    outputs = {output.name: image for output in type_.spec.outputs}
    return NodeFinished(session.id, node, type_.spec.type, (), time.time(), outputs, 0.0, reused=True, facts={})
