"""Draw the packages of the program and what they import, as found in the code, in `docs/imports.svg`.

Run `python -m docs.imports` in the root of the repository. A box is a package, a single module of a floor, or a part of
a package (`PARTS`); an arrow goes from the importing box to the imported one. The exit status is 1 if an arrow goes up
or closes a cycle.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from html import escape
from pathlib import Path

ROOT = Path(__file__).parents[1]
FLOORS = {
    "invokeai_web": "the web server, beside the terminal",
    "invokeai_cli": "the terminal",
    "workflows": "text to graph and back, for every application",
    "invocations": "the invoke framework",
    "core": "the AI core",
}
PARTS = {
    # The metadata of directives is data; the code that runs directives is above the shell.
    "invokeai_cli.directives.directive": "invokeai_cli.directives.table",
    "invokeai_cli.directives.stored_rows": "invokeai_cli.directives.table",
    "invokeai_cli.directives.table": "invokeai_cli.directives.table",
    # The interfaces of services are below the context that offers them; their implementations are above it.
    "invocations.services.*.base": "invocations.services.base",
    # Classes are checked when they are declared; the code that discovers and lists classes is in a higher box.
    "invocations.catalog.describe": "invocations.catalog.rules",
    "invocations.catalog.roles": "invocations.catalog.rules",
    "invocations.catalog.rules": "invocations.catalog.rules",
    # The invoker adds items to the queue; the coordinator runs them through the invoker.
    "invocations.queueing.base": "invocations.queueing.store",
    "invocations.queueing.changes": "invocations.queueing.store",
    "invocations.queueing.content": "invocations.queueing.store",
    "invocations.queueing.leases": "invocations.queueing.store",
    "invocations.queueing.limits": "invocations.queueing.store",
    "invocations.queueing.local": "invocations.queueing.store",
    "invocations.queueing.memory": "invocations.queueing.store",
    "invocations.queueing.requests": "invocations.queueing.store",
    "invocations.queueing.rows": "invocations.queueing.store",
}
"""Modules that are drawn in a box of their own, because they are on a lower layer than the rest of their package."""

WIDTH, MARGIN, BOX, GAP_X, GAP_Y, HEAD, SPACE = 1080, 24, 26, 14, 34, 34, 40
LETTER = 6.9  # width of a character in the boxes, in pixels
ROOM = WIDTH - 150  # width of the area with the boxes; the arrows between floors are to the right of it
Graph = dict[str, set[str]]
Place = tuple[float, float, float]  # left edge, top edge and width of a box
Band = tuple[str, str, float, float]  # floor, description, top edge and height


def imports(floors: Mapping[str, str] = FLOORS, root: Path = ROOT) -> dict[tuple[str, str], int]:
    """Return how often each box imports each of the others, including imports inside functions and for types."""
    found: Counter[tuple[str, str]] = Counter()
    for path in sorted(path for floor in floors for path in (root / floor).rglob("*.py")):
        module = path.relative_to(root).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
        package = module if path.name == "__init__.py" else module.rpartition(".")[0]
        for target in _targets(ast.parse(path.read_text("utf-8")), package):
            if target.partition(".")[0] in floors:
                source_box, target_box = box_of(module, root), box_of(target, root)
                if source_box != target_box:
                    found[source_box, target_box] += 1
    return dict(found)


def _targets(tree: ast.AST, package: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def box_of(module: str, root: Path = ROOT) -> str:
    """Return the box for a module or for a name in a module: a part in `PARTS`, a package or module, or a floor."""
    for pattern, part in PARTS.items():
        if fnmatchcase(module, pattern) or fnmatchcase(module, f"{pattern}.*"):
            return part
    floor, _, rest = module.partition(".")
    first = rest.partition(".")[0]
    if first and ((root / floor / first).is_dir() or (root / floor / f"{first}.py").is_file()):
        return f"{floor}.{first}"
    return floor


def layers(boxes: set[str], arrows: Graph) -> tuple[list[list[str]], list[tuple[str, str]]]:
    """Return layers of boxes, lowest first, each box above all that it imports; and the arrows that close a cycle."""
    level: dict[str, int] = {}
    broken: list[tuple[str, str]] = []

    def place(box: str, path: tuple[str, ...]) -> int:
        if box not in level:
            below = 0
            for target in sorted(arrows.get(box, set()) & boxes):
                if target in (*path, box):
                    broken.append((box, target))
                else:
                    below = max(below, place(target, (*path, box)) + 1)
            level[box] = below
        return level[box]

    for box in sorted(boxes):
        place(box, ())
    rows: list[list[str]] = [[] for _ in range(max(level.values(), default=-1) + 1)]
    for box in sorted(boxes):
        rows[level[box]].append(box)
    return rows, broken


def draw() -> tuple[str, list[tuple[str, str]]]:
    """Return the drawing as SVG, and the arrows that go up or close a cycle."""
    counts = imports()
    order = list(FLOORS)
    arrows: Graph = {}
    for source, target in counts:
        arrows.setdefault(source, set()).add(target)
    wrong = [(a, b) for a, b in counts if order.index(a.partition(".")[0]) > order.index(b.partition(".")[0])]
    parts, places = [], dict[str, Place]()
    top = float(MARGIN)
    bands = []
    for floor, says in FLOORS.items():
        boxes = {end for ends in counts for end in ends if end.startswith(f"{floor}.")}
        rows, circles = layers(boxes, arrows)
        wrong += circles
        start = top
        top += HEAD
        for row in reversed(rows):
            top = _place_row(row, top, places, arrows) + GAP_Y
        bands.append((floor, says, start, top - start - GAP_Y + MARGIN / 2))
        top += SPACE
    for floor, says, start, height in bands:
        parts.append(f'<rect class="floor" x="8" y="{start:.0f}" width="{WIDTH - 16}" height="{height:.0f}" rx="6"/>')
        title = f'{floor}/  <tspan class="says">{escape(says)}</tspan>'
        parts.append(f'<text class="name" x="{MARGIN}" y="{start + 21:.0f}">{title}</text>')
    for source, target in sorted(counts):
        if source in places and target in places and source.partition(".")[0] == target.partition(".")[0]:
            parts.append(_arrow(places[source], places[target], "up" if (source, target) in wrong else "arrow"))
    parts += _between(bands, counts)
    for box, (x, y, width) in places.items():
        parts.append(f'<rect class="box" x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{BOX}" rx="4"/>')
        parts.append(
            f'<text x="{x + width / 2:.0f}" y="{y + 17:.0f}" text-anchor="middle">{box.partition(".")[2]}</text>'
        )
    return _page(parts, top), wrong


def _place_row(row: list[str], top: float, places: dict[str, Place], arrows: Graph) -> float:
    """Place the boxes of a layer, each near the boxes above that import it; return the lower edge of the layer."""
    widths = {box: len(box.partition(".")[2]) * LETTER + 18 for box in row}
    wanted = {box: _wanted(box, places, arrows) for box in row}
    x, gap = 0.0, max(GAP_X, (ROOM - sum(widths.values())) / (len(row) + 1))
    for box in sorted(row, key=lambda box: (wanted[box], box)):
        alone = len(row) == 1
        x = min(max(wanted[box] - widths[box] / 2, MARGIN), ROOM - widths[box]) if alone else x + gap
        places[box] = (x, top, widths[box])
        x += widths[box]
    return top + BOX


def _wanted(box: str, places: Mapping[str, Place], arrows: Graph) -> float:
    """Return the mean of the centers of the boxes that import a box."""
    middles = [x + width / 2 for other, (x, _, width) in places.items() if box in arrows.get(other, ())]
    return sum(middles) / len(middles) if middles else ROOM / 2


def _arrow(source: Place, target: Place, kind: str) -> str:
    x1, y1, x2, y2 = source[0] + source[2] / 2, source[1] + BOX, target[0] + target[2] / 2, target[1]
    bend = (y2 - y1) / 2
    curve = f"C{x1:.0f} {y1 + bend:.0f} {x2:.0f} {y2 - bend:.0f} {x2:.0f} {y2:.0f}"
    return f'<path class="{kind}" d="M{x1:.0f} {y1:.0f} {curve}"/>'


def _between(bands: list[Band], counts: Mapping[tuple[str, str], int]) -> list[str]:
    """Return the arrows between the floors."""
    floors = {(source.partition(".")[0], target.partition(".")[0]) for source, target in counts}
    parts = []
    for at, (upper, _, start, height) in enumerate(bands):
        for further, (lower, _, below, _) in enumerate(bands[at + 1 :]):
            if (upper, lower) in floors:
                x = ROOM + 40 + 45 * further
                parts.append(f'<path class="stair" d="M{x} {start + height:.0f} L{x} {below:.0f}"/>')
    return parts


STYLE = """
text { font: 12px ui-monospace, monospace; fill: #222 }
.name { font-weight: bold; font-size: 14px }
.says { font-weight: normal; font-size: 12px; fill: #666 }
.floor { fill: #f6f7f9; stroke: #d5d9e0 }
.box { fill: #fff; stroke: #8b96a8 }
.arrow, .up, .stair { fill: none; stroke: #9fb3cf; stroke-width: .8; marker-end: url(#tip) }
.up { stroke: #c22; stroke-width: 1.6 }
.stair { stroke: #4a6fa5; stroke-width: 2 }
"""
TIP = """<marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" orient="auto">
<path d="M0 0 8 4 0 8z" fill="#7d90ad"/></marker>"""


def _page(parts: list[str], height: float) -> str:
    size = f'viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" height="{height:.0f}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>\n<style>{STYLE}</style>\n<defs>{TIP}</defs>'
    return "\n".join([head, '<rect width="100%" height="100%" fill="#fff"/>', *parts, "</svg>\n"])


def main() -> int:
    """Write the drawing and print the arrows that go up."""
    drawing, wrong = draw()
    target = ROOT / "docs" / "imports.svg"
    target.write_text(drawing, "utf-8")
    for source, target_box in wrong:
        print(f"{source} -> {target_box} goes up or closes a cycle")
    print(f"{target.relative_to(ROOT)}: {len(imports())} arrows, {len(wrong)} up or in a cycle")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
