"""Cursors, pages and the header Link."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI, Request, Response

from invokeai_web.dependencies import Cursor, Limit
from invokeai_web.paging import Page, page_of, read_cursor, write_cursor
from invokeai_web.problem_details import ApiProblem
from tests.invokeai_web.conftest import BASE_URL


def numbers() -> FastAPI:
    """Return an application with a list of the numbers from 0 to 9."""
    app = FastAPI()

    @app.get("/numbers")
    def listed(request: Request, response: Response, limit: Limit = 50, cursor: Cursor = "") -> Page[int]:
        after = read_cursor(cursor, [int])
        found = [number for number in range(10) if after is None or number > after[0]]
        items, following = page_of(request, response, found[: limit + 1], limit, lambda number: (number,))
        return Page(items=list(items), next=following)

    return app


async def test_following_the_cursors_or_the_links_yields_each_item_once() -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(numbers()), base_url=BASE_URL) as client:
        seen, path = [], "/numbers?limit=4&odd=false"
        while path:
            answer = await client.get(path)
            seen += answer.json()["items"]
            path = answer.links.get("next", {}).get("url", "")
            assert (not path) == (not answer.json()["next"])
            assert not path or path.startswith("/numbers?limit=4&odd=false&cursor=")
        assert seen == list(range(10))


async def test_a_limit_is_from_1_to_200() -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(numbers()), base_url=BASE_URL) as client:
        limits = ("0", "1", "200", "201", "-1", "x")
        assert [(await client.get(f"/numbers?limit={limit}")).status_code for limit in limits] == [
            422, 200, 200, 422, 422, 422,
        ]  # fmt: skip


def test_a_cursor_is_read_as_it_was_written() -> None:
    for position in ((1.5, "id"), (0, ""), (2, "é\n|")):
        assert read_cursor(write_cursor(position), [(int, float), str]) == position
    assert read_cursor("", [str]) is None


WRONG = {
    "no base64": "%%%",
    "other letters": "é",
    "no JSON": write_cursor((1,))[:-3],
    "no list": "MQ",
    "too few parts": write_cursor((1,)),
    "another type": write_cursor(("1", "a")),
    "a truth value": write_cursor((True, "a")),
    "a huge number": write_cursor((2**64, "a")),
    "deep": "W1tb" * 100,
}


@pytest.mark.parametrize("cursor", WRONG.values(), ids=WRONG.keys())
def test_another_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(ApiProblem) as found:
        read_cursor(cursor, [(int, float), str])
    assert (found.value.status, found.value.message, found.value.hint) == (
        400,
        "the cursor is not one of this list",
        "use `next` of the previous page as it is, or leave it out for the first page",
    )
