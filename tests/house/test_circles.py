"""No imports form a cycle, including lazy imports, imports for types only and names that packages re-export."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
FLOORS = ("core", "invocations", "workflows", "invokeai_cli", "invokeai_web")  # from the lowest floor to the highest
KNOWN_CIRCLES: set[frozenset[str]] = set()
KNOWN_UP: set[str] = set()
"""Known violations: import cycles as sets of modules, and modules that import a floor above their own.

A violation that is not listed fails the test, and so does an entry that is no longer a violation: remove it.
"""

Imports = Mapping[str, Mapping[str, str]]  # importer -> imported module -> "file:line"


def test_no_modules_import_each_other_in_a_cycle() -> None:
    imports = imports_of_the_house()
    found = set(circles({name: set(targets) for name, targets in imports.items()}))
    new = [circle for circle in found if not any(circle <= known for known in KNOWN_CIRCLES)]
    gone = [sorted(known) for known in KNOWN_CIRCLES if not any(circle <= known for circle in found)]
    assert not new, "circles of imports:\n" + "\n\n".join(drawn(circle, imports) for circle in sorted(new, key=sorted))
    assert not gone, f"no circle any more, take it off the list: {gone}"


def test_no_floor_imports_a_floor_above_it() -> None:
    rank = {floor: number for number, floor in enumerate(FLOORS)}
    up = {
        name: f"{place} -> {target}"
        for name, targets in imports_of_the_house().items()
        for target, place in targets.items()
        if rank[target.partition(".")[0]] > rank[name.partition(".")[0]]
    }
    new = sorted(place for name, place in up.items() if name not in KNOWN_UP)
    assert not new, "imports of a floor above:\n" + "\n".join(new)
    assert set(up) >= KNOWN_UP, f"nothing goes up any more, take it off the list: {sorted(KNOWN_UP - set(up))}"


def test_an_import_cycle_is_found_and_described_file_by_file() -> None:
    links = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set[str](), "e": {"e"}}
    assert {frozenset("abc"), frozenset("e")} == set(circles(links))
    imports = {"a": {"b": "a.py:1"}, "b": {"c": "b.py:2"}, "c": {"a": "c.py:3"}}
    assert drawn(frozenset("abc"), imports) == "a.py:1 -> b\nb.py:2 -> c\nc.py:3 -> a"


def test_every_kind_of_import_is_detected() -> None:
    text = """
import m.one
from m import two, Name
from . import three
from .four import x
def f():
    from ..m import five
if TYPE_CHECKING:
    from m.six import T
"""
    modules = {"m", "m.one", "m.two", "m.three", "m.four", "m.five", "m.six", "m.here"}
    found = {target for target, _ in imported(ast.parse(text), "m.here", "m", modules)}
    assert found == {"m", "m.one", "m.two", "m.three", "m.four", "m.six"}
    inside = {target for target, _ in imported(ast.parse(text), "m.sub.here", "m.sub", {*modules, "m.sub"})}
    assert "m.five" not in inside  # in m.sub, `..m` means m.m


def imports_of_the_house() -> Imports:
    """Return, for each module of the four floors, the modules that it imports and where."""
    files = {name: path for floor in FLOORS for name, path in modules_of(ROOT / floor)}
    return {name: dict(_places(name, path, files)) for name, path in files.items()}


def _places(name: str, path: Path, files: Mapping[str, Path]) -> Iterator[tuple[str, str]]:
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for target, line in imported(ast.parse(path.read_text()), name, package, set(files)):
        yield target, f"{path.relative_to(ROOT)}:{line}"


def modules_of(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the modules of a floor: name and file."""
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def imported(tree: ast.AST, name: str, package: str, modules: set[str]) -> Iterator[tuple[str, int]]:
    """Yield the modules that a module imports, each with its line number."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package.rsplit(".", node.level - 1)[0] if node.level else ""
            base = ".".join(filter(None, (above, node.module)))
            found = [inner if (inner := f"{base}.{alias.name}") in modules else base for alias in node.names]
        else:
            continue
        yield from ((target, node.lineno) for target in found if target in modules and target != name)


def circles(links: Mapping[str, set[str]]) -> Iterator[frozenset[str]]:
    """Yield the strongly connected components of more than one module (Tarjan 1972, without recursion)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    for start in sorted(links):
        work = [] if start in index else [(start, iter(sorted(links[start])))]
        if work:
            index[start] = low[start] = len(index)
            stack.append(start)
        while work:
            here, targets = work[-1]
            target = next((each for each in targets if each not in index or each in stack), None)
            if target is not None and target not in index:
                index[target] = low[target] = len(index)
                stack.append(target)
                work.append((target, iter(sorted(links.get(target, ())))))
            elif target is not None:
                low[here] = min(low[here], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[here])
                if low[here] == index[here]:
                    at = stack.index(here)
                    component, stack[at:] = frozenset(stack[at:]), []
                    if len(component) > 1 or here in links.get(here, ()):
                        yield component


def drawn(circle: frozenset[str], imports: Imports) -> str:
    """Describe one cycle of imports, with one line for each import."""
    here, way, seen = min(circle), [], dict[str, int]()
    while here not in seen:
        seen[here] = len(way)
        target = next(each for each in sorted(imports[here], key=lambda each: (each in seen, each)) if each in circle)
        way.append(f"{imports[here][target]} -> {target}")
        here = target
    return "\n".join(way[seen[here] :])
