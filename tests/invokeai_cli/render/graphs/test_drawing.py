"""Charts drawn as text: the graph can be read back from the characters of the drawing at any width."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invokeai_cli.render.graphs.drawing import LETTERS, SIGNS, draw
from invokeai_cli.render.graphs.layers import ahead_of, layered
from invokeai_cli.render.screen import cells
from tests.invokeai_cli.render.graphs.charts import chart
from workflows.charts.chart import DONE, FAILED, SKIPPED, STATES, TERMS, Box, Chart, Link

WAYS = {
    "│": "ud", "─": "lr", "┌": "dr", "┐": "dl", "└": "ur", "┘": "ul", "├": "udr", "┤": "udl", "┬": "dlr", "┴": "ulr",
    "┼": "udlr",
}  # fmt: skip
STEPS = {"u": (0, -1, "d"), "d": (0, 1, "u"), "l": (-1, 0, "r"), "r": (1, 0, "l")}


class Drawing:
    """The content read back from a drawing: the boxes, and which boxes the lines connect."""

    def __init__(self, text: str) -> None:
        self.rows = text.split("\n")
        self.boxes: dict[tuple[int, int], str] = {}  # maps each cell of an upper or lower edge to its box
        self._find_boxes()

    def at(self, x: int, y: int) -> str:
        row = self.rows[y] if 0 <= y < len(self.rows) else ""
        return row[x] if 0 <= x < len(row) else " "

    def _find_boxes(self) -> None:
        for y, row in enumerate(self.rows):
            for x, char in enumerate(row):
                if (
                    char == "┌"
                    and self.at(x + 1, y) in "─▼"
                    and self.at(x, y + 1) == "│"
                    and self.at(x + 2, y + 1).isdigit()
                ):
                    right = next(i for i in range(x + 1, len(row)) if row[i] == "┐")
                    low = next(i for i in range(y + 1, len(self.rows)) if self.at(x, i) == "└")
                    key = self.rows[y + 1][x + 2 :].split()[0]
                    self.boxes.update({(i, edge): key for i in range(x, right + 1) for edge in (y, low)})

    def joined(self) -> set[tuple[str, str]]:
        """Return the pairs of boxes that drawn lines connect."""
        found = set()
        for (x, y), key in self.boxes.items():
            if self.at(x, y) == "┬":
                found |= {(key, target) for target in self._follow(x, y)}
        return found

    def _follow(self, x: int, y: int) -> Iterable[str]:
        seen, waiting = set(), [(x, y, "d")]
        for x, y, way in waiting:
            dx, dy, back = STEPS[way]
            x, y = x + dx, y + dy
            char = self.at(x, y)
            if char == "▼":
                assert way == "d"
                yield self.boxes[x, y]
                continue
            ways = WAYS[char]
            if back not in ways:  # the line crosses a vertical line
                assert char == "│"
                assert way in "lr"
                ways = way
            for other in ways:
                if other not in (back, "u") and (x, y, other) not in seen:  # no line leads upwards
                    seen.add((x, y, other))
                    waiting.append((x, y, other))


CHARTS = [
    "1>2>3",
    "1>2>4,1>3>4",
    "1>2>3,1>3",
    "1>3,2>4,1>4,2>3",
    "1>2,1>3,1>4,2>4,3>4,2>5,4>5",
    "1>2,1>3,1>4,1>5,1>6,1>7,1>8,2>9,3>9,4>9,5>9,6>9,7>9,8>9",
    "1>3,2>4,1>5,2>5,3>6,4>6,5>6,1>6",
    "1>2,3>4,5",
]


@pytest.mark.parametrize("width", [40, 80, 400])
@pytest.mark.parametrize("text", CHARTS)
def test_boxes_are_connected_by_drawn_lines_if_and_only_if_they_are_linked(text: str, width: int) -> None:
    given = chart(text)
    drawn = draw(given, width=width)
    assert Drawing(drawn).joined() == {(link.source, link.target) for link in given.links}
    assert max(map(cells, drawn.split("\n"))) <= width


@st.composite
def charts(make: st.DrawFn) -> Chart:
    count = make(st.integers(1, 14))
    links = [
        Link(str(a), "image", str(b), make(st.sampled_from(["image", "mask"])))
        for b in range(2, count + 1)
        for a in sorted(make(st.sets(st.integers(1, b - 1), max_size=3)))
    ]
    return Chart(
        tuple(Box(str(key), make(st.sampled_from(["blur", "t2i"]))) for key in range(1, count + 1)), tuple(links)
    )


@settings(max_examples=60, deadline=None)
@given(charts(), st.integers(90, 130))
def test_any_graph_is_drawn_correctly_and_fits_the_given_width(given: Chart, width: int) -> None:
    drawn = draw(given, width=width)
    assert max(map(cells, drawn.split("\n"))) <= width
    read = Drawing(drawn)
    assert set(read.boxes.values()) == {box.key for box in given.boxes}
    assert read.joined() == {(link.source, link.target) for link in given.links}


def test_a_chain_is_drawn_compactly() -> None:
    assert draw(chart("1>2", s1=DONE), width=80) == (
        " ┌────────────────┐\n"
        " │ 1 blur  ✓ done │\n"
        " └────────┬───────┘\n"
        "┌─────────▼─────────┐\n"
        "│ 2 blur  ○ not run │\n"
        "│ 1.image → image   │\n"
        "└───────────────────┘"
    )


def test_a_drawing_uses_ascii_if_unicode_is_not_available() -> None:
    drawn = draw(chart("1>2>4,1>3>4", s1=DONE), width=80, unicode=False)
    assert drawn.isascii()
    assert "| [done] |" in drawn
    assert "| 1.image -> image |" in drawn
    assert "| 2.image -> image |" in drawn


def test_crossing_lines_are_not_joined() -> None:
    drawn = draw(chart("1>4,2>5,3>6,1>6,3>4,2>7,1>7"), width=120)
    assert "─│─" in drawn


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_a_word_and_a_symbol_and_all_but_one_have_a_color(state: str) -> None:
    drawn = draw(chart("1", s1=state), width=80, color=True)
    assert f"{SIGNS[state]} {TERMS.get(state, state)}" in drawn
    assert ("\x1b[" in drawn) == (state != "not run")
    assert "\x1b" not in draw(chart("1", s1=state), width=80)


def test_colors_take_no_columns() -> None:
    given = chart("1,2,3", s1=DONE, s2=FAILED, s3=SKIPPED)
    import re

    assert re.sub("\x1b\\[[0-9;]*m", "", draw(given, width=80, color=True)) == draw(given, width=80)


def test_links_that_do_not_fit_are_written_as_text() -> None:
    links = [Link(str(a), "image", str(a + 20), "image") for a in range(1, 21)]
    links += [Link("41", "image", str(a + 20), "mask") for a in range(1, 21)]
    links += [Link(str(a), "image", "41", "image") for a in range(1, 21)]
    given = Chart(tuple(Box(str(key), "blur") for key in range(1, 42)), tuple(links))
    assert layered(given, dict.fromkeys(ahead_of(given), 20), 40) is None
    drawn = draw(given, width=40)
    assert max(map(cells, drawn.split("\n"))) <= 40
    assert "▼" not in drawn
    assert "│ 41.image → mask" in drawn


def test_a_hundred_boxes_linked_to_one_collect_node_share_one_line() -> None:
    links = [Link("0", "image", str(a), "image") for a in range(1, 101)]
    links += [Link(str(a), "image", "101", "item") for a in range(1, 101)]
    given = Chart(tuple(Box(str(key), "blur") for key in range(102)), tuple(links))
    layers = layered(given, dict.fromkeys(ahead_of(given), 20), 80)
    assert layers is not None
    assert max(len(layer.lanes) for layer in layers) == 2
    assert "and 94 more" in draw(given, width=80)


def test_a_long_name_is_cut_and_wide_characters_keep_columns_aligned() -> None:
    drawn = draw(Chart((Box("1", "x" * 100), Box("2", "日本")), ()), width=40)
    assert {cells(row) for row in drawn.split("\n")[:4]} == {40}
    assert "│ 2 日本  ○ not run │" in drawn


def test_all_characters_of_a_drawing_are_checked_against_the_encoding() -> None:
    drawn = draw(chart("1>2,1>3,1>4,2>4,3>4,2>5,4>5", s1=DONE), width=80)
    assert {char for char in drawn if not char.isascii()} <= set(LETTERS)
