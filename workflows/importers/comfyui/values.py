"""Read ComfyUI's strings and numbers through primitives, switches and nodes that join or change strings."""

from __future__ import annotations

from collections.abc import Mapping

from workflows.importers.foreign_graph import ForeignNode, NodeLink, Output, followed
from workflows.importers.graph_values import ScalarWalk

from .strings import JOINING, changed_string, joined_strings
from .widgets import OUTPUTS

NO_VALUE: object = None
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "steps": ("steps", "steps_total"),
    "seed": ("seed", "noise_seed"),
    "noise_seed": ("noise_seed", "seed"),
    "cfg": ("cfg", "cfg_scale"),
    "sampler_name": ("sampler_name", "sampler"),
}
HELD = ("value", "Value", "text", "string", "String", "int", "float", "number", "seed", "noise_seed", "prompt")
HOLDERS = ("Primitive", "Seed (rgthree)")  # prefixes of the types of nodes that only hold a value
CONDITIONS = ("switch", "boolean", "cond", "condition")
CHOICES = {True: ("on_true", "tt_value", "if_true"), False: ("on_false", "ff_value", "if_false")}
INDEXES = ("select", "index", "Input")
NUMBERED = ("input{}", "input_{}", "text{}", "text_{}", "image{}", "latent{}")
FIRST_OF = ("any_01", "any_02", "any_03", "any_04", "any_05")
BUNDLES = ("Context (rgthree)", "FromBasicPipe", "FromBasicPipe_v2")
BUNDLED = ("base_ctx", "ctx_01", "basic_pipe", "pipe")  # inputs that carry models, prompts and latents together
SHOWN = {"ShowText|pysssss": "text"}


class ValueWalk(ScalarWalk):
    """Finds the plain values of inputs by following links."""

    def passed_on(self, node: ForeignNode, output: Output) -> object:
        """Return the input that a reroute, a switch or a display node passes on unchanged."""
        if node.kind.startswith("Reroute") and len(links := node.links()) == 1:
            return self.get(node, next(iter(links)))
        if node.kind in SHOWN and isinstance(node.inputs.get(SHOWN[node.kind]), NodeLink):
            self.use(node, *node.inputs)
            return node.inputs[SHOWN[node.kind]]
        if node.kind in BUNDLES:
            return self._unbundled(node, output)
        if "Any Switch" in node.kind:
            return next((self.get(node, name) for name in FIRST_OF if name in node.inputs), None)
        chosen = self._chosen(node) if "switch" in node.kind.lower() or "branch" in node.kind.lower() else ""
        if chosen:
            self.use(node, *node.inputs)
            return node.inputs[chosen]
        return super().passed_on(node, output)

    @followed(NO_VALUE)
    def value(self, node: ForeignNode, output: Output, wanted: str) -> object:
        """Return the plain value of an output; None if it is not known.

        wanted: the name of the input that the output is linked to
        """
        if node.kind in OUTPUTS:
            names = OUTPUTS[node.kind]
            self.use(node, *names)  # an input whose output is unused has no effect, so it counts as used
            return self.scalar(node, names[output]) if isinstance(output, int) and 0 <= output < len(names) else None
        if JOINING.search(node.kind):
            return joined_strings(self, node)
        changed = changed_string(self, node)
        if changed is not None:
            return changed
        names = (*SYNONYMS.get(wanted, (wanted,)), *(HELD if output == 0 else ()))
        name = next((name for name in names if name in node.inputs), None)
        found = None if name is None else self.scalar(node, name)
        if found is not None and not node.kind.startswith(HOLDERS):
            self.note(f"{node.shown} is not supported: its `{name}` is used")
        return found

    def _unbundled(self, node: ForeignNode | None, output: Output) -> object:
        """Return the link or value at one output of a bundle (models, prompts and latents on one link)."""
        names = OUTPUTS[node.kind] if node else ()
        name = names[output] if isinstance(output, int) and 0 <= output < len(names) else ""
        passed: set[str] = set()
        while node is not None and node.id not in passed:
            if name in node.inputs:
                return self.get(node, name)
            passed.add(node.id)
            self.use(node)
            links = node.links()
            link = next((links[each] for each in BUNDLED if each in links), None)
            node = self.nodes.get(link.node) if link else None
        return None

    def _chosen(self, node: ForeignNode) -> str:
        """Return the name of the input that a switch passes on; "" if it is not known."""
        condition = next((name for name in CONDITIONS if name in node.inputs), None)
        if condition is not None:
            names = CHOICES[bool(self.scalar(node, condition))]
            there = [name for names in CHOICES.values() for name in names if name in node.inputs]
            return next((name for name in names if name in node.inputs), there[0] if there else "")
        index = self.scalar(node, *INDEXES)
        return next((name for each in NUMBERED if (name := each.format(index)) in node.inputs), "")
