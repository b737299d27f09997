"""Scripts have the same results, files and outcomes with workers as without."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from invocations.values import ImageRef
from tests.workflows.recorder import Recorder
from tests.workflows.scripts.conftest import DEFAULT, run
from tests.workflows.scripts.crew import SINGLE, Crew, made, outcomes
from workflows.scripts.options import RunOptions
from workflows.workspace import Workspace

SCRIPTS = {
    "single lines": SINGLE,
    "lines with links": """
        load cat.png | blur 1 as one
        blur 2 --image @one as two
        blur 3 --image @one | save b.png
        blend --image @two --other @one | save c.png
        | blur 5 | save d.png
        invert --image @2
        add 1 2
    """,
    "numbered files": "load cat.png | blur 1 | save 'x-{index}.png'\n" * 3 + "load cat.png | blur 2 | save\n" * 2,
    "loops": """
        range 1 4 | iterate as n | blur @n --image cat.png | save 'l-{index}.png'
        load cat.png | blur 9 | save e.png
        range 4 6 | iterate | blur --image cat.png | collect | length
    """,
    "a file that an earlier line saves": """
        load cat.png | blur 1 | save a.png
        load a.png | blur 2 | save b.png
        load *.png | blur 3 | save 'c-{index}.png'
    """,
    "directives": """
        let r = 3
        load cat.png | blur ${r} | save a.png
        set radius 5
        load cat.png | blur | save b.png
    """,
    "a failure": """
        load cat.png | blur 1 | save a.png
        div 1 0
        load cat.png | blur 2 | save b.png
    """,
    "failures": """
        load cat.png | blur 1 | save a.png
        div 1 0 as d
        add @d 1
        load cat.png | blur 2 | save b.png
        blurr 3
        add 1 2
    """,
}
OPTIONS = {
    "": DEFAULT,
    "keep going": RunOptions(keep_going=True),
    "a limit": RunOptions(max_images=3),
    "a later line first": RunOptions(first=3),
    "existing files": RunOptions(skip_existing=True),
}
CASES = [*((name, "") for name in SCRIPTS), ("failures", "keep going"), *(("single lines", name) for name in OPTIONS)]


@pytest.mark.parametrize(("name", "how"), dict.fromkeys(CASES))
def test_a_script_has_the_results_that_it_has_without_workers(
    open_: Callable[[], Workspace], cat: Path, name: str, how: str
) -> None:
    def result(workspace: Workspace) -> tuple[object, ...]:
        for path in (path for path in cat.parent.glob("*.png") if path != cat):
            path.unlink()
        for existing in ("2.png", "5.png") if how == "existing files" else ():
            shutil.copy(cat, existing)
        workspace.invoker.cache.clear()
        outcome, seen = run(workspace, SCRIPTS[name], OPTIONS[how])
        return outcome, shown(seen), made(cat.parent), [each for each in outcomes(workspace) if each]

    expected = result(open_())
    workspace = open_()
    crew = Crew(workspace)
    assert result(workspace) == expected
    assert crew.done


def shown(seen: Recorder) -> list[tuple[str, object]]:
    """Return what was shown, except events, with the names of the files of images instead of their references."""
    return [
        (kind, Path(value.path).name if isinstance(value, ImageRef) and value.path else value)
        for kind, value in seen.shown
        if kind != "event"
    ]
