"""A graph to be drawn: boxes with their states, and the links between them, independent of sessions and screens."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import field
from typing import Any, Final

from invocations.frozen import frozen
from workflows.shown_text import duration

DONE, REUSED, RUNNING, FAILED, SKIPPED, NOT_RUN = "done", "reused", "running", "failed", "skipped", "not run"
STATES: Final = (
    FAILED,
    RUNNING,
    NOT_RUN,
    DONE,
    REUSED,
    SKIPPED,
)  # a box has the first of these states that any of its nodes has
MIN_SECONDS = 0.0005  # durations below this are not shown
TERMS: Final = {REUSED: "cached"}  # states that are shown under another name; JSON documents use the original name


@frozen
class Box:
    """A box of the chart, which stands for a stage or a node.

    key: the number of the stage, or the id of the node; a reference to it is `@` and the key
    state: its most important state, the first of `STATES` that occurs
    counts: how often it reached each state
    seconds: how long it ran, or None if it did not run
    each: the keys of the `iterate` nodes that repeat it, outermost first
    nodes: the ids of its nodes
    finished: how many of its nodes have finished
    missing: how many items are missing in its lists because a node failed
    """

    key: str
    command: str
    name: str = ""
    state: str = NOT_RUN
    counts: Mapping[str, int] = field(default_factory=dict)
    seconds: float | None = None
    each: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    finished: int = 0
    missing: int = 0

    @property
    def title(self) -> str:
        """The number, command and name of the stage: `2 blur as soft`."""
        words = [self.key] if self.key.rpartition(".")[2] == self.command else [self.key, self.command]
        return " ".join(words + (["as", self.name] if self.name else []))

    @property
    def status(self) -> str:
        """The state in words, with counts and duration: `done 3 times, 4.5 s`."""
        times = sum(self.counts.values())
        state = TERMS.get(self.state, self.state)
        text = state
        if len(self.counts) > 1:
            text = ", ".join(
                f"{self.counts[each]} {TERMS.get(each, each)}" for each in reversed(STATES) if each in self.counts
            )
        elif times > 1:
            text = f"{state} {times} times"
        elif self.state == NOT_RUN and self.finished:
            text = f"{state}, {self.finished} of {len(self.nodes)} nodes done"
        if self.missing:
            text = f"{text}, {items_missing(self.missing)}"
        return f"{text}, {duration(self.seconds)}" if self.seconds and self.seconds >= MIN_SECONDS else text


def items_missing(count: int) -> str:
    """Return how many items are missing, in words."""
    return f"{count} item{'s' * (count > 1)} missing"


@frozen
class Link:
    """A link from an output of one box to an input of another."""

    source: str
    output: str
    target: str
    input: str


@frozen
class Chart:
    """An acyclic graph: the boxes in the order they were added, and the links between them."""

    boxes: tuple[Box, ...]
    links: tuple[Link, ...]

    def kept(self, keys: Collection[str]) -> Chart:
        """Return a chart that contains only the boxes with these keys and the links between them."""
        links = tuple(link for link in self.links if link.source in keys and link.target in keys)
        return Chart(tuple(box for box in self.boxes if box.key in keys), links)

    def before(self, keys: Collection[str]) -> set[str]:
        """Return the keys of these boxes and of all boxes upstream of them."""
        found, waiting = set(keys), list(keys)
        sources: dict[str, list[str]] = {}
        for link in self.links:
            sources.setdefault(link.target, []).append(link.source)
        for key in waiting:
            for source in sources.get(key, ()):
                if source not in found:
                    found.add(source)
                    waiting.append(source)
        return found

    def parts(self) -> list[Chart]:
        """Return the connected components, in the order of their first boxes."""
        joined: dict[str, list[str]] = {box.key: [box.key] for box in self.boxes}
        for link in self.links:
            few, many = sorted((joined[link.source], joined[link.target]), key=len)
            if few is not many:
                many += few
                joined.update(dict.fromkeys(few, many))
        parts: dict[int, tuple[list[Box], list[Link]]] = {}
        for box in self.boxes:
            parts.setdefault(id(joined[box.key]), ([], []))[0].append(box)
        for link in self.links:
            parts[id(joined[link.source])][1].append(link)
        return [Chart(tuple(boxes), tuple(links)) for boxes, links in parts.values()]

    def to_json(self) -> dict[str, Any]:
        """Return the chart as JSON data."""
        boxes = [
            {
                "id": box.key,
                "command": box.command,
                "name": box.name or None,
                "state": box.state.replace(" ", "_"),
                "counts": {state.replace(" ", "_"): count for state, count in box.counts.items()},
                "seconds": box.seconds,
                "each": list(box.each),
                "nodes": list(box.nodes),
                "missing": box.missing,
            }
            for box in self.boxes
        ]
        links = [
            {"source": link.source, "output": link.output, "target": link.target, "input": link.input}
            for link in self.links
        ]
        return {"boxes": boxes, "links": links}
