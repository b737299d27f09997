"""References cross the border of this machine without paths, in both directions."""

from __future__ import annotations

import json
from typing import Any

import pytest

from invocations.errors import MalformedGraph
from invocations.graph.document import read_graph
from invocations.public_json import from_public_json, public_json
from invocations.storing.exporting import document_of
from invocations.storing.importing import session_of
from invocations.values import ConditioningRef, ImageRef, LatentsRef, MaskRef, ModelRef, to_json
from tests.invocations.bench import Bench, node
from tests.invocations.kitchen import FakeCatalog

SECRET = "/home/ann/private"
NO_PATH, NO_PARTS = (f"a reference cannot have `{name}` here: name its content only" for name in ("path", "parts"))
IMAGE = ImageRef("a" * 64, 8, 6, f"{SECRET}/fox.png")
MODEL = ModelRef("print", "ink@styles", f"{SECRET}/ink", (("vae", "other", f"{SECRET}/vae"),))
WITH_PATHS: tuple[Any, ...] = (
    IMAGE, MaskRef("b" * 64, 8, 6, f"{SECRET}/mask.png"), MODEL, [IMAGE, [MODEL]], {"image": IMAGE, "kind": "image"},
)  # fmt: skip
WITHOUT: tuple[Any, ...] = (
    LatentsRef("c" * 64, 8, 6, seed=7), ConditioningRef("d" * 64, "a fox", "blur"), ImageRef("e" * 64, 1, 1), 1, 2.5,
    "x", None, True, [1, [2]], {"a": {"b": 1}},
)  # fmt: skip


@pytest.mark.parametrize("value", WITH_PATHS, ids=["image", "mask", "model", "nested", "named"])
def test_no_path_is_written(value: Any) -> None:
    data = public_json(value)
    assert SECRET not in json.dumps(data)
    assert public_json(to_json(value)) == public_json(data) == data


def test_an_image_and_a_model_are_named_by_content() -> None:
    assert public_json(IMAGE) == {"kind": "image", "name": "a" * 64, "width": 8, "height": 6}
    named = {"kind": "model", "name": "print", "model": "ink@styles", "parts": [["vae", "other"]]}
    assert public_json(MODEL) == named


@pytest.mark.parametrize("value", WITHOUT, ids=range(len(WITHOUT)))
def test_values_without_paths_are_written_as_always_and_can_be_read(value: Any) -> None:
    assert public_json(value) == to_json(value)
    assert from_public_json(to_json(value)) == value


REFUSED: tuple[tuple[str, Any, str], ...] = (
    ("path", {"kind": "image", "name": "x", "path": "/etc/passwd"}, NO_PATH),
    ("nested", [{"a": {"kind": "mask", "name": "x", "path": "f.png"}}], NO_PATH),
    ("parts", {"kind": "model", "name": "x", "parts": [["vae", "x", "/etc"]]}, NO_PARTS),
    ("model", {"kind": "model", "name": "x", "model": "/etc"}, "`model` of a reference cannot be '/etc': it is a path"),
    ("up", {"kind": "model", "name": "x", "model": "a/.."}, "`model` of a reference cannot be 'a/..': it is a path"),
    ("drive", {"kind": "model", "name": "x", "model": "c:x"}, "`model` of a reference cannot be 'c:x': it is a path"),
)  # fmt: skip


@pytest.mark.parametrize(("data", "message"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_reference_with_a_path_is_refused(data: Any, message: str) -> None:
    with pytest.raises(TypeError) as caught:
        from_public_json(data)
    assert str(caught.value) == message


@pytest.mark.parametrize("name", ["default", "ink@styles", "lora:ink", "hub/name", "model.v2"])
def test_a_model_may_have_any_name_that_is_not_a_path(name: str) -> None:
    assert from_public_json({"kind": "model", "name": "x", "model": name}) == ModelRef("x", name)


def test_a_graph_that_anyone_may_send_contains_no_paths() -> None:
    value = {"kind": "model", "name": "", "path": "/etc"}
    data = {"nodes": {"a": {"id": "a", "type": "anything", "inputs": {"value": value}}}}
    with pytest.raises(MalformedGraph, match="a reference cannot have `path` here"):
        read_graph(data, FakeCatalog.specs, from_public_json)


def test_an_exported_session_can_be_imported_without_its_paths() -> None:
    bench = Bench().grow([node("m model", name="fox")]).run()
    document = document_of(bench.session)
    document["results"][0]["outputs"]["model"]["path"] = SECRET
    session = session_of(public_json(document), FakeCatalog.specs)
    assert session.results["m", ()]["model"] == ModelRef("hash-of-fox", "fox")
