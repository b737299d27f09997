"""A graph to be drawn: boxes with their states, and the links between them; knows neither sessions nor screens."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import field
from typing import Any, Final

from invocations.frozen import frozen

from .duration import duration

DONE, REUSED, RUNNING, FAILED, SKIPPED, NOT_RUN = "done", "reused", "running", "failed", "skipped", "not run"
STATES: Final = (FAILED, RUNNING, NOT_RUN, DONE, REUSED, SKIPPED)  # the first state that occurs is that of the box
MIN_SECONDS = 0.0005  # shorter times are not shown
TERMS: Final = {REUSED: "cached"}  # for people; documents use another word


@frozen
class Box:
    """A stage or a node: `key` is how a reference names it, `counts` how often it reached each state.

    each: keys of the iterate nodes around it. nodes: how many nodes it stands for, of which `finished` have run.
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

    @property
    def title(self) -> str:
        """Return number, command and name."""
        words = [self.key] if self.key.rpartition(".")[2] == self.command else [self.key, self.command]
        return " ".join(words + (["as", self.name] if self.name else []))

    @property
    def status(self) -> str:
        """Return the state in words, with counts and duration."""
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
        return f"{text}, {duration(self.seconds)}" if self.seconds and self.seconds >= MIN_SECONDS else text


@frozen
class Link:
    """A link from an output of one box to an input of another."""

    source: str
    output: str
    target: str
    input: str


@frozen
class Chart:
    """Boxes in order and the links between them; acyclic."""

    boxes: tuple[Box, ...]
    links: tuple[Link, ...]

    def kept(self, keys: Collection[str]) -> Chart:
        """Return the subgraph of these boxes."""
        links = tuple(link for link in self.links if link.source in keys and link.target in keys)
        return Chart(tuple(box for box in self.boxes if box.key in keys), links)

    def before(self, keys: Collection[str]) -> set[str]:
        """Return some boxes and everything upstream of them."""
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
        joined: dict[str, set[str]] = {}
        for box in self.boxes:
            joined[box.key] = {box.key}
        for link in self.links:
            one, other = joined[link.source], joined[link.target]
            if one is not other:
                one |= other
                for key in other:
                    joined[key] = one
        distinct = {id(keys): keys for box in self.boxes for keys in (joined[box.key],)}
        return [self.kept(keys) for keys in distinct.values()]

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
            }
            for box in self.boxes
        ]
        links = [
            {"source": link.source, "output": link.output, "target": link.target, "input": link.input}
            for link in self.links
        ]
        return {"boxes": boxes, "links": links}
