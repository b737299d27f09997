"""Follow ComfyUI's conditioning back to the prompt strings, and models and text encoders back to their loaders."""

from __future__ import annotations

from typing import cast

from invocations.frozen import frozen
from workflows.importers.foreign_graph import ForeignNode, NodeLink, Output, followed
from workflows.importers.parameters import short
from workflows.importers.prompt_weights import rewrite

from .values import BUNDLED, ValueWalk
from .widgets import OUTPUTS

POSITIVE, NEGATIVE = "positive", "negative"
TEXTS = ("text", "text_g", "t5xxl", "clip_g", "clip_l", "text_l", "bert", "mt5xl", "user_prompt", "prompt")
OTHER_TEXTS = ("populated_text", "{}_prompt", "prompt_{}", "text_{}", "{}", "text", "prompt", "text_g", "string")
JOINED = ("ConditioningConcat", "ConditioningCombine")  # prefixes of node types
CONDITIONING = ("conditioning", "conditioning_to", "conditioning_1", "cond1")
MODELS = ("ckpt_name", "unet_name", "model_name", "base_ckpt_name")
MODEL_LINKS = ("model", "unet", *BUNDLED)
CLIP_LINKS = ("clip", *BUNDLED)
SEPARATOR = ", "
NO_LORA = "None"


@frozen
class EncodedPrompt:
    """The prompt that a conditioning was encoded from, in our syntax, and the number of text encoder layers skipped."""

    text: str = ""
    clip_skip: int | None = None


NO_COUNT = cast("int | None", None)
NOTHING = EncodedPrompt()


class PromptWalk(ValueWalk):
    """Walks back through a graph and finds prompts, clip skip and models."""

    @followed(NOTHING)
    def prompt(self, node: ForeignNode, output: Output, side: str) -> EncodedPrompt:
        """Return the prompt that a conditioning was encoded from.

        side: which prompt to return if a node has both, POSITIVE or NEGATIVE
        """
        if node.kind == "ConditioningZeroOut":
            self.use(node, *node.inputs)
            return NOTHING
        if node.kind.startswith(JOINED):
            return self._joined(node, side)
        if node.kind == "ConditioningAverage":
            return self._average(node, side)
        if {POSITIVE, NEGATIVE} <= set(node.inputs):
            return self._one_of_both(node, output, side)
        if node.kind.startswith("CLIPTextEncode"):
            return self._encoded(node, TEXTS)
        if "clip" in node.inputs and (names := self._texts(node, side)):
            self.note(f"{node.shown} is not supported: its `{names[0]}` is used as the prompt")
            return self._encoded(node, names)
        links = [node.inputs[name] for name in (*CONDITIONING, side, *BUNDLED) if name in node.inputs]
        return next((found for link in links if (found := self.prompt(link, side)) != NOTHING), NOTHING)

    def _encoded(self, node: ForeignNode, names: tuple[str, ...]) -> EncodedPrompt:
        """Return the prompt that a node encodes; add a note if the node has a second, different prompt."""
        texts = {name: text for name in names if name in node.inputs and (text := self.string(node, name)).strip()}
        main = next(iter(texts.values()), "")
        for name, text in texts.items():
            if text != main:
                self.note(f"{node.shown}: its second prompt is ignored: {name} `{short(text)}`")
        return EncodedPrompt(self.weighted(main), self.clip_skip(self.get(node, "clip")))

    def weighted(self, text: str) -> str:
        """Return a prompt with ComfyUI's weights converted to our syntax."""
        prompt, notes = rewrite(text, brackets=False)
        for note in notes:
            self.note(note)
        return prompt

    def _texts(self, node: ForeignNode, side: str) -> tuple[str, ...]:
        names = dict.fromkeys(name.format(side) for name in OTHER_TEXTS)
        return tuple(name for name in names if isinstance(node.inputs.get(name), (str, NodeLink)))[:1]

    def _one_of_both(self, node: ForeignNode, output: Output, side: str) -> EncodedPrompt:
        """Return the positive or the negative prompt of a node whose first two outputs are the two conditionings."""
        names = OUTPUTS.get(node.kind, (POSITIVE, NEGATIVE))
        name = names[output] if isinstance(output, int) and 0 <= output < len(names) else side
        name = name if name in (POSITIVE, NEGATIVE) else side
        value = self.resolve(node.inputs[name])
        if isinstance(value, NodeLink) and not isinstance(node.inputs.get("ckpt_name"), str):
            return self.prompt(value, name)
        if node.inputs.get("lora_name") == NO_LORA:
            self.use(node, "lora_name", "lora_model_strength", "lora_clip_strength")
        skip = self.number(node, "clip_skip", "base_clip_skip")
        return EncodedPrompt(self.weighted(self.string(node, name)), _skipped(skip))

    def _joined(self, node: ForeignNode, side: str) -> EncodedPrompt:
        """Return the prompts of a node that combines several, joined with commas."""
        self.use(node)
        found = [each for link in node.links().values() if (each := self.prompt(link, side)).text]
        if len(found) > 1:
            self.note(f"{node.shown}: combined prompts are not supported and are joined with commas")
        return EncodedPrompt(SEPARATOR.join(each.text for each in found), found[0].clip_skip if found else None)

    def _average(self, node: ForeignNode, side: str) -> EncodedPrompt:
        """Return the first of two averaged prompts; add a note with the second prompt and its share."""
        share = self.number(node, "conditioning_to_strength")
        first, other = (self.prompt(self.get(node, f"conditioning_{name}"), side) for name in ("to", "from"))
        share = 1.0 if share is None else share
        if share < 1:
            self.note(
                f"{node.shown}: the second prompt, `{short(other.text)}`, with a share of {1 - share:.3g}, is ignored"
            )
        return first

    @followed(NO_COUNT)
    def clip_skip(self, node: ForeignNode, output: Output) -> int | None:
        """Return the number of final text encoder layers that are skipped, or None if the graph does not set it."""
        if node.kind == "CLIPSetLastLayer":
            return _skipped(self.number(node, "stop_at_clip_layer"))
        return next((self.clip_skip(node.inputs[name]) for name in CLIP_LINKS if name in node.inputs), None)

    @followed("")
    def model(self, node: ForeignNode, output: Output) -> str:
        """Return the name of the model at an output of a node; "" if the graph does not record it."""
        name = next((name for name in MODELS if name in node.inputs), "")
        if name:
            return self.string(node, name)[:200]
        links = (node.inputs[name] for name in MODEL_LINKS if name in node.inputs)
        return next((found for link in links if (found := self.model(link))), "")


def _skipped(last: float | None) -> int | None:
    """Convert the layer at which a text encoder stops, counted from -1 for the last one, to our clip skip."""
    return int(-last) - 1 if last is not None and -12 <= last < -1 else None
