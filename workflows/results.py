"""The results of a line: the node, the value, and the text that goes to standard output."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any

from invocations.catalog.roles import first_argument
from invocations.frozen import frozen
from invocations.values import ImageRef, ModelRef, Ref, to_json

if TYPE_CHECKING:
    from PIL.Image import Image

    from invocations.sessions.session import Key, Session
    from invocations.spec import InvocationSpec

    from .backend import Backend
    from .planning.plan import Plan

STANDARD_OUTPUT = "-"


@frozen
class Result:
    """One result of a line: the value of one output of a node.

    type: the command of the node
    text: the value as printed, one line for each item of a list; an image is printed as its path
    image_refs: references to the images among the items
    read: reads the pixels of an image
    """

    node: str
    type: str
    output: str
    value: Any
    text: tuple[str, ...]
    image_refs: tuple[ImageRef, ...] = ()
    read: Callable[[ImageRef], Image] | None = field(default=None, compare=False, repr=False)

    @property
    def path(self) -> str:
        """The path of the image, or "" if the result is not a single image."""
        return self.text[0] if len(self.image_refs) == len(self.text) == 1 else ""

    def image(self) -> Image:
        """Read the image from its file. Raises: ValueError, if the result is not a single image."""
        if len(self.image_refs) != 1:
            raise ValueError(f"`{self.type}` ({self.node}) returned {len(self.image_refs)} images, not one")
        return self.images()[0]

    def images(self) -> list[Image]:
        """Read the images from their files."""
        return [self.read(ref) for ref in self.image_refs] if self.read is not None else []

    def _repr_png_(self) -> bytes | None:
        """Show a single image in a notebook."""
        from .notebook import png

        return png(self.image()) if len(self.image_refs) == 1 else None

    def _repr_html_(self) -> str | None:
        """Show the result in a notebook: its images if there are several, otherwise its value."""
        return None if len(self.image_refs) == 1 else self.html()

    def html(self) -> str:
        """Return the images or the value as HTML."""
        from .notebook import html

        return html(self.images(), self.text)

    def to_json(self) -> dict[str, Any]:
        """Return the result as JSON data."""
        data = {"node": self.node, "type": self.type, "output": self.output, "value": to_json(self.value)}
        if self.image_refs:
            items = list(self.value) if isinstance(self.value, (list, tuple)) else [self.value]
            holed = len(items) == len(self.text)  # a missing image has no path
            data["paths"] = [None if holed and items[at] is None else text for at, text in enumerate(self.text)]
        return data


class Results(list[Result]):
    """The results of a line, which a notebook shows as images and text."""

    def _repr_html_(self) -> str:
        """Show all results in a notebook."""
        return "".join(each.html() for each in self)


def make_result(
    node: str,
    type_: str,
    output: str,
    value: Any,
    path: Callable[[ImageRef], str],
    read: Callable[[ImageRef], Image] | None = None,
) -> Result:
    """Return a value as a result; `path` returns the path of an image, or "" if it went to standard output."""
    items = list(value) if isinstance(value, (list, tuple)) else [value]
    image_refs = tuple([item for item in items if isinstance(item, ImageRef)])
    texts = tuple([path(item) if isinstance(item, ImageRef) else _text(item) for item in items])
    return Result(
        node,
        type_,
        output,
        value,
        tuple(text for text, item in zip(texts, items, strict=True) if _is_shown(text, item)),
        image_refs,
        read,
    )


def results_of(
    session: Session, ends: Iterable[tuple[str, str]], backend: Backend, only: Collection[Key] | None = None
) -> Results:
    """Return the results that exist; the results of a node are in the order of its iterations.

    ends: the node and output of each result
    only: the runs of nodes whose results are returned (default: all)
    """
    found = Results()
    for node_id, output in ends:
        type_ = session.graph.nodes[node_id].type
        path = _nowhere if is_sent(session, node_id) else backend.path
        values = session.values(node_id, output, only)
        found += [make_result(node_id, type_, output, value, path, backend.image) for value in values]
    return found


def is_sent(session: Session, node_id: str) -> bool:
    """Return True if a node writes an image to standard output."""
    spec = session.graph.node_type(node_id).spec
    return "saves" in spec.roles and session.graph.nodes[node_id].inputs.get(first_argument(spec)) == STANDARD_OUTPUT


def seeds_of(plan: Plan, session: Session, catalog: Mapping[str, InvocationSpec]) -> tuple[tuple[str, int], ...]:
    """Return the node and value of each random seed that was picked when a line was planned or added.

    Seeds that have no effect are left out.
    """
    picked = [
        (value.node, value.value) for value in plan.values if value.origin == "drawn" and isinstance(value.value, int)
    ]
    for node in plan.nodes:
        stored = session.graph.nodes[node.id]
        names = [name for name, value in stored.inputs.items() if node.inputs.get(name) != value]
        spec = catalog[node.type] if names else None
        if spec and _uses_seed(spec, stored.inputs):
            picked += [(node.id, stored.inputs[name]) for name in names if (f := spec.input(name)) and f.seed]
    return tuple(picked)


def _uses_seed(spec: InvocationSpec, inputs: Mapping[str, Any]) -> bool:
    """Whether a node's result depends on its seed."""
    if "expands" not in spec.roles:
        return True
    from invocations.dynamic.known import uses_seed  # imported on demand: few lines have such a node

    return uses_seed(inputs)


def _nowhere(_: ImageRef) -> str:
    return ""


def _is_shown(text: str, item: Any) -> bool:
    return bool(text) or not isinstance(item, ImageRef)


def _text(item: Any) -> str:
    if isinstance(item, str):
        return item
    if item is None:
        return "none"
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, (int, float)):
        return repr(item)
    if isinstance(item, ModelRef):
        return item.model
    return json.dumps(item.to_json() if isinstance(item, Ref) else to_json(item), ensure_ascii=False)
