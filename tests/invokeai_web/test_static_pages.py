"""The pages for people load nothing from elsewhere, work under the content security policy, and have no inline code."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from invokeai_web.error_meanings import OWN, meaning_of
from invokeai_web.problem_status import STATUS
from invokeai_web.static_pages import FOLDER, TYPES

PAGES = ("/", "/docs", "/problems/session_missing")


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_loads_only_parts_of_this_server_and_each_of_them_exists(
    client: httpx.AsyncClient, path: str
) -> None:
    page = await client.get(path)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    parts = re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="([^"]+)"', page.text)
    assert "/pages/style.css" in parts
    for part in parts:
        answer = await client.get(part)
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, TYPES[part[7:]])
    assert not re.search(r"<style|<script(?![^>]*src=)|\son\w+=|\sstyle=|https?://", page.text)


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_no_part_of_a_page_names_another_site_or_makes_html_from_text(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"https?://|innerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", text)


async def test_a_link_on_another_site_can_open_a_page_but_not_the_api(client: httpx.AsyncClient) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    found = {path: (await client.get(path, headers=headers)).status_code for path in (*PAGES, "/api/v1/about")}
    assert found == {"/": 200, "/docs": 200, "/problems/session_missing": 200, "/api/v1/about": 403}


async def test_the_page_of_an_error_says_what_it_means_and_its_status(client: httpx.AsyncClient) -> None:
    page = (await client.get("/problems/session_missing")).text
    assert "<h1>Session missing</h1>" in page
    assert "There is no session with this id." in page
    assert "<dd>404</dd>" in page


@pytest.mark.parametrize("code", ["x" * 70, "A", "a b", "<b>", "1"])
async def test_a_page_of_something_that_is_no_code_is_refused(client: httpx.AsyncClient, code: str) -> None:
    answer = await client.get(f"/problems/{code}")
    assert (answer.status_code, "<b>" in answer.text) == (404, False)


async def test_the_type_of_each_problem_is_the_address_of_its_page(client: httpx.AsyncClient) -> None:
    problem = (await client.get("/api/v1/nothing")).json()
    assert "There is nothing at this address." in (await client.get(problem["type"])).text


@pytest.mark.parametrize("code", sorted(STATUS.keys() | OWN.keys()))
def test_every_code_with_a_status_of_its_own_has_a_meaning(code: str) -> None:
    assert meaning_of(code).endswith(".")
    assert meaning_of(code) != meaning_of("anything_else"), code
