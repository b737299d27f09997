"""Behaviors 25 to 32: which types can be linked to which."""

from __future__ import annotations

import pytest

from invocations import errors
from invocations.graph.compatible import fits, may_arrive, settle, type_of_value
from invocations.spec import FieldType
from invocations.values import ImageRef, MaskRef

INT, FLOAT, TEXT, BOOL, ANY, NONE = (FieldType(base) for base in ("int", "float", "str", "bool", "any", "none"))
IMAGE = FieldType("ref", kind="image")
MASK = FieldType("ref", kind="mask", parents=("image",))


def many(kind):
    return FieldType("list", args=(kind,))


def either(*kinds):
    return FieldType("union", args=kinds)


MIXED = either(FLOAT, many(FLOAT))


def test_025_float_accepts_int():
    assert fits(INT, FLOAT)
    assert fits(many(INT), many(FLOAT))


def test_026_int_refuses_float(graph, n, e):
    assert not fits(FLOAT, INT)
    assert not fits(many(FLOAT), many(INT))
    with pytest.raises(errors.TypeMismatch):
        graph.extend([n("a half", a=1), n("b add")], [e("a.value > b.a")])


def test_027_a_union_of_scalar_and_list_accepts_a_scalar():
    assert fits(FLOAT, MIXED)


def test_028_a_union_of_scalar_and_list_accepts_a_list():
    assert fits(many(FLOAT), MIXED)
    assert fits(MIXED, MIXED)


def test_029_a_union_of_scalar_and_list_fits_neither_a_scalar_nor_a_list():
    assert not fits(MIXED, FLOAT)
    assert not fits(MIXED, many(FLOAT))


def test_030_a_union_of_scalar_and_list_refuses_a_list_of_another_type():
    assert not fits(many(TEXT), MIXED)
    assert not fits(many(many(FLOAT)), MIXED)


@pytest.mark.parametrize("kind", [INT, FLOAT, TEXT, BOOL, IMAGE, MASK, MIXED, many(INT), NONE])
def test_031_any_accepts_everything(kind):
    assert fits(kind, ANY)


def test_031a_lists_and_scalars_cannot_be_linked_to_each_other(graph, n, e):
    for kind in (INT, TEXT, IMAGE):
        assert not fits(many(kind), kind)
        assert not fits(kind, many(kind))
    with pytest.raises(errors.TypeMismatch, match=r"is of type list of int, but `b\.a` takes values of type int"):
        graph.extend([n("a upto", n=1), n("b add")], [e("a.collection > b.a")])
    with pytest.raises(errors.TypeMismatch, match=r"is of type int, but `b\.values` takes values of type list of int"):
        graph.extend([n("a number", value=1), n("b total")], [e("a.value > b.values")])


def test_031b_int_fits_optional_float_and_a_union_of_scalar_and_list(graph, n, e):
    assert fits(INT, either(FLOAT, NONE))
    assert fits(INT, MIXED)
    assert fits(many(INT), MIXED)
    graph.extend([n("a number", value=1), n("b maybe"), n("c some")], [e("a.value > b.a"), e("a.value > c.a")])


def test_032_a_subclass_can_be_linked_to_its_base_class(graph, n, e):
    assert fits(MASK, IMAGE)
    assert not fits(IMAGE, MASK)
    graph.extend([n("m stencil"), n("w width")], [e("m.mask > w.image")])
    with pytest.raises(errors.TypeMismatch):
        graph.extend([n("c cut", mask=MaskRef("m")), n("d cut")], [e("c.image > d.mask")])


@pytest.mark.parametrize(
    ("source", "target", "right"),
    [
        (NONE, either(FLOAT, NONE), True),
        (NONE, FLOAT, False),
        (either(INT, NONE), INT, False),
        (either(INT, NONE), either(FLOAT, NONE), True),
        # the link is allowed, because the output may be a whole number, which is checked at run time
        (either(INT, FLOAT), INT, True),
        (either(INT, FLOAT), TEXT, False),
        (BOOL, INT, False),
        (INT, BOOL, False),
        (FieldType("enum", choices=("a",)), FieldType("enum", choices=("a", "b")), True),
        (FieldType("enum", choices=("a", "c")), FieldType("enum", choices=("a", "b")), False),
        (FieldType("enum", choices=("a",)), TEXT, True),
        (TEXT, FieldType("enum", choices=("a",)), False),
        (FieldType("color"), TEXT, True),
        (IMAGE, TEXT, False),
        (many(MASK), many(IMAGE), True),
        (ANY, INT, True),
    ],
)
def test_other_pairs_of_types_can_be_linked_only_as_listed(source, target, right):
    assert fits(source, target) is right


def test_a_type_variable_is_resolved_from_the_inputs(specs):
    iterate, collect = specs["iterate"], specs["collect"]
    assert settle(iterate, iterate.outputs[0], {"collection": many(INT)}) == INT
    assert settle(iterate, iterate.outputs[0], {"collection": many(many(INT))}) == many(INT)
    assert settle(collect, collect.outputs[0], {"item": MASK}) == many(MASK)
    assert settle(collect, collect.outputs[0], {}) == many(ANY)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (1, INT), (True, BOOL), (1.5, FLOAT), ("x", TEXT), (None, NONE), ([1, 2], many(INT)), ([1, 2.5], many(FLOAT)),
        ([], many(ANY)), ([1, "x"], many(ANY)), (MaskRef("m"), MASK), (ImageRef("i"), IMAGE),
    ],
)  # fmt: skip
def test_the_type_of_a_written_value_is_inferred(value, kind):
    assert type_of_value(value) == kind


def test_a_string_may_be_linked_to_a_choice_or_a_color_but_never_automatically():
    choice = FieldType("enum", choices=("near", "far"))
    for target in (choice, FieldType("color"), FieldType("union", (choice, FieldType("none")))):
        assert may_arrive(FieldType("str"), target)
        assert not fits(FieldType("str"), target)
    assert not may_arrive(FieldType("int"), choice)
    assert not may_arrive(FieldType("str"), INT)
