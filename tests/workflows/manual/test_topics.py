"""Help topics as data: every topic has one page."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from workflows.manual.categories import CATEGORIES, category_order
from workflows.manual.page import Literal, Rows
from workflows.manual.reference import Facts
from workflows.manual.topics import TOPICS

MACHINE_TOPICS = {"schedulers", "default-model"}


def no_services() -> None:
    raise AssertionError("this page needs no services")


FACTS = Facts(no_services, {0: "done", 2: "refused"})


@pytest.mark.parametrize("name", sorted(set(TOPICS) - MACHINE_TOPICS))
def test_a_topic_page_needs_no_services_and_fits_in_80_columns(name: str) -> None:
    page = TOPICS[name].page(FACTS)
    assert page
    for block in page:
        assert isinstance(block, (Literal, Rows))
        if isinstance(block, Literal):
            assert max(map(len, block.text.split("\n"))) <= 80


def test_the_page_about_exit_statuses_lists_those_of_the_application() -> None:
    assert TOPICS["exit-codes"].page(FACTS) == (Rows((("  0", "done"), ("  2", "refused"))),)


def test_rows_about_the_default_model_have_labels_in_american_spelling() -> None:
    settings = SimpleNamespace(width=96, height=64, steps=20, guidance=4.0, scheduler="ddim")
    world = {"shapes": "circle", "colours": "red", "pictures": "96x64 pixels"}
    models = SimpleNamespace(find=str, settings=lambda ref: settings, world=lambda ref: world)
    page = TOPICS["default-model"].page(Facts(lambda: SimpleNamespace(models=models), {}))
    rows = (("shapes", "circle"), ("colors", "red"), ("images", "96x64 pixels"))
    assert page[1] == Rows((*rows, ("defaults", "96x64, 20 steps, guidance scale 4, ddim")))


def test_unknown_categories_come_last() -> None:
    assert category_order("generate") == 0
    assert category_order("a plug-in's own") == len(CATEGORIES)
