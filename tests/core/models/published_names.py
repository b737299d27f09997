"""Names and true shapes of the tensors of real models, from the public sources that each list cites.

A list starts with `== ident | kind family variant layout`, its source follows after `#`, then lines such as
`blocks.{0-18}.{q,k}.weight 3072x64`. `-` stands for no variant, no layout and for a scalar.
"""

from __future__ import annotations

import gzip
import itertools
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from core.models.contents import Shape

FOLDER = Path(__file__).parent / "published"
_BRACES = re.compile(r"\{([^{}]+)\}")


@dataclass
class Published:
    """A list of names, and what the model that has them is."""

    ident: str
    kind: str
    family: str
    variant: str
    layout: str
    source: str = ""
    shapes: dict[str, Shape] = field(default_factory=dict)


@cache
def published() -> dict[str, Published]:
    """Return all lists by their idents."""
    found: dict[str, Published] = {}
    for path in sorted(FOLDER.glob("*.txt*")):
        text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text("utf-8")
        for one in _parsed(text):
            assert one.ident not in found, one.ident
            found[one.ident] = one
    return found


def _parsed(text: str) -> list[Published]:
    lists: list[Published] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith("== "):
            ident, words = line[3:].split(" | ")
            lists.append(Published(ident, *["" if word == "-" else word for word in words.split()]))
        elif line.startswith("# "):
            lists[-1].source += line[2:]
        else:
            pattern, _, size = line.rpartition(" ")
            shape = () if size == "-" else tuple(map(int, size.split("x")))
            lists[-1].shapes.update(dict.fromkeys(expanded(pattern), shape))
    return lists


def expanded(pattern: str) -> list[str]:
    """Return the names that a pattern stands for: `{0-2}` and `{q,k}` are alternatives."""
    pieces = _BRACES.split(pattern)
    choices = [[piece] if index % 2 == 0 else _choices(piece) for index, piece in enumerate(pieces)]
    return ["".join(parts) for parts in itertools.product(*choices)]


def _choices(text: str) -> list[str]:
    found = []
    for part in text.split(","):
        low, dash, high = part.partition("-")
        is_range = dash and low.isdecimal() and high.isdecimal()
        found += [str(number) for number in range(int(low), int(high) + 1)] if is_range else [part]
    return found
