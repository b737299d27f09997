"""A home folder from version 0.1.0: sessions open and resume, images are replayed, cached results are used.

`tests/material/home-0.1.0/README.md` describes its contents and how it was made. Its images are not compared bit by
bit with images computed here: processors round differently.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from invocations.versions import versions
from tests.invokeai_cli.conftest import TypeLine

MATERIAL = Path(__file__).parents[1] / "material" / "home-0.1.0"
MADE_AT = "/tmp/home-0.1.0"  # the folder in which this home folder was made; it is not read
MIN_PSNR_DB = 30.0  # for an image from another processor; the PSNR of images with different seeds stays below 20 dB

SCRIPT = [
    "model default as painter",
    't2i a red "small house" --seed 7 --model @painter as red | save red.png',
    "mask-threshold --image @red as sky",
    'inpaint "a yellow sun | no cloud" --image @red --mask @sky --seed 5 | save sun.png',
    (
        'range 1 4 | iterate as number | t2i a blue "small house" --seed @number | collect'
        " | grid --columns 3 --gap 2 | save sheet.png"
    ),
    'format "{a}: {b}" "left | right" \'${what}\'',
    "range 1 6 | iterate | mul 10 | collect | length",
]
FAILED = ["load missing.png as missing", "| flip | save flipped.png", "add 1 2", "tone --image @missing"]
ALONE = [
    "sketch a red house --steps 2 --width 64 --height 64 --seed 3 | save sketch.png",
    "load red.png | posterize 2 | scale 0.5",
    "list a b c d | every-other",
    "load red.png | tone",
    "range 1 4 | iterate | mul 7 | collect",
]
TYPED = ["add 40 2 as answer", "| mul 2", 'format "{a} | {b}" left right']
STOPPED = [
    "t2i a green tree --steps 3 --width 64 --height 64 --seed 11 as tree | save tree.png",
    "| blur 2 | save soft.png",
    "list red.png late.png sun.png | iterate as each | load @each | scale 0.5 | save half-{index:02}.png",
]
SIZE = "--model default --width 64 --height 64"
PICTURES = {
    "red.png": 'model default | t2i "a red small house" --width 64 --height 64 --steps 4 --guidance 4.5 --seed 7'
    " | save red.png",
    "sun.png": 'model default | t2i --as t2i "a red small house" --width 64 --height 64 --steps 4 --guidance 4.5'
    " --seed 7 | mask-threshold | model default"
    ' | prompt "a yellow sun | no cloud" | fit 64 64 | encode | noise 64 64 --seed 5'
    " | denoise --steps 4 --guidance 4.5 --eta 1 | decode | match --other @t2i | paste --image @t2i | save sun.png",
    "sheet.png": f'range 1 4 | iterate as iterate | t2i "a blue small house" {SIZE} --steps 4 --guidance 4.5'
    " --seed @iterate | collect | grid --columns 3 --gap 2 | save sheet.png",
    "sketch.png": 'sketch "a red house" --steps 2 --width 64 --height 64 --seed 3 | save sketch.png',
    "tree.png": f't2i "a green tree" {SIZE} --steps 3 --guidance 4.5 --seed 11 | save tree.png',
    "soft.png": f't2i "a green tree" {SIZE} --steps 3 --guidance 4.5 --seed 11 | save tree.png'
    " | blur 2 | save soft.png",
}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Copy the home folder and replace the paths in it, as if it had been made in the test's folder."""
    place = tmp_path / "place"
    shutil.copytree(MATERIAL, place)
    for database in place.rglob("*.sqlite"):
        with closing(sqlite3.connect(database)) as opened, opened:
            for table, column in list(texts(opened)):
                opened.execute(f"update {table} set {column} = replace({column}, ?, ?)", (MADE_AT, str(place)))
    return place


