"""The pipeline language: text to tree and back, with errors that point at their place. Standard library only; knows no
commands."""

from __future__ import annotations

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
