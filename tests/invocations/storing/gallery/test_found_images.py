"""Which images of a session the gallery lists: results of lines, and what lines save."""

from __future__ import annotations

from invocations.graph.graph import Edge, Node
from invocations.sessions.session import Claimed, Extension
from invocations.storing.gallery.image_finder import MAX_PER_NODE, ImageFinder
from invocations.values import ImageRef
from tests.invocations.storing.gallery.drawn import MASK, drawn, finished, line, ref


def names(entries):
    """Return (node, name) of the images that a finder finds."""
    finder = ImageFinder("s")
    return [(each.node, each.ref.name) for entry in entries for each in finder.found(entry)]


def test_only_the_last_stage_of_a_line_is_a_result():
    entries = [
        line("t2i | blur", "draw", "blur"),
        finished("1", {"image": ref("a")}),
        finished("2", {"image": ref("b")}),
    ]
    assert names(entries) == [("2", ref("b").name)]


def test_a_result_stays_a_result_if_a_later_line_uses_it():
    later = line("| blur", "blur", first=2, edges=[Edge("1", "image", "2", "image")])
    entries = [
        line("t2i", "draw"), finished("1", {"image": ref("a")}), later, finished("2", {"image": ref("b")}),
        finished("1", {"image": ref("c")}, path=(1,)),
    ]  # fmt: skip
    assert names(entries) == [("1", ref("a").name), ("2", ref("b").name), ("1", ref("c").name)]


def test_an_image_that_is_saved_in_the_middle_of_a_line_counts():
    saved = ref("a", path="/out/a.png")
    entries = [
        line("t2i | save a.png | blur", "draw", "save", "blur"),
        finished("1", {"image": ref("a")}),
        Claimed("2", (), "/out/a.png"),
        finished("2", {"image": saved}),
        finished("3", {"image": ref("b")}),
    ]
    assert names(entries) == [("2", ref("a").name), ("3", ref("b").name)]


def test_an_image_that_was_only_loaded_from_a_file_does_not_count():
    loaded = ref("a", path="/home/a.png")
    entries = [line("load a.png", "load"), finished("1", {"image": loaded, "collection": [loaded]})]
    assert names(entries) == []


def test_the_unused_outputs_of_a_graph_without_stages_count():
    nodes = (Node("1", "cut", {}), Node("2", "blur", {}))
    graph = Extension(nodes, (Edge("1", "image", "2", "image"),), (), "", "", 1.0)
    outputs = {"image": ref("a"), "mask": ref("m", MASK)}
    entries = [graph, finished("1", outputs), finished("2", {"image": ref("b")})]
    assert names(entries) == [("1", ref("m").name), ("2", ref("b").name)]


def test_each_item_of_a_loop_and_each_image_of_a_list_counts_once():
    many = [ref("a"), ref("b"), ref("a"), None, 3]
    entries = [
        line("tile", "tile"),
        finished("1", {"image": many}),
        finished("1", {"image": ref("c")}, path=(0,)),
        finished("1", {"image": ref("d")}, path=(1,)),
    ]
    assert [name for _, name in names(entries)] == [ref(each).name for each in "abcd"]


def test_a_huge_list_adds_a_limited_number_of_images():
    entries = [line("tile", "tile"), finished("1", {"image": [ref(str(number)) for number in range(MAX_PER_NODE + 5)]})]
    assert len(names(entries)) == MAX_PER_NODE


def test_references_that_name_no_stored_image_do_not_count():
    for broken in (ImageRef("i", 5, 5), ImageRef("../etc/passwd", 5, 5), ImageRef("a" * 64, 0, 0)):
        assert names([line("draw", "draw"), finished("1", {"image": broken})]) == []


def test_the_model_is_the_nearest_one_that_an_image_depends_on():
    blur = line("| blur", "blur", first=7, edges=[Edge("d2", "image", "7", "image")])
    finder = ImageFinder("s")
    entries = [*drawn("a", model="one"), *drawn("b", model="two", first=2), blur, finished("7", {"image": ref("c")})]
    found = [each for entry in entries for each in finder.found(entry)]
    assert [(each.line, each.model) for each in found] == [(1, "one"), (2, "two"), (3, "two")]
