"""The token, its cookie and signed addresses."""

from __future__ import annotations

import base64

import pytest

from invokeai_web.guard.credentials import Credentials, cookie_name, sent_cookie, sent_token

TOKEN = "a-token-of-the-tests"


def test_only_the_token_is_the_token() -> None:
    held = Credentials(TOKEN)
    assert held.is_token(TOKEN)
    assert not any(held.is_token(word) for word in ("", TOKEN[:-1], TOKEN + "x", "é", "\ud800", held.cookie_value))


def test_the_cookie_is_derived_from_the_token_and_cannot_be_sent_as_the_token() -> None:
    held = Credentials(TOKEN)
    assert held.is_cookie(held.cookie_value)
    assert not held.is_cookie(TOKEN)
    assert held.cookie_value != Credentials(TOKEN + "x").cookie_value


PATH = "/api/v1/images/" + "0" * 64


def test_a_signed_address_is_valid_until_it_expires_and_for_its_path_only() -> None:
    now = [1000.0]
    held = Credentials(TOKEN, now=lambda: now[0])
    path, _, query = held.sign(PATH, seconds=60).partition("?")
    assert (path, held.is_signed(PATH, query), held.is_signed(PATH[:-1] + "1", query)) == (PATH, True, False)
    now[0] = 1060
    assert not held.is_signed(PATH, query)


WRONG_QUERIES = ["", "expires=1", "signature=x", "expires=x&signature=y", "expires=99999999999999999&signature=a",
                 "expires=9999999999&signature=é", "&" * 1000]  # fmt: skip


@pytest.mark.parametrize("query", WRONG_QUERIES, ids=range(len(WRONG_QUERIES)))
def test_another_query_is_no_signature(query: str) -> None:
    assert not Credentials(TOKEN).is_signed(PATH, query)


def test_an_expiry_cannot_be_changed() -> None:
    held = Credentials(TOKEN, now=lambda: 0)
    assert not held.is_signed(PATH, held.sign(PATH, seconds=10).partition("?")[2].replace("expires=10", "expires=99"))


SENT = {
    "bearer": (f"Bearer {TOKEN}", TOKEN),
    "in other letters": (f"bearer  {TOKEN} ", TOKEN),
    "the password of basic": ("Basic " + base64.b64encode(b"any:" + TOKEN.encode()).decode(), TOKEN),
    "basic that is no base64": ("Basic %%%", ""),
    "basic that is no text": ("Basic " + base64.b64encode(b"\xff\xfe").decode(), ""),
    "another scheme": ("Digest x", None),
    "nothing": ("", None),
}


@pytest.mark.parametrize(("header", "token"), SENT.values(), ids=SENT.keys())
def test_the_token_is_read_from_the_authorization_header(header: str, token: str | None) -> None:
    assert sent_token({"authorization": header}) == token


def test_the_cookie_is_read_by_the_name_that_contains_the_port() -> None:
    headers = {"cookie": f"{cookie_name(9090)}=one; {cookie_name(9091)}=two"}
    assert (sent_cookie(headers, 9090), sent_cookie(headers, 9091), sent_cookie(headers, 1)) == ("one", "two", None)
    assert sent_cookie({}, 9090) is None
