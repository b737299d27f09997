"""References cross the border of this machine without paths, in both directions."""

from __future__ import annotations

import json
from typing import Any

import pytest

from invocations.public_json import public_json
from invocations.storing.exporting import document_of
from invocations.storing.importing import session_of
from invocations.values import ConditioningRef, ImageRef, LatentsRef, MaskRef, ModelRef, from_json, to_json
from tests.invocations.bench import Bench, node
from tests.invocations.kitchen import FakeCatalog

SECRET = "/home/ann/private"
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
    assert public_json(MODEL) == {"kind": "model", "name": "print", "model": "ink@styles"}


@pytest.mark.parametrize("value", WITHOUT, ids=range(len(WITHOUT)))
def test_values_without_paths_are_written_as_always(value: Any) -> None:
    assert public_json(value) == to_json(value)
    assert from_json(public_json(value)) == value


def test_plain_data_that_looks_like_a_reference_keeps_its_path() -> None:
    data = {"kind": "note", "name": "x", "path": "a/b"}
    assert public_json(data) == data


def test_an_exported_session_can_be_imported_without_its_paths() -> None:
    bench = Bench().grow([node("m model", name="fox")]).run()
    document = document_of(bench.session)
    document["results"][0]["outputs"]["model"]["path"] = SECRET
    session = session_of(public_json(document), FakeCatalog.specs)
    assert session.results["m", ()]["model"] == ModelRef("hash-of-fox", "fox")
