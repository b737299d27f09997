"""The keys by which the stages of a line are addressed."""

from __future__ import annotations

import pytest

from invocations.language import Source, parse
from invocations.language.stage_keys import stage_keys

KEYS = [
    ("add", ("add",)),
    ("add | mul 2", ("add", "mul")),
    ("add|mul 2", ("add", "mul")),
    ("add 1 2 as sum | mul 2", ("sum", "mul")),
    ("add | add | add", ("add", "add.2", "add.3")),
    ("add as x | mul as x", ("x", "x.2")),
    ("blur | blur as soft | blur", ("blur", "soft", "blur.2")),
    ('format "a | b" | split "|" as parts', ("format", "parts")),
    ("format 'it | is' | join '|'", ("format", "join")),
    (r'format "a \" | b" | join', ("format", "join")),
    ('format a"b | join', ("format", "join")),
    ("split --separator='|' | join", ("split", "join")),
    ('format "x as y"', ("format",)),
    ("add |\n  mul 2  # twice | three times\n", ("add", "mul")),
    ("# what comes first | is said here\nadd | mul 2", ("add", "mul")),
    ("pad --color #ff8800 | blur", ("pad", "blur")),
]


@pytest.mark.parametrize(("line", "keys"), KEYS)
def test_a_stage_is_addressed_by_its_name_or_by_its_command_and_a_counter(line: str, keys: tuple[str, ...]) -> None:
    assert stage_keys(parse(Source(None, line)).stages) == keys
