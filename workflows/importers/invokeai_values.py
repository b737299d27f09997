"""Read strings, numbers, prompts and models in InvokeAI's graphs (strings.py, math.py, primitives.py, compel.py)."""

from __future__ import annotations

from typing import cast

from invocations.frozen import frozen

from .dream import COMPEL
from .foreign_graph import ForeignNode, NodeLink, Output, followed
from .graph_values import ScalarWalk
from .parameters import cut_prompt, short
from .prompt_weights import of_invokeai
from .untrusted import mapping, string

PASSING = {"collect": "item", "iterate": "collection", "conditioning": "conditioning", "connector": "in"}
PRIMITIVES = ("string", "integer", "float", "boolean")
JOINS = ("string_left", "string_middle", "string_right")
PROMPTS = ("prompt", "style", "value")
LOADERS = ("unet", "transformer", "clip", "model", "lora")
NO_VALUE: object = None
NO_COUNT = cast("int | None", None)


@frozen
class InvokePrompt:
    """A prompt, and the number of text encoder layers that are skipped."""

    text: str = ""
    clip_skip: int | None = None


class InvokeValues(ScalarWalk):
    """Walks back through a graph and finds plain values, prompts and models."""

    def passed_on(self, node: ForeignNode, output: Output) -> object:
        """Return the input that a collection or connector passes on; only the first item of a collection is used."""
        name = PASSING.get(node.kind, "")
        return self.get(node, name) if isinstance(node.inputs.get(name), NodeLink) else super().passed_on(node, output)

    @followed(NO_VALUE)
    def value(self, node: ForeignNode, output: Output, wanted: str) -> object:
        """Return the plain value at an output of a node; None if it is not known."""
        if node.kind in PRIMITIVES:
            return self.scalar(node, "value")
        if node.kind in ("string_join", "string_join_three"):
            return cut_prompt("".join(self.string(node, name) for name in JOINS), self.note)
        if node.kind in ("add", "sub", "mul"):
            return self._sum(node)
        if output in (wanted, "width", "height", "seed") and not isinstance(node.inputs.get(str(output)), NodeLink):
            return self.scalar(node, str(output))  # the node returns one of its own inputs
        return None

    @followed(InvokePrompt())
    def prompt(self, node: ForeignNode, output: Output) -> InvokePrompt:
        """Return the prompt that a node encodes."""
        name = next((name for name in PROMPTS if name in node.inputs), None)
        if name is None:
            return InvokePrompt()
        text = self.string(node, name)
        for word in sorted(set(COMPEL.findall(text))):
            self.note(f"`.{word}(...)` is not supported in prompts and is kept as text")
        prompt, notes = of_invokeai(text)
        for note in notes:
            self.note(note)
        if name != "style" and (style := self.string(node, "style")) and style != text:
            self.note(f"{node.shown}: its second prompt is ignored: style `{short(style)}`")
        return InvokePrompt(prompt, self.clip_skip(self.get(node, "clip")))

    @followed(NO_COUNT)
    def clip_skip(self, node: ForeignNode, output: Output) -> int | None:
        """Return the number of final text encoder layers that are skipped."""
        if node.kind == "clip_skip":
            return self.integer(node, "skipped_layers") or None
        return self.clip_skip(node.inputs["clip"]) if "clip" in node.inputs else None

    @followed("")
    def model(self, node: ForeignNode, output: Output) -> str:
        """Return the name of the model at an output of a node; "" if the graph does not record it."""
        if node.kind.endswith("model_loader"):
            data = mapping(self.get(node, "model"))
            return string(data.get("name") or data.get("model_name"))[:200]
        links = (node.inputs[name] for name in LOADERS if isinstance(node.inputs.get(name), NodeLink))
        return next((found for link in links if (found := self.model(link))), "")

    def _sum(self, node: ForeignNode) -> float:
        a, b = (self.number(node, name) or 0 for name in ("a", "b"))
        return a + b if node.kind == "add" else a - b if node.kind == "sub" else a * b
