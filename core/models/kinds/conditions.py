"""A small language for conditions on tensor names and shapes, so that rules can be written as rows of a table.

    a.b.weight          a tensor has this name
    blocks.#.attn       the same; `#` stands for any number between dots
    *.attn.to_k         the same; `*` stands for any characters
    a.b[1]=768,1024     its second dimension has one of these sizes
    a.b:4               it has four dimensions
    a | b               either holds
    !a                  it does not hold
    a b                 both hold

`#` compares structure and not depth, so a model with fewer blocks than usual is recognized, too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from core.models.contents import Shape

_ATOM = re.compile(r"(?P<deny>!?)(?P<name>[^\[\]:=!|\s]+)(?:\[(?P<axis>-?\d)\]=(?P<sizes>[\d,]+)|:(?P<rank>\d))?")


class Names:
    """The tensors below a prefix, by their names without it.

    labels: how a file spells a name, where that is not the prefix and the name.
    """

    def __init__(
        self, shapes: Mapping[str, Shape], prefix: str = "", *, labels: Mapping[str, str] | None = None
    ) -> None:
        self.prefix, self.labels = prefix, labels or {}
        self.shapes = (
            {name[len(prefix) :]: shape for name, shape in shapes.items() if name.startswith(prefix)}
            if prefix
            else dict(shapes)
        )

    @cached_property
    def by_structure(self) -> dict[str, str]:
        """The first name of each structure, by the structure: the name with `#` for each number."""
        found: dict[str, str] = {}
        for name in self.shapes:
            found.setdefault(structure_of(name), name)
        return found

    @cached_property
    def lines(self) -> str:
        """All names, one a line: searching one string is much faster than searching each name."""
        return "\n".join(self.shapes)

    def find(self, pattern: str) -> str | None:
        """Return the first name that fits a pattern."""
        if pattern in self.shapes:
            return pattern
        if "*" not in pattern and ("#" not in pattern or structure_of(pattern) == pattern):
            return self.by_structure.get(pattern) if "#" in pattern else None
        if any(piece not in self.lines for piece in re.split(r"[*#]", pattern)):
            return None  # most patterns fail here, which is much faster than the search
        match = _compiled(pattern).search(self.lines)
        return match[0] if match else None

    def size(self, pattern: str, axis: int) -> int | None:
        """Return the size of a dimension of the first tensor that fits, if there is one."""
        name = self.find(pattern)
        shape = self.shapes[name] if name is not None else ()
        return shape[axis] if -len(shape) <= axis < len(shape) else None

    def count(self, root: str) -> int:
        """Return the number of blocks `root.0`, `root.1` and so on, of which some may be missing."""
        parts = [name[len(root) + 1 :].split(".", 1)[0] for name in self.shapes if name.startswith(root + ".")]
        return len({part for part in parts if part.isdecimal()})


def structure_of(name: str) -> str:
    """Return a name with `#` for each number between dots."""
    return ".".join(["#" if part.isdecimal() else part for part in name.split(".")])


def reasons(condition: str, names: Names) -> tuple[str, ...] | None:
    """Return why a condition holds, as short predicates, or None if it does not. An empty condition holds."""
    found: list[str] = []
    for alternatives in _parsed(condition):
        reason = next((reason for atom in alternatives if (reason := _reason(atom, names))), None)
        if reason is None:
            return None
        found.append(reason)
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class _Atom:
    name: str
    denied: bool = False
    axis: int | None = None
    sizes: tuple[int, ...] = ()
    rank: int | None = None


@lru_cache(maxsize=4096)
def _parsed(condition: str) -> tuple[tuple[_Atom, ...], ...]:
    """Return the terms of a condition, each a tuple of alternatives. Raises: ValueError."""
    joined = re.sub(r"\s*\|\s*", "|", condition.strip())
    return tuple(tuple(_atom(text) for text in term.split("|")) for term in joined.split())


def _atom(text: str) -> _Atom:
    match = _ATOM.fullmatch(text)
    if match is None:
        raise ValueError(f"not a condition: {text}")
    axis, sizes, rank = match["axis"], match["sizes"] or "", match["rank"]
    return _Atom(
        match["name"],
        denied=bool(match["deny"]),
        axis=int(axis) if axis else None,
        sizes=tuple(int(size) for size in sizes.split(",") if size),
        rank=int(rank) if rank else None,
    )


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(f"^{re.escape(pattern)}$".replace(r"\*", ".*").replace(r"\#", r"\d+"), re.MULTILINE)


def _reason(atom: _Atom, names: Names) -> str | None:
    name = names.find(atom.name)
    holds = name is not None and _fits(atom, names.shapes[name])
    if holds == atom.denied:
        return None
    if name is None:
        return f"has no {names.prefix}{atom.name}"
    shape, label = "x".join(map(str, names.shapes[name])), names.labels.get(name, names.prefix + name)
    return f"{label} is {shape or 'a scalar'}" if atom.sizes or atom.rank is not None else f"has {label}"


def _fits(atom: _Atom, shape: Shape) -> bool:
    if atom.rank is not None:
        return len(shape) == atom.rank
    if atom.axis is not None:
        return -len(shape) <= atom.axis < len(shape) and shape[atom.axis] in atom.sizes
    return True
