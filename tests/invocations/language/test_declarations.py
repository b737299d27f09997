"""The words of a `sweep` stage are declarations; in any other stage, the same words are ordinary arguments."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invocations.language import (
    Reference,
    Refusal,
    Source,
    Span,
    Word,
    is_incomplete,
    parse_words,
    print_tree,
    split_script,
)
from invocations.language.declarations import Sweep, read_declarations
from invocations.language.tokens import Token, scan, tokenize
from tests.invocations.language.trees import codes, tree


def read(line: str) -> Sweep:
    found, errors = read_declarations(tree(line).stages[0])
    assert not errors
    return found


def values(line: str) -> dict[str, list[str]]:
    return {
        each.name: [str(v) if isinstance(v, Reference) else v.text for v in each.values]
        for each in read(line).declarations
    }


def test_a_sweep_declares_names_with_values() -> None:
    line = 'sweep seed=1..4 prompt="a, b" \'c | d\' x=@p* i2i.strength=.1,.2 style="e" | t2i'
    assert values(line) == {
        "seed": ["1..4"],
        "prompt": ["a, b", "c | d"],
        "x": ["@p*"],
        "i2i.strength": [".1,.2"],
        "style": ["e"],
    }
    first, second, *_ = read(line).declarations
    assert (first.span, first.name_span) == (Span(6, 15), Span(6, 10))
    assert (second.span, second.name_span) == (Span(16, 37), Span(16, 22))
    assert second.values == (Word("a, b", '"'), Word("c | d", "'"))


def test_the_options_of_a_sweep_are_read() -> None:
    line = "sweep seed=1..4 steps=1..4 --zip seed,steps --zip=a,b --zip-short --where 'seed > 2' --sample 9 --limit=6"
    found = read(line)
    assert [[name.text for name in names] for names in found.zips] == [["seed", "steps"], ["a", "b"]]
    assert [line[name.span.start : name.span.end] for names in found.zips for name in names] == [
        "seed",
        "steps",
        "a",
        "b",
    ]
    assert (found.short, found.where, found.sample, found.limit) == (True, Word("seed > 2", "'"), 9, 6)


def test_an_expression_without_spaces_needs_no_quotes() -> None:
    assert read("sweep seed=1..4 --where seed==1").where == Word("seed==1")
    assert read("sweep seed=1..4 --where=seed<=1").where == Word("seed<=1")


@pytest.mark.parametrize("path", ["jobs.csv", "'my jobs'", "./jobs", "a/jobs.jsonl"])
def test_a_sweep_can_begin_with_the_path_of_a_table(path: str) -> None:
    found = read(f"sweep {path} seed=1,2")
    assert found.table is not None
    assert found.table.text == path.strip("'")
    assert [each.name for each in found.declarations] == ["seed"]


def test_a_word_right_after_a_closing_quote_is_refused() -> None:
    assert codes('sweep prompt="a, b","c, d"') == ["missing_blank"]
    assert codes('sweep prompt="a, b') == ["unclosed_quote"]


PIECES = st.lists(
    st.sampled_from(
        ["sweep", "x", 'a="b', 'c"', "a=1..4", "b='c|d'", "|", "--", "--a=b", "\\\n", "#", "a==1", "=", '"e f"']
    )
    | st.text(alphabet="ab=\"' |\n", max_size=4),
    max_size=8,
).map(" ".join)


def kinds(text: str) -> list[tuple[str, str]]:
    return [(token.kind, token.text) for token in tokenize(Source(None, text))]


def commands(tokens: tuple[Token, ...]) -> set[str]:
    """Return the first word of each stage of each line."""
    found, begins = set(), True
    for token in tokens:
        if token.kind in ("bar", "newline"):
            begins = True
        elif token.kind not in ("comment", "continuation"):
            found |= {token.text} if begins else set()
            begins = False
    return found


@given(PIECES)
def test_words_are_declarations_only_after_the_command_sweep(text: str) -> None:
    if "sweep" not in commands(tokenize(Source(None, text))):
        renamed = [(kind, word.replace("sweeq", "sweep")) for kind, word in kinds(text.replace("sweep", "sweeq"))]
        assert kinds(text) == renamed


@given(PIECES)
def test_a_printed_sweep_parses_to_the_same_tree(text: str) -> None:
    try:
        first = tree(f"sweep {text}")
    except Refusal:
        return
    printed = tree(print_tree(first))
    assert printed == first
    assert [read_declarations(each)[0] for each in printed.stages] == [
        read_declarations(each)[0] for each in first.stages
    ]


@pytest.mark.parametrize(
    "line", ['t2i a="b c"', 'x | t2i a="b', 't2i sweep a="b c"', '"sweep" a="b', 'sweep -- a="b c"']
)
def test_a_quote_after_an_equals_sign_is_an_ordinary_character_in_other_commands(line: str) -> None:
    assert ("word", 'a="b') in kinds(line)


@pytest.mark.parametrize(
    "start", ["sweep ", "x | sweep ", "\\\nsweep ", "sweep \\\n", "sweep a=1 \\\n", "x | \\\n sweep "]
)
def test_a_line_with_an_open_quote_in_a_sweep_is_incomplete(start: str) -> None:
    assert is_incomplete(f'{start}prompt="a')
    assert not is_incomplete(f'{start}prompt="a\n b"')
    assert not is_incomplete(f'{start.replace("sweep", "sweeq")}prompt="a')


def test_a_quoted_value_of_a_sweep_may_contain_a_newline_in_a_script() -> None:
    text = 'sweep a=1 \\\nprompt="one\ntwo" "x # y"\nt2i a="b\nload x'
    lines = [each.source.text for each in split_script(Source("s", text))]
    assert lines == ['sweep a=1 \\\nprompt="one\ntwo" "x # y"', 't2i a="b', "load x"]


def test_a_shell_word_that_had_quotes_is_one_value() -> None:
    source, found = parse_words(
        ["sweep", "seed=1..4", "prompt=a, b", "c, d", "--where", "seed==1", "|", "t2i", "a=b c"]
    )
    assert source.text == 'sweep seed=1..4 prompt="a, b" "c, d" --where seed==1 | t2i "a=b c"'
    first = read_declarations(found.stages[0])[0]
    assert [each.values for each in first.declarations] == [(Word("1..4"),), (Word("a, b", '"'), Word("c, d", '"'))]


@given(st.text(), st.text())
def test_every_shell_word_of_a_sweep_remains_one_value(first: str, second: str) -> None:
    _, found = parse_words(["sweep", f"a=.{first}", f"b=x{second}"])
    texts = [
        value.text
        for each in read_declarations(found.stages[0])[0].declarations
        for value in each.values
        if isinstance(value, Word)
    ]
    assert texts == [f".{first}", f"x{second}"]


def test_the_part_of_a_text_after_the_command_can_be_scanned() -> None:
    assert [token.kind for token in scan('a="b c"', at_start=False, declares=True)] == ["option", "equals", "quoted"]
    assert [token.kind for token in scan('a="b c"', at_start=False, declares=False)] == ["word", "word"]
