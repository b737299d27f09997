"""Write values and strings into a ComfyUI graph, either directly or through other nodes."""

from __future__ import annotations

from random import Random
from typing import Any

Link = list[Any]


class ValueWriter:
    """Builds a graph in the API form; every choice is made by the random generator."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.nodes: dict[str, dict[str, Any]] = {}
        self.exact = True  # True until something is written that the line cannot express

    def add(self, kind: str, **inputs: Any) -> str:
        """Add a node, and return its id."""
        id_ = str(len(self.nodes) + 1)
        self.nodes[id_] = {"class_type": kind, "inputs": inputs}
        return id_

    def number(self, value: float) -> Any:
        """Return a number, or a link to a node that holds it."""
        if self.rng.random() < 0.8:
            return value
        if isinstance(value, int) and 0 < value < 99 and self.rng.random() < 0.4:
            return [self.add("StringLength", string="x" * value), 0]
        return [self.add("PrimitiveInt" if isinstance(value, int) else "PrimitiveFloat", value=value), 0]

    def seed(self, value: int) -> Any:
        """Return a seed, or a link to a node that holds it."""
        kind = self.rng.choice(["", "", "PrimitiveInt", "Seed (rgthree)"])
        name = "value" if kind == "PrimitiveInt" else "seed"
        return [self.add(kind, **{name: value}), 0] if kind else value

    def text(self, value: str, depth: int = 0) -> Any:
        """Return a string, or a link to nodes that produce it."""
        if self.rng.random() < 0.5 or depth > 3 or not value:
            return value
        return [self._string_node(value, depth + 1), 0]

    def rerouted(self, link: Link) -> Link:
        """Return the given link, or at random a link that leads to it through a reroute or a switch."""
        match self.rng.randrange(12):
            case 0:
                return [self.add("Reroute", value=link), 0]
            case 1:
                return [self.add("ComfySwitchNode", switch=self._truth(True), on_true=link), 0]
        return link

    def _truth(self, value: bool) -> Any:
        return [self.add("PrimitiveBoolean", value=value), 0] if self.rng.random() < 0.3 else value

    def _string_node(self, value: str, depth: int) -> str:
        half = self.rng.randint(0, len(value))
        match self.rng.randrange(9):
            case 0:
                return self.add("PrimitiveString", value=value)
            case 1:
                return self.add("PrimitiveStringMultiline", value=value)
            case 2:
                parts = self.text(value[:half], depth), self.text(value[half:], depth)
                return self.add("StringConcatenate", string_a=parts[0], string_b=parts[1], delimiter="")
            case 3:
                return self.add("StringTrim", string=f"  {value}\n", mode="Both")
            case 4:
                return self.add("StringReplace", string=f"{value}#", find="#", replace="")
            case 5:
                return self.add("StringSubstring", string=f"__{value}__", start=2, end=len(value) + 2)
            case 6 if value == value.lower():
                return self.add("CaseConverter", string=value.upper(), mode="lowercase")
            case 7 if ", " in value:
                left, _, right = value.partition(", ")
                texts = {"text_a": self.text(left, depth), "text_b": self.text(right, depth), "text_c": ""}
                return self.add("StringFunction|pysssss", action="append", tidy_tags="yes", **texts)
            case 8:
                chosen = self.rng.random() < 0.5
                texts = {f"on_{str(chosen).lower()}": self.text(value, depth), f"on_{str(not chosen).lower()}": "no"}
                return self.add("ComfySwitchNode", switch=self._truth(chosen), **texts)
        return self.add("PrimitiveString", value=value)
