"""No code outside `invocations/nodes/` and the recipes knows a node by its name; it uses roles instead."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from invocations.catalog.snapshot import built_in

ROOT = Path(__file__).parents[2]
NAMES = frozenset(built_in())
FLOORS = ("invocations", "workflows", "invokeai_cli", "invokeai_web")

WORDS = {  # node names that are also other words: they count only if compared or looked up as types
    "add": "an option of directives",
    "collect": "a role in the graph",
    "dynamic": "an option of every command",
    "fit": "an input",
    "format": "an input, a setting",
    "if": "a role in the graph",
    "iterate": "a role in the graph",
    "list": "a base type",
    "model": "a kind of reference",
    "noise": "an input",
    "not": "an operator",
    "prompt": "a fact of an image",
    "random": "an input",
    "replace": "an error handler of text files",
    "save": "an option of directives",
    "scale": "an input",
    "show": "an argument of directives",
    "vae": "a part of models, a kind of models",
    "zip": "an option of every command",
}
ALLOWED = {  # folders and files that may name commands, each with the reason
    "invocations/expressions": "operators and functions of expressions, some of which are also nodes (`min`, `or`)",
    "invokeai_web/compat": "writes lines of our language for requests to other programs",
    "workflows/importers": "an importer writes lines of our language for what another program did",
    "workflows/manual": "help names the commands it explains",
    "workflows/synonyms": "says what to type instead of another tool's word",
    "invocations/nodes": "where the names are declared",
    "invocations/catalog/snapshot_data": "generated from them",
}
TYPE_ATTRIBUTES = {"type", "command", "node_type", "text", "type_"}
CATALOGS = {"catalog", "specs", "registry", "_catalog"}


def files() -> list[Path]:
    found = (path for floor in FLOORS for path in (ROOT / floor).rglob("*.py"))
    return sorted(path for path in found if not any(is_in(path, folder) for folder in ALLOWED))


def is_in(path: Path, folder: str) -> bool:
    return (ROOT / folder) in path.parents or path == ROOT / folder


def test_no_node_name_occurs_in_code_outside_the_node_modules() -> None:
    found = {str(path.relative_to(ROOT)): list(named(ast.parse(path.read_text("utf-8")))) for path in files()}
    assert {name: places for name, places in found.items() if places} == {}


def named(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the places where code contains the name of a node."""
    for node in ast.walk(tree):
        if is_name(node) and node.value not in WORDS:
            yield node.lineno, node.value
        if isinstance(node, ast.Compare) and any(is_type(part) for part in (node.left, *node.comparators)):
            yield from ((each.lineno, each.value) for each in ast.walk(node) if is_name(each))
        if isinstance(node, ast.Subscript) and is_catalog(node.value) and is_name(node.slice):
            yield node.lineno, node.slice.value
        if isinstance(node, ast.Call) and called(node) in ("Node", "get", "load", "spec") and node.args:
            taken = node.args[1:2] if called(node) == "Node" else node.args[:1] if is_catalog(owner(node)) else []
            yield from ((each.lineno, each.value) for each in taken if is_name(each))


def is_name(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in NAMES


def is_type(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in TYPE_ATTRIBUTES and not is_value(node)


def is_value(node: ast.Attribute) -> bool:
    """Whether an attribute is the `text` of an argument, which may be any word, rather than of a command."""
    return node.attr == "text" and not (isinstance(node.value, ast.Attribute) and node.value.attr == "command")


def is_catalog(node: ast.AST | None) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name in CATALOGS


def owner(call: ast.Call) -> ast.AST | None:
    return call.func.value if isinstance(call.func, ast.Attribute) else None


def called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


@pytest.mark.parametrize(
    "code",
    [
        'X = "blur"',
        'node.type == "save"',
        'node.type in ("save", "show")',
        'stage.command.text == "list"',
        'self.catalog["collect"]',
        'catalog.get("save")',
        'Node(id_, "iterate", {})',
        'KINDS = {"image": "load"}',
    ],
)
def test_the_search_finds_node_names(code: str) -> None:
    assert list(named(ast.parse(code)))


@pytest.mark.parametrize("code", ['kind.base == "list"', 'role == "iterate"', 'call.flag("save")', 'x = "blurry"'])
def test_the_search_does_not_mistake_other_words_for_node_names(code: str) -> None:
    assert not list(named(ast.parse(code)))


def test_every_exception_to_the_rule_on_node_names_refers_to_an_existing_node_or_path() -> None:
    assert WORDS.keys() <= NAMES
    assert all((ROOT / folder).exists() for folder in ALLOWED)
