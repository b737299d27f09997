"""Lines connected by a shell pipe can be saved as a script."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.invokeai_cli.conftest import TypeLine
from tests.invokeai_cli.pipes.conftest import Pipe
from tests.invokeai_cli.session_ids import session_ids


def test_piped_lines_are_saved_as_one_continued_line(pipe: Pipe, type_: TypeLine, tmp_path: Path) -> None:
    assert pipe("load p.png | flip", "blur 2").status == [0, 0]
    type_("history", "--save", "x.inv")
    assert (tmp_path / "x.inv").read_text().splitlines()[2:] == ["load p.png | flip | blur 2"]
    assert type_("run", "x.inv").status == 0
    again, before, first = (type_("session", "show", each, "--json").document["graph"] for each in session_ids(type_))
    assert again == before
    assert [node["type"] for node in first["nodes"].values()] == ["load", "flip"]
    type_("history", "--session", session_ids(type_)[2], "--save", "y.inv")
    assert (tmp_path / "y.inv").read_text().splitlines()[2:] == [
        "# its result was piped to another process; here it is saved:", "load p.png | flip",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "stages",
    [
        ("load p.png", "scale 2", "save x.png"),
        ("add 1 2", "mul 3", "sub 1"),
        ("range 1 4 | iterate as n | blur @n --image p.png", "scale 2", "save '{index}-x.png'"),
        ("load p.png as p | flip", "blur 2", "blend @p | save y.png"),
    ],
)
def test_any_piped_session_can_be_saved_as_a_script_and_run(
    pipe: Pipe, type_: TypeLine, stages: tuple[str, ...]
) -> None:
    assert set(pipe(*stages).status) == {0}
    result = type_("history", "20", "--save", "x.inv")
    assert (result.status, result.out) == (0, "x.inv\n")
    result = type_("run", "x.inv", "--overwrite")
    assert (result.status, "error" in result.err) == (0, False)
