"""Frozen records behave like frozen dataclasses with slots."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, asdict, dataclass, field, fields, is_dataclass, replace
from typing import Any, ClassVar

import pytest

from invocations.frozen import frozen, mutable


@frozen
class Point:
    """A point with two numbers, and a field that is not compared."""

    kind: ClassVar[str] = "point"

    x: int
    y: int = 0
    names: list[str] = field(default_factory=list)
    span: tuple[int, int] = field(default=(0, 0), compare=False, repr=False)

    @property
    def total(self) -> int:
        return self.x + self.y


@frozen
class Labeled(Point):
    """A point with a label."""

    label: str = ""


@frozen
class Nothing:
    """A record without fields."""


@frozen
class Worded:
    """A record with its own `__repr__` and `__hash__`."""

    text: str

    def __repr__(self) -> str:
        return f"<{self.text}>"

    def __hash__(self) -> int:
        return 7


@frozen
class Doubled:
    """A record that computes a field in `__post_init__`."""

    given: int
    double: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "double", 2 * self.given)


@dataclass(frozen=True, slots=True)
class Reference:
    """A point defined with `dataclass` from the standard library."""

    x: int
    y: int = 0
    names: list[str] = field(default_factory=list)
    span: tuple[int, int] = field(default=(0, 0), compare=False, repr=False)


def test_fields_are_passed_by_position_and_by_name() -> None:
    assert Point(1, 2).total == Point(y=2, x=1).total == 3
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'x'"):
        Point()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="unexpected keyword argument 'z'"):
        Point(1, z=2)  # type: ignore[call-arg]


def test_a_default_factory_is_called_for_each_new_record() -> None:
    first, second = Point(1), Point(1)
    assert first.names == second.names == []
    assert first.names is not second.names


def test_the_fields_of_a_record_can_be_neither_assigned_nor_deleted() -> None:
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'x'"):
        Point(1).x = 2  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError, match="cannot delete field 'x'"):
        del Point(1).x
    with pytest.raises(FrozenInstanceError):
        Point(1).other = 2  # type: ignore[attr-defined]
    assert not hasattr(Point(1), "__dict__")


def test_records_of_one_class_with_equal_fields_are_equal() -> None:
    assert Point(1, 2, span=(3, 4)) == Point(1, 2)
    assert Point(1, 2) != Point(2, 1)
    assert Point(1, 2) != Labeled(1, 2)
    assert Point(1) != Reference(1)
    assert Nothing() == Nothing()


def test_the_hash_of_a_record_depends_only_on_the_compared_fields() -> None:
    first: Any = Point(1, 2, (), span=(3, 4))  # type: ignore[arg-type]
    second: Any = Point(1, 2, ())  # type: ignore[arg-type]
    assert hash(first) == hash(second)
    assert hash(Worded("a")) == 7
    with pytest.raises(TypeError, match="unhashable"):
        hash(Point(1))


@pytest.mark.parametrize("arguments", [(1,), (1, 2, ["a"]), (1, 2, [], (3, 4))])
def test_a_record_has_the_repr_of_a_dataclass(arguments: Any) -> None:
    assert repr(Point(*arguments)) == repr(Reference(*arguments)).replace("Reference", "Point")
    assert repr(Worded("a")) == "<a>"


def test_the_standard_functions_for_dataclasses_work() -> None:
    point = Point(1, 2, ["a"])
    assert is_dataclass(Point)
    assert [each.name for each in fields(Labeled)] == ["x", "y", "names", "span", "label"]
    assert replace(point, y=3) == Point(1, 3, ["a"])
    assert asdict(point) == {"x": 1, "y": 2, "names": ["a"], "span": (0, 0)}
    assert pickle.loads(pickle.dumps(point)) == point
    match point:
        case Point(x, y):
            assert (x, y) == (1, 2)


def test_a_subclass_adds_fields_and_its_post_init_is_called() -> None:
    assert Labeled(1, 2, label="a") == Labeled(1, 2, [], (0, 0), "a")
    assert Doubled(4).double == 8


@mutable
class Counter:
    """A record that may be changed."""

    count: int
    names: list[str] = field(default_factory=list)


def test_a_mutable_record_can_be_changed_and_is_equal_only_to_itself() -> None:
    counter = Counter(1)
    counter.count += 1
    assert (counter.count, counter.names, repr(counter)) == (2, [], "Counter(count=2, names=[])")
    assert counter == counter
    assert counter != Counter(2)
    assert replace(counter, names=["a"]).names == ["a"]
    with pytest.raises(AttributeError):
        counter.total = 3  # type: ignore[attr-defined]


def test_two_threads_may_create_the_first_object_of_a_class_at_the_same_time() -> None:
    @frozen
    class Late:
        value: int

    with ThreadPoolExecutor(8) as pool:
        assert [late.value for late in pool.map(Late, range(200))] == list(range(200))
