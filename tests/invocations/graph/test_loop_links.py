"""Behaviors 33 to 47: which links `iterate` and `collect` nodes may have."""

from __future__ import annotations

import pytest

from invocations import errors
from invocations.spec import FieldType

INT = FieldType("int")


def ints(kind=INT):
    return FieldType("list", args=(kind,))


def test_033_a_collect_node_accepts_many_items(graph, n, e):
    graph.extend(
        [n("a number", value=1), n("b number", value=2), n("c collect")],
        [e("a.value > c.item"), e("b.value > c.item"), e("a.value > c.item")],
    )
    assert len(graph.incoming("c")) == 3


def test_034_all_items_of_a_collect_node_must_have_the_same_type(graph, n, e):
    with pytest.raises(errors.TypeMismatch) as caught:
        graph.extend(
            [n("a number", value=1), n("b word", text=""), n("c collect")],
            [e("a.value > c.item"), e("b.text > c.item")],
        )
    assert (caught.value.node, caught.value.field) == ("c", "item")
    assert str(caught.value) == "`c` (collect) gets int and string, which must be the same type"


def test_035_a_collected_list_fits_a_list_input_of_the_same_type(graph, n, e):
    graph.extend(
        [n("a number", value=1), n("c collect"), n("t total")], [e("a.value > c.item"), e("c.collection > t.values")]
    )
    assert graph.type_of("c", "collection") == ints()


def test_036_a_collected_list_does_not_fit_a_list_input_of_another_type(graph, n, e):
    nodes = [n("a number", value=1), n("c collect"), n("s sentence")]
    with pytest.raises(errors.TypeMismatch):
        graph.extend(nodes, [e("a.value > c.item"), e("c.collection > s.words")])
    graph.extend(nodes, [e("c.collection > s.words")])
    with pytest.raises(errors.TypeMismatch):
        graph.add_edge(e("a.value > c.item"))
    assert graph.incoming("c") == []


def test_037_a_type_is_preserved_by_collect_and_iterate(graph, n, e):
    graph.extend(
        [n("a number", value=1), n("c collect"), n("i iterate"), n("b add"), n("w word", text=""), n("s sentence")],
        [e("a.value > c.item"), e("c.collection > i.collection"), e("i.item > b.a")],
    )
    assert graph.type_of("i", "item") == INT
    with pytest.raises(errors.TypeMismatch):
        graph.extend([n("s2 sentence"), n("c2 collect")], [e("i.item > c2.item"), e("c2.collection > s2.words")])


def test_038_collectors_can_be_chained(bench, n):
    bench.grow(
        [n("a number", value=1), n("b number", value=2), n("c collect"), n("d collect")],
        "a.value > c.item", "c.collection > d.collection", "b.value > d.item",
    ).run()  # fmt: skip
    assert bench.values("d", "collection") == [[1, 2]]


def test_039_a_collector_puts_the_items_of_a_linked_list_first(bench, n):
    bench.grow(
        [n("a number", value=1), n("b number", value=2), n("c collect"), n("d collect"), n("f collect")],
        "b.value > d.item", "a.value > c.item", "c.collection > d.collection", "a.value > f.item",
        "d.collection > f.collection",
    ).run()  # fmt: skip
    assert bench.values("f", "collection") == [[1, 2, 1]]


def test_040_iterate_takes_one_list(bench, n):
    bench.grow(
        [n("u upto", n=3), n("i iterate"), n("m mul", b=10)], "u.collection > i.collection", "i.item > m.a"
    ).run()
    assert bench.values("m") == [0, 10, 20]


def test_041_iterate_returns_items_of_the_element_type_of_its_list(graph, n, e):
    with pytest.raises(errors.TypeMismatch):
        graph.extend(
            [n("u upto", n=3), n("i iterate"), n("s sentence")],
            [e("u.collection > i.collection"), e("i.item > s.words")],
        )
    graph.extend(
        [n("t table", rows=[[1]]), n("i iterate"), n("s total")],
        [e("t.collection > i.collection"), e("i.item > s.values")],
    )
    assert graph.type_of("i", "item") == ints()


def test_042_iterate_refuses_a_scalar(graph, n, e):
    with pytest.raises(errors.TypeMismatch) as caught:
        graph.extend([n("a number", value=1), n("i iterate")], [e("a.value > i.collection")])
    assert (caught.value.node, caught.value.field) == ("i", "collection")


def test_043_iterate_refuses_a_second_list(graph, n, e):
    nodes = [n("u upto", n=3), n("v upto", n=3), n("i iterate")]
    with pytest.raises(errors.InputTaken) as caught:
        graph.extend(nodes, [e("u.collection > i.collection"), e("v.collection > i.collection")])
    assert (caught.value.node, caught.value.field) == ("i", "collection")


def test_044_iterate_takes_a_collected_list(bench, n):
    bench.grow(
        [n("a number", value=1), n("b number", value=2), n("c collect"), n("i iterate"), n("m mul", b=10)],
        "a.value > c.item", "b.value > c.item", "c.collection > i.collection", "i.item > m.a",
    ).run()  # fmt: skip
    assert bench.values("m") == [10, 20]


def test_045_iterate_or_collect_without_an_input_raises_a_specific_error(bench, make, n):
    for kind, error in (("iterate", errors.IterateWithoutInput), ("collect", errors.CollectWithoutInput)):
        with pytest.raises(error) as caught:
            bench.grow([n(f"x {kind}")])
        assert caught.value.node == "x"
        assert isinstance(caught.value, errors.MissingInput)
    assert len(bench.session.graph) == 0


def test_046_the_parents_of_a_node_may_be_at_different_loop_depths(bench, n):
    bench.grow(
        [n("k number", value=100), n("u upto", n=2), n("i iterate"), n("v upto", n=2), n("j iterate"), n("a add"),
         n("b add")],
        "u.collection > i.collection", "v.collection > j.collection", "i.item > a.a", "j.item > a.b", "a.value > b.a",
        "k.value > b.b",
    ).run()  # fmt: skip
    assert bench.values("b") == [100, 101, 101, 102]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_047_chained_and_parallel_loops_work_even_if_they_are_empty(bench, n, count):
    bench.grow(
        [n("u upto", n=count), n("i iterate"), n("m mul", b=2), n("c collect"), n("j iterate"), n("p add", b=1),
         n("d collect"), n("q mul", b=3), n("f collect"), n("t total"), n("v total")],
        "u.collection > i.collection", "i.item > m.a", "m.value > c.item", "c.collection > j.collection",
        "j.item > p.a", "p.value > d.item", "j.item > q.a", "q.value > f.item", "d.collection > t.values",
        "f.collection > v.values",
    ).run()  # fmt: skip
    doubled = [2 * number for number in range(count)]
    assert bench.values("d", "collection") == [[number + 1 for number in doubled]]
    assert bench.values("f", "collection") == [[number * 3 for number in doubled]]
    assert bench.values("t") == [sum(number + 1 for number in doubled)]
