"""Reuse of cached results across lines and processes; the directives `cache stats`, `cache clear` and `cache why`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PIL import Image

from tests.invokeai_cli.conftest import TypeLine


def reused(result) -> list[bool]:
    return [each["reused"] for each in result.events if each["event"] == "node_finished"]


@pytest.fixture
def fox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (8, 8), "red").save(tmp_path / "fox.png")
    return tmp_path / "fox.png"


def test_104_a_later_process_reuses_cached_results(type_) -> None:
    assert reused(type_("--events", "add 1 2 | mul 5")) == [False, False]
    assert reused(type_("--events", "add 1 2 | mul 5")) == [True, True]
    assert reused(type_("--events", "add 1 2 | mul 6")) == [True, False]


def test_104_nothing_is_reused_with_the_cache_off(type_) -> None:
    type_("add 1 2 | mul 5")
    assert reused(type_("--events", "--no-cache", "add 1 2 | mul 5")) == [False, False]


def ran(result) -> list[str]:
    return [e["node_id"] for e in result.events if e["event"] == "node_finished" and not e["reused"]]


@pytest.mark.parametrize(
    ("words", "again"),
    [
        (("add 1 2 --no-cache | mul 5 | add 1",), ["1"]),
        (("add 1 2 | mul 5 --no-cache | add 1",), ["2"]),
        (("add", "1", "2", "|", "mul", "5", "--no-cache", "|", "add", "1"), ["2"]),
        (("add", "1", "2", "|", "mul", "5", "|", "add", "1", "--no-cache"), ["3"]),
        (("--no-cache", "add", "1", "2", "|", "mul", "5", "|", "add", "1"), ["1", "2", "3"]),
        (("add 1 2 | mul 5 | add 1", "--no-cache"), ["1", "2", "3"]),
    ],
)
def test_104_the_no_cache_option_recomputes_its_stage_or_the_whole_line(type_, words, again: list[str]) -> None:
    type_("add 1 2 | mul 5 | add 1")
    assert ran(type_("--events", *words)) == again
    assert ran(type_("--events", "add 1 2 | mul 5 | add 1")) == []


def test_104_the_no_cache_option_in_a_loop_recomputes_its_stage_for_each_item(type_) -> None:
    type_("range 1 4 | iterate | add 1 | mul 2")
    again = ran(type_("--events", "range 1 4 | iterate | add 1 | mul 2 --no-cache"))
    assert [node for node in again if node != "2"] == ["4", "4", "4"]  # `iterate` itself computes nothing


def test_104_explain_and_cache_why_show_which_node_will_be_recomputed(type_) -> None:
    line = "add 1 2 --no-cache | mul 5"
    type_("add 1 2 | mul 5")
    for words in ((f"explain {line}",), ("explain", *line.split())):
        nodes = type_(*words, "--json").document["nodes"]
        assert [node["reuse"] for node in nodes] == [False, True]
        assert type_(*words).out.splitlines()[1].split("add")[1].strip() == (
            "runs even if its result is cached (--no-cache)"
        )
    assert [n["reuse"] for n in type_("--no-cache", "--json", f"explain {line}").document["nodes"]] == [False] * 2
    for words in ((f"cache why {line}",), ("cache", "why", *line.split())):
        nodes = type_("--json", *words).document["nodes"]
        assert [(each["reused"], each["why"]) for each in nodes] == [
            (False, "the node would run again because of `--no-cache`"),
            (True, "the result is cached"),
        ]


def test_104_a_loaded_image_is_identified_by_its_bytes(type_, fox: Path) -> None:
    line = f"load {fox} | blur 2"
    assert reused(type_("--events", line)) == [False, False, False]
    assert reused(type_("--events", line)) == [True, True, False]
    twin = fox.with_name("twin.png")
    shutil.copy(fox, twin)
    assert type_(f"load {twin}").out.strip().endswith("twin.png")
    Image.new("RGB", (8, 8), "blue").save(fox)
    assert reused(type_("--events", line)) == [False, False, False]


def test_104_an_image_whose_file_is_missing_is_recomputed(type_, fox: Path, isolated_home: Path) -> None:
    line = f"load {fox} | blur 2 | save out.png --overwrite"
    type_(line)
    before = Path("out.png").read_bytes()
    shutil.rmtree(isolated_home / "data" / "images")
    assert reused(type_("--events", line)) == [True, False, False]
    assert Path("out.png").read_bytes() == before


def test_104_a_line_whose_results_are_cached_writes_the_same_bytes_again(type_, fox: Path) -> None:
    line = f"load {fox} | blur 2 | save out.png --overwrite"
    type_(line)
    before = Path("out.png").read_bytes()
    Path("out.png").unlink()
    assert reused(type_("--events", line)) == [True, True, False]
    assert Path("out.png").read_bytes() == before


def test_104_cache_why_shows_the_reason_for_each_cache_miss(type_) -> None:
    type_("add 1 2 | mul 5")
    nodes = type_("--json", "cache why add 1 2 | mul 6 | add 1").document["nodes"]
    assert [(each["reused"], each["why"]) for each in nodes] == [
        (True, "the result is cached"),
        (False, "never run with these inputs; closest earlier run: `b` was 5, now 6"),
        (False, "the inputs are not known until `2` has run"),
    ]
    assert type_("cache why random").out.splitlines()[1].split()[2] == "runs"
    assert type_("cache", "why").status == 2
    assert type_("cache why add 1 | nonsense").status == 2


def test_104_cached_results_are_counted_and_cleared(type_) -> None:
    for _ in range(3):
        type_("add 1 2")
    results = type_("--json", "cache").document["results"]
    assert (results["entries"], results["hits"], results["limit"]) == (1, 2, 10 * 10**9)
    assert type_("cache", "clear").status == 0
    assert type_("--json", "cache").document["results"]["entries"] == 0
    assert reused(type_("--events", "add 1 2")) == [False]


def test_104_a_damaged_cache_index_is_reported_and_the_line_runs_without_the_cache(type_, isolated_home: Path) -> None:
    type_("add 1 2")
    for file in (isolated_home / "cache").glob("results.sqlite*"):
        file.write_bytes(b"no database" * 1000)
    result = type_("add 1 2")
    assert (result.status, result.out) == (0, "3\n")
    assert "the cache index could not be read" in result.err


def test_the_cache_can_be_shown_and_cleared(type_: TypeLine, isolated_home: Path) -> None:
    cache = isolated_home / "cache"
    (cache / "things").mkdir(parents=True)
    (cache / "things" / "a").write_bytes(b"x" * 1500)
    assert type_("cache", "--json").document["parts"]["things"] == {"files": 1, "bytes": 1500}
    assert type_("cache", "clear").out.endswith(f"kB removed from {cache}\n")
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize(
    ("answer", "words", "cleared"), [("n\n", (), False), ("y\n", (), True), ("", ("--yes",), True)]
)
def test_clearing_the_cache_asks_for_confirmation_only_on_a_terminal(
    type_: TypeLine, answer: str, words: tuple[str, ...], cleared: bool
) -> None:
    type_("add", "1", "2")
    result = type_("cache", "clear", *words, stdin=answer, terminal=True)
    assert result.status == 0
    assert ("remove everything in " in result.err) is (not words)
    assert (" removed from " in result.out) is cleared
    assert (type_("cache", "stats", "--json").document["results"]["entries"] == 0) is cleared
