"""Every file and every link that a page mentions exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SKIPPED = {".venv", ".bench", ".clients", "build", "dist", "material"}
MADE = ("dist/", "outputs/", "training/runs/")  # folders that commands create
FILE = re.compile(r"(?<![\w/.-])[\w./-]*\w\.(?:py|md|svg)\b(?!\()")
FOLDER = re.compile(r"`([\w.-]+(?:/[\w.-]+)*/)`")
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
CREATED = re.compile(
    r"test_(?:folder|palette|small|stability_matrix|tsv)|folder|main_colors|initials|posterize|stability_matrix|tsv"
)


def pages() -> list[Path]:
    """Return every page in the repository."""
    return sorted(path for path in ROOT.rglob("*.md") if not SKIPPED & set(path.relative_to(ROOT).parts))


def exists(name: str, page: Path, files: set[str]) -> bool:
    """Whether a name is a path from the root or from the page, or the end of the path of any file."""
    if (ROOT / name).exists() or (page.parent / name).exists():
        return True
    return any(file.endswith(f"/{name}") for file in files)


@pytest.fixture(scope="module")
def files() -> set[str]:
    """Return the names of all files in the repository that pages may mention."""
    return set(_files())


def _files() -> Iterator[str]:
    for path in ROOT.rglob("*.*"):
        if not SKIPPED & set(path.relative_to(ROOT).parts):
            yield f"/{path.relative_to(ROOT).as_posix()}"


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_a_page_mentions_exists(page: Path, files: set[str]) -> None:
    text = page.read_text("utf-8")
    names = {name for name in FILE.findall(text) if page.parent.name != "how-to" or not _is_created(name)}
    missing = sorted(name for name in names if not exists(name, page, files))
    folders = {name for name in FOLDER.findall(text) if not name.startswith(MADE)}
    missing += sorted(name for name in folders if not exists_below(name, page))
    missing += [target for target in LINK.findall(text) if not (page.parent / target).exists()]
    assert missing == []


def exists_below(name: str, page: Path) -> bool:
    """Whether a folder is in the root, in the page's own folder, or in a floor."""
    floors = (ROOT / floor for floor in ("core", "invocations"))
    return any((folder / name).is_dir() for folder in (ROOT, page.parent, *floors))


def _is_created(name: str) -> bool:
    """Whether a file is one that a how-to page creates."""
    return CREATED.fullmatch(Path(name).stem) is not None or "palette" in name


def test_the_python_example_on_the_front_page_generates_an_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (example,) = re.findall(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL | re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(example.replace("a red fox", "a red fox --steps 1"), names)
    assert getattr(names["image"], "size", None) == (192, 192)
