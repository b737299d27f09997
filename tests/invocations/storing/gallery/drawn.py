"""Log entries of lines that draw images, for the tests of the gallery."""

from __future__ import annotations

import hashlib
from itertools import pairwise

from invocations.events import NodeFinished
from invocations.graph.graph import Edge, Node
from invocations.sessions.session import Extension, SessionStage
from invocations.values import ImageRef, MaskRef, ModelRef


def ref(name, kind=ImageRef, path=None):
    """Return a reference to an image of 64x32 pixels."""
    return kind(hashlib.sha256(name.encode()).hexdigest(), 64, 32, path)


def finished(node, outputs, *, type_="draw", path=(), time=20.0, session="s"):
    """Return the entry of a node that has finished."""
    return NodeFinished(session, node, type_, path, time, outputs, 0.5, False, {})


def line(text, *types, time=10.0, first=1, edges=None):
    """Return the entry of a line with one stage for each type, each linked to the next one; ids are numbers."""
    ids = [str(number) for number in range(first, first + len(types))]
    links = [Edge(one, "image", two, "image") for one, two in pairwise(ids)] if edges is None else edges
    stages = tuple(
        SessionStage(int(id_), type_, None, 1, (id_,), {"image": (id_, "image")}, (id_, "image"))
        for id_, type_ in zip(ids, types, strict=True)
    )
    nodes = tuple(Node(id_, type_, {}) for id_, type_ in zip(ids, types, strict=True))
    return Extension(nodes, tuple(links), stages, text, "", time)


def drawn(*images, text="t2i a fox", session="s", time=20.0, model="tiny", first=1):
    """Return the entries of a line for each image: a node that loads a model, and a node that draws with it."""
    entries = []
    for number, image in enumerate(images, first):
        loads, draws = f"m{number}", f"d{number}"
        entries.append(
            Extension(
                (Node(loads, "model", {}), Node(draws, "draw", {})),
                (Edge(loads, "model", draws, "model"),),
                (SessionStage(number, "t2i", None, 1, (loads, draws), {"image": (draws, "image")}, (draws, "image")),),
                text, "", time,
            )
        )  # fmt: skip
        found = ModelRef(f"f-{model}", model, f"/models/{model}")
        entries.append(finished(loads, {"model": found}, type_="model", session=session, time=time))
        entries.append(finished(draws, {"image": ref(image)}, session=session, time=time + number))
    return entries


MASK = MaskRef
