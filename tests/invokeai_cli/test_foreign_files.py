"""Files from unknown sources cause a result or an error wherever they are read, never a traceback or a hang."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.invokeai_cli.conftest import TypeLine
from tests.invokeai_cli.session_ids import session_ids

DEEP = "[" * 100_000
HUGE = "1" + "0" * 400


def test_a_number_with_401_digits_in_image_metadata_causes_no_traceback(type_: TypeLine, tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    type_("load a.png | blur 2 | save b.png")
    texts = dict(Image.open(tmp_path / "b.png").text)  # type: ignore[attr-defined]
    info = PngInfo()
    for key, text in texts.items():
        info.add_text(key, text.replace('"radius":2', f'"radius":{HUGE}').replace('"radius":2.0', f'"radius":{HUGE}'))
    with Image.open(tmp_path / "a.png") as image:
        image.save(tmp_path / "c.png", pnginfo=info)
    assert HUGE in (tmp_path / "c.png").read_bytes().decode("latin-1")
    for words in (("line", "c.png"), ("replay", "c.png", "--allow-files")):
        result = type_(*words)
        assert result.status in (0, 1, 2)
        assert "Traceback" not in result.err
        assert "unexpected" not in result.err


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"started": ', f'"started": {HUGE}, "x": '),
        ('"created": ', f'"created": {HUGE}, "x": '),
        ('"created": ', f'"created": {DEEP}, "x": '),
        ('"seconds": ', '"seconds": 1e999, "x": '),
        ('"outputs": {', '"outputs": {"value": {"kind": "image", "name": 5}, "x": '),
        ('"outputs": {', '"outputs": {"value": {"kind": "image", "name": "a", "path": [[]]}, "x": '),
        ('"outputs": {', '"outputs": {"value": {"kind": "image", "name": "a", "width": "x"}, "x": '),
        ('"command": "', '"command": 5, "x": "'),
        ('"name": "sum"', '"name": 5'),
        ('"name": "sum"', '"name": "a\\u001b[31m"'),
    ],
)
def test_a_damaged_session_is_refused_as_a_whole(type_: TypeLine, tmp_path: Path, old: str, new: str) -> None:
    type_("-", "--keep-going", stdin="add 1 2 as sum\ndiv 1 0\n")
    whole = type_("session", "export", "latest").out
    assert old in whole
    (tmp_path / "x.json").write_text(whole.replace(old, new))
    result = type_("session", "import", "x.json")
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith("error: `x.json` cannot be imported: ")
    assert len(session_ids(type_)) == 1


def test_every_imported_session_can_be_shown_exported_and_drawn(type_: TypeLine, tmp_path: Path) -> None:
    type_("-", "--keep-going", stdin="add 1 2 as sum\ndiv 1 0\nrange 1 3 | iterate | mul 2 | collect\n")
    document = json.loads(type_("session", "export", "latest").out)
    odd = [None, "\u202e\u001b[31m", -1, 1e300, [], {}, [[1]], {"kind": "model", "name": "m"}, True]
    taken = 0
    for where in ("value", "collection"):
        for value in odd:
            for each in document["results"]:
                each["outputs"] = {name: value if name == where else old for name, old in each["outputs"].items()}
                each["facts"] = {"seed": value}
            (tmp_path / "x.json").write_text(json.dumps(document))
            result = type_("session", "import", "x.json")
            assert result.status in (0, 2)
            if result.status:
                continue
            taken += 1
            for words in ("session show ID", "session export ID", "graph ID", "graph ID --json", "stats ID"):
                assert type_(*words.replace("ID", result.out.strip()).split()).status == 0
    assert taken > 10


@pytest.mark.parametrize(
    "text", ["a = " + "[" * 5000, "[defaults" + ".a" * 3000 + "]\n", "device = " + "9" * 5000, "\udcff"]
)
def test_the_error_for_a_hostile_project_file_names_the_file(type_: TypeLine, tmp_path: Path, text: str) -> None:
    (tmp_path / "invokeai.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    for words in (("add", "1", "2"), ("config", "show")):
        result = type_(*words)
        assert (result.status, result.err.startswith(f"error: {tmp_path / 'invokeai.toml'}: it ")) == (2, True)
    assert type_("--help").status in (0, 2)


@pytest.mark.parametrize("text", ["x = " + "[" * 5000, "type = []", "type = {}", 'type = "a"\nsummary = 5', "\udcff"])
def test_a_hostile_recipe_causes_a_warning_and_lines_still_run(type_: TypeLine, isolated_home: Path, text: str) -> None:
    nodes = isolated_home / "config" / "nodes"
    nodes.mkdir(parents=True)
    (nodes / "bad.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    result = type_("add", "1", "2")
    assert (result.status, result.out) == (0, "3\n")
    assert "not loaded: " in result.err


def test_a_null_byte_in_the_path_of_a_models_folder_causes_no_traceback(type_: TypeLine, tmp_path: Path) -> None:
    (tmp_path / "invokeai.toml").write_text('models_dirs = ["\\u0000"]\n')
    assert "default" in type_("models").out


@pytest.mark.skipif(os.name == "nt", reason="file names are text there")
def test_a_home_folder_whose_name_is_not_valid_unicode_works(type_: TypeLine, tmp_path: Path) -> None:
    home = f"{tmp_path}/a\udcff"
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    assert type_("load a.png | blur 2 | save b.png", INVOKEAI_HOME=home).out == "b.png\n"
    assert type_("session", "show", INVOKEAI_HOME=home).status == 0


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.parametrize("words", [("run",), ("session", "import"), ("load",), ("i2i",), ("line",), ("replay",)])
def test_a_device_or_a_named_pipe_is_refused_at_once(type_: TypeLine, tmp_path: Path, words: tuple[str, ...]) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    for name in ("/dev/zero", "pipe.png"):
        more = ("a", "fox") if words == ("i2i",) else ()
        result = type_(*words, name, *more)
        assert result.status in (1, 2)
        assert "regular file" in result.err or "is not a file" in result.err


def test_an_endless_line_on_standard_input_is_refused(type_: TypeLine, monkeypatch: pytest.MonkeyPatch) -> None:
    from invokeai_cli import sources

    monkeypatch.setattr(sources, "MAX_LINE_CHARS", 1000)
    result = type_("-", stdin="add 1 " + "2" * 5000)
    assert (result.status, result.err.splitlines()[0]) == (2, "error: a line of standard input is too long")
    assert type_("-", stdin="add 1 2\n" * 500).out == "3\n" * 500


DAMAGE: dict[str, Callable[[sqlite3.Connection], object]] = {
    "deep row": lambda db: db.execute("update entries set result = ?, signature = ?", (DEEP, DEEP)),
    "no total": lambda db: db.execute("delete from total"),
    "text in total": lambda db: db.execute("update total set bytes = 'x'"),
    "two totals": lambda db: db.execute("insert into total values (5)"),
    "numbers as rows": lambda db: db.execute("update entries set result = 5, signature = 5, hits = 'x'"),
    "other json": lambda db: db.execute("update entries set result = '[]', signature = '{}'"),
    "no table": lambda db: db.execute("drop table needs"),
}


@pytest.mark.parametrize("how", DAMAGE)
def test_lines_run_even_if_the_cache_index_is_damaged(
    type_: TypeLine, tmp_path: Path, isolated_home: Path, how: str
) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    assert type_("load a.png | blur 2 | save b.png").status == 0
    with sqlite3.connect(next(isolated_home.rglob("results.sqlite"))) as db:
        DAMAGE[how](db)
    db.close()
    assert type_("load a.png | blur 2 | save c.png").out == "c.png\n"
    assert type_("cache", "stats").status == 0
    assert type_("cache", "why", "load a.png | blur 2").status == 0
    assert type_("cache", "clear").status == 0


@pytest.mark.parametrize(("file", "status"), [("results.sqlite", 0), ("sessions.sqlite", 1)])
def test_invalid_bytes_in_a_database_schema_cause_no_traceback(
    type_: TypeLine, tmp_path: Path, isolated_home: Path, file: str, status: int
) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    assert type_("load a.png | blur 2 | save b.png").status == 0
    path = next(isolated_home.rglob(file))
    data = path.read_bytes()
    for word in (b"create table", b"CREATE TABLE", b"entries", b"CREATE INDEX"):
        path.write_bytes(data.replace(word, b"\xff\xfe" + word[2:]))
        result = type_("load a.png | blur 2")
        assert "Traceback" not in result.err
        assert result.status in (0, status)


def test_deeply_nested_data_in_one_session_does_not_affect_others(type_: TypeLine, isolated_home: Path) -> None:
    type_("add", "1", "2")
    session = session_ids(type_)[0]
    with sqlite3.connect(isolated_home / "data" / "sessions.sqlite") as db:
        db.execute("update entries set data = ? where number = 1", (DEEP,))
    db.close()
    assert type_("session", "show", session).err.startswith(f"error: session `{session}` cannot be read: entry 1: ")
    assert type_("add", "1", "2").out == "3\n"


def test_only_the_first_of_many_errors_are_shown_and_the_others_are_counted(type_: TypeLine) -> None:
    result = type_("-", stdin="|" * 20_000 + "\n")
    assert result.status == 2
    assert len(result.err) < 5000
    assert "more errors are not shown" in result.err
    document = type_("explain", "|" * 20_000, "--json").document
    assert document["errors"][-1]["code"] == "more_errors"
    assert len(document["errors"]) < 50


def test_running_out_of_memory_is_not_reported_as_a_missing_image(
    type_: TypeLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.imaging import files

    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    type_("load a.png | blur 2 as soft", "--no-cache")

    def starve(*_: object) -> object:
        raise MemoryError

    monkeypatch.setattr(files, "normalize", starve)
    result = type_("load a.png | blur 2", "--no-cache")
    assert result.status == 5
    assert "out of memory" in result.err