def texts(opened: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Yield the table name and column name of every text column in a database."""
    for (table,) in opened.execute("select name from sqlite_master where type = 'table'").fetchall():
        for _, column, kind, *_ in opened.execute(f"pragma table_info({table})"):
            if kind.lower() == "text":
                yield table, column


@pytest.fixture(autouse=True)
def same_libraries(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Pretend that the recorded versions of the libraries are installed, since cache keys contain them."""
    with closing(sqlite3.connect(place / "home" / "cache" / "results.sqlite")) as opened:
        (made,) = opened.execute("select signature from entries where type = 'decode' limit 1").fetchone()
    then = json.loads(made)["environment"]
    for name in ("invokeai-cli", "torch", "diffusers", "transformers", "pillow", "numpy"):
        folder = tmp_path / "then" / f"{name.replace('-', '_')}-{then[name]}.dist-info"
        folder.mkdir(parents=True)
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {then[name]}\n")
    monkeypatch.syspath_prepend(tmp_path / "then")
    versions.cache_clear()
    yield
    versions.cache_clear()


@pytest.fixture
def use(type_: TypeLine, place: Path) -> TypeLine:
    """Return a function that runs the program with the copied home folder."""
    return partial(type_, folder=place / "work", INVOKEAI_HOME=str(place / "home"), INVOKEAI_DEVICE="cpu")


def session_of(use: TypeLine, first_line: str) -> str:
    """Return the id of the session that begins with this line."""
    listed = use("--json", "sessions").document["sessions"]
    (found,) = [each["id"] for each in listed if each["first_line"] == first_line]
    return str(found)


def finished(result: Any) -> list[tuple[str, tuple[int, ...], bool]]:
    """Return the nodes that finished: type, position in the enclosing loops, and whether the result was cached."""
    events = [event for event in result.events if event["event"] == "node_finished"]
    return [(event["node_type"], tuple(event["path"]), event["reused"]) for event in events]


def test_the_sessions_are_listed_with_their_lines(use: TypeLine) -> None:
    result = use("--json", "sessions")
    found = {each["first_line"]: (each["lines"], each["failed"]) for each in result.document["sessions"]}
    assert (result.status, result.err) == (0, "")
    assert found == {
        SCRIPT[0]: (7, 0), FAILED[0]: (4, 3), STOPPED[0]: (3, 0), TYPED[0]: (3, 0), **dict.fromkeys(ALONE, (1, 0)),
    }  # fmt: skip


@pytest.mark.parametrize("lines", [SCRIPT, FAILED, STOPPED, TYPED], ids=["done", "failed", "stopped", "typed"])
def test_a_session_is_shown_line_by_line(use: TypeLine, lines: list[str]) -> None:
    result = use("--json", "session", "show", session_of(use, lines[0]))
    assert (result.status, result.err) == (0, "")
    assert [line["line"] for line in result.document["lines"]] == lines


def test_the_history_contains_every_line_and_its_outcome(use: TypeLine) -> None:
    lines = use("--json", "history").document["lines"]
    ends = ["failed", "failed", "done", "failed"]
    assert [(line["line"], line["outcome"]) for line in lines] == [
        *((line, "done") for line in SCRIPT),
        *zip(FAILED, ends, strict=True),
        *((line, "done") for line in [*ALONE, *TYPED, *STOPPED[:2]]),
        (STOPPED[2], ""),
    ]
    found = use("--json", "history", "--search", "posterize").document["lines"]
    assert [line["line"] for line in found] == [ALONE[1]]


def test_the_history_of_a_session_becomes_a_valid_script(use: TypeLine, place: Path) -> None:
    assert use("history", "--session", session_of(use, SCRIPT[0]), "--save", "again.inv").status == 0
    result = use("run", "again.inv", "--dry-run", "--json", "--overwrite")
    assert (result.status, result.document["errors"]) == (0, 0)


def test_a_session_is_exported_exactly_as_version_0_1_0_exported_it(use: TypeLine, place: Path) -> None:
    assert use("session", "export", session_of(use, SCRIPT[0]), "now.json").status == 0
    then = (place / "work" / "exported.json").read_text().replace(MADE_AT, str(place))
    assert json.loads((place / "work" / "now.json").read_text()) == json.loads(then)


def test_an_exported_session_is_imported_into_another_home(type_: TypeLine, place: Path) -> None:
    assert type_("session", "import", str(place / "work" / "exported.json")).status == 0
    (session,) = type_("--json", "sessions").document["sessions"]
    assert (session["lines"], session["nodes"], session["failed"]) == (7, 34, 0)


def test_a_stopped_script_is_resumed_without_recomputing(use: TypeLine, place: Path) -> None:
    result = use("--events", "run", "night.inv", "--resume")
    assert result.status == 0
    assert [(type_, path) for type_, path, _ in finished(result)] == [
        ("scale", (0,)), ("save", (0,)), ("load", (1,)), ("scale", (1,)), ("save", (1,)),
        ("load", (2,)), ("scale", (2,)), ("save", (2,)), ("posterize", ()), ("save", ()), ("add", ()),
    ]  # fmt: skip
    assert [result.events[-1]["summary"][key] for key in ("done", "failed", "reused")] == [3, 0, 2]
    names = {path.name for path in (place / "work").glob("*.png")}
    assert names >= {"half-01.png", "half-02.png", "half-03.png", "flat.png"}
    assert finished(use("--events", "run", "night.inv", "--resume")) == []


def test_a_stopped_session_is_resumed_by_its_id(use: TypeLine) -> None:
    result = use("--events", "session", "resume", session_of(use, STOPPED[0]))
    assert result.status == 0
    assert [type_ for type_, *_ in finished(result)] == ["scale", "save"] + ["load", "scale", "save"] * 2


def test_a_finished_script_has_nothing_left_to_run(use: TypeLine) -> None:
    result = use("--events", "run", "poster.inv", "--resume")
    assert (result.status, finished(result)) == (0, [])
    assert [result.events[-1]["summary"][key] for key in ("done", "failed", "reused")] == [0, 0, 7]


def test_a_failed_line_is_retried_once_its_cause_is_fixed(use: TypeLine, place: Path) -> None:
    id_ = session_of(use, FAILED[0])
    assert use("retry", id_).status == 1
    shutil.copyfile(place / "work" / "red.png", place / "work" / "missing.png")
    result = use("--events", "retry", id_)
    assert result.status == 0
    assert [type_ for type_, *_ in finished(result)] == ["load", "flip", "save", "tone"]
    assert use("retry", id_).err.startswith(f"error: nothing has failed in session {id_}\n")


@pytest.mark.parametrize(("name", "line"), PICTURES.items(), ids=PICTURES)
def test_the_line_that_made_an_image_is_printed(use: TypeLine, name: str, line: str) -> None:
    assert use("line", name).out == line + "\n"
    assert use("--json", "line", name).document["identical"] is True


@pytest.mark.parametrize("name", ["red.png", "sun.png", "sheet.png", "sketch.png"])
def test_replaying_an_image_builds_the_same_graph(use: TypeLine, name: str) -> None:
    result = use("replay", name, "-q")
    assert result.status == 0
    assert use("line", result.out.strip()).out.strip() == PICTURES[name].removesuffix(f" | save {name}")
    check = use("--json", "replay", name, "--check").document
    assert check["equal"] or check["psnr"] > MIN_PSNR_DB


@pytest.mark.parametrize(
    ("line", "out"),
    [
        ("load sun.png | tone", "0.67\n"),
        ("list a b c d e | every-other --begin 1", "b\nd\n"),
        ("list a b | every-other --begin 2", ""),
        ("load red.png | posterize 1", "003.png\n"),
        ("sketch a house --steps 1 --width 64 --height 64 --seed 1", "003-a-house.png\n"),
    ],
)
def test_the_nodes_and_the_recipe_in_the_users_folder_run(use: TypeLine, line: str, out: str) -> None:
    result = use(line)
    assert result.out == out
    assert (result.status, result.err.strip().startswith("error: every-other (2): ")) == (
        (0, False) if out else (1, True)
    )


def test_the_nodes_and_the_recipe_in_the_users_folder_are_listed(use: TypeLine, place: Path) -> None:
    nodes = {node["type"]: node for node in use("--json", "nodes").document["nodes"]}
    folder = place / "home" / "config" / "nodes"
    for type_ in ("posterize", "tone", "every-other"):
        assert nodes[type_]["origin"] == str(folder / "own.py")
    assert nodes["sketch"]["origin"] == str(folder / "sketch.toml")
    assert use("nodes").err == ""  # there is no warning about a file that could not be loaded
    assert "What follows the first sentence is shown in the long help." in use("help", "posterize", "--all").out


@pytest.mark.parametrize("line", ALONE[1:])
def test_a_line_that_is_typed_again_uses_cached_results(use: TypeLine, line: str) -> None:
    result = use("--events", line)
    nodes = finished(result)
    assert (result.status, result.err, bool(nodes)) == (0, "", True)
    looped = {"iterate", "collect"}  # these nodes have no results to cache
    assert {type_ for type_, _, reused in nodes if not reused} <= {"save", *looped}


@pytest.mark.parametrize(
    "line",
    [
        "t2i a red small house --seed 7 --steps 4 --width 64 --height 64",
        "t2i a green tree --seed 11 --steps 3 --width 64 --height 64 | blur 2",
        ALONE[0].replace("sketch.png", "new.png"),
    ],
)
def test_cached_results_of_a_generated_image_are_used_even_if_the_model_has_been_moved(
    use: TypeLine, line: str
) -> None:
    result = use("--events", line)
    assert result.status == 0
    ran = {type_ for type_, _, reused in finished(result) if not reused}
    assert ran - {"model"} == {"save"}  # the key of `model` includes the model's folder


def test_the_cache_still_has_all_its_entries(use: TypeLine) -> None:
    result = use("--json", "cache", "stats")
    assert (result.status, result.err) == (0, "")
    assert result.document["results"]["entries"] == 58


def test_the_settings_file_is_read(use: TypeLine, place: Path) -> None:
    shown = use("--json", "config", "show").document
    file = str(place / "home" / "config" / "config.toml")
    for name, value in (("theme", "monokai"), ("template", "{index:03}-{prompt:.20}.png"), ("cache_gigabytes", 2)):
        assert shown["settings"][name] == {"value": value, "origin": file}
    plan = use("--json", "explain", "t2i a fox | blur").document
    values = {(value["node"], value["input"]): value["value"] for value in plan["values"]}
    assert (values["1.denoise", "guidance"], values["2", "radius"]) == (4.5, 3.0)


def test_the_prompt_history_contains_the_typed_lines(use: TypeLine) -> None:
    result = use(stdin="!!\n", terminal=True, TERM="dumb")
    assert 'format "{a} | {b}" left right' in result.err
    assert "left | right\n" in result.out


def test_named_stages_can_be_used_after_a_session_is_resumed_at_the_prompt(use: TypeLine) -> None:
    lines = f"session resume {session_of(use, TYPED[0])}\nadd @answer 1\n"
    assert "43\n" in use(stdin=lines, terminal=True, TERM="dumb").out
