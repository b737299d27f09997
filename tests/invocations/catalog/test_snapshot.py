"""The snapshot of the nodes' metadata is up to date and complete, and loads only the parts that are used."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from invocations.catalog import build_snapshot, discovery, snapshot
from invocations.catalog.discovery import NODES, add, built_in_specs
from invocations.catalog.snapshot import Specs, pack, unpack
from invocations.catalog.snapshot_data.index import INDEX
from invocations.errors import DeclarationError
from invocations.model import Invocation
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


FRESH = build_snapshot.texts(built_in_specs())


def test_every_built_in_node_is_checked_when_the_snapshot_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[type[Invocation]] = []
    monkeypatch.setattr(discovery, "check_declaration", checked.append)
    nodes = [spec.type for spec in built_in_specs() if not spec.is_recipe]
    assert sorted(cls.declaration.type for cls in checked) == sorted(nodes)


def test_the_snapshot_is_up_to_date() -> None:
    files = {file.stem: file for file in build_snapshot.FOLDER.glob("*.py") if file.name != "__init__.py"}
    assert files.keys() == FRESH.keys(), "run `make snapshot`"
    for name, text in FRESH.items():
        if name == build_snapshot.INDEX:
            # a merge may change the order of the lines in the index
            assert index_of(text) == INDEX, "run `make snapshot`"
        else:
            assert files[name].read_text(encoding="utf-8") == text, "run `make snapshot`"


def index_of(text: str) -> dict[str, str]:
    found: dict[str, dict[str, str]] = {}
    exec(text, found)  # type: ignore[arg-type]
    return found["INDEX"]


def test_the_snapshot_does_not_depend_on_the_order_of_the_files() -> None:
    assert build_snapshot.texts(reversed(built_in_specs())) == FRESH


def added(family: str) -> dict[str, str]:
    """Return the snapshot of a developer who has added a family of nodes."""
    new = replace(built_in_specs()[0], type=f"{family}-one", module=f"{NODES}.{family}")
    return build_snapshot.texts([*built_in_specs(), new])


def test_node_families_added_by_two_developers_are_in_different_files_and_their_index_entries_can_be_merged(
    tmp_path: Path,
) -> None:
    one, other = added("sketch"), added("sketches")  # the hardest case, because these names are neighbors in the index
    changed = [{name for name, text in texts.items() if FRESH.get(name) != text} for texts in (one, other)]
    assert changed == [{"sketch", "index"}, {"sketches", "index"}]
    assert all(texts[name] == FRESH[name] for texts in (one, other) for name in FRESH if name != "index")
    files = [tmp_path / name for name in ("one", "base", "other")]
    for file, texts in zip(files, (one, FRESH, other), strict=True):
        file.write_text(texts["index"])
    merged = subprocess.run(
        ["git", "merge-file", "-p", "--union", *map(str, files)], capture_output=True, text=True, check=True
    )
    assert index_of(merged.stdout) == {**INDEX, "sketch": "sketch-one", "sketches": "sketches-one"}


def test_git_merges_the_index_by_keeping_the_lines_of_both_sides() -> None:
    attributes = (Path(__file__).parents[3] / ".gitattributes").read_text()
    assert "invocations/catalog/snapshot_data/index.py merge=union" in attributes.splitlines()


def test_reading_a_spec_imports_only_its_family() -> None:
    script = """
import sys
from invocations.catalog.snapshot import built_in
assert built_in()["blur"].type == "blur"
print([name for name in sys.modules if name.startswith("invocations.catalog.snapshot_data.")])
"""
    output = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    assert output == "['invocations.catalog.snapshot_data.index', 'invocations.catalog.snapshot_data.filters']\n"


def test_the_snapshot_matches_the_classes() -> None:
    assert dict(snapshot.built_in()) == {spec.type: spec for spec in built_in_specs()}


def test_a_spec_is_unchanged_after_packing_and_unpacking() -> None:
    assert unpack(pack(EVERYTHING)) == EVERYTHING


def test_a_packed_spec_is_unchanged_after_a_json_round_trip() -> None:
    assert unpack(json.loads(json.dumps(pack(EVERYTHING)))) == EVERYTHING


def test_a_spec_is_unpacked_once_on_first_access() -> None:
    specs = Specs({"sample": pack(EVERYTHING), "broken": ("not", "a", "spec")})
    assert list(specs) == ["sample", "broken"]
    assert "sample" in specs
    assert len(specs) == 2
    assert specs["sample"] is specs["sample"]
    with pytest.raises(KeyError):
        specs["other"]


def test_two_built_in_nodes_with_the_same_type_are_an_error() -> None:
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
    assert min(reads) < min(copies)  # on an idle machine, reading takes 0.3 times as long as copying


HEAVY = ("pydantic", "torch", "PIL", "numpy", "typer", "rich", "importlib.metadata", "tomllib", "invocations.nodes")


def test_reading_all_specs_imports_no_heavy_library(tmp_path: Path) -> None:
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


def test_importing_a_node_imports_no_other_node() -> None:
    script = """
import sys
from invocations.catalog.registry import open_registry
assert open_registry().load("add").__name__ == "Add"
print([name for name in sys.modules if name.startswith("invocations.nodes.")])
print([name for name in ("torch", "PIL", "numpy", "typer", "rich") if name in sys.modules])
"""
    output = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    assert output == "['invocations.nodes.numbers']\n[]\n"
