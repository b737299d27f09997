"""The pages for people: what runs and how to use it, the API reference, and a page for each error code."""

from __future__ import annotations

import re
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from .error_meanings import meaning_of
from .problem_details import ApiProblem, title
from .problem_status import status_of

FOLDER: Final = Path(__file__).parent / "pages"
TYPES: Final = {"style.css": "text/css", "start.js": "text/javascript", "docs.js": "text/javascript"}
CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,59}")
CACHED: Final = {"Cache-Control": "no-cache"}
router: Final = APIRouter(include_in_schema=False)


@router.get("/")
def show_start() -> Response:
    """Return the start page."""
    return HTMLResponse(_content("start.html"), headers=CACHED)


@router.get("/docs")
def show_reference() -> Response:
    """Return the API reference, which loads the OpenAPI document."""
    return HTMLResponse(_content("docs.html"), headers=CACHED)


@router.get("/problems/{code}")
def show_problem(code: str) -> Response:
    """Return the page of an error code."""
    if not CODE.fullmatch(code):
        raise ApiProblem(404, "not_found", "an error code consists of lower-case letters, digits and underscores")
    meaning = re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(meaning_of(code)))
    page = Template(_content("problem.html"))
    text = page.substitute(code=escape(code), title=escape(title(code)), status=status_of(code), meaning=meaning)
    return HTMLResponse(text, headers=CACHED)


@router.get("/pages/{name}")
def get_page_part(name: str) -> Response:
    """Return a style sheet or a script of the pages."""
    kind = TYPES.get(name)
    if kind is None:
        raise ApiProblem(404, "not_found", "the pages have no such part")
    return Response(_content(name), media_type=kind, headers=CACHED)


@cache
def _content(name: str) -> str:
    return (FOLDER / name).read_text("utf-8")
