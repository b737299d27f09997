"""Arrange images on sheets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from annotated_types import Ge, Le

from invocations.fields import input_field, output_field
from invocations.invocation import ImageRef, Invocation, InvocationContext, Output, invocation
from invocations.services.images.base import BY_ITEM, SHOWS
from invocations.services.translate_errors import translated
from invocations.sheets import Arrangement, arrange, read_axes

if TYPE_CHECKING:
    from PIL.Image import Image

    from core.imaging.edges import Edges

FAILED = "failed"  # the word in the crossed cell of an image that could not be made
SHOWN = 20  # maximum number of missing characters that a warning lists
MUCH_LARGER = 2  # ratio of the longest to the median side above which most cells would be mostly empty
LONGEST = 12  # maximum number of characters in a label that is a number


class GridOutput(Output):
    """The output of `grid`."""

    image: ImageRef = output_field(primary=True, description="the sheet; if there are several, the first one")
    sheets: list[ImageRef] = output_field(description="all sheets, in order")


@invocation(
    "grid",
    title="Grid",
    category="composing",
    tags=("contact sheet", "collage", "montage"),
    examples=("t2i a green tree as a | blur 2 as b | grid --images @a --images @b --labels sharp,soft",),
)
class Grid(Invocation):
    """Arrange images in a grid with labels. The axes of a sweep become rows, columns and, if there are more, sheets."""

    images: list[ImageRef | None] = input_field(
        primary=True, completes="file", precheck="arrangeable", description="images to arrange, row by row"
    )
    rows: str = input_field(
        default="", given="written", precheck="of_axes", description="axis of the sweep that runs down the sheet"
    )
    columns: Annotated[int, Ge(1), Le(1000)] | str | None = input_field(
        default=None,
        precheck="of_axes",
        description="number of columns, or axis of the sweep that runs across (default: about as many as rows)",
    )
    labels: list[str | int | float] = input_field(
        default=[], precheck="labeled", description="a label for each image, in the same order"
    )
    title: str = input_field(default="", description="title above the images")
    gap: int = input_field(default=4, ge=0, le=1000, unit="px", description="space between the images")
    color: str = input_field(default="white", color=True, description="background color")
    cell: int | None = input_field(
        default=None,
        ge=16,
        le=16384,
        unit="px",
        description="longest side of a cell; larger images are scaled down (default: the size of the largest image)",
    )
    axes: list[dict[str, Any]] = input_field(
        default=[],
        common=False,
        description="axes of the sweep with their labels, outermost first; filled in for a sweep",
    )
    axis_items: list[Any] = input_field(
        default=[],
        given="linked",
        common=False,
        description="items of the axis that has no labels; filled in for a sweep",
    )
    second_axis_items: list[Any] = input_field(
        default=[],
        given="linked",
        common=False,
        description="items of the second axis that has no labels; filled in for a sweep",
    )
    left_out: list[int] = input_field(
        default=[], common=False, description="items that the sweep leaves out, counted from 0; their cells stay empty"
    )

    def invoke(self, context: InvocationContext) -> GridOutput:
        self._warn(context)
        axes = read_axes(self.axes, len(self.images), (self.axis_items, self.second_axis_items))
        arrangement = arrange(axes, self.rows, self.columns)
        places = self._places(context, arrangement)
        if arrangement.outer and places is not None:
            context.fact(BY_ITEM, [arrangement.values(sheet) for sheet in arrangement.sheets])
            context.fact(SHOWS, [self._shown(arrangement, sheet, places) for sheet in arrangement.sheets])
        with translated():
            drawn = self._list(context) if places is None else self._sweep(context, arrangement, places)
            sheets = [_stored(context, sheet) for sheet in drawn]
        return GridOutput(image=sheets[0], sheets=sheets)

    def _places(self, context: InvocationContext, arrangement: Arrangement) -> list[int | None] | None:
        """Return the index in `images` of each item of the sweep, or None for an item that the sweep leaves out.

        Return None if there is no sweep.
        A list that is not as long as the sweep is arranged as if there were no sweep.
        """
        if not self.axes:
            return None
        left_out, count = set(self.left_out), arrangement.count
        there = [position for position in range(count) if position not in left_out]
        if len(self.images) not in (len(there), count):
            counts = f"the sweep has {len(there)} items, but the list has {len(self.images)}"
            context.warn(f"the grid has no labels: {counts}")
            return None
        places = {position: place for place, position in enumerate(there)}
        whole = len(self.images) == count  # then `images` also has an entry for each item left out
        return [(position if whole else places[position]) if position in places else None for position in range(count)]

    def _shown(self, arrangement: Arrangement, sheet: Sequence[int], places: Sequence[int | None]) -> list[int]:
        """Return the places in `images` of the images on a sheet, without those that failed."""
        on_sheet = (places[position] for position in arrangement.positions(sheet))
        return [place for place in on_sheet if place is not None and self.images[place] is not None]

    def _list(self, context: InvocationContext) -> Iterator[Image]:
        """Yield the sheet of a list of images."""
        from core.imaging.edges import Edges

        columns = self.columns if isinstance(self.columns, int) else None
        labels = self._labels(range(len(self.images)))
        yield self._sheet(context, range(len(self.images)), columns, labels=labels, edges=Edges(self.title))

    def _sweep(
        self, context: InvocationContext, arrangement: Arrangement, places: Sequence[int | None]
    ) -> Iterator[Image]:
        """Yield the sheets of a sweep. places: the place in `images` of each item, or None if it is left out"""
        from core.imaging.edges import Edges

        for sheet in arrangement.sheets:
            positions = arrangement.positions(sheet)
            shown = [places[position] for position in positions]
            labels, (rows, columns) = self._labels(shown), arrangement.edges
            if arrangement.is_list and not labels:
                labels = ["" if places[position] is None else arrangement.label(position) for position in positions]
            title = ", ".join(filter(None, (self.title, arrangement.title(sheet))))
            edges = Edges(title, *([], []) if labels else (rows, columns))
            yield self._sheet(context, shown, arrangement.shape[1], labels=labels, edges=edges)

    def _sheet(
        self,
        context: InvocationContext,
        places: Sequence[int | None],
        columns: int | None,
        *,
        labels: Sequence[str],
        edges: Edges,
    ) -> Image:
        """Draw the images at these places in `images`; None leaves a cell empty, and a failed item is crossed out."""
        from core.imaging.grid import contact_sheet, missing_characters, room_for

        if lacking := missing_characters(labels, edges):
            context.warn(f"no installed font has these characters, which the labels contain: {lacking[:SHOWN]}")
        images = [None if place is None else self.images[place] for place in places]

        def content(place: int | None, image: ImageRef | None) -> Image | str | None:
            return context.images.get(image) if image is not None else None if place is None else FAILED

        return contact_sheet(
            map(content, places, images),
            sizes=[_size(image) for image in images],
            columns=columns,
            room=room_for(map(_size, self.images), self.cell),
            gap=self.gap,
            color=self.color,
            cell=self.cell,
            labels=labels,
            edges=edges,
        )

    def _labels(self, places: Sequence[int | None]) -> list[str]:
        """Return the written labels of the images at these places in `images`, if there are any."""
        from core.imaging.sizes import check_labels

        if not self.labels:
            return []
        check_labels(len(self.labels), len(self.images))
        return ["" if place is None else _text(self.labels[place]) for place in places]

    def _warn(self, context: InvocationContext) -> None:
        """Warn if a few large images enlarge all cells of the grid."""
        sides = [max(_size(image)) for image in self.images if image is not None]
        usual = sorted(sides)[len(sides) // 2] if sides else 0
        if self.cell is None and sides and max(sides) > MUCH_LARGER * usual:
            context.warn(
                f"every cell is as large as the largest image, {max(sides)} px; most images are at most {usual} px:"
                f" `--cell {usual}` scales large ones down"
            )


def _stored(context: InvocationContext, sheet: Image) -> ImageRef:
    """Store a sheet, and log a message if `load` would refuse it."""
    from core.imaging.files import MAX_PIXELS

    if sheet.width * sheet.height > MAX_PIXELS:
        context.log(
            f"the sheet has {sheet.width * sheet.height / 1e6:.1f} megapixels; `load` refuses more than"
            f" {MAX_PIXELS / 1e6:.0f}: `--cell 256` makes it smaller"
        )
    return context.images.put(sheet, owned=True)


def _size(image: ImageRef | None) -> tuple[int, int]:
    """Return the size of an image in pixels, (0, 0) for a failed item."""
    return (0, 0) if image is None else (max(image.width, 1), max(image.height, 1))


def _text(label: str | float) -> str:
    """Return a label as text; a computed number such as 0.30000000000000004 is rounded."""
    text = str(label)
    return f"{label:.6g}" if isinstance(label, float) and len(text) > LONGEST else text
