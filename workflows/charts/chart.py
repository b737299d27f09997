"""What is drawn: boxes with what became of them, and the links between them; knows no session and no screen."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from .duration import duration

DONE, REUSED, RUNNING, FAILED, SKIPPED, NOT_RUN = "done", "reused", "running", "failed", "skipped", "not run"
STATES: Final = (FAILED, RUNNING, NOT_RUN, DONE, REUSED, SKIPPED)  # of several in one box the first counts
SHORTEST = 0.0005  # seconds that are told


@dataclass(frozen=True, slots=True)
class Box:
    """A stage or a node: `key` is what a reference would call it, `counts` how often it came to which state.

    each: keys of the iterates around it. parts: how many nodes it stands for, of which `over` have run.
    """

    key: str
    command: str
    name: str = ""
    state: str = NOT_RUN
    counts: Mapping[str, int] = field(default_factory=dict)
    seconds: float | None = None
    each: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    over: int = 0

    @property
    def title(self) -> str:
        """Return the number, the command and the name."""
        words = [self.key] if self.key.rpartition(".")[2] == self.command else [self.key, self.command]
        return " ".join(words + (["as", self.name] if self.name else []))

    @property
    def said(self) -> str:
        """Return the state in words, with how often and how long."""
        times = sum(self.counts.values())
        text = self.state
        if len(self.counts) > 1:
            text = ", ".join(f"{self.counts[state]} {state}" for state in reversed(STATES) if state in self.counts)
        elif times > 1:
            text = f"{self.state} {times} times"
        elif self.state == NOT_RUN and self.over:
            text = f"{self.state}, {self.over} of {len(self.nodes)} nodes done"
        return f"{text}, {duration(self.seconds)}" if self.seconds and self.seconds >= SHORTEST else text


@dataclass(frozen=True, slots=True)
class Link:
    """An output of one box at an input of another."""

    source: str
    output: str
    target: str
    input: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Boxes in order and the links between them; free of circles."""

    boxes: tuple[Box, ...]
    links: tuple[Link, ...]

    def kept(self, keys: Collection[str]) -> Chart:
        """Return the part that these boxes make."""
        links = tuple(link for link in self.links if link.source in keys and link.target in keys)
        return Chart(tuple(box for box in self.boxes if box.key in keys), links)

    def before(self, keys: Collection[str]) -> set[str]:
        """Return the boxes that some boxes came from, themselves included."""
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
        """Return the parts that no link joins, in the order of their first boxes."""
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
