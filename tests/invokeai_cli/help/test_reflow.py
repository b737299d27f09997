"""Help topics on a narrow terminal: no line is wider than the terminal, and no word is lost."""

from __future__ import annotations

import pytest

from invokeai_cli.help.page import page_text
from invokeai_cli.help.reflow import reflowed
from tests.invokeai_cli.conftest import TypeLine
from workflows.manual.topics import TOPICS

TEXT = """\
The first line of a paragraph goes on
in the second.

  blur 2          a row whose
                  explanation is long
  scale 0.5 --method lanczos

  flip"""


def test_paragraphs_rows_and_examples_are_reflowed() -> None:
    assert reflowed(TEXT, 30) == (
        "The first line of a paragraph\ngoes on in the second.\n\n"
        "  blur 2\n      a row whose explanation\n      is long\n"
        "  scale 0.5 --method lanczos\n\n"
        "  flip"
    )


@pytest.mark.parametrize("topic", sorted(TOPICS))
@pytest.mark.parametrize("columns", [40, 60])
def test_every_topic_fits_the_width_and_loses_no_word(type_: TypeLine, topic: str, columns: int) -> None:
    whole = type_("help", topic).out
    result = type_("help", topic, terminal=True, COLUMNS=str(columns), NO_COLOR="1", PAGER="cat")
    assert result.out.split() == whole.split()
    assert [line for line in result.out.split("\n") if len(line) > columns and " " in line.strip()] == []


def test_a_topic_that_fits_is_unchanged() -> None:
    page = TOPICS["keys"].page(None)  # type: ignore[arg-type] # the text needs no facts
    assert page_text(page, width=80) == page_text(page)
