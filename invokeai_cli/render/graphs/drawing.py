"""Draw a chart as rows of text: boxes in layers, lines between them, within the given width."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count, pairwise

from invocations.frozen import frozen
from workflows.charts.chart import DONE, FAILED, NOT_RUN, REUSED, RUNNING, SKIPPED, Box, Chart, Link
from workflows.shown_text import cells, cut, plain

from .canvas import Canvas
from .layers import Lane, ahead_of, layered
from .places import Columns, joined, placed
from .routes import Channel, routed

WIDEST = 36  # maximum width of a box, in columns
MAX_LINKS = 6  # maximum number of links listed in a box
BETWEEN = 3  # number of columns between unconnected parts
SIGNS = {DONE: "✓", REUSED: "↻", RUNNING: "▶", FAILED: "✗", SKIPPED: "⊘", NOT_RUN: "○"}
STYLES = {DONE: "\x1b[32m", REUSED: "\x1b[36m", RUNNING: "\x1b[33m", FAILED: "\x1b[1;31m", SKIPPED: "\x1b[2m"}
LETTERS = "│─┌┐└┘├┤┬┴┼▼→…✓↻▶✗⊘○"  # characters that a stream must be able to encode for a Unicode drawing


@frozen
class _Shape:
    """A box with its drawn text."""

    box: Box
    texts: tuple[str, ...]
    width: int

    @property
    def height(self) -> int:
        return len(self.texts) + 2


@frozen
class _Part:
    """A connected part of the chart, drawn on its own canvas."""

    rows: tuple[str, ...]
    width: int


def draw(chart: Chart, *, width: int, unicode: bool = True, color: bool = False) -> str:
    """Return the chart as text: in ASCII unless `unicode`, and with states shown only by words unless `color`."""
    parts = [_part(part, width, unicode=unicode, color=color) for part in chart.parts()]
    shelves: list[list[_Part]] = []
    for part in parts:
        if shelves and sum(each.width + BETWEEN for each in shelves[-1]) + part.width <= width:
            shelves[-1].append(part)
        else:
            shelves.append([part])
    return "\n".join(line for shelf in shelves for line in _side_by_side(shelf))


def _side_by_side(parts: Sequence[_Part]) -> list[str]:
    lines = []
    for index in range(max(len(part.rows) for part in parts)):
        line, gap = "", 0
        for part in parts:
            row = part.rows[index] if index < len(part.rows) else ""
            line += " " * gap + row
            gap = part.width - _bare(row) + BETWEEN
            gap = gap if row or part.width else BETWEEN
        lines.append(line.rstrip())
    return lines


def _bare(row: str) -> int:
    """Return the width of a row, ignoring colors."""
    if "\x1b" not in row:
        return cells(row)
    import re

    return cells(re.sub("\x1b\\[[0-9;]*m", "", row))


def _part(chart: Chart, room: int, *, unicode: bool, color: bool) -> _Part:
    side_by_side = len(chart.boxes) > 1 and any(len(ahead) > 1 for ahead in ahead_of(chart).values())
    side_by_side = side_by_side or len({link.target for link in chart.links}) < len(_sources(chart))
    into: dict[str, list[Link]] = {box.key: [] for box in chart.boxes}
    for link in chart.links:
        into[link.target].append(link)
    shapes = {box.key: _shape(box, into[box.key], room, unicode=unicode, tall=side_by_side) for box in chart.boxes}
    widths = {key: shape.width for key, shape in shapes.items()}
    canvas = Canvas()
    layers = layered(chart, widths, room)
    if layers is None:
        y = 0
        for shape in shapes.values():
            _draw_box(canvas, shape, 0, y)
            y += shape.height
    else:
        ahead = ahead_of(chart)
        lines = [joined(upper, lower, ahead) for upper, lower in pairwise(layers)]
        columns = placed(layers, lines, widths, room)
        _draw_layers(
            canvas,
            columns,
            [routed(*each, widths, room) for each in zip(lines, columns, columns[1:], strict=False)],
            shapes,
        )
    rows = canvas.rows(plain=not unicode, styles=STYLES if color else {})
    return _Part(tuple(rows), max(map(_bare, rows), default=0))


def _sources(chart: Chart) -> set[tuple[str, str]]:
    return {(link.source, link.target) for link in chart.links}


def _shape(box: Box, into: Sequence[Link], room: int, *, unicode: bool, tall: bool) -> _Shape:
    """Return the text of a box: title, state, links."""
    state = f"{SIGNS[box.state]} {box.status}" if unicode else f"[{box.status}]"
    title = plain(box.title)
    texts = [title, state] if tall or cells(title) + cells(state) + 2 > WIDEST else [f"{title}  {state}"]
    if box.each:
        texts.append(f"for each of {', '.join(box.each)}")
    arrow = "→" if unicode else "->"
    texts += [plain(f"{link.source}.{link.output} {arrow} {link.input}") for link in into[:MAX_LINKS]]
    if len(into) > MAX_LINKS:
        texts.append(f"and {len(into) - MAX_LINKS} more")
    inside = min(max(map(cells, texts)), min(WIDEST, room - 4))
    return _Shape(box, tuple(cut(text, inside) for text in texts), inside + 4)


def _draw_layers(
    canvas: Canvas, columns: Sequence[Columns], channels: Sequence[Channel], shapes: dict[str, _Shape]
) -> None:
    y, numbers = 0, count()
    for index, things in enumerate(columns):
        height = max(shapes[thing].height for thing in things if isinstance(thing, str))
        for thing, x in things.items():
            if isinstance(thing, Lane):
                canvas.line(-1, (x, y), (x, y + height - 1))
            else:
                _draw_box(canvas, shapes[thing], x, y)
        if index:
            for _, column in channels[index - 1].ports:
                canvas.write(column, y, "▼")
        y += height
        if index == len(channels):
            break
        channel = channels[index]
        bottoms = {
            x + shapes[thing].width // 2: shapes[thing].height for thing, x in things.items() if isinstance(thing, str)
        }
        for number, route in zip(numbers, channel.routes, strict=False):
            track = y + (route.track or 0)
            for column in route.above:
                top = y - height + bottoms[column] - 1 if column in bottoms else y - 1
                canvas.line(number, (column, top), (column, track if route.track is not None else y + channel.rows))
                if column in bottoms:
                    canvas.write(column, top, "┬")
            for column in route.below if route.track is not None else ():
                canvas.line(number, (column, track), (column, y + channel.rows))
            canvas.line(number, (route.span[0], track), (route.span[1], track))
        y += channel.rows


def _draw_box(canvas: Canvas, shape: _Shape, x: int, y: int) -> None:
    """Draw a box: a frame in the color of its state, and the text inside."""
    style, inside = shape.box.state, shape.width - 4
    canvas.write(x, y, "┌" + "─" * (inside + 2) + "┐", style)
    for row, text in enumerate(shape.texts, y + 1):
        canvas.write(x, row, "│", style)
        canvas.write(x + 1, row, f" {text}{' ' * (inside - cells(text))} ", style if text[:1] in SIGNS.values() else "")
        canvas.write(x + shape.width - 1, row, "│", style)
    canvas.write(x, y + shape.height - 1, "└" + "─" * (inside + 2) + "┘", style)
