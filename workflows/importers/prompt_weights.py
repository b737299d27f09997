"""Convert the prompt weights of AUTOMATIC1111 and ComfyUI to our syntax: `(word:1.3)` becomes `(word)1.3`.

In these tools `(word)` multiplies the weight by 1.1, and `[word]` divides it by 1.1 (in AUTOMATIC1111 only). A
backslash escapes a bracket.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

BRACKET_WEIGHT = 1.1
MAX_WEIGHT = 10.0  # weights that our prompts accept
MAX_DEPTH = 32  # how deep brackets may be nested; deeper ones are text
_WEIGHT = re.compile(r":\s{0,9}([+-]?\d{0,6}\.?\d{1,9})\s{0,9}\)")
_EXTRA = re.compile(r"<(lora|lyco|lycoris|hypernet|embedding|segment|object):([^<>]{1,300})>", re.IGNORECASE)
_EMBEDDING = re.compile(r"\bembedding:([\w./\\-]{1,200})")
_EDITED = re.compile(r"(?<!\\)\[([^\[\]]{0,2000})\]")
_SPACES = re.compile(r"[ \t]{2,}")
_GLUED = re.compile(r"(?<=\))(?=[\d.+-])")


@dataclass(slots=True)
class _Piece:
    text: str
    weight: float = 1.0


def rewrite(prompt: str, *, brackets: bool) -> tuple[str, list[str]]:
    """Return a prompt with weights in our syntax, and notes on what is not supported.

    brackets: whether `[word]` lowers the weight
    """
    notes: list[str] = []
    prompt = _without_extras(prompt, notes)
    if brackets:
        prompt = _EDITED.sub(lambda found: _first(found[1], notes), prompt)
    if re.search(r"\bBREAK\b", prompt):
        notes.append("`BREAK` is not supported and is removed")
        prompt = re.sub(r"\s*\bBREAK\b\s*", " ", prompt)
    pieces = _pieces(prompt, brackets)
    if any(piece.weight < 0 for piece in pieces):
        notes.append("weights below 0 are not supported: 0 is used")
    return _SPACES.sub(" ", "".join(map(_printed, _merged(pieces)))).strip(), notes


def _without_extras(prompt: str, notes: list[str]) -> str:
    for kind, name in _EXTRA.findall(prompt):
        notes.append(f"`<{kind}:{name[:60]}>` is ignored: LoRA and similar additions are not supported")
    for name in _EMBEDDING.findall(prompt):
        notes.append(f"`embedding:{name[:60]}` is ignored: textual inversion is not supported")
    return _EMBEDDING.sub("", _EXTRA.sub("", prompt))


def _first(inside: str, notes: list[str]) -> str:
    """Return the text that `[from:to:when]` or `[this|that]` starts with; other text in brackets is kept."""
    parts = inside.split("|") if "|" in inside else inside.split(":")
    if len(parts) < 2:
        return f"[{inside}]"
    first = next((part for part in parts if part.strip()), "")
    notes.append(f"`[{inside[:60]}]` changes while sampling, which is not supported: `{first[:60]}` is used")
    return first


def _pieces(prompt: str, brackets: bool) -> list[_Piece]:
    pieces = [_Piece("")]
    opened: list[tuple[str, int]] = []  # each open bracket, with the index of the first piece inside it
    at = 0
    while at < len(prompt):
        char, weight = prompt[at], _WEIGHT.match(prompt, at)
        top = opened[-1][0] if opened else ""
        if char == "\\" and prompt[at + 1 : at + 2] and prompt[at + 1] in "()[]\\":
            pieces[-1].text += prompt[at + 1]
            at += 1
        elif len(opened) < MAX_DEPTH and (char == "(" or (char == "[" and brackets)):
            opened.append((char, len(pieces)))
            pieces.append(_Piece(""))
        elif weight and top == "(":
            _close(pieces, opened, float(weight[1]))
            at = weight.end() - 1
        elif (char, top) in ((")", "("), ("]", "[")):
            _close(pieces, opened, BRACKET_WEIGHT if char == ")" else 1 / BRACKET_WEIGHT)
        else:
            pieces[-1].text += char
        at += 1
    while opened:
        _close(pieces, opened, BRACKET_WEIGHT if opened[-1][0] == "(" else 1 / BRACKET_WEIGHT)
    return pieces


def _close(pieces: list[_Piece], opened: list[tuple[str, int]], factor: float) -> None:
    for piece in pieces[opened.pop()[1] :]:
        piece.weight = max(-MAX_WEIGHT, min(piece.weight * factor, MAX_WEIGHT))
    pieces.append(_Piece(""))


def _merged(pieces: list[_Piece]) -> list[_Piece]:
    merged: list[_Piece] = []
    for piece in pieces:
        weight = round(max(piece.weight, 0.0), 3)
        if merged and merged[-1].weight == weight:
            merged[-1].text += piece.text
        elif piece.text:
            merged.append(_Piece(piece.text, weight))
    return merged


def _printed(piece: _Piece) -> str:
    text = _GLUED.sub(" ", piece.text)  # in `(text) 2`, the number is not a weight
    if piece.weight == 1.0 or not text.strip():
        return text
    if text.count("(") != text.count(")"):
        text = text.replace("(", "").replace(")", "")
    return f"({text}){piece.weight:g}"
