"""Warn about prompts with syntax that is treated as plain words: not supported, or in need of `--dynamic`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from invocations.catalog.roles import roles_of
from invocations.prompt_syntax import A1111, INVOKE, PROMPT, PROMPT_SYNTAX

if TYPE_CHECKING:
    from invocations.graph.graph import Node
    from invocations.spec import InvocationSpec

    from .computed_text import Linked
    from .plan import Plan

PASSES_ON = frozenset({"spreads", "lists", "picks", "zips"})  # roles of nodes that may pass a string on to a prompt
DEEPEST = 8  # how many nodes that compute strings may follow one another
MOST = 3  # how many examples a warning quotes
WIDTH = 40  # how many characters of an example a warning quotes
_CHANGES = "prompt editing is not supported; write only one of the alternatives"
_ONE = "write one prompt with weights: (a fox)1.2, (snow)0.8"
_IN_A1111 = "use --prompt-syntax a1111"
# Patterns for unsupported syntax, each with what to write instead. All repetitions are bounded, so matching takes
# time linear in the length of the prompt.
_FOREIGN: Final[tuple[tuple[str, str], ...]] = (
    (r"<(?:lora|lyco|lycoris|hypernet):[^<>\n]{1,200}>", "LoRAs cannot be used yet; leave it out"),
    (r"\bembedding:[\w.-]{1,100}", "embeddings cannot be used yet; leave it out"),
    (r"\[[^\[\]\n]{0,200}:\s?\d*\.?\d+\s?\]", _CHANGES),
    (r"\[[^\[\]\n]{0,200}\|[^\[\]\n]{0,200}\]", _CHANGES),
    (r"(?<=[\")])\s?\.(?:blend|and|swap)\s?\(", _ONE),
)
_SHOUTED: Final = (r"\bAND\b", _ONE)  # not applied if the whole prompt is in capitals
_BREAK: Final = (r"\bBREAK\b", _IN_A1111)
_INVOKE: Final[tuple[tuple[str, str], ...]] = (
    (r"\(\([^()\n]{1,100}\)\)(?![\d.+-])", f"write (word)1.21, or {_IN_A1111}"),
    (r"\[[^\[\]:|\n]{1,100}\]", f"write (word)0.9, or {_IN_A1111}"),
    (r":\s?-\d*\.?\d+\s?\)", "a weight cannot be negative"),
)
_LARGE: Final = re.compile(r":\s?(\d{1,6}\.\d{0,6}|\d{1,6})\s?\)|\)(\d{1,6}(?:\.\d{1,6})?)(?![\w.])")
_ESCAPED: Final = re.compile(r"\\[()\[\]\\:+-]")


def lint_prompts(plan: Plan, catalog: Mapping[str, InvocationSpec]) -> Iterator[str]:
    """Yield one warning if the prompts of a line contain syntax that is not supported, and one about `--dynamic`."""
    found: dict[str, list[str]] = {}
    dynamic: list[str] = []
    for node in plan.nodes:
        for prompt, syntax in prompts_of(plan, node, catalog):
            for instead, example in foreign(prompt, syntax):
                examples = found.setdefault(instead, [])
                if example not in examples:
                    examples.append(example)
            dynamic += [example for example in _dynamic(prompt) if example not in dynamic]
    if dynamic:
        yield f"treated as plain words: {_listed(dynamic)}; add --dynamic to make a prompt for each alternative"
    if found:
        parts = "; ".join(f"{_listed(examples)} ({instead})" for instead, examples in found.items())
        yield f"unsupported syntax in a prompt is treated as plain words: {parts}"


def foreign(prompt: str, syntax: str = INVOKE) -> Iterator[tuple[str, str]]:
    """Yield a pair for each unsupported part of a prompt: what to write instead, and the part itself."""
    plain = _ESCAPED.sub("  ", prompt)
    rows = [*_FOREIGN, *([] if syntax == A1111 else _INVOKE)]
    if plain.upper() != plain:
        rows += [_SHOUTED, *([] if syntax == A1111 else [_BREAK])]
    for pattern, instead in rows:
        for match in re.finditer(pattern, plain):
            yield instead, shortened(match[0])
    for match in _LARGE.finditer(plain):
        number = match[1] or match[2]
        if float(number) > 10 and not (match[1] and plain[: match.start()].rstrip()[-1:].isdigit()):
            yield "a weight can be at most 10; 10 is used", shortened(match[0])


def _dynamic(prompt: str) -> Iterator[str]:
    """Yield the parts of a prompt that `--dynamic` would expand."""
    if "{" in prompt or "__" in prompt:
        from invocations.dynamic.looks import dynamic_parts  # imported on demand: few prompts contain these symbols

        yield from map(shortened, dynamic_parts(prompt))


def prompts_of(plan: Plan, node: Node, catalog: Mapping[str, InvocationSpec]) -> Iterator[tuple[str, str]]:
    """Yield the prompts of a node that are known before the line runs, each with its syntax."""
    spec = catalog[node.type]
    syntaxes = [field for field in spec.inputs if field.completes == PROMPT_SYNTAX]
    syntax = next((str(node.inputs.get(field.name, field.default)) for field in syntaxes), INVOKE)
    for field in spec.inputs:
        if field.completes == PROMPT:
            strings = [node.inputs.get(field.name), *_upstream(plan, node.id, field.name, catalog)]
            yield from [(text, syntax) for text in strings if isinstance(text, str)]


def _upstream(
    plan: Plan, node: str, name: str, catalog: Mapping[str, InvocationSpec], depth: int = 0
) -> Iterator[object]:
    """Yield the strings that may arrive at an input through a link: from a list, through a loop, or computed."""
    nodes = {each.id: each for each in plan.nodes}
    waiting = [edge.source for edge in plan.edges if (edge.target, edge.input) == (node, name)]
    if not waiting:
        return
    from .computed_text import computed, is_computed  # imported on demand: few prompts are linked

    seen = set()
    while waiting:
        id_ = waiting.pop()
        if id_ in seen or id_ not in nodes or depth > DEEPEST:
            continue
        seen.add(id_)
        spec = catalog[nodes[id_].type]
        if is_computed(spec):
            yield from computed(nodes[id_], spec, _linked(plan, id_, catalog, depth + 1))
        elif not PASSES_ON.isdisjoint(roles_of(catalog, nodes[id_].type)):
            for value in nodes[id_].inputs.values():
                yield from value if isinstance(value, (list, tuple)) else [value]
            waiting += [edge.source for edge in plan.edges if edge.target == id_]


def _linked(plan: Plan, node: str, catalog: Mapping[str, InvocationSpec], depth: int) -> Linked:
    return lambda name: _upstream(plan, node, name, catalog, depth)


def _listed(examples: list[str]) -> str:
    more = f" and {len(examples) - MOST} more" if len(examples) > MOST else ""
    return ", ".join(f"`{each}`" for each in examples[:MOST]) + more


def shortened(text: str) -> str:
    """Return a part of a prompt on one line, shortened to `WIDTH` characters."""
    text = " ".join(text.split())
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"
