"""Print every text that people read: help pages, topics, messages, docstrings, comments, names of tests.

Run `python -m docs.texts` in the root of the repository; each text is printed with its place. `--sample 60` prints a
random sample and its seed; `--seed 7` draws the same sample again. `--kind` and `--under FOLDER` print only some texts.
"""

from __future__ import annotations

import argparse
import ast
import io
import random
import re
import sys
import tempfile
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
NOT_WRITTEN_HERE = re.compile(r"snapshot_data|material/home-")  # generated, or kept as version 0.1.0 wrote it
FLOORS = ("core", "invocations", "workflows", "invokeai_cli", "invokeai_web", "training", "benchmarks", "docs", "tests")
KINDS = ("help", "page", "message", "docstring", "comment", "test")
WORD = re.compile(r"""(?<![^\s`'"(])[A-Za-z][a-z]+(?:['-][A-Za-z]+)*(?=[`'".,;:!?)]*(?:\s|$))""")
NUMBER = re.compile(r"^\d+[a-z]? ")  # of a behaviour in tests/BEHAVIOURS.md
PARAGRAPH = re.compile(r"\n\s*\n")
SQL = re.compile(
    r"\s*(?:select .+|insert (?:or \w+ )?into|update \w+ set|delete from|(?:create|drop|alter) (?:table|index)"
    r"|pragma|begin immediate|where \w+ [=<>]|order by) ",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Text:
    """A text with its kind, which is one of `KINDS`, and its place."""

    kind: str
    place: str
    text: str

    def __str__(self) -> str:
        return f"## {self.kind}: {self.place}\n{self.text}\n"


def every_text(kinds: Iterable[str] = KINDS) -> Iterator[Text]:
    """Yield all texts of these kinds in a fixed order."""
    wanted = frozenset(kinds)
    if "help" in wanted:
        yield from help_texts()
    if "page" in wanted:
        yield from page_texts()
    for floor in FLOORS:
        for path in sorted((ROOT / floor).rglob("*.py")):
            if not NOT_WRITTEN_HERE.search(path.as_posix()):
                yield from (text for text in source_texts(path) if text.kind in wanted)


def help_texts() -> Iterator[Text]:
    """Yield the paragraphs of all help pages; a paragraph that several pages share is yielded once."""
    seen = set()
    for word in ("", *_help_words()):
        page = _printed("help", *([word] if word else []))
        for number, paragraph in enumerate(PARAGRAPH.split(page.strip()), 1):
            if paragraph not in seen:
                seen.add(paragraph)
                yield Text("help", f"help {word} ({number})".replace("  ", " "), paragraph)


def page_texts() -> Iterator[Text]:
    """Yield the paragraphs of all Markdown pages in the repository."""
    for path in sorted(ROOT.rglob("*.md")):
        place = str(path.relative_to(ROOT))
        if not place.startswith((".", "build")):
            for number, paragraph in enumerate(PARAGRAPH.split(path.read_text("utf-8").strip()), 1):
                yield Text("page", f"{place} ({number})", paragraph)


def source_texts(path: Path) -> Iterator[Text]:
    """Yield the messages, docstrings and comments of a module, and the names of its tests as sentences."""
    place, source = str(path.relative_to(ROOT)), path.read_text("utf-8")
    tree = ast.parse(source)
    documented = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            text = ast.get_docstring(node)
            if text:
                documented.add(id(node.body[0].value))  # type: ignore[attr-defined]
                yield Text("docstring", f"{place}:{node.body[0].lineno}", text)
            if getattr(node, "name", "").startswith("test_"):
                yield Text("test", f"{place}:{node.body[0].lineno}", NUMBER.sub("", node.name[5:].replace("_", " ")))  # type: ignore[union-attr]
    if not place.startswith("tests"):
        yield from (Text("message", f"{place}:{line}", text) for line, text in _messages(tree, documented))
    yield from (Text("comment", f"{place}:{line}", text) for line, text in _comments(source))


def _messages(tree: ast.AST, documented: set[int]) -> Iterator[tuple[int, str]]:
    """Yield the string literals with at least two words, except docstrings and SQL; `{}` stands for inserted values.

    Terminal codes, styles, names of settings and other strings for programs have fewer than two words.
    """
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            text = "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside | documented:
            text = node.value
        else:
            continue
        if len(WORD.findall(text)) >= 2 and not SQL.match(text):
            yield node.lineno, text


def _comments(source: str) -> Iterator[tuple[int, str]]:
    """Yield the comments; consecutive comment lines that begin in the same column are one comment."""
    lines: list[str] = []
    start, next_place = 0, (0, 0)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT or re.match(r"#\s*(?:noqa|type:|fmt:|!)", token.string):
            continue
        if token.start != next_place and lines:
            yield start, "\n".join(lines)
            lines = []
        start = start if lines else token.start[0]
        next_place = (token.start[0] + 1, token.start[1])
        lines.append(token.string.lstrip("# "))
    if lines:
        yield start, "\n".join(lines)


def _help_words() -> list[str]:
    """Return all words that `help` explains: commands, directives and topics."""
    from invocations.catalog.registry import open_registry
    from invokeai_cli.directives.table import DIRECTIVES
    from workflows.manual.topics import TOPICS

    return [*sorted(open_registry().specs()), *DIRECTIVES, *TOPICS]


def _printed(*words: str) -> str:
    """Return what the program prints to standard output if that is not a terminal."""
    from invokeai_cli.environment import Environment
    from invokeai_cli.main import run

    out = io.StringIO()
    with tempfile.TemporaryDirectory() as home:
        run(list(words), Environment(None, out, io.StringIO(), {"INVOKEAI_HOME": home}, home))
    return out.getvalue()


def main(words: list[str]) -> int:
    """Print every text, or a sample."""
    parser = argparse.ArgumentParser(prog="python -m docs.texts", description="Print every text that people read.")
    parser.add_argument("--sample", type=int, metavar="N", help="print N texts picked at random")
    parser.add_argument("--seed", type=int, help="seed of the sample (default: picked at random)")
    parser.add_argument("--kind", choices=KINDS, action="append", help="print only one kind of text; may be repeated")
    parser.add_argument("--under", action="append", help="print only the texts of one folder; may be repeated")
    options = parser.parse_args(words)
    texts = [text for text in every_text(options.kind or KINDS) if text.place.startswith(tuple(options.under or [""]))]
    if options.sample:
        seed = random.randrange(10**6) if options.seed is None else options.seed
        print(f"# {options.sample} of {len(texts)} texts, seed {seed}\n")
        texts = random.Random(seed).sample(texts, min(options.sample, len(texts)))
    for text in texts:
        print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
