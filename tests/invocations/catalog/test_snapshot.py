"""The snapshot is fresh, whole, and costs nothing that is not used."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from invocations.catalog import build_snapshot, snapshot, snapshot_data
from invocations.catalog.discovery import add, built_in_specs
from invocations.catalog.snapshot import Specs, pack, unpack
from invocations.errors import DeclarationError
from invocations.spec import Exposure, FieldSpec, FieldType, InvocationSpec, OutputSpec

EVERYTHING = InvocationSpec(
    type="sample",
    title="Sample",
    summary="Do something.",
    category="tests",
    version="1.0.0",
    inputs=(
        FieldSpec("a", FieldType("int"), "plain"),
        FieldSpec("b", FieldType("union", args=(FieldType("int"), FieldType("none"))), "optional", required=False),
        FieldSpec("c", FieldType("enum", choices=("x", "y")), "choice", required=False, default="x", short="c"),
        FieldSpec("d", FieldType("list", args=(FieldType("str"),)), "list", required=False, default=[], position=1),
        FieldSpec("e", FieldType("ref", kind="mask", parents=("image",)), "reference", primary=True, ge=1, lt=2.5),
        FieldSpec("f", FieldType("bool"), "yes or no", required=False, default=False, seed=True, unit="px"),
    ),
    outputs=(OutputSpec("z", FieldType("any", kind="T"), "anything", primary=True),),
    tags=("one",),
    examples=("sample 1", "sample 2"),
    description="More.",
    role="if",
    reusable=False,
    model_bound="e",
    pipeline="a | b",
    exposures=(Exposure("a", (("b", "c"), ("d", "e"))), Exposure("f", ())),
)


def test_the_snapshot_is_fresh() -> None:
    assert Path(snapshot_data.__file__).read_text(encoding="utf-8") == build_snapshot.text(), (
        "run `python -m invocations.catalog.build_snapshot`"
    )


def test_what_is_read_is_what_the_classes_say() -> None:
    assert dict(snapshot.built_in()) == {spec.type: spec for spec in built_in_specs()}


def test_a_spec_survives_packing() -> None:
    assert unpack(pack(EVERYTHING)) == EVERYTHING


def test_a_spec_survives_json() -> None:
    assert unpack(json.loads(json.dumps(pack(EVERYTHING)))) == EVERYTHING


def test_a_spec_is_unpacked_once_and_only_when_asked_for() -> None:
    specs = Specs({"sample": pack(EVERYTHING), "broken": ("not", "a", "spec")})
    assert list(specs) == ["sample", "broken"]
    assert "sample" in specs
    assert len(specs) == 2
    assert specs["sample"] is specs["sample"]
    with pytest.raises(KeyError):
        specs["other"]


def test_two_built_in_nodes_of_one_type_are_an_error_at_once() -> None:
    found = {"sample": EVERYTHING}
    with pytest.raises(DeclarationError, match="the type `sample` is taken by recipe `sample`"):
        add(found, EVERYTHING)


def test_reading_a_hundred_specs_costs_less_than_copying_their_data() -> None:
    packed = pack(EVERYTHING)
    reads, copies = [], []
    for _ in range(5):
        specs = Specs({f"sample-{number}": packed for number in range(100)})
        start = time.process_time()
        for name in specs:
            specs[name]
        between = time.process_time()
        for _ in specs:
            copy.deepcopy(packed)
        reads.append(between - start)
        copies.append(time.process_time() - between)
    assert min(reads) < min(copies)  # 0.3 of it where nothing else runs


HEAVY = ("pydantic", "torch", "PIL", "numpy", "typer", "rich", "importlib.metadata", "tomllib", "invocations.nodes")


def test_reading_all_specs_imports_nothing_heavy(tmp_path: Path) -> None:
    script = f"""
import sys
from pathlib import Path
from invocations.catalog.registry import open_registry
def specs():
    registry = open_registry([Path({str(tmp_path / "nodes")!r})], Path({str(tmp_path / "cache")!r}))
    return [registry[name] for name in registry]
if sys.argv[1] == "warm":
    specs()
else:
    count = len(specs())
    assert count > 25, count
    print([name for name in {HEAVY!r} if name in sys.modules])
"""
    run = [sys.executable, "-c", script]
    subprocess.run([*run, "warm"], check=True)
    assert subprocess.run([*run, "read"], check=True, capture_output=True, text=True).stdout == "[]\n"


def test_one_node_is_imported_alone() -> None:
    script = """
import sys
from invocations.catalog.registry import open_registry
assert open_registry().load("add").__name__ == "Add"
print([name for name in sys.modules if name.startswith("invocations.nodes.")])
print([name for name in ("torch", "PIL", "numpy", "typer", "rich") if name in sys.modules])
"""
    told = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    assert told == "['invocations.nodes.numbers']\n[]\n"
