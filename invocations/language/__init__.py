"""The pipeline language: text to tree and back, with errors that point to their position in the text.

Uses only the standard library and knows no commands."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .did_you_mean import did_you_mean, nearest
    from .errors import SYNTAX_CODES, LanguageError, Refusal, draw, visible
    from .parser import parse, parse_words, read
    from .printer import as_word, print_stage, print_tree, print_value
    from .script import Statement, is_incomplete, split_lines, split_script
    from .source import Source, Span
    from .tokens import Token, is_name, tokenize
    from .tree import Argument, Option, Pipeline, Positional, Reference, Stage, Value, Word

__all__ = [
    "SYNTAX_CODES",
    "Argument",
    "LanguageError",
    "Option",
    "Pipeline",
    "Positional",
    "Reference",
    "Refusal",
    "Source",
    "Span",
    "Stage",
    "Statement",
    "Token",
    "Value",
    "Word",
    "as_word",
    "did_you_mean",
    "draw",
    "is_incomplete",
    "is_name",
    "nearest",
    "parse",
    "parse_words",
    "print_stage",
    "print_tree",
    "print_value",
    "read",
    "split_lines",
    "split_script",
    "tokenize",
    "visible",
]

_PLACES = {
    "did_you_mean": "did_you_mean nearest",
    "errors": "SYNTAX_CODES LanguageError Refusal draw visible",
    "parser": "parse parse_words read",
    "printer": "as_word print_stage print_tree print_value",
    "script": "Statement is_incomplete split_lines split_script",
    "source": "Source Span",
    "tokens": "Token is_name tokenize",
    "tree": "Argument Option Pipeline Positional Reference Stage Value Word",
}  # names by module; a module is imported when one of its names is accessed
_FILE_OF = {name: file for file, names in _PLACES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name not in _FILE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_FILE_OF[name]}"), name)
