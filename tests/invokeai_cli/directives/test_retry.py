"""`retry` reruns only failed nodes and the nodes that depend on them; an impossible retry is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.damaged import REASON, damage
from tests.invokeai_cli.conftest import TypeLine

ELSEWHERE = "`sessions --failed` lists sessions with failures"
SCRIPT = "load cat.png as cat\n| blur 2\nadd 1 2\nblur 3 --image @cat\n"


def draw(path: Path) -> None:
    Image.linear_gradient("L").resize((8, 8)).convert("RGB").save(path)


def ran(result: Any) -> list[str]:
    """Return the nodes that finished, each with its position in the enclosing loops."""
    events = [event for event in result.events if event["event"] == "node_finished"]
    return [event["node_id"] + "".join(f"[{place}]" for place in event["path"]) for event in events]


@pytest.fixture
def failed(type_: TypeLine, tmp_path: Path) -> Path:
    """Run a script in which all lines but one fail because an image is damaged; return the path of the image."""
    (tmp_path / "s.inv").write_text(SCRIPT)
    damage(tmp_path / "cat.png")
    result = type_("run", "s.inv", "--keep-going")
    assert result.status == 3
    assert result.err.splitlines()[-1].startswith("1 done, 3 failed, 0 of 2 images, ")
    return tmp_path / "cat.png"


def test_093_only_failed_and_dependent_nodes_run_again(type_: TypeLine, failed: Path) -> None:
    draw(failed)
    result = type_("--events", "retry")
    assert result.status == 0
    assert ran(result) == ["1", "2", "2.save", "4", "4.save"]
    assert [line["line"] for line in result.events[-1]["lines"]] == [
        "load cat.png as cat", "| blur 2", "blur 3 --image @cat",
    ]  # fmt: skip
    assert [(r["line_number"], r["paths"]) for r in result.events[-1]["results"]] == [
        (1, ["cat.png"]), (2, ["000001-cat.png"]), (3, ["000002-cat.png"]),
    ]  # fmt: skip


def test_retry_prints_results_and_saves_images(type_: TypeLine, failed: Path) -> None:
    draw(failed)
    result = type_("retry")
    assert result.out == "cat.png\n000001-cat.png\n000002-cat.png\n"
    assert result.err == (
        "retrying line 1: load cat.png as cat\nretrying line 2: | blur 2\nretrying line 4: blur 3 --image @cat\n"
    )
    assert failed.with_name("000002-cat.png").is_file()


def test_a_repeated_failure_is_reported_and_can_be_retried(type_: TypeLine, failed: Path) -> None:
    result = type_("-q", "retry")
    assert (result.status, result.out) == (1, "")
    assert result.err == (
        f"error: load (1): `cat.png` {REASON}\n"
        "error: blur (2) was not run: it needs `1`, which failed or did not run\n"
        "  `retry` runs the failed nodes and those that depend on them again\n"
        "error: blur (4) was not run: it needs `1`, which failed or did not run\n"
        "  `retry` runs the failed nodes and those that depend on them again\n"
    )
    draw(failed)
    assert type_("retry").status == 0


def test_the_exit_status_is_3_if_only_some_lines_fail_again(type_: TypeLine, tmp_path: Path) -> None:
    damage(tmp_path / "cat.png")
    damage(tmp_path / "dog.png")
    type_("-", "--keep-going", stdin="load cat.png\nload dog.png\n")
    draw(tmp_path / "dog.png")
    result = type_("retry")
    assert (result.status, result.out) == (3, "dog.png\n")
    assert type_("retry").status == 1


def test_in_a_loop_only_the_items_that_failed_run_again(type_: TypeLine, tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    damage(tmp_path / "b.png")
    assert type_("list a.png b.png | iterate as each | load @each | blur 1").status == 3
    draw(tmp_path / "b.png")
    result = type_("--events", "retry")
    assert ran(result) == ["3[1]", "4[1]", "4.save[1]"]
    assert [each["paths"] for each in result.events[-1]["results"]] == [["000002-b.png"]]


def test_the_no_cache_option_still_applies_on_retry(type_: TypeLine, tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    type_("load a.png | blur 1")
    damage(tmp_path / "b.png")
    type_("load b.png | blur 1 --no-cache")
    draw(tmp_path / "b.png")  # the same image as a.png
    finished = [e for e in type_("--events", "retry").events if e["event"] == "node_finished"]
    assert [(event["node_id"], event["reused"]) for event in finished] == [
        ("1", True), ("2", False), ("2.save", False),
    ]  # fmt: skip


def test_the_session_can_be_identified_by_the_beginning_of_its_id(type_: TypeLine, failed: Path) -> None:
    id_ = type_("--json", "sessions").document["sessions"][0]["id"]
    type_("add 1 2")
    draw(failed)
    assert type_("retry").status == 2  # the failed session is not the latest; the hint names it
    assert type_("-q", "retry", id_[:-2]).out == "cat.png\n000001-cat.png\n000002-cat.png\n"


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("retry",), f"nothing has failed in session {{id}}\n  {ELSEWHERE}"),
        (("retry", "{id}"), f"nothing has failed in session {{id}}\n  {ELSEWHERE}"),
        (("retry", "nosuch"), "there is no session `nosuch`\n  `sessions` lists them"),
        (("retry", "a", "b"), "`retry` got an unexpected argument: `b`\n  usage: retry [SESSION]"),
        (("retry", "--all"), "`retry` has no option `--all`\n  usage: retry [SESSION]"),
        (("retry | blur",), "`retry` is a shell directive and cannot be piped\n  write it on a line of its own"),
    ],
)  # fmt: skip
def test_an_impossible_retry_is_refused(type_: TypeLine, words: tuple[str, ...], text: str) -> None:
    type_("add 1 2")
    id_ = type_("--json", "sessions").document["sessions"][0]["id"]
    result = type_(*(word.format(id=id_) for word in words))
    assert (result.status, result.out, result.err) == (2, "", f"error: {text.format(id=id_)}\n")


def test_retry_is_refused_if_nothing_has_been_run(type_: TypeLine) -> None:
    result = type_("retry")
    assert (result.status, result.err) == (2, "error: there are no sessions yet\n  run a line first\n")


def test_a_session_in_use_by_another_process_is_not_retried(
    type_: TypeLine, tmp_path: Path, isolated_home: Path
) -> None:
    damage(tmp_path / "cat.png")
    type_("load cat.png")
    id_ = type_("--json", "sessions").document["sessions"][0]["id"]
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(isolated_home / "data"), id_],
        env={"PYTHONPATH": str(Path(__file__).parents[3])},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdout is not None
    with holder:
        assert holder.stdout.readline() == "held\n"
        result = type_("retry")
        holder.communicate("\n")
    assert (result.status, result.out) == (1, "")
    assert result.err == (
        f"error: another process has session `{id_}` open\n  type `retry` there, or stop that process first\n"
    )
    draw(tmp_path / "cat.png")
    assert type_("retry").status == 0


def test_a_script_continues_after_a_retry_that_finds_no_failure(type_: TypeLine, tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    damage(tmp_path / "cat.png")
    lines = "retry\nblur 1 --image cat.png\nload a.png | save cat.png --overwrite\nretry\nadd 1 2\n"
    result = type_("-", "--keep-going", stdin="add 1 1\n" + lines)
    assert result.out == "2\ncat.png\n000001-cat.png\n3\n"
    assert result.status == 3
    assert "nothing has failed in session" in result.err
    assert "retrying line 2: blur 1 --image cat.png" in result.err


def test_retry_has_help_and_completion(type_: TypeLine, failed: Path) -> None:
    assert type_("help", "retry").out.startswith("usage: retry [SESSION]\n")
    assert "retry" in type_("__complete", "1", "ret").out
    id_ = type_("--json", "sessions").document["sessions"][0]["id"]
    offered = {row.split("\t")[0] for row in type_("__complete", "2", "retry", "").out.splitlines()}
    assert offered == {"latest", id_}


HOLD = """
import sys
from pathlib import Path
from invocations.sessions.journal import Forgotten
from invocations.storing.local import LocalStore
store = LocalStore(Path(sys.argv[1]) / "sessions.sqlite")
store.append(sys.argv[2], Forgotten(()))
print("held", flush=True)
sys.stdin.readline()
"""


AGAIN = "`retry` runs the failed items again"
SHEET = (
    "list a.png b.png c.png | iterate --axis f as f | load @f | blur 2 | collect --by f --holes | grid --columns 3"
    " | save {}"
)


@pytest.fixture
def sheet(type_: TypeLine, tmp_path: Path) -> Path:
    """Draw a sheet of three images, one of which is damaged; return the path of the sheet."""
    for name in "abc":
        draw(tmp_path / f"{name}.png")
    damage(tmp_path / "b.png")
    result = type_(SHEET.format("sheet.png"))
    assert (result.status, result.out) == (3, "sheet.png\n")
    assert result.err == f"error: load (3) for b.png: `b.png` {REASON}\n  {AGAIN}\n"
    return tmp_path / "sheet.png"


def test_093a_retry_fills_the_hole_and_replaces_the_sheet(type_: TypeLine, sheet: Path, tmp_path: Path) -> None:
    before = sheet.read_bytes()
    assert type_("retry").status == 3
    assert sheet.read_bytes() == before
    draw(tmp_path / "b.png")
    result = type_("--events", "retry")
    assert (result.status, ran(result)) == (0, ["3[1]", "4[1]", "5", "6", "7"])
    assert sheet.read_bytes() != before
    assert sorted(path.name for path in tmp_path.glob("*sheet*")) == ["sheet.png"]
    assert type_("retry").status == 2


def test_093a_retry_does_not_replace_a_file_that_has_changed(type_: TypeLine, sheet: Path, tmp_path: Path) -> None:
    draw(tmp_path / "b.png")
    draw(sheet)
    other = sheet.read_bytes()
    result = type_("retry")
    assert (result.status, sheet.read_bytes()) == (1, other)
    assert "sheet.png` already exists" in result.err


def test_093a_a_sheet_with_a_name_from_a_template_keeps_its_name(type_: TypeLine, tmp_path: Path) -> None:
    for name in "abc":
        draw(tmp_path / f"{name}.png")
    damage(tmp_path / "b.png")
    assert type_(SHEET.format("'sheet-{index:03}.png'")).status == 3
    draw(tmp_path / "b.png")
    assert type_("retry").status == 0
    assert [path.name for path in tmp_path.glob("sheet*")] == ["sheet-001.png"]


def test_093a_resuming_a_changed_script_fills_the_hole_of_an_unchanged_line(type_: TypeLine, tmp_path: Path) -> None:
    for name in "abc":
        draw(tmp_path / f"{name}.png")
    damage(tmp_path / "b.png")
    (tmp_path / "s.inv").write_text(f"{SHEET.format('sheet.png')}\nadd 1 2\n")
    assert type_("run", "s.inv", "--keep-going").status == 3
    before = (tmp_path / "sheet.png").read_bytes()
    draw(tmp_path / "b.png")
    (tmp_path / "s.inv").write_text(f"{SHEET.format('sheet.png')}\nadd 1 2\nadd 3 4\n")
    result = type_("--events", "run", "s.inv", "--resume")
    assert (result.status, ran(result)) == (0, ["3[1]", "4[1]", "5", "6", "7", "9"])
    assert (tmp_path / "sheet.png").read_bytes() != before
